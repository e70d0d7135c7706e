package io.github.sparkbilevel.spark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Which run claims a folder, as text: a line for each thing, a word and what it says.
 *
 * @param id of the run
 * @param host the name of its machine
 * @param space in which its process has its number: containers of one machine have several
 * @param process the number of its process
 * @param started when that process started, in milliseconds; numbers are given again
 * @param since when it claimed the folder
 */
record Claim(String id, String host, String space, long process, long started, String since) {
  private static final String FIRST = "spark-bilevel-run 1";

  /** The end of the name of a process in Linux' table, and the state of one that has ended. */
  private static final String ENDED = ") Z ";

  /** A new claim of this process. */
  static Claim ofThisProcess() {
    ProcessHandle self = ProcessHandle.current();
    return new Claim(
        UUID.randomUUID().toString(),
        hostName(),
        processSpace(),
        self.pid(),
        started(self),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  private static long started(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  private static String hostName() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException unknown) {
        return "unknown-" + UUID.randomUUID();
      }
    }
  }

  private static String processSpace() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
    } catch (IOException | UnsupportedOperationException e) {
      return "one";
    }
  }

  /** The text of the claim, renewed so many times. */
  String text(long beats) {
    return """
        %s
        run %s
        host %s
        space %s
        process %d
        started %d
        since %s
        renewed %d
        """
        .formatted(FIRST, id, host, space, process, started, since, beats);
  }

  /** The claim of a text, or empty when it is none. */
  static Optional<Claim> of(String text) {
    if (!text.startsWith(FIRST + "\n")) {
      return Optional.empty();
    }
    Map<String, String> values = new HashMap<>();
    for (String line : text.lines().toList()) {
      int space = line.indexOf(' ');
      if (space > 0) {
        values.put(line.substring(0, space), line.substring(space + 1));
      }
    }
    try {
      return Optional.of(
          new Claim(
              values.getOrDefault("run", ""),
              values.getOrDefault("host", ""),
              values.getOrDefault("space", ""),
              Long.parseLong(values.getOrDefault("process", "")),
              Long.parseLong(values.getOrDefault("started", "")),
              values.getOrDefault("since", "")));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Whether processes of this machine have their numbers where that of the claim has its. */
  boolean isOfThisMachine() {
    return host.equals(hostName()) && space.equals(processSpace());
  }

  boolean isOfThisProcess() {
    ProcessHandle self = ProcessHandle.current();
    return process == self.pid() && started == started(self);
  }

  /** Whether a text is the beginning of a claim whose writer was cut short. */
  static boolean isCutShort(String text) {
    return FIRST.startsWith(text) || text.startsWith(FIRST) && of(text).isEmpty();
  }

  /** Whether the process runs, on this machine. */
  boolean processLives() {
    return ProcessHandle.of(process)
        .filter(ProcessHandle::isAlive)
        .filter(handle -> started(handle) == started)
        .filter(handle -> !isKnownToItsParentOnly())
        .isPresent();
  }

  private boolean isKnownToItsParentOnly() {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process), "stat")).contains(ENDED);
    } catch (IOException e) {
      return false;
    }
  }

  /** Whose it is, for messages. */
  String whose() {
    return "the run of process %d on %s that began at %s".formatted(process, host, since);
  }
}
