package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Jobs in numerical trouble name the column, the row, the class or the entry of λ behind it. */
class TroubleJobTest {
  private static final String BASE =
      """
      data { train { path = t.csv, id = id, group = source, weight = w }, validation { path = v.csv } }
      """;

  private static final String HYPERGRADIENT =
      "job = hypergradient, upper.variable = example-weights, hypergradient.methods = [exact]\n";

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

  /** The cells of a row. */
  private interface Cells {
    /** Label, age, size, cost and weight. */
    String[] of(int row, double age, double size, double cost, double noise);
  }

  private void write(String name, int rows, long seed, Cells cells) {
    Random random = new Random(seed);
    StringBuilder csv = new StringBuilder("id,label,age,size,cost,w,source\n");
    for (int i = 0; i < rows; i++) {
      String[] row =
          cells.of(
              i,
              random.nextGaussian(),
              random.nextGaussian(),
              random.nextGaussian(),
              random.nextGaussian());
      csv.append(name.charAt(0)).append(i).append(',').append(String.join(",", row));
      csv.append(i % 2 == 0 ? ",web\n" : ",zoo\n");
    }
    jobs.write(name, csv.toString());
  }

  /** Rows as {@code damage} leaves them; the label depends on age and size. */
  private void rows(String family, int count, String damage) {
    write("t.csv", count, 1, (i, a, b, c, e) -> damaged(family, damage, i, a, b, c, e));
    String mild = damage.matches("weight.*|outlier|float.*|large.*|label.*") ? "none" : damage;
    write("v.csv", 30, 2, (i, a, b, c, e) -> damaged(family, mild, i, a, b, c, e));
  }

  private static String[] damaged(
      String family, String damage, int i, double a, double b, double c, double e) {
    String label =
        family.equals("linear")
            ? Double.toString(3 * a - 2 * b + e)
            : a + e > 0.5 ? "red" : b + e > 0 ? "green" : "blue";
    String[] row = {label, "" + a, "" + b, "" + c, "1"};
    switch (damage) {
      case "duplicate" -> row[2] = "" + 2 * a;
      case "dependent" -> row[3] = "" + (a - b);
      case "constant" -> row[3] = "7";
      case "zero" -> row[3] = "0";
      case "one-hot" -> {
        row[1] = i % 3 == 0 ? "1" : "0";
        row[2] = i % 3 == 0 ? "0" : "1";
      }
      case "large" -> row[2] = b + "e200";
      case "float" -> row[2] = b + "e39";
      case "tiny" -> row[2] = b + "e-200";
      case "weight300" -> row[4] = i == 5 ? "1e300" : "1";
      case "weight20" -> row[4] = i == 5 ? "1e20" : "1";
      case "outlier" -> row[0] = i == 7 ? "1e200" : row[0];
      case "labels" -> row[0] = row[0] + "e9";
      default -> {}
    }
    return row;
  }

  private void assertNamed(int code, String job, String names) {
    JobRuns.Ended ended = jobs.run(BASE + job);
    ended.assertFailed(code, names.split(" "));
    assertFalse(Files.exists(folder.resolve("out")), "nothing is left");
    assertTrue(
        ended.lines().stream().noneMatch(line -> line.contains("WARN")),
        () -> String.join("\n", ended.lines()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "linear  | duplicate | true  | 0    | 'age' 'size'",
        "softmax | duplicate | true  | 0    | 'age' 'size'",
        "linear  | dependent | false | 0    | 'age' 'size' 'cost'",
        "linear  | constant  | false | 0    | 'cost'",
        "linear  | constant  | true  | 0    | 'cost'",
        "linear  | zero      | false | 0    | 'cost'",
        "linear  | one-hot   | false | 0    | 'age' 'size' intercept",
        "linear  | large     | false | 0    | 'size'",
        "softmax | large     | false | 0.01 | 'size'",
        "linear  | tiny      | false | 0    | 'size'",
        "linear  | outlier   | true  | 0.01 | 't7'",
        "linear  | labels    | true  | 0.01 | label",
        "softmax | none      | true  | 0    | 'age' 'size' 'cost'"
      })
  void hypergradient(String family, String damage, boolean standardize, String l2, String names) {
    rows(family, 60, damage);
    assertNamed(
        4,
        HYPERGRADIENT
            + "model { family = %s, l2 = %s }\ndata.standardize = %s\n"
                .formatted(family, l2, standardize),
        names);
  }

  @ParameterizedTest
  @CsvSource({"linear, weight300", "linear, weight20", "softmax, weight300"})
  void aWeightBesideWhichTheOthersVanish(String family, String damage) {
    rows(family, 60, damage);
    assertNamed(3, HYPERGRADIENT + "model.family = " + family, "'t5'");
  }

  @ParameterizedTest
  @CsvSource({"exact", "cg"})
  void fewerRowsThanCoefficients(String method) {
    rows("linear", 3, "none");
    assertNamed(
        4,
        HYPERGRADIENT
            + "hypergradient.methods = [%s]\nmodel { family = linear, l2 = 0 }".formatted(method),
        "3 4 rows");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "softmax | none      | l2-per-class   | -50 | 'blue' 'green' 'red'",
        "softmax | none      | l2-per-class   | 800 | 'blue' 'green' 'red'",
        "linear  | none      | l2-per-feature | 800 | 'age' 'size' 'cost'",
        "linear  | duplicate | l2-per-feature | -40 | 'age' 'size'",
        "linear  | large     | l2-per-feature | -4  | 'size'",
        "linear  | outlier   | l2-per-feature | -4  | 't7'"
      })
  void tune(String family, String damage, String variable, int initial, String names) {
    rows(family, 60, damage);
    boolean raw = damage.equals("large");
    assertNamed(
        4,
        """
        job = tune, solver.iterations = 3, model.family = %s, data.standardize = %s
        upper { variable = %s, initial = %d, bounds = [-900, 900] }
        """
            .formatted(family, !raw, variable, initial),
        names);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "duplicate | 0    | true  | 4 | 'age' 'size'",
        "weight300 | 0.01 | true  | 3 | 't5'",
        "float     | 0.01 | false | 3 | 'size' single"
      })
  void clean(String damage, String l2, boolean standardize, int code, String names) {
    rows("softmax", 60, damage);
    for (String variable : new String[] {"weight-function", "group-weights"}) {
      assertNamed(
          code,
          """
          job = clean, solver.iterations = 2, model.l2 = %s, data.standardize = %s
          upper.variable = %s
          """
              .formatted(l2, standardize, variable),
          names);
    }
  }

  /** Sparse rows: the second feature is twice the first one. */
  @Test
  void sparseColumnsAreNamed() {
    Random random = new Random(4);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      double a = random.nextGaussian();
      text.append("%d 1:%s 2:%s %d:1.5%n".formatted(i % 2, a, 2 * a, 3 + i % 10));
    }
    jobs.write("t.libsvm", text.toString());
    String job =
        """
        job = hypergradient, hypergradient.methods = [exact], upper.variable = example-weights
        data { train.path = t.libsvm, validation.path = t.libsvm, standardize = false }
        model { family = linear, l2 = 0 }
        """;
    jobs.run(job).assertFailed(4, "'f0'", "'f1'");
    jobs.run(job, "data.standardize=true").assertFailed(4, "'f0'", "'f1'");
  }

  /** The penalties are huge beside the curvature of the intercepts, which stay determined. */
  @ParameterizedTest
  @CsvSource({"50", "300"})
  void strongPenaltiesAreNoTrouble(String initial) {
    rows("softmax", 60, "none");
    String job =
        """
        job = tune, solver.iterations = 2, model.family = softmax
        upper { variable = l2-per-class, initial = %s, bounds = [-900, 900] }
        """;
    jobs.run(BASE + job.formatted(initial)).assertDone();
  }

  /**
   * Weights that have vanished or are 1 for all rows leave a problem that the penalty determines.
   */
  @ParameterizedTest
  @CsvSource({"weight-function, -700", "example-weights, 700", "group-weights, -700"})
  void extremeWeightsAtTheStartAreNoTrouble(String variable, String initial) {
    rows("softmax", 60, "none");
    String job =
        """
        job = clean, solver.iterations = 2
        upper { variable = %s, initial = %s, bounds = [-900, 900] }
        """;
    jobs.run(BASE + job.formatted(variable, initial)).assertDone();
    assertTrue(Arrays.asList(folder.resolve("out").toFile().list()).contains("summary.json"));
  }
}
