package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.DenseReference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The hypergradient job on real labels, against the closed form of ridge regression. */
class RidgeJobTest {
  private static final int FEATURES = 6;
  private static final String JOB =
      """
      job = hypergradient
      model { family = linear, l2 = 0.05 }
      hypergradient.methods = [exact, cg]
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

  /** Raw features and labels. */
  private record Sample(double[][] x, double[] y) {
    int count() {
      return y.length;
    }
  }

  /** Two features in three are often 0; the labels lie far from 0. */
  private static Sample sample(int rows, long seed) {
    Random random = new Random(seed);
    double[][] x = new double[rows][FEATURES];
    double[] y = new double[rows];
    for (int i = 0; i < rows; i++) {
      y[i] = 40 + 3 * random.nextGaussian();
      for (int j = 0; j < FEATURES; j++) {
        x[i][j] = j % 3 > 0 && random.nextBoolean() ? 0 : (j + 1) * random.nextGaussian() + j;
        y[i] += (j - 2.5) * x[i][j];
      }
    }
    return new Sample(x, y);
  }

  private void write(String name, Sample sample) {
    StringBuilder text = new StringBuilder(name.endsWith(".csv") ? "label,a,b,c,d,e,f\n" : "");
    for (int i = 0; i < sample.count(); i++) {
      text.append(sample.y()[i]);
      for (int j = 0; j < FEATURES; j++) {
        if (name.endsWith(".csv")) {
          text.append(',').append(sample.x()[i][j]);
        } else if (sample.x()[i][j] != 0) {
          text.append(' ').append(j + 1).append(':').append(sample.x()[i][j]);
        }
      }
      text.append('\n');
    }
    jobs.write(name, text.toString());
  }

  /** The rows of {@code of}, standardised by those of {@code by}, with a 1 for the intercept. */
  private static double[][] standardized(Sample of, Sample by) {
    int n = by.count();
    double[][] rows = new double[of.count()][FEATURES + 1];
    for (int j = 0; j < FEATURES; j++) {
      double mean = 0;
      double variance = 0;
      for (double[] row : by.x()) {
        mean += row[j] / n;
      }
      for (double[] row : by.x()) {
        variance += (row[j] - mean) * (row[j] - mean) / n;
      }
      for (int i = 0; i < rows.length; i++) {
        rows[i][j] = (of.x()[i][j] - mean) / Math.sqrt(variance);
        rows[i][FEATURES] = 1;
      }
    }
    return rows;
  }

  /**
   * θ = (Xᵀ S X / n + C)⁻¹ Xᵀ S y / n and u = H⁻¹ ∇F, with one weight s for all rows and C = l2 on
   * the diagonal but for the intercept; F is the mean of ½ r² over the trusted rows.
   */
  private static final class Ridge {
    private final double[][] x;
    private final double[] y;
    private final double[] theta;
    private final double[] u;
    private final double objective;

    Ridge(Sample train, Sample trusted, double s, double l2) {
      x = standardized(train, train);
      y = train.y();
      int n = x.length;
      int q = FEATURES + 1;
      double[][] h = new double[q][q];
      double[] b = new double[q];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < q; j++) {
          b[j] += s * x[i][j] * y[i] / n;
          for (int l = 0; l < q; l++) {
            h[j][l] += s * x[i][j] * x[i][l] / n;
          }
        }
      }
      for (int j = 0; j < FEATURES; j++) {
        h[j][j] += l2;
      }
      theta = DenseReference.eliminate(h, b, q);
      double[][] upper = standardized(trusted, train);
      double[] z = DenseReference.times(upper, theta);
      double[] gradient = new double[q];
      double sum = 0;
      for (int i = 0; i < upper.length; i++) {
        double r = z[i] - trusted.y()[i];
        sum += r * r / 2;
        for (int j = 0; j < q; j++) {
          gradient[j] += r * upper[i][j] / upper.length;
        }
      }
      objective = sum / upper.length;
      u = DenseReference.eliminate(h, gradient, q);
    }

    /** −(1/n) σ'(λ) r_i ⟨a_i, u⟩ for each row. */
    List<Double> rows(double lambda) {
      double s = 1 / (1 + Math.exp(-lambda));
      double[] z = DenseReference.times(x, theta);
      double[] t = DenseReference.times(x, u);
      List<Double> entries = new ArrayList<>();
      for (int i = 0; i < y.length; i++) {
        entries.add(-s * (1 - s) * (z[i] - y[i]) * t[i] / y.length);
      }
      return entries;
    }

    /** −e^λ Σ_j θ_j u_j, without the intercept. */
    double penalty(double lambda) {
      double sum = 0;
      for (int j = 0; j < FEATURES; j++) {
        sum -= Math.exp(lambda) * theta[j] * u[j];
      }
      return sum;
    }
  }

  private void assertOutcome(Ridge ridge, List<Double> expected) throws IOException {
    JsonNode summary = jobs.json("out/summary.json");
    assertEquals(ridge.objective, summary.get("upperObjective").asDouble(), 1e-8 * ridge.objective);
    assertEquals(0, summary.get("classes").asInt());
    assertEquals(FEATURES, summary.get("features").asInt());
    assertTrue(summary.get("methods").get("cg").get("relativeError").asDouble() <= 1e-8);
    double[] actual =
        jobs.read("out/hypergradient.csv")
            .lines()
            .skip(1)
            .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(',') + 1)))
            .toArray();
    double[] wanted = expected.stream().mapToDouble(Double::doubleValue).toArray();
    double error = DenseReference.distance(actual, wanted);
    assertTrue(error <= 1e-8, "relative error " + error);
  }

  @ParameterizedTest
  @CsvSource({"csv", "libsvm"})
  void penaltyEqualsTheClosedForm(String format) throws IOException {
    Sample train = sample(80, 1);
    Sample trusted = sample(30, 2);
    write("train." + format, train);
    write("trusted." + format, trusted);
    jobs.run(
            JOB,
            "data.train.path=train." + format,
            "data.validation.path=trusted." + format,
            "upper.variable=l2",
            "upper.initial=-1.5")
        .assertDone();
    Ridge ridge = new Ridge(train, trusted, 1, Math.exp(-1.5));
    assertOutcome(ridge, List.of(ridge.penalty(-1.5)));
  }

  @Test
  void exampleWeightsEqualTheClosedForm() throws IOException {
    Sample train = sample(80, 3);
    Sample trusted = sample(30, 4);
    write("train.csv", train);
    write("trusted.csv", trusted);
    jobs.run(
            JOB,
            "data.train.path=train.csv",
            "data.validation.path=trusted.csv",
            "upper.variable=[example-weights, l2]",
            "upper.initial=[0.4, -2.0]")
        .assertDone();
    Ridge ridge = new Ridge(train, trusted, 1 / (1 + Math.exp(-0.4)), Math.exp(-2));
    List<Double> expected = ridge.rows(0.4);
    expected.add(ridge.penalty(-2));
    assertOutcome(ridge, expected);
    double[] residuals = DenseReference.times(ridge.x, ridge.theta);
    Arrays.setAll(residuals, i -> residuals[i] - train.y()[i]);
    assertTrue(DenseReference.maxAbs(residuals) > 1, "the labels are real");
  }

  @Test
  void trustedRowsMayBeDrawnFromTheTrainingFile() throws IOException {
    write("train.csv", sample(80, 5));
    jobs.run(
            JOB,
            "data.train.path=train.csv",
            "data.validation.rows=20",
            "upper.variable=l2",
            "upper.initial=0.0")
        .assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    assertEquals(60, summary.get("rows").get("train").asInt());
    assertEquals(20, summary.get("rows").get("validation").asInt());
  }

  @Test
  void whatNeedsClassesIsRefused() {
    write("train.csv", sample(20, 6));
    String[] data = {"data.train.path=train.csv", "data.validation.rows=5"};
    jobs.run(JOB, with(data, "data.corrupt.fraction=0.5", "upper.variable=l2"))
        .assertFailed(2, "data.corrupt.kind", "uniform", "outliers");
    jobs.run(JOB, with(data, "upper.variable=weight-function"))
        .assertFailed(2, "weight-function", "classes", "example-weights");
  }

  @Test
  void aLabelThatIsNoNumberIsWrongData() {
    jobs.write("train.csv", "label,x\n1.5,1\n2.5,2\nhigh,3\n0.5,4\n");
    jobs.run(JOB, "data.train.path=train.csv", "data.validation.rows=1", "upper.variable=l2")
        .assertFailed(3, "train.csv, row 2 (counted from 0)", "'high'", "expected a finite number");
  }

  private static String[] with(String[] overrides, String... more) {
    return Stream.concat(Arrays.stream(overrides), Arrays.stream(more)).toArray(String[]::new);
  }
}
