package io.github.sparkbilevel.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * What a whole {@code clean} job is measured against, on a Parquet table of made-up rows: MLlib
 * reads, assembles, caches, counts and fits; Spark writes tables of the shape of the job's outputs.
 *
 * <p>Arguments: a folder and {@code write} with rows, float32 columns and classes; {@code mllib};
 * or {@code tables}. The folder then holds {@code rows.parquet} (30 % of its labels moved to
 * another class, the right ones in {@code truth}), {@code trusted.parquet} with 2,000 right rows,
 * and the job file {@code clean.conf}. One process for each, so that none finds the classes of
 * another loaded.
 */
public final class TableToTable {
  private static final int TRUSTED = 2_000;
  private static final int ROWS_OF_PARTITION = 250_000;
  private static final double MOVED = 0.3;

  private TableToTable() {}

  /** Writes the tables, or measures and prints a line for each step. */
  public static void main(String[] args) throws IOException {
    SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .appName("tables")
            .config("spark.ui.enabled", "false")
            .getOrCreate();
    spark.sparkContext().setLogLevel("ERROR");
    Path folder = Path.of(args[0]).toAbsolutePath();
    switch (args[1]) {
      case "write" ->
          write(
              spark,
              folder,
              Long.parseLong(args[2]),
              Integer.parseInt(args[3]),
              Integer.parseInt(args[4]));
      case "mllib" -> mllib(spark, folder);
      case "tables" -> tables(spark, folder);
      default ->
          throw new IllegalArgumentException("'" + args[1] + "', expected write, mllib or tables");
    }
    spark.stop();
  }

  private static void write(SparkSession spark, Path folder, long rows, int features, int classes)
      throws IOException {
    StructType schema =
        new StructType()
            .add("label", DataTypes.IntegerType, false)
            .add("truth", DataTypes.IntegerType, false);
    for (String name : names(features)) {
      schema = schema.add(name, DataTypes.FloatType, false);
    }
    save(spark, schema, Made.noisy(rows, features, classes), folder.resolve("rows.parquet"));
    save(spark, schema, Made.right(rows, features, classes), folder.resolve("trusted.parquet"));
    java.nio.file.Files.writeString(
        folder.resolve("clean.conf"),
        """
        job = clean
        data.train { path = "%1$s/rows.parquet", label = label, truth = truth }
        data.validation.path = "%1$s/trusted.parquet"
        output { path = "%1$s/out", overwrite = true }
        """
            .formatted(folder));
  }

  private static void save(SparkSession spark, StructType schema, Made made, Path path) {
    int partitions = Math.toIntExact((made.count - 1) / ROWS_OF_PARTITION + 1);
    Dataset<Row> rows =
        spark.createDataFrame(
            spark
                .range(made.first, made.first + made.count, 1, partitions)
                .toDF()
                .toJavaRDD()
                .map(row -> made.row(row.getLong(0))),
            schema);
    rows.write().mode("overwrite").parquet(path.toString());
  }

  private static List<String> names(int features) {
    return IntStream.range(0, features).mapToObj(j -> "x" + j).toList();
  }

  /** Rows around the centres of their classes; the same number gives the same row. */
  private record Made(long first, long count, int features, int classes, double moved)
      implements java.io.Serializable {
    static Made noisy(long rows, int features, int classes) {
      return new Made(0, rows, features, classes, MOVED);
    }

    static Made right(long after, int features, int classes) {
      return new Made(after, TRUSTED, features, classes, 0);
    }

    Row row(long number) {
      Random random = new Random(number * 0x9E3779B97F4A7C15L + 1);
      int truth = random.nextInt(classes);
      Object[] cells = new Object[2 + features];
      for (int j = 0; j < features; j++) {
        double centre = Math.sin(1 + j * (truth + 1.7));
        cells[2 + j] = (float) ((centre + 1.5 * random.nextGaussian()) * (1 + j % 7) + j % 3);
      }
      int other = (truth + 1 + random.nextInt(classes - 1)) % classes;
      cells[0] = random.nextDouble() < moved ? other : truth;
      cells[1] = truth;
      return RowFactory.create(cells);
    }
  }

  /** Reads, assembles, caches, counts, and fits with MLlib. */
  private static void mllib(SparkSession spark, Path folder) {
    long start = System.nanoTime();
    Dataset<Row> rows = spark.read().parquet(folder.resolve("rows.parquet").toString());
    String[] features =
        Arrays.stream(rows.columns()).filter(name -> name.startsWith("x")).toArray(String[]::new);
    Dataset<Row> assembled =
        new VectorAssembler()
            .setInputCols(features)
            .setOutputCol("features")
            .transform(rows)
            .select("label", "features")
            .persist(StorageLevel.MEMORY_AND_DISK());
    long count = assembled.count();
    long read = System.nanoTime();
    int iterations =
        new LogisticRegression().setRegParam(0.01).fit(assembled).summary().totalIterations();
    long end = System.nanoTime();
    print("MLlib: read, assemble, cache, count %,d rows".formatted(count), read - start);
    print("MLlib: fit, %d iterations".formatted(iterations), end - read);
    print("MLlib: both", end - start);
  }

  /** Writes two tables like {@code scores/} and {@code cleaned/} from a cached DataFrame. */
  private static void tables(SparkSession spark, Path folder) {
    Dataset<Row> rows =
        spark
            .read()
            .parquet(folder.resolve("rows.parquet").toString())
            .withColumn("id", functions.monotonically_increasing_id())
            .withColumn("weight", functions.rand(1))
            .withColumn("quality", functions.rand(2))
            .withColumn("flagged", functions.expr("quality < 0.3"))
            .withColumn("suggestedLabel", functions.col("truth"))
            .persist(StorageLevel.MEMORY_AND_DISK());
    rows.count();
    long start = System.nanoTime();
    rows.select("id", "label", "weight", "quality", "flagged", "suggestedLabel")
        .write()
        .mode("overwrite")
        .parquet(folder.resolve("spark-scores").toString());
    long scores = System.nanoTime();
    String[] kept =
        Stream.of(
                Stream.of("id", "label"),
                Arrays.stream(rows.columns()).filter(name -> name.startsWith("x")),
                Stream.of("weight"))
            .flatMap(names -> names)
            .toArray(String[]::new);
    rows.filter("not flagged")
        .select(kept[0], Arrays.copyOfRange(kept, 1, kept.length))
        .write()
        .mode("overwrite")
        .parquet(folder.resolve("spark-cleaned").toString());
    long end = System.nanoTime();
    print("Spark: scores", scores - start);
    print("Spark: cleaned", end - scores);
    print("Spark: both tables", end - start);
  }

  private static void print(String what, long nanos) {
    System.out.printf(Locale.ROOT, "%-60s %7.1f s%n", what, nanos / 1e9);
  }
}
