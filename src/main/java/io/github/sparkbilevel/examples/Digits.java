package io.github.sparkbilevel.examples;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/** The table of handwritten digits that the repository ships: 1,797 rows, 64 pixels. */
final class Digits {
  static final String FILE = "datasets/digits.csv";

  /** The pixels as one vector, the column {@code features}. */
  static final String FEATURES = "features";

  private static final int CLASSES = 10;
  private static final int RANDOM = 7919;

  private Digits() {}

  /** The rows of a file of digits: id from 0 in file order, the pixels, truth (a double). */
  static Dataset<Row> read(SparkSession spark, String path) {
    return spark
        .read()
        .option("header", true)
        .option("inferSchema", true)
        .csv(find(path))
        .coalesce(1)
        .withColumn("id", functions.monotonically_increasing_id())
        .withColumn("truth", functions.col("target").cast("double"))
        .drop("target");
  }

  /**
   * Adds the column label: the truth, or for {@code percent} of the rows from id {@code trusted}
   * on, chosen by id, the next digit. Those below are marked in the column trusted.
   */
  static Dataset<Row> spoil(Dataset<Row> rows, int trusted, int percent) {
    String wrong = "id >= %d and pmod(id * %d, 100) < %d".formatted(trusted, RANDOM, percent);
    return rows.withColumn("trusted", functions.expr("id < " + trusted))
        .withColumn(
            "label",
            functions.expr(
                "case when %s then pmod(truth + 1, %d) else truth end".formatted(wrong, CLASSES)));
  }

  /** The names of the pixel columns. */
  static List<String> pixels(Dataset<Row> rows) {
    return Arrays.stream(rows.columns()).filter(c -> c.startsWith("pixel")).toList();
  }

  /** What makes the vector of the pixels. */
  static VectorAssembler assembler(Dataset<Row> rows) {
    return new VectorAssembler()
        .setInputCols(pixels(rows).toArray(new String[0]))
        .setOutputCol(FEATURES);
  }

  /** A local file is looked for in the current folder, then in the repository. */
  private static String find(String path) {
    String root = System.getenv("SPARK_BILEVEL_HOME");
    for (Path folder : new Path[] {Path.of(""), Path.of(root == null ? "" : root)}) {
      Path file = folder.resolve(path).toAbsolutePath();
      if (!path.contains(":") && Files.exists(file)) {
        return file.toUri().toString();
      }
    }
    return path;
  }
}
