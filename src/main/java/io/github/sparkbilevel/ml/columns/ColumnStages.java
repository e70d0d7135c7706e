package io.github.sparkbilevel.ml.columns;

import io.github.sparkbilevel.data.ArrayColumns;
import io.github.sparkbilevel.data.ColumnKind;
import io.github.sparkbilevel.data.DatasetRows;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.HashingTF;
import org.apache.spark.ml.feature.IDF;
import org.apache.spark.ml.feature.Imputer;
import org.apache.spark.ml.feature.OneHotEncoder;
import org.apache.spark.ml.feature.RegexTokenizer;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.feature.VectorSizeHint;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/** The transformers that make features of columns. */
final class ColumnStages {
  /** Values up to which each gets a feature. */
  private static final long MOST_VALUES = 100;

  /** Features of a category of more values. */
  private static final int HASHED_VALUES = 256;

  /** Features of a text. */
  private static final int HASHED_WORDS = 1024;

  /** From this share of blank cells on an indicator says which they are. */
  private static final double BLANKS = 0.01;

  private final CellSql sql;
  private final List<String> expressions = new ArrayList<>();
  private final List<String> numbers = new ArrayList<>();
  private final List<String> indexed = new ArrayList<>();

  /** Stages of one column each. */
  private final List<PipelineStage> ownStages = new ArrayList<>();

  private final List<String> features = new ArrayList<>();

  ColumnStages(CellSql sql) {
    this.sql = sql;
  }

  boolean isEmpty() {
    return features.isEmpty();
  }

  /** Adds what a column becomes. */
  void add(StructField column, ColumnProfile profile, ColumnKind kind) {
    String name = plain(column);
    switch (kind) {
      case NUMBER -> number(name, sql.number(column));
      case BOOLEAN ->
          number(
              name,
              column.dataType().equals(DataTypes.BooleanType)
                  ? sql.number(column)
                  : sql.bool(column));
      case DATE -> {
        number(name + " days", sql.days(column));
        for (String function : List.of("sin", "cos")) {
          number(name + " year " + function, sql.ofYear(column, function));
          number(name + " week " + function, sql.ofWeek(column, function));
        }
      }
      case CATEGORY -> category(column, profile.values().distinct());
      case TEXT -> text(column);
      case VECTOR -> vector(column, profile);
      case IGNORE -> {}
    }
    boolean filledIn =
        kind == ColumnKind.NUMBER || kind == ColumnKind.BOOLEAN || kind == ColumnKind.DATE;
    if (filledIn && profile.blank() >= BLANKS) {
      add(name + " blank", sql.isBlank(column));
      features.add(name + " blank");
    }
  }

  /** Spark's transformers take a point for the way into a struct. */
  private static String plain(StructField column) {
    return column.name().replace('.', '·');
  }

  private void add(String as, String expression) {
    expressions.add(expression + " as " + DatasetRows.quote(as));
  }

  private void number(String as, String expression) {
    add(as + " given", expression);
    numbers.add(as);
    features.add(as + " =");
  }

  private void category(StructField column, long distinct) {
    String name = plain(column);
    if (distinct <= MOST_VALUES) {
      add(name + " value", sql.value(column));
      indexed.add(name);
      features.add(name + " =");
      return;
    }
    add(name + " value", "array(" + sql.value(column) + ")");
    ownStages.add(
        new HashingTF()
            .setInputCol(name + " value")
            .setOutputCol(name + " #")
            .setNumFeatures(HASHED_VALUES));
    features.add(name + " #");
  }

  private void text(StructField column) {
    String name = plain(column);
    add(name + " text", sql.textOrEmpty(column));
    ownStages.add(
        new RegexTokenizer()
            .setInputCol(name + " text")
            .setOutputCol(name + " words")
            .setPattern("[^\\p{L}\\p{N}]+"));
    ownStages.add(
        new HashingTF()
            .setInputCol(name + " words")
            .setOutputCol(name + " counts")
            .setNumFeatures(HASHED_WORDS));
    ownStages.add(new IDF().setInputCol(name + " counts").setOutputCol(name + " #"));
    features.add(name + " #");
  }

  private void vector(StructField column, ColumnProfile profile) {
    String name = plain(column);
    features.add(name + " =");
    boolean array = ArrayColumns.isArray(column.dataType());
    int length = (int) profile.values().greatest();
    add(name + " =", array ? sql.vector(column, length) : CellSql.name(column));
    // Otherwise the assembler would look at a row, in every table anew; a stream has none to show.
    ownStages.add(
        new VectorSizeHint()
            .setInputCol(name + " =")
            .setSize(length)
            .setHandleInvalid(array ? "optimistic" : "error"));
  }

  /** The name of the vector column in a table of these columns. */
  static String output(String[] columns) {
    return List.of(columns).contains("features") ? "all features" : "features";
  }

  /** The stages, for a table of these columns. */
  PipelineStage[] of(String[] columns) {
    List<PipelineStage> stages = new ArrayList<>();
    if (!expressions.isEmpty()) {
      stages.add(
          new SQLTransformer()
              .setStatement("select *, " + String.join(", ", expressions) + " from __THIS__"));
    }
    if (!numbers.isEmpty()) {
      stages.add(
          new Imputer().setInputCols(named(numbers, " given")).setOutputCols(named(numbers, " =")));
    }
    if (!indexed.isEmpty()) {
      // The last index, which the encoder drops, is that of values which training rows lack.
      stages.add(
          new StringIndexer()
              .setInputCols(named(indexed, " value"))
              .setOutputCols(named(indexed, " index"))
              .setHandleInvalid("keep"));
      stages.add(
          new OneHotEncoder()
              .setInputCols(named(indexed, " index"))
              .setOutputCols(named(indexed, " =")));
    }
    stages.addAll(ownStages);
    stages.add(
        new VectorAssembler()
            .setInputCols(features.toArray(String[]::new))
            .setOutputCol(output(columns)));
    return stages.toArray(PipelineStage[]::new);
  }

  private static String[] named(List<String> names, String suffix) {
    return names.stream().map(name -> name + suffix).toArray(String[]::new);
  }
}
