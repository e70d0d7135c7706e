package io.github.sparkbilevel.job.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A small job on two partitions, and every number that it writes, to the last bit. */
public record JobNumbers(List<String> lines) {

  /** 1,000 digits, 40 % of whose labels are redrawn; 3 iterations. */
  public static final String JOB =
      """
      job = clean
      data {
        train { path = "datasets/digits.csv", label = target }
        validation { rows = 100 }
        test { rows = 697 }
        corrupt { kind = uniform, fraction = 0.4 }
        partitions = 2
      }
      solver.iterations = 3
      baselines = [noisy]
      output.format = csv
      """;

  /** The scores and kept rows, sorted, and the history but its seconds. */
  public static JobNumbers of(Path output) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String table : List.of("scores", "cleaned")) {
      try (Stream<Path> parts = Files.list(output.resolve(table))) {
        for (Path part : parts.filter(p -> p.toString().endsWith(".csv")).toList()) {
          Files.readAllLines(part).stream().skip(1).forEach(lines::add);
        }
      }
    }
    lines.sort(null);
    for (String line : Files.readAllLines(output.resolve("history.jsonl"))) {
      lines.add(line.replaceAll("\"seconds\":[^,]*,", ""));
    }
    return new JobNumbers(lines);
  }

  /** The same numbers, to the last bit. */
  public void assertSame(JobNumbers other) {
    assertEquals(lines.size(), other.lines.size(), "lines");
    for (int i = 0; i < lines.size(); i++) {
      assertEquals(lines.get(i), other.lines.get(i));
    }
  }
}
