package io.github.sparkbilevel.spark.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.spark.CleaningRuns;
import io.github.sparkbilevel.spark.CleaningRuns.Upper;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Runs in a folder where others are at work, or were killed. */
class SharedFolderTest extends CheckpointedRuns {
  /** What a run left that was killed while it wrote checkpoint 4: half a manifest, states. */
  @Test
  void whatAKilledRunLeftIsPassedOverAndRemoved() throws IOException {
    final Map<String, double[]> expected = run(Upper.GROUP_WEIGHTS, null, CleaningRuns.SILENT);
    cut(Upper.GROUP_WEIGHTS, 5);
    byte[] whole = Files.readAllBytes(folder.resolve("checkpoint-00000003"));
    Files.write(folder.resolve("checkpoint-00000004"), Arrays.copyOf(whole, whole.length / 2));
    for (String left : List.of("states-00000004-0123abcd", "states-00000005-0123abcd")) {
      Path states = Files.createDirectory(folder.resolve(left));
      Files.write(states.resolve("rows-0.00001.0f-12"), new byte[9]);
    }
    Path lineage = folder.resolve("lineage-0a1b2c3d/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f/rdd-7");
    Files.createDirectories(lineage);
    saved.clear();
    cut(Upper.GROUP_WEIGHTS, 7);
    assertEquals(List.of(4), resumed);
    assertEquals(List.of(6), saved);
    assertEquals(1, warnings.size(), warnings::toString);
    assertTrue(warnings.get(0).contains("checkpoint-00000004 is passed over"), warnings::toString);
    assertEquals(
        List.of("checkpoint-00000003", "checkpoint-00000004", "checkpoint-00000005"), manifests());
    assertFalse(Files.exists(folder.resolve("lineage-0a1b2c3d")));
    CleaningRuns.assertSameBits(
        expected, run(Upper.GROUP_WEIGHTS, plan(true, IDENTITY), CleaningRuns.SILENT));
    assertEquals(List.of(4, 6), resumed);
    assertEquals(List.of(), names(folder));
  }

  /** A run that resumes from the checkpoint of another one, which is still at work. */
  @Test
  void theRunThatWritesTheNextCheckpointSecondEnds() throws Exception {
    final Map<String, double[]> expected = run(Upper.GROUP_WEIGHTS, null, CleaningRuns.SILENT);
    CountDownLatch hasResumed = new CountDownLatch(1);
    CountDownLatch hasSaved = new CountDownLatch(1);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      AtomicReference<Future<?>> second = new AtomicReference<>();
      Consumer<IterationRecord> first =
          record -> {
            if (record.iteration() == 5) {
              second.set(
                  thread.submit(
                      () ->
                          run(
                              Upper.GROUP_WEIGHTS,
                              plan(true, IDENTITY),
                              own -> {
                                hasResumed.countDown();
                                await(hasSaved);
                              })));
              await(hasResumed);
            } else if (record.iteration() == 7) {
              hasSaved.countDown();
              ExecutionException ended =
                  assertThrows(ExecutionException.class, () -> second.get().get());
              assertEquals(IllegalArgumentException.class, ended.getCause().getClass());
              String sentence = ended.getCause().getMessage();
              assertTrue(sentence.startsWith("checkpoint.path = " + folder), sentence);
              assertTrue(sentence.contains("another run, which wrote checkpoint-00000004"));
            }
          };
      CleaningRuns.assertSameBits(expected, run(Upper.GROUP_WEIGHTS, plan(true, IDENTITY), first));
    } finally {
      thread.shutdownNow();
    }
    assertEquals(List.of(4), resumed);
    assertEquals(List.of(0, 2, 4, 6, 7), saved, "the second run wrote nothing");
    assertEquals(List.of(), warnings);
    assertEquals(List.of(), names(folder));
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(2, TimeUnit.MINUTES));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aRunThatIsOvertakenEndsAndLosesNothing() throws IOException {
    final Map<String, double[]> expected = run(Upper.GROUP_WEIGHTS, null, CleaningRuns.SILENT);
    Consumer<IterationRecord> overtaken =
        record -> {
          if (record.iteration() == 5) {
            cut(Upper.GROUP_WEIGHTS, 7);
          }
        };
    assertThrows(
        IllegalArgumentException.class,
        () -> run(Upper.GROUP_WEIGHTS, plan(true, IDENTITY), overtaken));
    assertEquals(List.of(0, 2, 4, 6), saved);
    assertEquals(List.of("checkpoint-00000003", "checkpoint-00000004"), manifests());
    assertEquals(4, names(folder).size(), "the run that ended left nothing");
    CleaningRuns.assertSameBits(
        expected, run(Upper.GROUP_WEIGHTS, plan(true, IDENTITY), CleaningRuns.SILENT));
    assertEquals(List.of(4, 6), resumed, "the checkpoint of the other run");
  }

  /** Two runs may end at once, from the same checkpoint. */
  @Test
  void aRunThatIsDoneLeavesTheCheckpointsOfAnother() throws IOException {
    cut(Upper.GROUP_WEIGHTS, 5);
    try (PartitionedData blocks = CleaningRuns.partitioned(context, data, 3);
        SparkEngine engine = new SparkEngine(context, blocks, 2)) {
      SparkCheckpoints done = SparkCheckpoints.open(plan(true, IDENTITY), engine, blocks);
      cut(Upper.GROUP_WEIGHTS, 7);
      done.removeAll();
      assertEquals(List.of("checkpoint-00000003", "checkpoint-00000004"), manifests());
      SparkCheckpoints.open(plan(true, IDENTITY), engine, blocks).removeAll();
      assertEquals(List.of(), names(folder));
    }
  }
}
