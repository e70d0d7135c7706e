package io.github.sparkbilevel.examples;

import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.DataCleanerModel;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;

/**
 * Judges a stream: a cleaner learns from 1,100 digits, and its model flags wrong labels among
 * Parquet files as they arrive.
 *
 * <p>Writes the folders incoming, flagged and checkpoint under {@code out}. Started again with the
 * checkpoint, such a query reads only the files that are new.
 */
public final class ScoreStream implements Example {

  /**
   * What came out.
   *
   * @param read rows that arrived
   * @param batches micro-batches that they arrived in
   * @param flagged rows that were flagged
   * @param wrong rows whose label is wrong
   * @param found how many of these were flagged
   */
  record Figures(long read, long batches, long flagged, long wrong, long found) {}

  /** What is asked for. */
  record Settings(String data, String out, int noise, int iterations, int files) {}

  private static final int TRAIN = 1100;
  private static final int TRUSTED = 100;

  /** Runs it: settings are data, out, overwrite, noise, iterations and files. */
  public static void main(String[] args) {
    Launcher.main(new ScoreStream(), args);
  }

  @Override
  public Map<String, String> defaults() {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("data", Digits.FILE);
    defaults.put("out", "out/score-stream");
    defaults.put("overwrite", "false");
    defaults.put("noise", "40");
    defaults.put("iterations", "40");
    defaults.put("files", "3");
    return defaults;
  }

  @Override
  public Work prepare(Arguments arguments) {
    Settings settings =
        new Settings(
            arguments.text("data"),
            arguments.text("out"),
            arguments.number("noise", 0, 90),
            arguments.number("iterations", 1, 1000),
            arguments.number("files", 1, 100));
    boolean overwrite = arguments.flag("overwrite");
    return (spark, out) -> {
      makeRoom(spark, settings.out(), overwrite);
      print(settings, figures(spark, settings), out);
    };
  }

  private static void print(Settings settings, Figures figures, PrintStream out) {
    out.printf(
        Locale.ROOT,
        "%,d rows arrived in %d batches; %,d of them have a wrong label%n"
            + "flagged %,d rows, %,d of them rightly; they are in %s/flagged%n",
        figures.read(),
        figures.batches(),
        figures.wrong(),
        figures.flagged(),
        figures.found(),
        settings.out());
  }

  static Figures figures(SparkSession spark, Settings settings) {
    Dataset<Row> pixels = Digits.read(spark, settings.data());
    Dataset<Row> rows =
        Digits.assembler(pixels)
            .transform(Digits.spoil(pixels, TRUSTED, settings.noise()))
            .select("id", "features", "label", "trusted", "truth");
    DataCleanerModel model =
        new DataCleaner()
            .setIdCol("id")
            .setTrustedCol("trusted")
            .setMaxIter(settings.iterations())
            .fit(rows.filter("id < " + TRAIN));
    String incoming = settings.out() + "/incoming";
    String flagged = settings.out() + "/flagged";
    String checkpoint = settings.out() + "/checkpoint";
    Dataset<Row> later = rows.filter("id >= " + TRAIN);
    later.repartition(settings.files()).write().parquet(incoming);
    long batches;
    try {
      // guide: stream
      Dataset<Row> stream =
          spark
              .readStream()
              .schema(later.schema())
              .option("maxFilesPerTrigger", 1)
              .parquet(incoming);
      StreamingQuery query =
          model
              .transform(stream) // weight, quality, flagged, suggestedLabel
              .filter("flagged")
              .writeStream()
              .format("parquet")
              .option("path", flagged)
              .option("checkpointLocation", checkpoint)
              .trigger(Trigger.AvailableNow()) // what is there now; without it the query goes on
              .start();
      query.awaitTermination();
      // guide: end
      batches = query.lastProgress().batchId() + 1;
    } catch (TimeoutException | StreamingQueryException e) {
      throw new IllegalStateException("the stream ended early: " + e.getMessage(), e);
    }
    Dataset<Row> found = spark.read().parquet(flagged);
    return new Figures(
        later.count(),
        batches,
        found.count(),
        later.filter("label != truth").count(),
        found.filter("label != truth").count());
  }

  /** Refuses a folder that is there, or deletes it if it may. */
  private static void makeRoom(SparkSession spark, String folder, boolean overwrite) {
    Path path = new Path(folder);
    try {
      FileSystem files = path.getFileSystem(spark.sparkContext().hadoopConfiguration());
      if (!files.exists(path)) {
        return;
      }
      if (!overwrite) {
        throw new UsageException(
            "out = %s exists, expected a new folder; try another, or overwrite=true"
                .formatted(folder));
      }
      files.delete(path, true);
    } catch (IOException e) {
      throw new UncheckedIOException("out = " + folder + " cannot be written", e);
    }
  }
}
