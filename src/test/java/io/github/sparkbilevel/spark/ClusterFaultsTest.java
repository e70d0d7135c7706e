package io.github.sparkbilevel.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.StandaloneCluster;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.problem.pass.PassLedger.Entry;
import io.github.sparkbilevel.spark.CleaningRuns.Upper;
import io.github.sparkbilevel.spark.FaultyEngine.FailAttempts;
import io.github.sparkbilevel.spark.FaultyEngine.Fault;
import io.github.sparkbilevel.spark.FaultyEngine.HaltOnce;
import io.github.sparkbilevel.spark.FaultyEngine.WaitOnce;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs on two executors, each a process of its own, one of which is killed, forgets, fails or
 * dawdles: the numbers are those of the undisturbed run, bit for bit.
 */
@Tag("faults")
class ClusterFaultsTest {
  private static final int ITERATIONS = 3;
  private static final int PARTITIONS = 3;

  /** Passes that only the plain models need. */
  private static final Set<String> OF_BASELINES = Set.of("class thresholds");

  @TempDir static Path folder;
  private static StandaloneCluster cluster;
  private static JavaSparkContext context;
  private static final Watch WATCH = new Watch();
  private static final Data DATA = CleaningRuns.data();
  private static final Map<Kind, Undisturbed> UNDISTURBED = new HashMap<>();
  private static int markers;

  /** What is learned, and whether plain models are fitted beside it. */
  private record Kind(Upper upper, boolean baselines) {
    CleaningSettings settings() {
      return CleaningRuns.settings(DATA, upper, Curvature.CG, baselines, ITERATIONS);
    }
  }

  private record Undisturbed(Map<String, double[]> numbers, List<String> passes) {
    /** The number, in the run, of the middle one of the passes of that name. */
    int middle(String pass) {
      int[] all =
          IntStream.range(0, passes.size()).filter(i -> passes.get(i).equals(pass)).toArray();
      assertTrue(all.length > 0, () -> "no pass " + pass + " among " + passes);
      return all[all.length / 2];
    }
  }

  /** What Spark says of executors and of second copies of tasks. */
  private static final class Watch extends SparkListener {
    final AtomicInteger lost = new AtomicInteger();
    final AtomicInteger failed = new AtomicInteger();
    final AtomicInteger copiesThatWon = new AtomicInteger();

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
      lost.incrementAndGet();
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
      if (end.taskInfo().failed()) {
        failed.incrementAndGet();
      }
      if (end.taskInfo().speculative() && end.taskInfo().successful()) {
        copiesThatWon.incrementAndGet();
      }
    }
  }

  @BeforeAll
  static void start() {
    TestSpark.stop();
    cluster = StandaloneCluster.start(folder.resolve("cluster"), "--spread");
    SparkConf conf =
        new SparkConf()
            .setMaster(cluster.url())
            .setAppName("spark-bilevel faults")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.executor.memory", "512m")
            .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .set("spark.executorEnv.OMP_NUM_THREADS", "1")
            .set("spark.speculation", "true")
            .set("spark.speculation.interval", "100ms")
            .set("spark.speculation.quantile", "0.5")
            .set("spark.speculation.minTaskRuntime", "2s")
            // An executor that is gone does not come back: no use in asking it again.
            .set("spark.shuffle.io.maxRetries", "1")
            .set("spark.shuffle.io.retryWait", "100ms");
    context = new JavaSparkContext(conf);
    context.setLogLevel("OFF");
    context.sc().addSparkListener(WATCH);
  }

  @AfterAll
  static void stop() {
    try {
      if (context != null) {
        context.stop();
      }
    } finally {
      if (cluster != null) {
        cluster.close();
      }
    }
  }

  /** Two executors, whatever became of those before. */
  @BeforeEach
  void bothExecutors() {
    StandaloneCluster.await(
        () -> context.sc().statusTracker().getExecutorInfos().length == 3, "two executors");
  }

  private static Map<String, double[]> run(
      Kind kind,
      BiPredicate<String, Integer> which,
      Fault fault,
      Consumer<IterationRecord> listener) {
    try (PartitionedData blocks = CleaningRuns.partitioned(context, DATA, PARTITIONS);
        FaultyEngine engine =
            new FaultyEngine(new SparkEngine(context, blocks, 100), which, fault)) {
      return CleaningRuns.run(engine, kind.settings(), DATA.train().count(), listener);
    }
  }

  private static Undisturbed undisturbed(Kind kind) {
    return UNDISTURBED.computeIfAbsent(
        kind,
        unused -> {
          try (PartitionedData blocks = CleaningRuns.partitioned(context, DATA, PARTITIONS);
              SparkEngine engine = new SparkEngine(context, blocks, 100)) {
            Map<String, double[]> numbers =
                CleaningRuns.run(
                    engine, kind.settings(), DATA.train().count(), CleaningRuns.SILENT);
            return new Undisturbed(
                numbers, engine.ledger().entries().stream().map(Entry::name).toList());
          }
        });
  }

  private static Path marker() {
    return folder.resolve("done-" + markers++);
  }

  private static Fault none() {
    return task -> {};
  }

  @ParameterizedTest
  @CsvSource({
    "EXAMPLE_WEIGHTS, evaluate",
    "EXAMPLE_WEIGHTS, Hessian product",
    "EXAMPLE_WEIGHTS_AND_L2, mixed product",
    "WEIGHT_FUNCTION, mixed product",
    "WEIGHT_FUNCTION, row features",
    "WEIGHT_FUNCTION, evaluate",
    "WEIGHT_FUNCTION, fit",
    "WEIGHT_FUNCTION, fit Hessian product",
    "WEIGHT_FUNCTION, select rows",
    "WEIGHT_FUNCTION, tally",
    "EXAMPLE_WEIGHTS, class thresholds",
    "GROUP_WEIGHTS_AND_L2, mixed product"
  })
  void anExecutorIsKilledInThePass(Upper upper, String pass) {
    Kind kind = new Kind(upper, OF_BASELINES.contains(pass));
    Undisturbed undisturbed = undisturbed(kind);
    int number = undisturbed.middle(pass);
    Path marker = marker();
    int lost = WATCH.lost.get();
    Map<String, double[]> disturbed =
        run(kind, (name, at) -> at == number, new HaltOnce(marker.toString()), CleaningRuns.SILENT);
    assertTrue(Files.exists(marker), "an executor was killed");
    StandaloneCluster.await(() -> WATCH.lost.get() > lost, "the loss of the executor");
    CleaningRuns.assertSameBits(undisturbed.numbers(), disturbed);
  }

  @ParameterizedTest
  @EnumSource(
      value = Upper.class,
      names = {"EXAMPLE_WEIGHTS", "WEIGHT_FUNCTION"})
  void bothExecutorsAreKilledAtOnce(Upper upper) {
    Kind kind = new Kind(upper, false);
    Undisturbed undisturbed = undisturbed(kind);
    AtomicInteger killed = new AtomicInteger();
    Map<String, double[]> disturbed =
        run(
            kind,
            (name, at) -> false,
            none(),
            record -> {
              if (record.iteration() == 2) {
                for (ProcessHandle executor : cluster.children()) {
                  StandaloneCluster.kill(executor);
                  killed.incrementAndGet();
                }
              }
            });
    assertTrue(killed.get() >= 2, "killed: " + killed);
    CleaningRuns.assertSameBits(undisturbed.numbers(), disturbed);
  }

  @ParameterizedTest
  @EnumSource(
      value = Upper.class,
      names = {"EXAMPLE_WEIGHTS", "WEIGHT_FUNCTION_AND_L2"})
  void everyCachedBlockIsDroppedInEveryPass(Upper upper) {
    Kind kind = new Kind(upper, false);
    Undisturbed undisturbed = undisturbed(kind);
    AtomicInteger drops = new AtomicInteger();
    Map<String, double[]> disturbed =
        run(
            kind,
            (name, at) -> {
              for (JavaRDD<?> rdd : List.copyOf(context.getPersistentRDDs().values())) {
                SparkEnv.get().blockManager().master().removeRdd(rdd.id(), true);
                drops.incrementAndGet();
              }
              return false;
            },
            none(),
            CleaningRuns.SILENT);
    assertTrue(drops.get() > undisturbed.passes().size(), "dropped: " + drops);
    CleaningRuns.assertSameBits(undisturbed.numbers(), disturbed);
  }

  @Test
  void aTaskOfEveryPassFailsThreeTimes() {
    Kind kind = new Kind(Upper.EXAMPLE_WEIGHTS, false);
    Undisturbed undisturbed = undisturbed(kind);
    int failed = WATCH.failed.get();
    Map<String, double[]> disturbed =
        run(kind, (name, at) -> true, new FailAttempts(3), CleaningRuns.SILENT);
    CleaningRuns.assertSameBits(undisturbed.numbers(), disturbed);
    int passes = undisturbed.passes().size();
    StandaloneCluster.await(
        () -> WATCH.failed.get() - failed >= 3 * passes, "three failures in each pass");
  }

  @Test
  void aTaskThatFailsFourTimesEndsTheRunAndLeavesNothingCached() {
    SparkException thrown =
        assertThrows(
            SparkException.class,
            () ->
                run(
                    new Kind(Upper.EXAMPLE_WEIGHTS, false),
                    (name, at) -> at == 20,
                    new FailAttempts(4),
                    CleaningRuns.SILENT));
    assertTrue(thrown.getMessage().contains("attempt 3 fails"), thrown::getMessage);
    assertEquals(Map.of(), context.getPersistentRDDs());
  }

  @Test
  void aCopyOfAStragglerOvertakesIt() {
    Kind kind = new Kind(Upper.EXAMPLE_WEIGHTS, false);
    Undisturbed undisturbed = undisturbed(kind);
    int number = undisturbed.middle("evaluate");
    Path marker = marker();
    int won = WATCH.copiesThatWon.get();
    long start = System.nanoTime();
    Map<String, double[]> disturbed =
        run(
            kind,
            (name, at) -> at == number,
            new WaitOnce(marker.toString(), 120_000),
            CleaningRuns.SILENT);
    double seconds = (System.nanoTime() - start) / 1e9;
    assertTrue(Files.exists(marker), "a task waited");
    assertTrue(seconds < 110, "nobody waited for the straggler: " + seconds + " s");
    StandaloneCluster.await(() -> WATCH.copiesThatWon.get() > won, "the copy that won");
    CleaningRuns.assertSameBits(undisturbed.numbers(), disturbed);
  }
}
