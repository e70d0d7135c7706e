package io.github.sparkbilevel.spark.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that is created once, whoever tries, whatever fails. */
class CheckedFilesTest {
  private static final byte[] OURS = "what this run writes".getBytes(UTF_8);
  private static final byte[] THEIRS = "what another run writes".getBytes(UTF_8);

  @TempDir java.nio.file.Path folder;
  private java.nio.file.Path local;
  private Path file;
  private FileSystem fs;

  @BeforeEach
  void files() throws IOException {
    local = folder.resolve("checkpoint-00000001");
    file = new Path(local.toString());
    fs = CheckedFiles.fileSystem(file, new Configuration());
  }

  @Test
  void aFileIsCreatedOnce() throws IOException {
    assertTrue(CheckedFiles.create(fs, file, OURS));
    assertFalse(CheckedFiles.create(fs, file, THEIRS));
    assertEquals(new String(OURS, UTF_8), Files.readString(local));
    Files.delete(local);
    Files.createDirectory(local);
    assertFalse(CheckedFiles.create(fs, file, OURS), "a folder of that name");
  }

  @Test
  void oneOfManyCreatesIt() throws Exception {
    int runs = 6;
    ExecutorService threads = Executors.newFixedThreadPool(runs);
    try {
      for (int round = 0; round < 100; round++) {
        CyclicBarrier barrier = new CyclicBarrier(runs);
        List<Callable<Boolean>> all = new ArrayList<>();
        for (int run = 0; run < runs; run++) {
          all.add(
              () -> {
                barrier.await();
                return CheckedFiles.create(fs, file, OURS);
              });
        }
        int created = 0;
        for (Future<Boolean> each : threads.invokeAll(all)) {
          created += each.get() ? 1 : 0;
        }
        assertEquals(1, created, "in round " + round);
        Files.delete(local);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** A file system that leaves some bytes of a file, and reports that it could not write it. */
  private final class Failing extends FilterFileSystem {
    private final byte[] left;

    Failing(byte[] left) throws IOException {
      super(new RawLocalFileSystem());
      this.left = left;
      initialize(URI.create("file:///"), new Configuration());
    }

    @Override
    public FSDataOutputStream create(
        Path path,
        FsPermission permission,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      return new FSDataOutputStream(
          new OutputStream() {
            @Override
            public void write(int b) {}

            @Override
            public void close() throws IOException {
              if (left != null) {
                Files.write(local, left);
              }
              throw new IOException("it failed");
            }
          },
          null);
    }
  }

  @Test
  void aFileThatWasWrittenAllTheSameIsCreated() throws IOException {
    assertTrue(CheckedFiles.create(new Failing(OURS), file, OURS));
  }

  @Test
  void theBeginningOfAFileGoes() throws IOException {
    for (int length : new int[] {0, 1, OURS.length - 1}) {
      Failing failing = new Failing(java.util.Arrays.copyOf(OURS, length));
      IOException failed =
          assertThrows(IOException.class, () -> CheckedFiles.create(failing, file, OURS));
      assertEquals("it failed", failed.getMessage());
      assertFalse(Files.exists(local), "of length " + length);
    }
    Failing nothing = new Failing(null);
    assertThrows(IOException.class, () -> CheckedFiles.create(nothing, file, OURS));
  }

  /** As object stores refuse it: when the file is closed. */
  @Test
  void aFileOfAnotherRunStays() throws IOException {
    Failing failing = new Failing(THEIRS);
    assertThrows(IOException.class, () -> CheckedFiles.create(failing, file, OURS));
    assertEquals(new String(THEIRS, UTF_8), Files.readString(local));
  }
}
