package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.CellTexts;
import io.github.sparkbilevel.data.ColumnKind;
import io.github.sparkbilevel.data.Names;
import io.github.sparkbilevel.data.Tasks;
import io.github.sparkbilevel.ml.columns.ColumnModel;
import io.github.sparkbilevel.ml.columns.ColumnPlan;
import io.github.sparkbilevel.ml.score.StageReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Makes one vector of features of columns of any type, as {@code data.columns} does in job files:
 * numbers with blanks, booleans, categories, dates, texts, vectors and arrays of numbers, by Spark
 * ML's transformers.
 *
 * <p>A {@code VectorAssembler} that learns what each column becomes. In a {@code Pipeline} before
 * one of the estimators it lets the fitted pipeline take raw rows.
 *
 * <p>Cost: one Spark job that looks at the columns, and as many as there are kinds that need one.
 */
public final class ColumnAssembler extends Estimator<ColumnAssemblerModel>
    implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  static final String OUTPUT = "The column for the features, one vector in each row";

  /** What parts the name of a column from its kind. */
  private static final String BECOMES = "=";

  private final String uid;

  /** A stage with a uid of its own. */
  public ColumnAssembler() {
    this(Identifiable.randomUID("columnAssembler"));
  }

  /** A stage with a given uid. */
  public ColumnAssembler(String uid) {
    this.uid = uid;
    setDefault(outputCol(), "features");
    setDefault(kinds(), new String[0]);
    setDefault(missing(), new String[0]);
  }

  @Override
  public String uid() {
    return uid;
  }

  /** The columns of which features are made. */
  public StringArrayParam inputCols() {
    return new StringArrayParam(this, "inputCols", "The columns of which features are made");
  }

  /** The column of the features. */
  public Param<String> outputCol() {
    return new Param<>(this, "outputCol", OUTPUT);
  }

  /** What some columns become. */
  public StringArrayParam kinds() {
    return new StringArrayParam(
        this,
        "kinds",
        "What some columns become, as in zip=category: number, boolean, category, date, text,"
            + " vector or ignore; of others it is guessed");
  }

  /** Texts that mean nothing. */
  public StringArrayParam missing() {
    return new StringArrayParam(
        this, "missing", "Texts that mean that a cell is blank, such as NA, beside the empty one");
  }

  /**
   * Learns what the columns become.
   *
   * @throws IllegalArgumentException for columns that are not there, or kinds that there are not
   * @throws io.github.sparkbilevel.block.DataException if a column cannot become what is asked, or
   *     no column can become a feature
   */
  @Override
  public ColumnAssemblerModel fit(Dataset<?> rows) {
    transformSchema(rows.schema());
    Dataset<Row> table = rows.toDF();
    List<String> others = new ArrayList<>(List.of(table.columns()));
    others.removeAll(List.of(getInputCols()));
    ColumnPlan.Wanted wanted = new ColumnPlan.Wanted(byColumn(), "the param kinds");
    String origin = "the dataset";
    ColumnModel model =
        Tasks.run(
            origin,
            () ->
                ColumnPlan.of(origin, table, others, wanted, CellTexts.of(List.of(getMissing())))
                    .fit(table));
    return copyValues(ColumnAssemblerModel.of(uid, model, table), ParamMap.empty()).setParent(this);
  }

  private Map<String, ColumnKind> byColumn() {
    Map<String, ColumnKind> kinds = new LinkedHashMap<>();
    for (String entry : getKinds()) {
      int at = entry.lastIndexOf(BECOMES);
      String column = entry.substring(0, Math.max(0, at));
      ColumnKind kind =
          ColumnKind.of(entry.substring(at + 1))
              .orElseThrow(() -> refusal(entry, "as in zip=category, one of " + words()));
      if (!List.of(getInputCols()).contains(column)) {
        throw refusal(entry, "the name of one of the inputCols before =");
      }
      kinds.put(column, kind);
    }
    return kinds;
  }

  private static String words() {
    return String.join(", ", Arrays.stream(ColumnKind.values()).map(ColumnKind::word).toList());
  }

  private static IllegalArgumentException refusal(String entry, String expected) {
    return new IllegalArgumentException(
        "kinds names %s, expected %s".formatted(Names.quote(entry), expected));
  }

  /** Checks the columns; adds that of the features. */
  @Override
  public StructType transformSchema(StructType schema) {
    if (!isSet(inputCols()) || getInputCols().length == 0) {
      throw new IllegalArgumentException(
          "inputCols is not set, expected the columns of which features are made");
    }
    check(schema, List.of(getInputCols()), getOutputCol());
    return schema.add(getOutputCol(), SQLDataTypes.VectorType());
  }

  static void check(StructType schema, List<String> inputs, String output) {
    List<String> there = List.of(schema.fieldNames());
    for (String input : inputs) {
      if (!there.contains(input)) {
        throw new IllegalArgumentException(
            "inputCols names '%s', which the dataset lacks; its columns are %s"
                .formatted(input, String.join(", ", there)));
      }
    }
    if (there.contains(output)) {
      throw new IllegalArgumentException(
          "outputCol = '%s' is a column of the dataset already; expected a new name"
              .formatted(output));
    }
  }

  @Override
  public ColumnAssembler copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  /** Reads what {@code write()} wrote. */
  public static MLReader<ColumnAssembler> read() {
    return new StageReader<>(ColumnAssembler.class);
  }

  /** Reads the stage saved at a path. */
  public static ColumnAssembler load(String path) {
    return read().load(path);
  }

  public String[] getInputCols() {
    return getOrDefault(inputCols()).clone();
  }

  public ColumnAssembler setInputCols(String[] value) {
    set(inputCols(), value.clone());
    return this;
  }

  public String getOutputCol() {
    return getOrDefault(outputCol());
  }

  public ColumnAssembler setOutputCol(String value) {
    set(outputCol(), value);
    return this;
  }

  public String[] getKinds() {
    return getOrDefault(kinds()).clone();
  }

  public ColumnAssembler setKinds(String[] value) {
    set(kinds(), value.clone());
    return this;
  }

  public String[] getMissing() {
    return getOrDefault(missing()).clone();
  }

  public ColumnAssembler setMissing(String[] value) {
    set(missing(), value.clone());
    return this;
  }
}
