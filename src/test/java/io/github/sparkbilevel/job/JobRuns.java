package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparkbilevel.job.config.Folders;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Whole jobs in this process, in a folder of their own. */
public final class JobRuns implements AutoCloseable {
  private static final Map<String, String> PROPERTIES = properties();
  private static final Path ROOT = Path.of("").toAbsolutePath();

  private final Path folder;
  private final Sessions sessions;

  /** Takes the folder that jobs run in; sets Spark's properties until this is closed. */
  public JobRuns(Path folder) {
    this(folder, Sessions.OWN);
  }

  private JobRuns(Path folder, Sessions sessions) {
    this.folder = folder;
    this.sessions = sessions;
    PROPERTIES.forEach(System::setProperty);
  }

  private static Map<String, String> properties() {
    Map<String, String> all = new HashMap<>(TestSpark.SETTINGS);
    all.put("spark.master", "local[2]");
    return all;
  }

  /** Jobs that run in the session of the tests, which saves starting one for each. */
  public static JobRuns inSharedSession(Path folder) {
    return new JobRuns(folder, new SharedSessions());
  }

  /** How a job ended: its exit code, its lines on standard error, and standard output. */
  public record Ended(int code, List<String> lines, String out) {
    public String lastLine() {
      return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    }

    public Ended assertDone() {
      assertEquals(0, code, () -> String.join("\n", lines));
      return this;
    }

    /** Ended with the code, and with one sentence that holds the parts. */
    public void assertFailed(int expected, String... parts) {
      assertEquals(expected, code, () -> String.join("\n", lines));
      assertTrue(lastLine().startsWith("error: "), this::lastLine);
      for (String part : parts) {
        assertTrue(lastLine().contains(part), () -> "no \"" + part + "\" in: " + lastLine());
      }
      assertFalse(
          lines.stream().anyMatch(line -> line.startsWith("\tat ")), "a stack trace is shown");
    }
  }

  /** Runs a job; the outputs go to the folder {@code out} unless an override says otherwise. */
  public Ended run(String job, String... overrides) {
    write("job.conf", "output.path = out\n" + job);
    List<String> args = new ArrayList<>(List.of("job.conf"));
    args.addAll(Arrays.asList(overrides));
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int code =
        Main.run(
            args.toArray(String[]::new),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            new Host(Jobs.all(), new Folders(folder, ROOT), sessions));
    return new Ended(
        code,
        err.toString(StandardCharsets.UTF_8).lines().toList(),
        out.toString(StandardCharsets.UTF_8));
  }

  /** Writes a text file and gives its name. */
  public String write(String name, String text) {
    try {
      Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return name;
  }

  public Path path(String name) {
    return folder.resolve(name);
  }

  public String read(String name) throws IOException {
    return Files.readString(folder.resolve(name));
  }

  public JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(read(name));
  }

  public List<JsonNode> jsonLines(String name) throws IOException {
    List<JsonNode> nodes = new ArrayList<>();
    for (String line : read(name).lines().toList()) {
      nodes.add(new ObjectMapper().readTree(line));
    }
    return nodes;
  }

  /** The names in a folder, sorted, hidden ones too. */
  public List<String> names(String name) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(name))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** The lines of a data set of the repository. */
  public static List<String> dataset(String name) throws IOException {
    return Files.readAllLines(ROOT.resolve("datasets").resolve(name));
  }

  @Override
  public void close() {
    PROPERTIES.keySet().forEach(System::clearProperty);
  }
}
