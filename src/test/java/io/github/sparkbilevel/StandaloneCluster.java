package io.github.sparkbilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A Spark cluster of processes, by {@code conf/standalone/cluster.sh}: two workers of one core, on
 * the loopback address and ports of its own.
 *
 * <p>It is stopped when it is closed, and at the latest when this process ends.
 */
public final class StandaloneCluster implements AutoCloseable {
  /** The script. */
  public static final String SCRIPT = "conf/standalone/cluster.sh";

  private final Path folder;
  private final String url;
  private final List<Path> joined = new ArrayList<>();
  private final Thread hook = new Thread(this::stop);

  private StandaloneCluster(Path folder, String url) {
    this.folder = folder;
    this.url = url;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Starts a cluster whose files lie in a folder. */
  public static StandaloneCluster start(Path folder, String... options) {
    return start(folder, Map.of(), options);
  }

  /** Starts a cluster with variables in its environment. */
  public static StandaloneCluster start(
      Path folder, Map<String, String> environment, String... options) {
    List<String> command =
        new ArrayList<>(List.of(SCRIPT, "start", "--folder", folder.toString(), "--port", "0"));
    command.addAll(List.of(options));
    try {
      Files.createDirectories(folder);
      Script.Ended ended =
          Script.run(folder, environment, command.toArray(String[]::new)).assertDone();
      assertEquals(1, ended.out().size(), ended::toString);
      return new StandaloneCluster(folder, ended.out().get(0));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The address of the master. */
  public String url() {
    return url;
  }

  /** The folder of its files. */
  public Path folder() {
    return folder;
  }

  /** The process of the master. */
  public ProcessHandle master() {
    return process("master");
  }

  /** The process of a worker, from 1. */
  public ProcessHandle worker(int number) {
    return process("worker-" + number);
  }

  /** What the workers run now: executors, and drivers in cluster mode. */
  public List<ProcessHandle> children() {
    return List.of(worker(1), worker(2)).stream()
        .flatMap(ProcessHandle::descendants)
        .filter(StandaloneCluster::runs)
        .toList();
  }

  /** The processes of this cluster, whatever became of their parents. */
  public List<ProcessHandle> processes() {
    return processes(folder);
  }

  /** The processes of the cluster whose files lie in a folder, executors included. */
  public static List<ProcessHandle> processes(Path folder) {
    String mark = folder.toAbsolutePath() + "/";
    return ProcessHandle.allProcesses()
        .filter(StandaloneCluster::runs)
        .filter(process -> process.pid() != ProcessHandle.current().pid())
        .filter(process -> workingFolder(process).startsWith(mark))
        .toList();
  }

  /** All of them work in the folder or below. */
  private static String workingFolder(ProcessHandle process) {
    try {
      Path proc = Path.of("/proc", Long.toString(process.pid()));
      return proc.resolve("cwd").toRealPath() + "/";
    } catch (IOException e) {
      // It has ended meanwhile, or is another user's.
      return "";
    }
  }

  /** Address and port of every TCP socket that a process of the cluster listens on. */
  public List<String> listening() throws IOException {
    List<String> sockets = new ArrayList<>();
    for (ProcessHandle process : processes()) {
      try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
        for (Path file : files.toList()) {
          link(file).ifPresent(sockets::add);
        }
      }
    }
    List<String> addresses = new ArrayList<>();
    for (String table : List.of("tcp", "tcp6")) {
      for (String line : Files.readAllLines(Path.of("/proc/net", table))) {
        String[] words = line.strip().split("\\s+");
        boolean listens = words[3].equals("0A");
        if (listens && sockets.contains("socket:[" + words[9] + "]")) {
          addresses.add(address(words[1]));
        }
      }
    }
    return addresses;
  }

  private static Optional<String> link(Path file) {
    try {
      return Optional.of(Files.readSymbolicLink(file).toString());
    } catch (IOException e) {
      // It was closed meanwhile.
      return Optional.empty();
    }
  }

  /** As /proc/net/tcp writes it: the last four bytes, the last one first. */
  private static String address(String hex) {
    String[] parts = hex.split(":");
    String host = parts[0].substring(parts[0].length() - 8);
    List<String> bytes = new ArrayList<>();
    for (int i = 6; i >= 0; i -= 2) {
      bytes.add(Integer.toString(Integer.parseInt(host.substring(i, i + 2), 16)));
    }
    return String.join(".", bytes) + ":" + Integer.parseInt(parts[1], 16);
  }

  /** Kills a process and waits until it is gone. */
  public static void kill(ProcessHandle process) {
    process.destroyForcibly();
    await(() -> !runs(process), "the end of process " + process.pid());
  }

  /** Whether a process runs; one that has ended and is known to its parent only does not. */
  public static boolean runs(ProcessHandle process) {
    return process.isAlive() && process.info().command().isPresent();
  }

  /** Waits until something holds. */
  public static void await(BooleanSupplier condition, String what) {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("waited five minutes in vain for " + what);
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private ProcessHandle process(String name) {
    try {
      String pid = Files.readString(folder.resolve(name + ".pid")).strip();
      return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts one more worker, whose files lie in a folder of its own. */
  public void join(Path other) {
    try {
      Files.createDirectories(other);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    joined.add(other);
    String[] command = {
      SCRIPT, "start", "--folder", other.toString(), "--master", url, "--workers", "1"
    };
    Script.run(folder, Map.of(), command).assertDone();
  }

  private void stop() {
    List<Path> all = new ArrayList<>(joined);
    all.add(folder);
    for (Path each : all) {
      Script.run(folder, Map.of(), SCRIPT, "stop", "--folder", each.toString()).assertDone();
    }
  }

  @Override
  public void close() {
    stop();
    Runtime.getRuntime().removeShutdownHook(hook);
  }
}
