package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the job {@code tune} says of the loss around the penalties that it chose. */
class TuneSensitivityTest {
  private static final String JOB =
      """
      job = tune
      model.family = softmax
      solver.iterations = 4
      data.standardize = false
      data.train { path = train.csv, features = [a, b, c, d, e] }
      upper.groups = groups.csv
      """;

  private static final String VALIDATION = "data.validation.path=validation.csv";

  @TempDir Path folder;
  private final TuneSample train = TuneSample.of("softmax", 60, 1);
  private final TuneSample validation = TuneSample.of("softmax", 90, 2);
  private JobRuns jobs;

  @BeforeEach
  void open() {
    jobs = JobRuns.inSharedSession(folder);
    jobs.write("train.csv", train.csv());
    jobs.write("validation.csv", validation.csv());
    jobs.write("groups.csv", "column,group\na,useful\nc,noise\nb,useful\nd,noise\ne,noise\n");
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  private JsonNode summary(String... overrides) throws IOException {
    jobs.run(JOB, overrides).assertDone();
    return jobs.json("out/summary.json");
  }

  /** The cells of hyperparameters.csv by the first. */
  private Map<String, String[]> lines() throws IOException {
    Map<String, String[]> lines = new TreeMap<>();
    jobs.read("out/hyperparameters.csv")
        .lines()
        .skip(1)
        .forEach(
            line -> {
              String[] cells = line.split(",", -1);
              assertEquals(9, cells.length);
              lines.put(cells[0], cells);
            });
    return lines;
  }

  private static double number(String cell) {
    return Double.parseDouble(cell);
  }

  @Test
  void changesAreThoseOfTheLossOfOtherModels() throws IOException {
    JsonNode summary = summary(VALIDATION, "upper.variable=l2-per-group");
    assertTrue(summary.at("/passesByPhase/evaluation").asInt() > 0);
    assertEquals(10, summary.at("/sensitivity/parts").asInt());
    Map<String, Double> penalties = new TreeMap<>();
    lines().forEach((name, cells) -> penalties.put(name, number(cells[2])));
    double before = train.validationLoss(validation, "l2-per-group", penalties);
    List<String> relevant = new ArrayList<>();
    for (JsonNode of : summary.at("/sensitivity/penalties")) {
      String name = of.get("name").asText();
      String[] cells = lines().get(name);
      boolean isClear = false;
      for (int i = 0; i < 2; i++) {
        Map<String, Double> moved = new TreeMap<>(penalties);
        moved.put(name, penalties.get(name) * (i == 0 ? 0.1 : 10));
        double change = train.validationLoss(validation, "l2-per-group", moved) - before;
        assertEquals(change, number(cells[5 + 2 * i]), 1e-5);
        assertEquals(number(cells[5 + 2 * i]), of.get(i == 0 ? "tenth" : "tenfold").asDouble());
        isClear |= Math.abs(number(cells[5 + 2 * i])) > number(cells[6 + 2 * i]);
      }
      if (isClear) {
        relevant.add(name);
      }
      assertEquals(number(cells[3]), of.get("slope").asDouble());
      assertTrue(number(cells[4]) > 0);
    }
    List<String> said = new ArrayList<>();
    summary.at("/sensitivity/relevant").forEach(name -> said.add(name.asText()));
    assertEquals(relevant, said);
    assertTrue(said.contains("useful"), "the features that make the labels");
  }

  @Test
  void foldsAreThePartsWhereTheyJudge() throws IOException {
    JsonNode summary = summary("data.validation.folds=3", "upper.variable=l2");
    assertEquals(3, summary.at("/sensitivity/parts").asInt());
    assertTrue(number(lines().get("l2")[6]) > 0);
  }

  @Test
  void ofManyPenaltiesThereAreSlopesAlone() throws IOException {
    JsonNode summary = summary(VALIDATION, "upper.variable=l2-per-coefficient");
    assertFalse(summary.at("/sensitivity").has("relevant"));
    assertEquals(15, summary.at("/sensitivity/penalties").size());
    lines()
        .forEach(
            (name, cells) -> {
              assertTrue(number(cells[4]) >= 0);
              assertEquals("", cells[5] + cells[6] + cells[7] + cells[8]);
            });
  }

  @Test
  void isLeftOutWhereItIsNotAskedForAndWithWeightsOfRows() throws IOException {
    JsonNode without = summary(VALIDATION, "output.sensitivity=false");
    JsonNode weighted =
        summary(
            VALIDATION,
            "upper.variable=[group-weights,l2]",
            "data.train.group=source",
            "output.overwrite=true");
    for (JsonNode summary : List.of(without, weighted)) {
      assertFalse(summary.has("sensitivity"));
      assertEquals(0, summary.at("/passesByPhase/evaluation").asInt());
    }
    lines().values().forEach(cells -> assertEquals("", cells[3] + cells[8]));
  }
}
