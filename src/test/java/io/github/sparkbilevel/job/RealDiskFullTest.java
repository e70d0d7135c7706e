package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.Script;
import io.github.sparkbilevel.job.run.JobNumbers;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file system that is full, and not one that plays it: a tmpfs of some kilobytes, where this
 * process may mount one. {@link DiskFullTest} has the same cases everywhere.
 */
@Tag("faults")
class RealDiskFullTest {
  private static final String JOB = JobNumbers.JOB;

  @TempDir Path folder;

  /** A test on a disk of that many kilobytes, for a whole job in a process of its own. */
  private interface OnDisk {
    void run(Path disk) throws IOException;
  }

  private static int mount(String... command) throws IOException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      return process.waitFor(60, TimeUnit.SECONDS) ? process.exitValue() : -1;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void on(int kilobytes, OnDisk test) throws IOException {
    Path disk = Files.createDirectory(folder.resolve("disk-" + kilobytes));
    assertEquals(
        0, mount("mount", "-t", "tmpfs", "-o", "size=" + kilobytes + "k", "tmpfs", "" + disk));
    try {
      test.run(disk);
    } finally {
      mount("umount", "-l", disk.toString());
      Files.delete(disk);
    }
  }

  private boolean canMount() throws IOException {
    Path disk = Files.createDirectory(folder.resolve("probe"));
    boolean can;
    try {
      can = mount("mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", disk.toString()) == 0;
    } catch (IOException e) {
      can = false; // There is no such command.
    }
    if (can) {
      mount("umount", disk.toString());
    }
    return can;
  }

  private Script.Ended submit(String path, String... options) throws IOException {
    Files.writeString(folder.resolve("job.conf"), "output.path = out\n" + JOB + path);
    String[] first = {"submit.sh", "job.conf", "output.overwrite=true", "--"};
    String[] all = Stream.of(first, options).flatMap(Stream::of).toArray(String[]::new);
    return Script.run(folder, Map.of(), all);
  }

  private static void assertFull(Script.Ended ended) {
    ended.assertFailed(1, "the disk is full");
    assertFalse(ended.err().stream().anyMatch(line -> line.startsWith("\tat ")), ended::toString);
  }

  private static List<String> names(Path of) throws IOException {
    try (Stream<Path> files = Files.list(of)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private void outputs(Path disk) throws IOException {
    assertFull(submit("output.path = \"%s/out\"\n".formatted(disk)));
    assertEquals(List.of(), names(disk));
  }

  private void checkpoints(Path disk) throws IOException {
    submit("upper.variable = example-weights\n").assertDone();
    final JobNumbers expected = JobNumbers.of(folder.resolve("out"));
    Script.Ended ended =
        submit(
                "upper.variable = example-weights\ncheckpoint { path = \"%s/kept\", interval = 1 }\n"
                    .formatted(disk))
            .assertDone();
    assertTrue(
        ended.err().stream().anyMatch(line -> line.contains("no checkpoint was written after")),
        ended::toString);
    expected.assertSame(JobNumbers.of(folder.resolve("out")));
    assertEquals(List.of(), names(disk.resolve("kept")));
  }

  private void temporaryFiles(Path disk) throws IOException {
    assertFull(submit("", "--conf", "spark.local.dir=" + disk));
    assertEquals(
        List.of(), names(disk).stream().filter(name -> name.contains("blockmgr")).toList());
  }

  @TestFactory
  Stream<DynamicTest> onAFullDisk() throws IOException {
    TestSpark.stop();
    if (!canMount()) {
      System.out.println("RealDiskFullTest: no tmpfs can be mounted here");
      return Stream.of();
    }
    return Stream.of(
        DynamicTest.dynamicTest("outputs", () -> on(24, this::outputs)),
        DynamicTest.dynamicTest("checkpoints", () -> on(48, this::checkpoints)),
        DynamicTest.dynamicTest("temporary files", () -> on(100, this::temporaryFiles)));
  }
}
