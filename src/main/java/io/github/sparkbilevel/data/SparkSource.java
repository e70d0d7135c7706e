package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Rows that Spark reads by itself: by any of its data sources, or by a query. */
final class SparkSource {
  /** Sources that come with Spark; others do with their jars. */
  private static final List<String> COMMON = List.of("json", "orc", "avro", "delta", "jdbc", "xml");

  private SparkSource() {}

  /** The rows of a source that Spark knows by the format's name. */
  static Dataset<Row> read(SparkSession spark, String role, TableSpec spec) {
    String format = spec.format();
    boolean named = format.indexOf('.') > 0;
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    if (!named && !LakeTable.isThere(format, loader)) {
      List<String> known = new ArrayList<>(Formats.ALL);
      known.addAll(COMMON);
      throw new IllegalArgumentException(
          "data."
              + role
              + ".format = '"
              + format
              + "' is no format of this program, and no jar has a Spark data source of that name; "
              + Names.suggest(format.toLowerCase(Locale.ROOT), known, "formats"));
    }
    return translated(
        "data.%s.path = '%s' cannot be read by Spark's source %s"
            .formatted(role, spec.path(), format),
        "check the path and data." + role + ".options",
        () -> spark.read().format(format).options(spec.options().spark()).load());
  }

  /** The rows of a query. */
  static Dataset<Row> query(SparkSession spark, String role, TableSpec spec) {
    try {
      return spark.sql(spec.path());
    } catch (Exception e) {
      // Spark's checked exceptions are not declared.
      if (e instanceof AnalysisException) {
        throw new IllegalArgumentException(
            "data."
                + role
                + ".query cannot be run: "
                + Tasks.firstLine(e)
                + "; correct it, a file is read by select * from parquet.`PATH`",
            e);
      }
      throw e;
    }
  }

  private static Dataset<Row> translated(
      String what, String advice, Supplier<Dataset<Row>> reading) {
    try {
      return reading.get();
    } catch (Exception e) {
      if (Tasks.isOfMachines(e)) {
        throw e;
      }
      throw new DataException(
          "%s (%s); %s".formatted(what, Tasks.firstLine(Tasks.root(e)), advice), e);
    }
  }
}
