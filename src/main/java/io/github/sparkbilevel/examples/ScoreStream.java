package io.github.sparkbilevel.examples;

import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.DataCleanerModel;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;
import picocli.CommandLine.Option;

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

  private static final int TRAIN = 1100;
  private static final int TRUSTED = 100;

  @Option(names = "data")
  String data = Digits.FILE;

  @Option(names = "out")
  String out = "out/score-stream";

  @Option(names = "overwrite", arity = "1")
  boolean overwrite = false;

  @Option(names = "noise")
  int noise = 40;

  @Option(names = "iterations")
  int iterations = 40;

  @Option(names = "files")
  int files = 3;

  /** Runs it: settings are data, out, overwrite, noise, iterations and files. */
  public static void main(String[] args) {
    Launcher.main(new ScoreStream(), args);
  }

  @Override
  public void check() {
    Example.requireWithin("noise", noise, 0, 90);
    Example.requireWithin("iterations", iterations, 1, 1000);
    Example.requireWithin("files", files, 1, 100);
    makeRoom();
  }

  @Override
  public void run(SparkSession spark, PrintStream console) {
    print(figures(spark), console);
  }

  private void print(Figures figures, PrintStream console) {
    console.printf(
        Locale.ROOT,
        "%,d rows arrived in %d batches; %,d of them have a wrong label%n"
            + "flagged %,d rows, %,d of them rightly; they are in %s/flagged%n",
        figures.read(),
        figures.batches(),
        figures.wrong(),
        figures.flagged(),
        figures.found(),
        out);
  }

  Figures figures(SparkSession spark) {
    Dataset<Row> pixels = Digits.read(spark, data);
    Dataset<Row> rows =
        Digits.assembler(pixels)
            .transform(Digits.spoil(pixels, TRUSTED, noise))
            .select("id", "features", "label", "trusted", "truth");
    DataCleanerModel model =
        new DataCleaner()
            .setIdCol("id")
            .setTrustedCol("trusted")
            .setMaxIter(iterations)
            .fit(rows.filter("id < " + TRAIN));
    String incoming = out + "/incoming";
    String flagged = out + "/flagged";
    String checkpoint = out + "/checkpoint";
    Dataset<Row> later = rows.filter("id >= " + TRAIN);
    later.repartition(files).write().parquet(incoming);
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
  private void makeRoom() {
    Path path = new Path(out);
    try {
      FileSystem store = path.getFileSystem(new Configuration());
      if (store.exists(path) && !overwrite) {
        throw new IllegalArgumentException(
            "out = %s exists, expected a new folder; try another, or overwrite=true"
                .formatted(out));
      }
      store.delete(path, true);
    } catch (IOException e) {
      throw new UncheckedIOException("out = " + out + " cannot be written", e);
    }
  }
}
