package io.github.sparkbilevel.problem.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors of models on held-out rows, against loops over rows. */
class HeldOutErrorsTest {
  private static final int MODELS = 3;

  private static Data data(int classes, boolean weighted) {
    Loss loss = classes == 2 ? new LogisticLoss() : new SoftmaxLoss(classes);
    return TestProblems.of(loss).rows(60, 26, 40, 30).weighted(weighted).make();
  }

  private static double[][] models(Data data) {
    double[][] models = new double[MODELS][];
    Arrays.setAll(models, m -> TestProblems.vector(40 + m, data.model().size(), 1.2));
    return models;
  }

  private static HeldOutFigures errors(Data data, SelectionMetric metric, int passes) {
    LocalEngine engine = data.engine();
    Comparisons comparisons = new Comparisons(BlockKernel.of(data.model(), "auto"), engine);
    HeldOutFigures errors = comparisons.errors(List.of(models(data)), metric);
    assertEquals(passes, engine.ledger().passes());
    return errors;
  }

  private static double[] probabilities(Data data, Rows rows, double[] theta, int row) {
    DenseReference reference = new DenseReference(data.model(), rows);
    double[] p = reference.prediction(reference.outputs(theta, row));
    return p.length == 1 ? new double[] {1 - p[0], p[0]} : p;
  }

  /** 1 for each row whose label is not the most probable class. */
  private static double[] wrong(Data data, Rows rows, double[] theta) {
    double[] wrong = new double[rows.count()];
    for (int i = 0; i < wrong.length; i++) {
      double[] p = probabilities(data, rows, theta, i);
      wrong[i] = p[(int) rows.labels()[i]] == Arrays.stream(p).max().getAsDouble() ? 0 : 1;
    }
    return wrong;
  }

  /** Each row's part in a mean over classes, or in the mean over rows. */
  private static double[] parts(Rows rows, int classes, SelectionMetric metric) {
    double[] ofClass = new double[classes];
    double all = 0;
    for (int i = 0; i < rows.count(); i++) {
      ofClass[(int) rows.labels()[i]] += rows.weight(i);
      all += rows.weight(i);
    }
    long present = Arrays.stream(ofClass).filter(w -> w > 0).count();
    double[] parts = new double[rows.count()];
    for (int i = 0; i < parts.length; i++) {
      double over =
          switch (metric) {
            case ACCURACY -> all;
            case BALANCED_ACCURACY -> ofClass[(int) rows.labels()[i]] * present;
            default -> ofClass[(int) rows.labels()[i]];
          };
      parts[i] = rows.weight(i) / over;
    }
    return parts;
  }

  private static double standardError(double[] parts, double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < parts.length; i++) {
      sum += parts[i] * parts[i] * (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(sum);
  }

  @ParameterizedTest
  @CsvSource({
    "2, true, ACCURACY",
    "4, false, ACCURACY",
    "2, false, BALANCED_ACCURACY",
    "4, true, BALANCED_ACCURACY"
  })
  void sharesOfWrongAnswersAreThoseOfLoopsOverRows(
      int classes, boolean weighted, SelectionMetric metric) {
    Data data = data(classes, weighted);
    HeldOutFigures got = errors(data, metric, 1);
    double[] parts = parts(data.heldOut(), classes, metric);
    assertEquals(1, Arrays.stream(parts).sum(), 1e-12);
    double[][] wrong = new double[MODELS][];
    for (int m = 0; m < MODELS; m++) {
      wrong[m] = wrong(data, data.heldOut(), models(data)[m]);
      double expected = 0;
      for (int i = 0; i < parts.length; i++) {
        expected += parts[i] * wrong[m][i];
      }
      assertEquals(expected, got.means()[m], 1e-12);
    }
    double error = standardError(parts, wrong[0], wrong[1]);
    assertTrue(error > 0);
    assertEquals(error, got.standardErrorOfDifference(0, 1), 1e-9);
    double scale = standardError(parts, wrong[0], new double[parts.length]);
    assertEquals(Math.pow(got.means()[0] / scale, 2), got.effectiveRows(0), 1e-9);
  }

  @Test
  void ofRightAndWrongTheRatioIsThatOfMcNemar() {
    Data data = data(4, false);
    HeldOutFigures got = errors(data, SelectionMetric.ACCURACY, 1);
    double[] a = wrong(data, data.heldOut(), models(data)[0]);
    double[] b = wrong(data, data.heldOut(), models(data)[1]);
    int more = 0;
    int less = 0;
    for (int i = 0; i < a.length; i++) {
      more += a[i] > b[i] ? 1 : 0;
      less += a[i] < b[i] ? 1 : 0;
    }
    assertEquals(Arrays.stream(a).sum(), got.effectiveRows(0), 1e-9);
    double z = (more - less) / Math.sqrt(more + less);
    double ratio = (got.means()[0] - got.means()[1]) / got.standardErrorOfDifference(0, 1);
    assertEquals(z, ratio, 1e-9);
    assertTrue(z > 1, "" + z);
    assertTrue(got.isBetter(1, 0, 0.5 * z));
    assertFalse(got.isBetter(1, 0, 1.01 * z));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ranksAreThoseOfAllPairs(boolean weighted) {
    Data data = data(2, weighted);
    HeldOutFigures got = errors(data, SelectionMetric.AUC, 2);
    Rows rows = data.heldOut();
    double[] parts = parts(rows, 2, SelectionMetric.AUC);
    double[][] wrong = new double[MODELS][rows.count()];
    for (int m = 0; m < MODELS; m++) {
      double exact = 0;
      for (int i = 0; i < rows.count(); i++) {
        for (int j = 0; j < rows.count(); j++) {
          if (rows.labels()[i] == 1 && rows.labels()[j] == 0) {
            double p = probabilities(data, rows, models(data)[m], i)[1];
            double q = probabilities(data, rows, models(data)[m], j)[1];
            int order = Integer.compare(ScoreRanks.cell(q), ScoreRanks.cell(p));
            wrong[m][i] += parts[j] * (1 + order) / 2;
            wrong[m][j] += parts[i] * (1 + order) / 2;
            exact += parts[i] * parts[j] * (q > p ? 1 : 0);
          }
        }
      }
      double expected = 0;
      for (int i = 0; i < parts.length; i++) {
        expected += parts[i] * wrong[m][i] / 2;
      }
      assertEquals(expected, got.means()[m], 1e-12);
      assertEquals(exact, got.means()[m], 0.01);
    }
    assertEquals(
        standardError(parts, wrong[0], wrong[1]), got.standardErrorOfDifference(0, 1), 1e-9);
  }

  @Test
  void recallIsTheShareOfEachClassThatIsGivenToIt() {
    Data data = data(4, true);
    double[] theta = models(data)[0];
    Comparisons comparisons = new Comparisons(BlockKernel.of(data.model(), "auto"), data.engine());
    double[] got = comparisons.counted(List.of(theta)).get(0).test();
    double[] wrong = wrong(data, data.test(), theta);
    for (int k = 0; k < 4; k++) {
      double right = 0;
      double all = 0;
      for (int i = 0; i < wrong.length; i++) {
        double w = data.test().labels()[i] == k ? data.test().weight(i) : 0;
        right += w * (1 - wrong[i]);
        all += w;
      }
      assertEquals(right / all, got[k], 1e-12);
    }
  }

  @Test
  void theLossIsNoError() {
    assertThrows(
        IllegalArgumentException.class, () -> errors(data(2, false), SelectionMetric.LOSS, 1));
    assertThrows(IllegalArgumentException.class, () -> SelectionMetric.named("f1"));
    assertEquals(SelectionMetric.BALANCED_ACCURACY, SelectionMetric.named("balancedAccuracy"));
  }
}
