package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.LinearClassifierModel;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkException;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that are cut off, and started again with the checkpoints that they left. */
class ResumedJobTest {
  private static final String CLEAN =
      """
      job = clean
      data {
        train { path = train.csv, label = label, features = [a, b, c, d, e] }
        validation { rows = 40 }
        test { rows = 30 }
        partitions = 2
      }
      solver.iterations = 6
      baselines = [noisy]
      output.format = csv
      """;

  private static final String TUNE =
      """
      job = tune
      data {
        train { path = train.csv, label = label, features = [a, b, c, d, e] }
        validation { fraction = 0.3 }
        partitions = 2
      }
      upper.variable = l2-per-coefficient
      baselines = [grid]
      search.points = 3
      """;

  private static final String[] KEPT = {"checkpoint.path=kept", "checkpoint.interval=2"};

  @TempDir Path folder;
  private JobRuns jobs;

  @BeforeEach
  void rows() {
    TestSpark.stop();
    jobs = new JobRuns(folder);
    jobs.write("train.csv", TuneSample.of("softmax", 260, 5).csv());
    System.setProperty("spark.extraListeners", Strike.class.getName());
  }

  @AfterEach
  void close() {
    Strike.always(text -> false, () -> {});
    System.clearProperty("spark.extraListeners");
    jobs.close();
  }

  private static String[] kept(String... more) {
    return Stream.concat(Arrays.stream(KEPT), Arrays.stream(more)).toArray(String[]::new);
  }

  /** Has all Spark jobs cancelled at the n-th pass whose description begins so. */
  private static void cutAt(String description, int n) {
    AtomicInteger count = new AtomicInteger();
    Strike.once(
        text -> text.startsWith(description) && count.incrementAndGet() == n,
        () -> SparkContext.getOrCreate().cancelAllJobs());
  }

  private List<String> checkpoints() {
    try {
      return jobs.names("kept").stream().filter(name -> name.startsWith("checkpoint-")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Everything that a job wrote but its seconds; a table's rows in an order of their own. */
  private List<String> written(String... tables) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String table : tables) {
      try (Stream<Path> parts = Files.list(folder.resolve("out").resolve(table))) {
        for (Path part : parts.filter(p -> p.toString().endsWith(".csv")).sorted().toList()) {
          lines.addAll(Files.readAllLines(part));
        }
      }
    }
    lines.sort(null);
    for (String line : jobs.read("out/history.jsonl").lines().toList()) {
      lines.add(line.replaceAll("\"seconds\":[^,]*,", ""));
    }
    ObjectNode summary = (ObjectNode) jobs.json("out/summary.json");
    summary.remove("seconds");
    lines.add(summary.toPrettyString().replaceAll("\"(seconds\\w*|\\w+Millis)\" : [^,\\n]*", ""));
    if (Files.exists(folder.resolve("out/hyperparameters.csv"))) {
      lines.add(jobs.read("out/hyperparameters.csv"));
    }
    LinearClassifierModel model =
        LinearClassifierModel.load(folder.resolve("out/model").toString());
    lines.add(model.coefficientMatrix() + " " + model.interceptVector());
    LocalSpark.session().stop();
    return lines;
  }

  @Test
  void cleanGoesOnWithTheSameBitsAndIsRefusedForAnotherJob() throws IOException {
    String weights = "upper.variable=[example-weights, l2]";
    jobs.run(CLEAN, weights).assertDone();
    final List<String> expected = written("scores", "cleaned");
    cutAt("outer: evaluate", 6);
    jobs.run(CLEAN, kept(weights, "output.overwrite=true")).assertFailed(1, "cancelled");
    assertEquals(1, Strike.done());
    assertEquals(2, checkpoints().size(), checkpoints()::toString);

    jobs.run(CLEAN, kept(weights, "output.overwrite=true", "model.l2=0.1"))
        .assertFailed(
            2,
            "the checkpoint in checkpoint.path = ",
            "has model.l2 = 0.01, got 0.1; set it back, or set checkpoint.resume = false");
    jobs.run(CLEAN, kept(weights, "output.overwrite=true", "solver.iterations=1"))
        .assertFailed(2, " of solver.iterations, got 1; set it back");
    jobs.write("train.csv", TuneSample.of("softmax", 260, 6).csv());
    jobs.run(CLEAN, kept(weights, "output.overwrite=true"))
        .assertFailed(
            3,
            "the checkpoint in checkpoint.path = ",
            "has as many rows with other contents; use the same rows, or set checkpoint.resume");
    jobs.write("train.csv", TuneSample.of("softmax", 260, 5).csv());

    JobRuns.Ended ended = jobs.run(CLEAN, kept(weights, "output.overwrite=true")).assertDone();
    assertTrue(
        ended.lines().stream().anyMatch(line -> line.matches("goes on after iteration [246]")),
        ended.lines()::toString);
    assertEquals(expected, written("scores", "cleaned"));
    assertEquals(List.of(), jobs.names("kept"));
  }

  /** What another run wrote stays, and with it that run goes on. */
  @Test
  void aJobEndsWhenAnotherOneWritesToItsFolder() throws IOException {
    Path other = folder.resolve("kept/checkpoint-00000002");
    AtomicInteger count = new AtomicInteger();
    Strike.once(
        text -> text.startsWith("outer: evaluate") && count.incrementAndGet() == 2,
        () -> {
          try {
            Files.copy(folder.resolve("kept/checkpoint-00000001"), other);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    jobs.run(CLEAN, kept())
        .assertFailed(
            2, "checkpoint.path = ", "in use by another run", "checkpoint-00000002", "wait");
    assertEquals(1, Strike.done());
    assertEquals(List.of("checkpoint-00000001", "checkpoint-00000002"), checkpoints());
    jobs.run(CLEAN, kept()).assertDone();
    assertEquals(List.of(), jobs.names("kept"));
  }

  @Test
  void tuneGoesOnWithTheSameBitsAlsoAfterItsLoop() throws IOException {
    jobs.run(TUNE).assertDone();
    final List<String> expected = written();
    cutAt("baselines: ", 3);
    jobs.run(TUNE, kept("output.overwrite=true")).assertFailed(1, "cancelled");
    JobRuns.Ended ended = jobs.run(TUNE, kept("output.overwrite=true")).assertDone();
    int last = jobs.jsonLines("out/history.jsonl").size() - 1;
    assertTrue(ended.lines().contains("goes on after iteration " + last), ended.lines()::toString);
    assertEquals(expected, written());
    assertEquals(List.of(), jobs.names("kept"));
  }

  @Test
  void anEstimatorGoesOnWithTheSameBits() throws IOException {
    Dataset<Row> read =
        LocalSpark.session()
            .read()
            .option("header", true)
            .option("inferSchema", true)
            .csv(folder.resolve("train.csv").toString());
    Dataset<Row> rows =
        new VectorAssembler()
            .setInputCols(new String[] {"a", "b", "c", "d", "e"})
            .setOutputCol("features")
            .transform(read);
    Dataset<Row> trusted = rows.limit(60).cache();
    DataCleaner cleaner =
        new DataCleaner().setMaxIter(5).setBaselines(new String[0]).setCheckpointInterval(1);
    final LinearClassifierModel expected =
        (LinearClassifierModel) cleaner.fit(rows, trusted).classifier();
    Path kept = folder.resolve("kept");
    cleaner.setCheckpointPath(kept.toString());
    cutAt("polish: ", 1);
    Assertions.assertThrows(SparkException.class, () -> cleaner.fit(rows, trusted));
    assertEquals(2, checkpoints().size());
    LinearClassifierModel found = (LinearClassifierModel) cleaner.fit(rows, trusted).classifier();
    assertEquals(expected.coefficientMatrix(), found.coefficientMatrix());
    assertEquals(List.of(), jobs.names("kept"));
    LocalSpark.session().stop();
  }
}
