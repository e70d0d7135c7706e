package io.github.sparkbilevel.job.output;

import static org.apache.spark.ml.functions.vector_to_array;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.DatasetRows;
import io.github.sparkbilevel.data.Names;
import io.github.sparkbilevel.data.Tasks;
import io.github.sparkbilevel.job.config.ConfigException;
import java.io.FileNotFoundException;
import java.nio.file.AccessDeniedException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.security.AccessControlException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Writes rows to a folder as csv (with header), parquet, json or libsvm. */
public final class RowWriter {
  /** The formats. */
  public static final List<String> FORMATS = List.of("csv", "parquet", "json", "libsvm");

  /** More feature columns than this are not written one by one. */
  private static final int MAX_COLUMNS = 10_000;

  private static final Pattern REFUSED =
      Pattern.compile("(?i)permission denied|mkdirs failed|read-only file system|not a directory");

  private RowWriter() {}

  /** Throws when the format cannot hold these columns; costs no Spark job. */
  public static void requireFits(String what, StructType schema, String format) {
    if (!FORMATS.contains(format)) {
      throw new IllegalArgumentException(
          "output.format = '" + format + "', expected one of " + FORMATS);
    }
    List<String> names = List.of(schema.fieldNames());
    if (format.equals("libsvm") && !(names.contains("label") && names.contains("features"))) {
      throw new DataException(
          "output.format = libsvm: the format libsvm needs the columns label and features, but "
              + what
              + " has "
              + Names.shortList(names)
              + "; choose csv, parquet or json");
    }
  }

  /**
   * Rows whose column {@code features} becomes a column for each name, unless there are too many.
   *
   * @param featureNames null leaves the vector as it is
   */
  public static Dataset<Row> named(
      SparkSession spark, JavaRDD<Row> rows, StructType schema, List<String> featureNames) {
    if (featureNames == null || featureNames.size() > MAX_COLUMNS) {
      return spark.createDataFrame(rows, schema);
    }
    int at = schema.fieldIndex("features");
    int width = featureNames.size();
    JavaRDD<Row> expanded = rows.map(row -> expand(row, at, width));
    return spark.createDataFrame(expanded, expand(schema, at, featureNames));
  }

  /**
   * Writes the rows to a folder that does not exist.
   *
   * @param what what messages call the rows, such as {@code scores}
   * @param featureNames names for the column {@code features}, which becomes that many columns;
   *     null leaves the vector as it is, which csv and json cannot
   */
  public static void write(
      Dataset<Row> rows, String what, List<String> featureNames, String format, String path) {
    requireFits(what, rows.schema(), format);
    try {
      save(rows, what, featureNames, format, path);
    } catch (DataException e) {
      throw e;
    } catch (Exception e) {
      throw cannotWrite(what, path, e);
    }
  }

  private static void save(
      Dataset<Row> rows, String what, List<String> featureNames, String format, String path) {
    if (format.equals("libsvm")) {
      libsvm(rows, what).write().mode(SaveMode.ErrorIfExists).format("libsvm").save(path);
      return;
    }
    Dataset<Row> flat = rows;
    int at = List.of(rows.columns()).indexOf("features");
    boolean vector =
        at >= 0 && rows.schema().apply(at).dataType().equals(SQLDataTypes.VectorType());
    if (vector && featureNames != null && featureNames.size() <= MAX_COLUMNS) {
      flat = named(rows.sparkSession(), rows.toJavaRDD(), rows.schema(), featureNames);
    } else if (vector && format.equals("csv")) {
      throw new DataException(
          "output.format = csv: "
              + what
              + " would have "
              + (featureNames == null
                  ? "a vector column"
                  : featureNames.size() + " feature columns")
              + ", expected at most "
              + MAX_COLUMNS
              + " named columns; choose parquet or libsvm");
    } else if (vector && format.equals("json")) {
      flat = rows.withColumn("features", vector_to_array(functions.col("features"), "float64"));
    }
    if (format.equals("csv")) {
      flat = withoutNesting(flat);
    }
    flat.write()
        .mode(SaveMode.ErrorIfExists)
        .option("header", "true")
        .option("escape", "\"")
        .format(format)
        .save(path);
  }

  /** Cells of several values as JSON: {@code [0.9,0.1]}. */
  private static Dataset<Row> withoutNesting(Dataset<Row> rows) {
    Dataset<Row> flat = rows;
    for (StructField field : rows.schema().fields()) {
      DataType type = field.dataType();
      Column cell = functions.col(DatasetRows.quote(field.name()));
      if (type.equals(SQLDataTypes.VectorType())) {
        flat = flat.withColumn(field.name(), functions.to_json(vector_to_array(cell, "float64")));
      } else if (type instanceof ArrayType
          || type instanceof MapType
          || type instanceof StructType) {
        flat = flat.withColumn(field.name(), functions.to_json(cell));
      }
    }
    return flat;
  }

  private static Dataset<Row> libsvm(Dataset<Row> rows, String what) {
    Dataset<Row> labelled =
        rows.select(
            functions.col("label").try_cast(DataTypes.DoubleType).as("label"),
            functions.col("features"));
    List<Row> text =
        rows.filter(functions.col("label").try_cast(DataTypes.DoubleType).isNull())
            .select(functions.col("label").cast(DataTypes.StringType))
            .takeAsList(1);
    if (!text.isEmpty()) {
      throw new DataException(
          "output.format = libsvm: the format libsvm needs numeric labels, but "
              + what
              + " has the label "
              + Names.quote(String.valueOf(text.get(0).get(0)))
              + "; choose csv, parquet or json");
    }
    return labelled;
  }

  private static StructType expand(StructType schema, int at, List<String> featureNames) {
    StructField[] fields = schema.fields();
    Set<String> taken = new HashSet<>();
    for (int j = 0; j < fields.length; j++) {
      if (j != at) {
        taken.add(fields[j].name().toLowerCase(Locale.ROOT));
      }
    }
    List<StructField> flat = new ArrayList<>();
    for (int j = 0; j < fields.length; j++) {
      if (j != at) {
        flat.add(fields[j]);
        continue;
      }
      for (String name : featureNames) {
        // Spark refuses columns that differ in case only, and a feature may be called "weight".
        String free = name;
        while (!taken.add(free.toLowerCase(Locale.ROOT))) {
          free = "feature_" + free;
        }
        flat.add(DataTypes.createStructField(free, DataTypes.DoubleType, false));
      }
    }
    return new StructType(flat.toArray(new StructField[0]));
  }

  private static Row expand(Row row, int at, int width) {
    Object[] cells = new Object[row.size() - 1 + width];
    int k = 0;
    for (int j = 0; j < row.size(); j++) {
      if (j != at) {
        cells[k++] = row.get(j);
        continue;
      }
      Vector features = row.getAs(j);
      for (double value : features.toArray()) {
        cells[k++] = value;
      }
    }
    return RowFactory.create(cells);
  }

  /**
   * A row that is wrong; a path that cannot be written; or else trouble of the machines, which is
   * neither: a full disk, executors that were lost.
   */
  static RuntimeException cannotWrite(String what, String path, Exception e) {
    boolean vanished = false;
    boolean refused = false;
    for (Throwable t : Tasks.chain(e)) {
      if (t instanceof DataException data) {
        return new DataException(data.getMessage(), e);
      }
      vanished |=
          t instanceof FileNotFoundException && String.valueOf(t.getMessage()).contains(path);
      refused |= isRefused(t);
    }
    if (refused && !Tasks.isOfMachines(e)) {
      return new ConfigException(
          "output.path: "
              + what
              + " cannot be written to '"
              + path
              + "' ("
              + Tasks.firstLine(Tasks.root(e))
              + "), expected a new folder in a place that may be written; check permissions",
          e);
    }
    if (vanished) {
      // Not as the cause, by which it would be taken for a file that was to be read.
      RuntimeException gone =
          new IllegalStateException(
              "%s could not be written, for its folder %s vanished".formatted(what, path));
      gone.addSuppressed(e);
      return gone;
    }
    return e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
  }

  private static boolean isRefused(Throwable thrown) {
    return thrown instanceof AnalysisException
        || thrown instanceof AccessDeniedException
        || thrown instanceof AccessControlException
        || thrown instanceof FileAlreadyExistsException
        || thrown instanceof ParentNotDirectoryException
        || REFUSED.matcher(String.valueOf(thrown.getMessage())).find();
  }
}
