package io.github.sparkbilevel;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/**
 * An HDFS on this machine, a name node and data nodes in a process of their own, on loopback. Its
 * classes come with the profile {@code faults}.
 */
public final class HdfsProcess implements AutoCloseable {
  private static final String MAIN = "org.apache.hadoop.test.MiniDFSClusterManager";
  private static final String DATA_NODES = "2";

  private final Path folder;
  private final int port;
  private Process process;

  private HdfsProcess(Path folder, int port) {
    this.folder = folder;
    this.port = port;
  }

  /** Starts one without files; they will lie in the folder. */
  public static HdfsProcess start(Path folder) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    HdfsProcess hdfs = new HdfsProcess(folder, port);
    hdfs.start("-format");
    return hdfs;
  }

  /** Starts it again with the files that there are. */
  public void startAgain() throws IOException {
    start();
  }

  private void start(String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.add("-Dtest.build.data=" + folder);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
    command.addAll(List.of("-nnport", "" + port, "-datanodes", DATA_NODES));
    command.addAll(List.of(options));
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolveSibling("hdfs.log").toFile())
            .start();
    StandaloneCluster.await(() -> !process.isAlive() || isWritable(), "HDFS");
    if (!process.isAlive()) {
      throw new IllegalStateException("HDFS ended with " + process.exitValue());
    }
  }

  /** Not in safe mode, with a data node that takes a byte. */
  private boolean isWritable() {
    try (FileSystem files = files()) {
      org.apache.hadoop.fs.Path probe = new org.apache.hadoop.fs.Path("/probe");
      try (OutputStream out = files.create(probe, true)) {
        out.write(1);
      }
      return files.delete(probe, false);
    } catch (IOException e) {
      return false;
    }
  }

  /** Its address. */
  public String uri() {
    return "hdfs://127.0.0.1:" + port;
  }

  /** Its files, of a connection of its own. */
  public FileSystem files() {
    Configuration quick = new Configuration();
    quick.setInt("ipc.client.connect.max.retries", 0);
    try {
      return FileSystem.newInstance(java.net.URI.create(uri()), quick);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends all of its nodes at once, as a power cut does. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    kill();
  }
}
