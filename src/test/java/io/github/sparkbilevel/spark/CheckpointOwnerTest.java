package io.github.sparkbilevel.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.spark.CheckpointOwner.InUseException;
import io.github.sparkbilevel.spark.CheckpointOwner.Rhythm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who has a folder of checkpoints: one run at a time, and nobody once that run is dead. */
class CheckpointOwnerTest {
  private static final Rhythm QUICK = new Rhythm(50, 1_000, 20);
  private static final Rhythm SILENT = new Rhythm(100_000, 400, 20);

  @TempDir Path folder;
  private Path file;
  private FileSystem fs;
  private org.apache.hadoop.fs.Path root;
  private final List<String> told = new ArrayList<>();

  @BeforeEach
  void files() throws IOException {
    file = folder.resolve(ClaimFiles.name(1));
    root = new org.apache.hadoop.fs.Path(folder.toString());
    fs = CheckpointFiles.fileSystem(root, new Configuration());
  }

  private CheckpointOwner claim(Rhythm rhythm) throws IOException, InUseException {
    return CheckpointOwner.claim(fs, root, rhythm, told::add);
  }

  private void assertFreeAtOnce() throws Exception {
    long start = System.nanoTime();
    claim(Rhythm.USUAL).close();
    assertTrue(System.nanoTime() - start < 30e9, "it did not wait for a sign of life");
    assertEquals(List.of(), told);
    assertFalse(Files.exists(file));
  }

  /** A claim of this machine, of another process. */
  private static Claim of(ProcessHandle process, long later) {
    Claim own = Claim.ofThisProcess();
    long started = process.info().startInstant().orElseThrow().toEpochMilli() + later;
    return new Claim("other", own.host(), own.space(), process.pid(), started, own.since());
  }

  private static Claim ofElsewhere() {
    return new Claim("other", "elsewhere", "pid:[1]", 7, 8, "2026-01-02T03:04:05Z");
  }

  @Test
  void aFolderBelongsToOneRunUntilItIsGivenUp() throws Exception {
    CheckpointOwner first = claim(Rhythm.USUAL);
    String whose = assertThrows(InUseException.class, () -> claim(Rhythm.USUAL)).getMessage();
    assertTrue(
        whose.matches("the run of process \\d+ on \\S+ that began at 20\\d\\d-\\S+Z"), whose);
    assertThrows(InUseException.class, () -> CheckpointOwner.requireFree(fs, root));
    assertFalse(first.isTaken());
    first.close();
    first.close();
    CheckpointOwner.requireFree(fs, root);
    assertFreeAtOnce();
  }

  @Test
  void aProcessOfThisMachineHasItWhileItLives() throws Exception {
    Process other = new ProcessBuilder("sleep", "600").start();
    try {
      Files.writeString(file, of(other.toHandle(), 0).text(3));
      assertThrows(InUseException.class, () -> claim(Rhythm.USUAL));
      assertThrows(InUseException.class, () -> CheckpointOwner.requireFree(fs, root));
    } finally {
      other.destroyForcibly().waitFor();
    }
    assertFreeAtOnce();
  }

  @Test
  void aProcessThatGotTheNumberOfADeadOneDoesNotHaveIt() throws Exception {
    Files.writeString(file, of(ProcessHandle.current(), -5_000).text(0));
    assertFreeAtOnce();
  }

  @Test
  void whatThisProcessLeftBehindIsFree() throws Exception {
    Files.writeString(file, of(ProcessHandle.current(), 0).text(0));
    assertFreeAtOnce();
  }

  @Test
  void aRunElsewhereThatHasNotRenewedItForLongIsDead() throws Exception {
    Files.writeString(file, ofElsewhere().text(0));
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(61)));
    CheckpointOwner.requireFree(fs, root);
    assertFreeAtOnce();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "spark-bil", "spark-bilevel-run 1\nrun x\nhost", "whole"})
  void aRunElsewhereThatDoesNotRenewItIsDead(String text) throws Exception {
    Files.writeString(file, text.equals("whole") ? ofElsewhere().text(0) : text);
    claim(SILENT).close();
    assertEquals(1, told.size());
    assertTrue(told.get(0).contains("waits for up to 1 s to see whether it does"), told.get(0));
  }

  @Test
  void aRunElsewhereThatRenewsItLives() throws Exception {
    Files.writeString(file, ofElsewhere().text(0));
    Thread renewal =
        new Thread(
            () -> {
              try {
                Thread.sleep(100);
                Files.writeString(file, ofElsewhere().text(1));
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    renewal.start();
    String whose =
        assertThrows(InUseException.class, () -> claim(new Rhythm(100, 30_000, 20))).getMessage();
    assertEquals("the run of process 7 on elsewhere that began at 2026-01-02T03:04:05Z", whose);
    renewal.join();
  }

  @Test
  void aClaimIsRenewedUntilItIsGivenUp() throws Exception {
    try (CheckpointOwner owner = claim(QUICK)) {
      String first = Files.readString(file);
      long deadline = System.nanoTime() + 60_000_000_000L;
      while (Files.readString(file).equals(first) && System.nanoTime() < deadline) {
        Thread.sleep(20);
      }
      assertTrue(Files.readString(file).matches("(?s).*renewed [1-9]\\d*\n"));
      Files.delete(file);
      assertFalse(owner.isTaken(), "somebody deleted it");
      assertTrue(Files.exists(file), "and it is claimed again");
    }
    Thread.sleep(200);
    assertFalse(Files.exists(file));
  }

  @Test
  void aClaimThatWasTakenIsNeitherRenewedNorDeleted() throws Exception {
    String other = ofElsewhere().text(5);
    try (CheckpointOwner owner = claim(QUICK)) {
      Path beside = Files.writeString(folder.resolve("beside"), other);
      Files.move(beside, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
      Thread.sleep(300);
      assertTrue(owner.isTaken());
    }
    assertEquals(other, Files.readString(file));
  }

  @Test
  void aFileOfSomebodyElseStays() throws Exception {
    Files.writeString(file, "mine");
    IOException refused = assertThrows(IOException.class, () -> claim(Rhythm.USUAL));
    assertEquals("it holds a file in-use-00000001 that no run wrote", refused.getMessage());
    assertEquals("mine", Files.readString(file));
    Files.delete(file);
    Files.createDirectories(file.resolve("inner"));
    assertThrows(IOException.class, () -> claim(Rhythm.USUAL));
    assertTrue(Files.exists(file.resolve("inner")));
  }

  /** Of runs that begin at once exactly one gets it, whether it was free or a dead run had it. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneOfManyGetsIt(boolean left) throws Exception {
    int runs = 6;
    ExecutorService threads = Executors.newFixedThreadPool(runs);
    try {
      for (int round = 0; round < 30; round++) {
        if (left) {
          Files.writeString(file, of(ProcessHandle.current(), -5_000).text(round));
        }
        CyclicBarrier barrier = new CyclicBarrier(runs);
        List<Callable<CheckpointOwner>> all = new ArrayList<>();
        for (int run = 0; run < runs; run++) {
          all.add(
              () -> {
                barrier.await();
                try {
                  return claim(SILENT);
                } catch (InUseException refused) {
                  return null;
                }
              });
        }
        List<CheckpointOwner> winners = new ArrayList<>();
        for (Future<CheckpointOwner> each : threads.invokeAll(all)) {
          if (each.get() != null) {
            winners.add(each.get());
          }
        }
        assertEquals(1, winners.size(), "winners in round " + round);
        assertFalse(winners.get(0).isTaken());
        winners.get(0).close();
        try (Stream<Path> files = Files.list(folder)) {
          assertEquals(List.of(), files.toList(), "nothing is left");
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
