package io.github.sparkbilevel.model;

import static io.github.sparkbilevel.model.LossTest.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses of real labels: what they are called, and what their values say. */
class RealLossTest {

  @Test
  void likelihoodOfARealLabelFallsWithItsLoss() {
    Loss loss = new SquaredLoss();
    assertEquals(
        Math.exp(-2), loss.probability(OutputTile.ofRow(new double[] {3}, 0), 0, 1), 1e-15);
    assertEquals(2, value(loss, new double[] {3}, 1), 0);
  }

  /** Each is 0 at the label that it predicts, but for the smoothing of a quantile. */
  @ParameterizedTest
  @CsvSource({
    "squared, 3, 5, 2",
    "huber 0.001, 3, 5, 0.001999",
    "huber 1e4, 3, 5, 2",
    "quantile 0.9 1e-6, 3, 5, 1.8",
    "quantile 0.9 1e-6, 5, 3, 0.2",
    "poisson, 0, 1, 0",
    "poisson, 0, 0, 1",
    "poisson, 0.6931471805599453, 1, 0.3068528194400547",
    "gamma, 0, 1, 0",
    "gamma, 0.6931471805599453, 1, 0.1931471805599453",
    "tweedie 1.5, 0, 1, 0",
    "tweedie 1.5, 0, 0, 2",
    "tweedie 1.5, 1.3862943611198906, 1, 1"
  })
  void lossesOfRealLabelsAreWhatTheirNamesSay(String name, double z, double label, double value) {
    Loss loss = Losses.of(name);
    assertEquals(value, value(loss, new double[] {z}, label), 1e-6);
    Loss again = Losses.of(Losses.text(loss), 0);
    double[] elsewhere = {0.3};
    assertEquals(value(loss, elsewhere, 2), value(again, elsewhere, 2), 0);
  }

  @Test
  void widthsThatAreLeftOpenComeFromTheLabels() {
    Losses.Labels labels = new Losses.Labels(7, () -> new double[] {-90, 1, 2, 11, 12, 20, 99});
    assertEquals(new HuberLoss(18, 11), Losses.forLabels("huber", labels));
    assertEquals(new HuberLoss(2, 11), Losses.forLabels("huber 2", labels));
    assertEquals(new QuantileLoss(0.8, 0.72, 20), Losses.forLabels("quantile 0.8", labels));
    Losses.Labels flat = new Losses.Labels(0, () -> new double[] {3, 3, 3, 3, 3, 3, 8});
    assertEquals(new HuberLoss(5, 3), Losses.forLabels("huber", flat));
    assertEquals(new TweedieLoss(1, Math.log(7)), Losses.forLabels("poisson", labels));
    double[] start = new LinearModel(new HuberLoss(2, 7), 2, true).initial(0);
    assertArrayEquals(new double[] {0, 0, 7}, start, 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "huber 0",
        "huber -1",
        "huber x",
        "huber 1 2",
        "quantile",
        "quantile 0",
        "quantile 1",
        "quantile 1.5",
        "quantile NaN",
        "quantile 0.5 0",
        "tweedie",
        "tweedie 0.9",
        "tweedie 2.1",
        "poisson 1",
        "cauchy"
      })
  void lossesThatAreNoneAreRefused(String name) {
    var thrown = assertThrows(IllegalArgumentException.class, () -> Losses.of(name));
    assertTrue(thrown.getMessage().startsWith("got "), thrown.getMessage());
  }
}
