package io.github.sparkbilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Scripts of the repository, run as a user runs them: in processes of their own. */
public final class Script {
  /** The folder of the repository. */
  public static final Path ROOT = Path.of("").toAbsolutePath();

  private static final long SECONDS = 240;

  private Script() {}

  /** How a script ended: its exit code, and the lines that it wrote. */
  public record Ended(int code, List<String> out, List<String> err) {

    /** Ended well. */
    public Ended assertDone() {
      assertEquals(0, code, this::toString);
      return this;
    }

    /** Ended with the code, and a last line on standard error that holds the parts. */
    public void assertFailed(int expected, String... parts) {
      assertEquals(expected, code, this::toString);
      String last = err.isEmpty() ? "" : err.get(err.size() - 1);
      assertTrue(last.startsWith("error: "), this::toString);
      for (String part : parts) {
        assertTrue(last.contains(part), () -> "no \"" + part + "\" in: " + last);
      }
    }
  }

  /** A script that runs; its words go to files in a folder. */
  public record Running(Process process, Path out, Path err) {

    /** The lines on standard error so far. */
    public List<String> told() {
      return lines(err);
    }

    /** Waits for the end, which comes within minutes or is made. */
    public Ended await() {
      try {
        boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
        assertTrue(ended, () -> "it hangs:\n" + String.join("\n", told()));
        return new Ended(process.exitValue(), lines(out), lines(err));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      } finally {
        kill();
      }
    }

    /** Ends it, and what it started. */
    public void kill() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** Runs a script of the repository to its end. */
  public static Ended run(Path folder, Map<String, String> environment, String... command) {
    return start(folder, environment, command).await();
  }

  /** Starts a script of the repository in a folder, without a Spark of the user's. */
  public static Running start(Path folder, Map<String, String> environment, String... command) {
    List<String> words = new ArrayList<>(List.of("bash", ROOT.resolve(command[0]).toString()));
    words.addAll(Arrays.asList(command).subList(1, command.length));
    try {
      Path out = Files.createTempFile(folder, "script", ".out");
      Path err = Files.createTempFile(folder, "script", ".err");
      ProcessBuilder builder =
          new ProcessBuilder(words)
              .directory(folder.toFile())
              .redirectInput(new java.io.File("/dev/null"))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder
          .environment()
          .keySet()
          .removeIf(name -> name.startsWith("SPARK_") || name.startsWith("GPU_"));
      builder.environment().putAll(environment);
      return new Running(builder.start(), out, err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
