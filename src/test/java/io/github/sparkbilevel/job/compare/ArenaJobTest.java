package io.github.sparkbilevel.job.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.JobRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job {@code arena}, from the job file to its outputs. */
class ArenaJobTest {
  private static final String DATA =
      """
      data {
        train { path = "datasets/digits.csv", label = target, limit = 500 }
        test { rows = 150 }
        partitions = 2
      }
      solver.iterations = 2
      """;

  @TempDir Path folder;
  private JobRuns jobs;

  @BeforeEach
  void open() {
    jobs = JobRuns.inSharedSession(folder);
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  @Test
  void theMethodsStandSideBySideAndTheDefaultIsThatOfTheJobClean() throws IOException {
    JobRuns.Ended ended =
        jobs.run(
                "job = arena\n" + DATA,
                "arena.corruptions=by-group",
                "arena.trusted=60",
                "arena.repetitions=1")
            .assertDone();
    assertEquals(List.of("arena.csv", "report.html", "summary.json"), jobs.names("out"));
    List<String> methods =
        List.of(
            "noisy",
            "trusted",
            "transfer",
            "confident-learning",
            "noise-model",
            "gold-loss-correction",
            "forward-correction",
            "example-weights",
            "weight-function",
            "group-weights",
            "oracle");
    List<String> lines = jobs.read("out/arena.csv").lines().toList();
    assertEquals(12, lines.size());
    JsonNode cell = jobs.json("out/summary.json").get("cells").get(0);
    for (int m = 0; m < methods.size(); m++) {
      String[] cells = lines.get(m + 1).split(",", -1);
      assertEquals(List.of("digits.csv", "by-group", ""), List.of(cells).subList(0, 3));
      assertEquals(0.45, Double.parseDouble(cells[3]), 0.08);
      assertEquals(List.of("60", "42", methods.get(m)), List.of(cells).subList(4, 7));
      JsonNode column = cell.at("/columns/" + methods.get(m));
      assertEquals(column.get("testAccuracy").asDouble(), Double.parseDouble(cells[7]));
      assertEquals(column.get("auroc").asDouble(), Double.parseDouble(cells[10]));
      assertTrue(column.get("auroc").asDouble() > 0.5, lines.get(m + 1));
      assertTrue(column.get("f1").asDouble() > 0.2, lines.get(m + 1));
      assertTrue(column.get("seconds").asDouble() > 0, lines.get(m + 1));
    }
    double oracle = cell.at("/columns/oracle/testAccuracy").asDouble();
    assertTrue(oracle > cell.at("/columns/noisy/testAccuracy").asDouble() + 0.1, cell.toString());
    assertTrue(cell.at("/columns/noisy/refitAccuracy").isNull());
    assertTrue(cell.at("/columns/confident-learning/modelAccuracy").isNull());
    for (String confused : List.of("noise-model", "gold-loss-correction", "forward-correction")) {
      JsonNode column = cell.at("/columns/" + confused);
      assertEquals(column.get("testAccuracy"), column.get("modelAccuracy"), confused);
      assertTrue(column.get("refitAccuracy").isNull(), confused);
    }
    assertTable(ended.out(), methods, cell);
    String page = jobs.read("out/report.html");
    assertTrue(page.contains("weight-function is the best or within half a point of the best in"));
    assertLikeClean(cell);
  }

  private static void assertTable(String out, List<String> methods, JsonNode cell) {
    List<String> lines = out.lines().toList();
    assertEquals("Test accuracy of the model that is returned", lines.get(0));
    assertTrue(
        lines
            .get(1)
            .matches("data +labels spoiled +wrong +trusted +" + String.join(" +", methods)));
    String[] cells = lines.get(2).split(" {2,}");
    assertEquals(List.of("digits.csv", "by-group"), List.of(cells).subList(0, 2));
    assertEquals("60", cells[3]);
    double best = 0;
    for (String method : methods.subList(0, 10)) {
      best = Math.max(best, cell.at("/columns/" + method + "/testAccuracy").asDouble());
    }
    for (int m = 0; m < methods.size(); m++) {
      double accuracy = cell.at("/columns/" + methods.get(m) + "/testAccuracy").asDouble();
      assertEquals(accuracy, Double.parseDouble(cells[4 + m].replace("*", "")), 5e-5);
      assertEquals(m < 10 && accuracy == best, cells[4 + m].endsWith("*"), lines.get(2));
    }
    assertEquals(6, lines.stream().filter(line -> line.startsWith("digits.csv")).count());
  }

  /** The same rows, the same model: the job clean gives the same figures. */
  private void assertLikeClean(JsonNode cell) throws IOException {
    jobs.run(
            "job = clean\n" + DATA,
            "data.validation.rows=60",
            "data.corrupt.kind=by-group",
            "output.path=clean")
        .assertDone();
    JsonNode clean = jobs.json("clean/summary.json");
    JsonNode ours = cell.at("/columns/weight-function");
    assertEquals(
        clean.at("/baselines/bilevel/testAccuracy").asDouble(),
        ours.get("modelAccuracy").asDouble());
    // Plain models are fitted by themselves here: the same to the tolerance of a fit.
    assertEquals(
        clean.at("/baselines/cleaned/testAccuracy").asDouble(),
        ours.get("refitAccuracy").asDouble(),
        0.01);
    assertEquals(clean.get("selected").asText(), ours.get("selected").asText());
    assertEquals(clean.at("/detection/auroc").asDouble(), ours.get("auroc").asDouble(), 2e-3);
    assertEquals(clean.at("/detection/f1").asDouble(), ours.get("f1").asDouble(), 0.01);
    for (String plain : List.of("noisy", "trusted")) {
      assertEquals(
          clean.at("/baselines/" + plain + "/auroc").asDouble(),
          cell.at("/columns/" + plain + "/auroc").asDouble(),
          2e-3,
          plain);
    }
    assertEquals(
        clean.at("/baselines/trustedRefit/testAccuracy").asDouble(),
        cell.at("/columns/trusted/testAccuracy").asDouble(),
        0.01);
  }

  /** Rows of three classes about the corners of a triangle, with features of this size. */
  private static String triangle(int rows, double size) {
    Random random = new Random(2);
    StringBuilder text = new StringBuilder("label,x,y\n");
    for (int i = 0; i < rows; i++) {
      double angle = 2 * Math.PI * (i % 3) / 3;
      text.append(i % 3)
          .append(',')
          .append(size * (2 * Math.cos(angle) + random.nextGaussian()))
          .append(',')
          .append(size * (2 * Math.sin(angle) + random.nextGaussian()))
          .append('\n');
    }
    return text.toString();
  }

  @Test
  void aCellThatFailsSaysSoAndTheOthersGoOn() throws IOException {
    jobs.write("good.csv", triangle(200, 1));
    jobs.write("huge.csv", triangle(200, 1e200));
    String job =
        """
        job = arena
        data { test { rows = 50 } }
        arena {
          data = [{ name = huge, train { path = huge.csv } }, { name = good, train { path = good.csv } }]
          corruptions = next-class
          trusted = 20
          repetitions = 2
        }
        solver.iterations = 2
        """;
    JobRuns.Ended ended = jobs.run(job).assertDone();
    JsonNode cells = jobs.json("out/summary.json").get("cells");
    String why = cells.at("/0/columns/weight-function/failure").asText();
    assertTrue(why.contains("the variance of the feature column 'x' is not finite"), why);
    assertTrue(cells.at("/0/behindBest").isNull());
    assertMeans(cells.get(1));
    assertTrue(cells.at("/1/columns/weight-function/testAccuracy").asDouble() > 0.5);
    assertFalse(cells.at("/1/columns").has("group-weights"));
    List<String> table = ended.out().lines().toList();
    assertTrue(
        table.get(2).matches("huge +next-class 40 % +- +20( +failed){9} +- +failed"), table.get(2));
    assertTrue(table.get(3).matches("good +next-class 40 % +[0-9.]+ % +20 +0\\..*"), table.get(3));
    assertTrue(jobs.read("out/report.html").contains("What failed"));
    jobs.run(job, "arena.data=[{train.path=huge.csv}]", "output.path=none")
        .assertFailed(4, "every method failed in every cell", "the feature column 'x'");
    assertFalse(Files.exists(jobs.path("none")));
  }

  @Test
  void poisonedImagesAreACell() throws IOException {
    String[] cell = {"arena.corruptions=[backdoor]", "arena.trusted=60", "arena.repetitions=1"};
    jobs.run("job = arena\n" + DATA, cell).assertFailed(2, "model.shape = []");
    List<String> shaped = new ArrayList<>(List.of(cell));
    shaped.addAll(List.of("model.shape=[8, 8, 1]", "data.corrupt.target=3"));
    jobs.run("job = arena\n" + DATA, shaped.toArray(String[]::new)).assertDone();
    JsonNode found = jobs.json("out/summary.json").get("cells").get(0);
    assertEquals("backdoor", found.get("corruption").asText());
    // 390 training rows, with a standard deviation of .011.
    assertEquals(0.05, found.get("wrong").asDouble(), 0.04);
    assertTrue(found.at("/columns/trusted/auroc").asDouble() > 0.9, found.toString());
  }

  /** The figures of a cell are the means of those of its two draws, which are not alike. */
  private void assertMeans(JsonNode cell) throws IOException {
    List<String[]> draws =
        jobs.read("out/arena.csv")
            .lines()
            .map(line -> line.split(",", -1))
            .filter(cells -> cells[0].equals("good") && cells[6].equals("weight-function"))
            .toList();
    assertEquals(List.of("42", "43"), draws.stream().map(cells -> cells[5]).toList());
    double first = Double.parseDouble(draws.get(0)[10]);
    double second = Double.parseDouble(draws.get(1)[10]);
    assertNotEquals(first, second);
    assertEquals((first + second) / 2, cell.at("/columns/weight-function/auroc").asDouble(), 1e-12);
  }

  @Test
  void aCellWithTooFewTrustedRowsIsLeftOutAndTheOthersGoOn() throws IOException {
    jobs.write("good.csv", triangle(200, 1));
    String job =
        """
        job = arena
        data { train { path = good.csv }, test { rows = 50 } }
        arena { corruptions = [class-dependent], trusted = [1, 30, 0], repetitions = 1 }
        solver.iterations = 2
        """;
    JobRuns.Ended ended = jobs.run(job).assertDone();
    JsonNode cells = jobs.json("out/summary.json").get("cells");
    assertWithoutTrustedRows(cells.get(2), ended.out());
    String why = cells.at("/0/columns/noise-model/failure").asText();
    assertTrue(why.contains("as trusted rows, expected at least 2 rows of two classes"), why);
    assertTrue(cells.at("/1/columns/noise-model/testAccuracy").asDouble() > 0.5);
    assertTrue(cells.at("/1/columns/weight-function/testAccuracy").asDouble() > 0.5);
    jobs.run(job, "arena.trusted=1", "output.path=none").assertFailed(3, "as trusted rows");
    assertFalse(Files.exists(jobs.path("none")));
  }

  /** The default is what the job clean does without trusted rows: EM. */
  private static void assertWithoutTrustedRows(JsonNode cell, String out) {
    List<String> methods = new ArrayList<>();
    cell.get("columns").fieldNames().forEachRemaining(methods::add);
    assertEquals(
        List.of(
            "noisy",
            "confident-learning",
            "noise-model",
            "forward-correction",
            "weight-function",
            "oracle"),
        methods);
    JsonNode byDefault = cell.at("/columns/weight-function");
    assertEquals("noiseModel", byDefault.get("selected").asText());
    for (String figure : List.of("testAccuracy", "auroc", "f1")) {
      assertEquals(cell.at("/columns/noise-model").get(figure), byDefault.get(figure), figure);
    }
    assertTrue(byDefault.get("testAccuracy").asDouble() > 0.5);
    assertEquals(0, cell.get("belowTrusted").asDouble());
    String line =
        out.lines()
            .filter(row -> row.contains(" % ") && row.contains("  0  "))
            .findFirst()
            .orElseThrow();
    String[] cells = line.split(" {2,}");
    assertEquals("-", cells[5], line);
    assertEquals("-", cells[6], line);
    assertEquals("-", cells[11], line);
  }

  @Test
  void aWeakLabellerNeedsMoreRowsThanItIsFittedOn() {
    jobs.write("few.csv", triangle(190, 1));
    jobs.run(
            "job = arena", "data.train.path=few.csv", "data.test.rows=20", "arena.trusted=[10, 20]")
        .assertFailed(3, "few.csv has 150 training rows, expected more than 150", "weak-labeller");
    jobs.run(
            "job = clean",
            "data.train.path=few.csv",
            "data.validation.rows=40",
            "data.corrupt.kind=weak-labeller",
            "data.corrupt.fraction=0.6")
        .assertFailed(3, "few.csv has 150 training rows, expected more than 150", "weak-labeller");
  }
}
