package io.github.sparkbilevel.job.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.job.output.OutputFolder;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.problem.oracle.Tally;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryFileTest {
  @TempDir Path folder;
  private final List<String> warnings = new ArrayList<>();

  private OutputFolder open() {
    return OutputFolder.open(folder.resolve("out").toString(), false, new Configuration());
  }

  private static IterationRecord record(int iteration) {
    Tally tally = new Tally(1.0 / (1 + iteration), Double.NaN, 0.1, 10);
    return new IterationRecord(
        iteration,
        new IterationRecord.Spent(3 * iteration, 0.5, 1),
        new ModelFigures(tally, tally, tally),
        new IterationRecord.Point(1, 1, new double[] {1}),
        new IterationRecord.Step(1, 2, 1));
  }

  private static List<String> iterations(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(line -> line.replaceAll("^\\{\"iteration\":(\\d+),.*\\}$", "$1"))
        .toList();
  }

  @Test
  void aLineIsThereAsSoonAsItsIterationIsDone() throws IOException {
    try (OutputFolder output = open();
        HistoryFile history = new HistoryFile(output, warnings::add)) {
      Path file = Path.of(history.shownPath());
      assertFalse(Files.exists(folder.resolve("out")));
      history.begin(Curvature.CG, new LogisticLoss());
      assertEquals(List.of(), iterations(file));
      List<IterationRecord> records = new ArrayList<>();
      for (int k = 0; k < 3; k++) {
        records.add(record(k));
        history.add(records.get(k));
        assertEquals(k + 1, iterations(file).size());
      }
      Object before = Files.readAttributes(file, "unix:ino").get("ino");
      history.finish(records);
      assertEquals(before, Files.readAttributes(file, "unix:ino").get("ino"), "written again");
      output.commit();
    }
    assertEquals(List.of("0", "1", "2"), iterations(folder.resolve("out/history.jsonl")));
    assertEquals(List.of(), warnings);
  }

  @Test
  void whatARunHasFromACheckpointIsThereInTheEnd() throws IOException {
    List<IterationRecord> records = List.of(record(0), record(1), record(2));
    try (OutputFolder output = open();
        HistoryFile history = new HistoryFile(output, warnings::add)) {
      history.begin(Curvature.CG, new LogisticLoss());
      history.add(records.get(2));
      history.finish(records);
      output.commit();
    }
    Path file = folder.resolve("out/history.jsonl");
    assertEquals(List.of("0", "1", "2"), iterations(file));
    assertTrue(Files.readAllLines(file).get(1).contains("\"products\":2"), "all of its figures");
  }

  @Test
  void aFileThatCannotBeWrittenIsAWarningUntilTheEnd() throws IOException {
    List<IterationRecord> records = List.of(record(0));
    try (OutputFolder output = open()) {
      HistoryFile history = new HistoryFile(output, warnings::add);
      Path file = Path.of(history.shownPath());
      // A folder in its place cannot be opened as a file.
      Files.createDirectories(file.resolve("in the way"));
      history.begin(Curvature.CG, new LogisticLoss());
      history.add(records.get(0));
      assertEquals(1, warnings.size());
      assertTrue(warnings.get(0).contains("written at the end only"), warnings.get(0));
      Files.delete(file.resolve("in the way"));
      Files.delete(file);
      history.finish(records);
      assertEquals(List.of("0"), iterations(file));
    }
  }
}
