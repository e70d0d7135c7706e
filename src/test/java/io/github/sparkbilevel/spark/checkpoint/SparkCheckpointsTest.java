package io.github.sparkbilevel.spark.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.spark.CleaningRuns;
import io.github.sparkbilevel.spark.CleaningRuns.Upper;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.checkpoint.CheckpointPlan.Identity;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SparkCheckpointsTest extends CheckpointedRuns {
  @ParameterizedTest
  @EnumSource(
      value = Upper.class,
      names = {"EXAMPLE_WEIGHTS_AND_L2", "WEIGHT_FUNCTION_AND_L2", "GROUP_WEIGHTS"})
  void aRunThatWasCutOffEndsWithTheSameBits(Upper upper) throws IOException {
    final Map<String, double[]> expected = run(upper, null, CleaningRuns.SILENT);
    cut(upper, 5);
    assertEquals(List.of(0, 2, 4), saved);
    assertEquals(List.of("checkpoint-00000002", "checkpoint-00000003"), manifests());
    assertEquals(4, names(folder).size(), "a folder for each");
    cut(upper, 7);
    assertEquals(List.of(0, 2, 4, 6), saved, "what it went on from is not written again");
    CleaningRuns.assertSameBits(expected, run(upper, plan(true, IDENTITY), CleaningRuns.SILENT));
    assertEquals(List.of(4, 6), resumed);
    assertEquals(List.of(), names(folder), "nothing is left of a run that is done");
    assertEquals(List.of(), warnings);
    assertTrue(context.getPersistentRDDs().isEmpty(), "nothing stays cached");
  }

  @Test
  void aProcessThatIsToldToEndSavesItsLastIteration() throws IOException {
    final Map<String, double[]> expected = run(Upper.EXAMPLE_WEIGHTS, null, CleaningRuns.SILENT);
    ending = true;
    cut(Upper.EXAMPLE_WEIGHTS, 4);
    assertEquals(List.of(0, 2, 3), saved);
    ending = false;
    CleaningRuns.assertSameBits(
        expected, run(Upper.EXAMPLE_WEIGHTS, plan(true, IDENTITY), CleaningRuns.SILENT));
    assertEquals(List.of(3), resumed);
  }

  @Test
  void beginsAnewWhenItIsToldTo() {
    final Map<String, double[]> expected = run(Upper.GROUP_WEIGHTS, null, CleaningRuns.SILENT);
    cut(Upper.GROUP_WEIGHTS, 5);
    Identity other = new Identity("2", Map.of(), "solver.iterations", 3);
    CleaningRuns.assertSameBits(
        expected, run(Upper.GROUP_WEIGHTS, plan(false, other), CleaningRuns.SILENT));
    assertEquals(List.of(), resumed);
  }

  private <T extends Exception> void assertRefused(
      Class<T> kind, Identity identity, Data rows, int partitions, String sentence) {
    try (PartitionedData blocks = CleaningRuns.partitioned(context, rows, partitions);
        SparkEngine engine = new SparkEngine(context, blocks, 2)) {
      SparkCheckpoints checkpoints = SparkCheckpoints.open(plan(true, identity), engine, blocks);
      String message = assertThrows(kind, checkpoints::last).getMessage();
      assertEquals(
          "the checkpoint in checkpoint.path = %s %s, or begin anew".formatted(folder, sentence),
          message);
    }
  }

  @Test
  void checkpointsOfSomethingElseAreRefused() {
    cut(Upper.GROUP_WEIGHTS, 5);
    Class<IllegalArgumentException> setting = IllegalArgumentException.class;
    Map<String, String> same = IDENTITY.configuration();
    assertRefused(
        setting,
        new Identity("2", same, "solver.iterations", 7),
        data,
        3,
        "was written by version 1, this is version 2; set it back");
    assertRefused(
        setting,
        new Identity("1", Map.of("solver.products", "5", "seed", "7"), "solver.iterations", 7),
        data,
        3,
        "has solver.products = 2, got 5; set it back");
    assertRefused(
        setting,
        new Identity("1", Map.of("solver.products", "2"), "solver.iterations", 7),
        data,
        3,
        "has seed = 7, got none; set it back");
    assertRefused(
        setting,
        new Identity("1", same, "solver.iterations", 3),
        data,
        3,
        "has spent 4 of solver.iterations, got 3; set it back");
    assertRefused(
        DataException.class,
        IDENTITY,
        data,
        2,
        "has its rows in 3 partitions, got 2; set data.partitions = 3");
    Data more = dataOf(121, 0.3);
    assertRefused(
        DataException.class,
        IDENTITY,
        more,
        3,
        "has 120 training rows, got 121; use the same rows");
    assertRefused(
        DataException.class,
        IDENTITY,
        dataOf(120, 0.31),
        3,
        "has as many rows with other contents; use the same rows");
    assertEquals(List.of(), resumed);
  }

  private static Data dataOf(int rows, double noise) {
    return io.github.sparkbilevel.TestProblems.of(new io.github.sparkbilevel.model.SoftmaxLoss(3))
        .features(5)
        .rows(rows, 24, 12, 20)
        .groups(3)
        .folds(2)
        .noisy(1.5, noise)
        .make();
  }

  /** The files of the newest checkpoint, with the manifest. */
  private Map<Path, byte[]> bytes(int number) throws IOException {
    Map<Path, byte[]> all = new TreeMap<>();
    Path manifest = folder.resolve("checkpoint-%08d".formatted(number));
    all.put(manifest, Files.readAllBytes(manifest));
    for (String name : names(states(number))) {
      Path file = states(number).resolve(name);
      all.put(file, Files.readAllBytes(file));
    }
    return all;
  }

  /** Some 45 ways to damage the newest checkpoint, and the one before is gone on from. */
  @Test
  void damagedCheckpointsMakeWayForTheOneBefore() throws IOException {
    cut(Upper.EXAMPLE_WEIGHTS, 5);
    Map<Path, byte[]> whole = bytes(3);
    assertEquals(
        List.of("driver", "rows-0.00000", "rows-0.00001", "rows-0.00002"), names(states(3)));
    Random random = new Random(20260117L);
    try (PartitionedData blocks = CleaningRuns.partitioned(context, data, 3);
        SparkEngine engine = new SparkEngine(context, blocks, 2)) {
      for (Map.Entry<Path, byte[]> file : whole.entrySet()) {
        Path path = file.getKey();
        boolean isManifest = path.getParent().equals(folder);
        for (int trial = 0; trial < 9; trial++) {
          byte[] damaged = damaged(file.getValue(), trial, random);
          if (damaged == null) {
            Files.delete(path);
          } else {
            Files.write(path, damaged);
          }
          warnings.clear();
          resumed.clear();
          assertTrue(
              SparkCheckpoints.open(plan(true, IDENTITY), engine, blocks).last().isPresent());
          assertEquals(List.of(2), resumed, path + " in trial " + trial);
          // Without its manifest there is no checkpoint to pass over.
          assertEquals(isManifest && damaged == null ? 0 : 1, warnings.size(), warnings::toString);
          assertTrue(
              warnings.stream().allMatch(warning -> warning.contains("checkpoint-00000003")),
              warnings::toString);
        }
        Files.write(path, file.getValue());
      }
      resumed.clear();
      SparkCheckpoints.open(plan(true, IDENTITY), engine, blocks).last();
      assertEquals(List.of(4), resumed, "the whole one");
    }
  }

  /** Missing, empty, cut short, too long, or with another bit somewhere. */
  private static byte[] damaged(byte[] whole, int trial, Random random) {
    if (trial == 0) {
      return null;
    }
    if (trial < 6) {
      int[] lengths = {0, 1, whole.length - 1, whole.length + 1, random.nextInt(whole.length)};
      return Arrays.copyOf(whole, lengths[trial - 1]);
    }
    byte[] flipped = whole.clone();
    flipped[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
    return flipped;
  }

  @Test
  void withNoWholeCheckpointTheRunBeginsAnew() throws IOException {
    final Map<String, double[]> expected = run(Upper.GROUP_WEIGHTS, null, CleaningRuns.SILENT);
    cut(Upper.GROUP_WEIGHTS, 5);
    for (String name : manifests()) {
      Files.write(folder.resolve(name), new byte[] {1, 2, 3});
    }
    CleaningRuns.assertSameBits(
        expected, run(Upper.GROUP_WEIGHTS, plan(true, IDENTITY), CleaningRuns.SILENT));
    assertEquals(List.of(), resumed);
    assertEquals(
        "checkpoint.path = %s holds no whole checkpoint: the run begins anew".formatted(folder),
        warnings.get(2));
  }

  @Test
  void whatTheJobDidNotWriteStays() throws IOException {
    List<String> others =
        List.of(
            "notes.txt",
            "checkpoint-00000001/mine.txt",
            "checkpoint-7/driver",
            "states-00000009-0123abcd/driver/inner",
            "states-00000001-0123abcd/mine.txt",
            "data/driver");
    for (String name : others) {
      Files.createDirectories(folder.resolve(name).getParent());
      Files.writeString(folder.resolve(name), "mine");
    }
    Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
    Path spark = elsewhere.resolve("0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f");
    Files.createDirectory(spark);
    Files.writeString(elsewhere.resolve("driver"), "mine");
    for (String link : List.of("checkpoint-00000002", "states-00000002-0a1b2c3d")) {
      Files.createSymbolicLink(folder.resolve(link), elsewhere);
    }
    Files.createSymbolicLink(folder.resolve("lineage-0a1b2c3d"), elsewhere);
    cut(Upper.GROUP_WEIGHTS, 5);
    run(Upper.GROUP_WEIGHTS, plan(true, IDENTITY), CleaningRuns.SILENT);
    for (String name : others) {
      assertEquals("mine", Files.readString(folder.resolve(name)), name);
    }
    assertEquals("mine", Files.readString(elsewhere.resolve("driver")));
    assertTrue(Files.exists(spark));
    assertEquals(
        List.of(
            "checkpoint-00000001",
            "checkpoint-00000002",
            "checkpoint-7",
            "data",
            "lineage-0a1b2c3d",
            "notes.txt",
            "states-00000001-0123abcd",
            "states-00000002-0a1b2c3d",
            "states-00000009-0123abcd"),
        names(folder));
  }

  @Test
  void aFolderThatCannotBeWrittenIsAWarningOnceTheRunIsOnItsWay() throws IOException {
    final Map<String, double[]> expected = run(Upper.GROUP_WEIGHTS, null, CleaningRuns.SILENT);
    Map<String, double[]> numbers =
        run(
            Upper.GROUP_WEIGHTS,
            plan(true, IDENTITY),
            record -> {
              if (record.iteration() == 1) {
                try {
                  Files.move(folder, temporary.resolve("gone"));
                  Files.createFile(folder);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              }
            });
    CleaningRuns.assertSameBits(expected, numbers);
    assertEquals(List.of(0), saved);
    assertTrue(
        warnings.get(0).startsWith("no checkpoint was written after iteration 2: "),
        warnings::toString);
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> run(Upper.GROUP_WEIGHTS, plan(true, IDENTITY), CleaningRuns.SILENT));
    assertTrue(
        refused.getMessage().startsWith("checkpoint.path = " + folder + " cannot be used: "),
        refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"nosuch://x/checkpoints", "s3a://bucket/checkpoints"})
  void fileSystemThatIsNotThereIsAnIoException(String path) {
    Configuration conf = new Configuration();
    assertThrows(IOException.class, () -> CheckpointFiles.at(path, conf));
  }
}
