package io.github.sparkbilevel.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.sparkbilevel.HdfsProcess;
import io.github.sparkbilevel.spark.transfer.CheckedFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That HDFS creates the manifest of a checkpoint once. */
@Tag("faults")
class HdfsCheckpointsTest {
  private static final Path FILE = new Path("/kept/checkpoint-00000001");
  private static final byte[] BYTES = new byte[2_000];

  @TempDir static java.nio.file.Path folder;
  private static HdfsProcess hdfs;

  @BeforeAll
  static void start() throws IOException {
    hdfs = HdfsProcess.start(folder.resolve("hdfs"));
  }

  @AfterAll
  static void stop() {
    if (hdfs != null) {
      hdfs.close();
    }
  }

  /** Whether it was created; a file that another client has open is an exception. */
  private static boolean isCreated(FileSystem client) {
    try {
      return CheckedFiles.create(client, FILE, BYTES);
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void oneOfManyClientsCreatesAManifest() throws Exception {
    List<FileSystem> clients = List.of(hdfs.files(), hdfs.files(), hdfs.files(), hdfs.files());
    ExecutorService threads = Executors.newFixedThreadPool(clients.size());
    try {
      for (int round = 0; round < 20; round++) {
        CyclicBarrier barrier = new CyclicBarrier(clients.size());
        List<Callable<Boolean>> all = new ArrayList<>();
        for (FileSystem client : clients) {
          all.add(
              () -> {
                barrier.await();
                return isCreated(client);
              });
        }
        int created = 0;
        for (Future<Boolean> each : threads.invokeAll(all)) {
          created += each.get() ? 1 : 0;
        }
        assertEquals(1, created, "in round " + round);
        assertEquals(BYTES.length, clients.get(0).getFileStatus(FILE).getLen());
        clients.get(0).delete(FILE, false);
      }
    } finally {
      threads.shutdownNow();
      for (FileSystem client : clients) {
        client.close();
      }
    }
  }

  /** What another run is just writing must not be taken for the rest of a killed run. */
  @Test
  void aManifestThatAnotherClientHasOpenStays() throws IOException {
    try (FileSystem other = hdfs.files();
        FileSystem client = hdfs.files()) {
      try (FSDataOutputStream open = other.create(FILE, false)) {
        assertThrows(IOException.class, () -> CheckedFiles.create(client, FILE, BYTES));
        open.write(BYTES);
      }
      assertEquals(BYTES.length, client.getFileStatus(FILE).getLen());
      client.delete(FILE, false);
    }
  }
}
