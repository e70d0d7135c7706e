package io.github.sparkbilevel.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.spark.CleaningRuns.Upper;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is lost in the middle of a run is computed again to the same bits. */
class FaultsTest {
  private static final int ITERATIONS = 8;

  private final JavaSparkContext context = TestSpark.context();
  private final Data data = CleaningRuns.data();
  private final int rows = data.train().count();

  @AfterEach
  void withoutCheckpoints() {
    // A checkpoint folder stays with its context.
    if (context.getCheckpointDir().isPresent()) {
      TestSpark.stop();
    }
  }

  private CleaningSettings settings(Upper upper) {
    return CleaningRuns.settings(data, upper, Curvature.CG, false, ITERATIONS);
  }

  private Map<String, double[]> run(
      Upper upper, int checkpointInterval, Consumer<IterationRecord> listener) {
    try (PartitionedData blocks = CleaningRuns.partitioned(context, data, 3)) {
      return CleaningRuns.onSpark(
          context, blocks, checkpointInterval, settings(upper), rows, listener);
    }
  }

  private Collection<JavaRDD<?>> persistent() {
    return context.getPersistentRDDs().values();
  }

  /** The cached generation that was made last. */
  private JavaRDD<?> newest() {
    return persistent().stream().max(Comparator.comparingInt(JavaRDD::id)).orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(
      value = Upper.class,
      names = {"EXAMPLE_WEIGHTS", "WEIGHT_FUNCTION"})
  void rddsThatAreNoLongerCachedMidwayAreComputedAgain(Upper upper) {
    Map<String, double[]> undisturbed = run(upper, 100, CleaningRuns.SILENT);
    AtomicInteger dropped = new AtomicInteger();
    Map<String, double[]> disturbed =
        run(
            upper,
            100,
            record -> {
              if (record.iteration() == 2 || record.iteration() == 5) {
                dropped.addAndGet(persistent().size());
                List.copyOf(persistent()).forEach(rdd -> rdd.unpersist(true));
              }
            });
    assertTrue(dropped.get() >= 3, "dropped: " + dropped);
    CleaningRuns.assertSameBits(undisturbed, disturbed);
  }

  @ParameterizedTest
  @EnumSource(
      value = Upper.class,
      names = {"EXAMPLE_WEIGHTS_AND_L2", "WEIGHT_FUNCTION_AND_L2"})
  void cachedBlocksThatAreLostInEveryIterationAreComputedAgain(Upper upper) {
    Map<String, double[]> undisturbed = run(upper, 100, CleaningRuns.SILENT);
    Map<String, double[]> disturbed =
        run(
            upper,
            100,
            record ->
                persistent()
                    .forEach(
                        rdd -> SparkEnv.get().blockManager().master().removeRdd(rdd.id(), true)));
    CleaningRuns.assertSameBits(undisturbed, disturbed);
  }

  @Test
  void checkpointsBoundTheLineageAndChangeNothing(@TempDir Path folder) throws IOException {
    List<Integer> without = new ArrayList<>();
    Map<String, double[]> undisturbed =
        run(
            Upper.EXAMPLE_WEIGHTS,
            2,
            record -> without.add(newest().toDebugString().lines().toList().size()));
    assertTrue(
        without.get(ITERATIONS) > without.get(2) + 4, "without a folder it grows: " + without);

    context.setCheckpointDir(folder.toString());
    List<Integer> with = new ArrayList<>();
    AtomicInteger files = new AtomicInteger();
    Map<String, double[]> checkpointed =
        run(
            Upper.EXAMPLE_WEIGHTS,
            2,
            record -> {
              with.add(newest().toDebugString().lines().toList().size());
              files.set(Math.max(files.get(), dataFiles(folder)));
              if (record.iteration() == 4) {
                List.copyOf(persistent()).forEach(rdd -> rdd.unpersist(true));
              }
            });
    CleaningRuns.assertSameBits(undisturbed, checkpointed);
    int most = Collections.max(with.subList(0, 4));
    assertTrue(Collections.max(with) <= most, "bounded: " + with);
    assertTrue(files.get() > 0, "there were checkpoints");
    assertEquals(0, dataFiles(folder), "and they are gone");
  }

  private static int dataFiles(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return (int) files.filter(Files::isRegularFile).count();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void generationsThatAreReleasedAreNoLongerCached(Upper upper) {
    List<Integer> cached = new ArrayList<>();
    try (PartitionedData blocks = CleaningRuns.partitioned(context, data, 2)) {
      CleaningRuns.onSpark(
          context, blocks, 100, settings(upper), rows, record -> cached.add(persistent().size()));
      assertEquals(List.of(blocks.rdd().id()), persistent().stream().map(JavaRDD::id).toList());
    }
    // Blocks, row features, the present point and the best one.
    assertTrue(Collections.max(cached) <= 4, "cached after each iteration: " + cached);
    assertTrue(persistent().isEmpty());
  }

  @Test
  void tasksThatFailTwiceLeaveTheSumsRight() {
    Map<String, double[]> undisturbed = run(Upper.EXAMPLE_WEIGHTS, 100, CleaningRuns.SILENT);
    JavaSparkContext retrying =
        JavaSparkContext.fromSparkContext(TestSpark.fresh("local[2,4]").sparkContext());
    try {
      PartitionedData good = CleaningRuns.partitioned(retrying, data, 3);
      JavaRDD<PartitionData> flaky = good.rdd().map(FaultsTest::failTwice);
      CleaningRuns.assertSameBits(
          undisturbed,
          CleaningRuns.onSpark(
              retrying,
              new PartitionedData(flaky, good.rows()),
              100,
              settings(Upper.EXAMPLE_WEIGHTS),
              rows,
              CleaningRuns.SILENT));
      good.close();
    } finally {
      retrying.stop();
    }
  }

  private static PartitionData failTwice(PartitionData partition) {
    TaskContext task = TaskContext.get();
    if (task.partitionId() == 1 && task.attemptNumber() < 2) {
      throw new IllegalStateException("attempt " + task.attemptNumber() + " fails");
    }
    return partition;
  }
}
