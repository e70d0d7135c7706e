package io.github.sparkbilevel.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScaledLossTest {
  private static final double LABEL = 3;

  static List<ErrorLoss> losses() {
    return List.of(
        new SquaredLoss(), new HuberLoss(0.5, 7), new HuberLoss(1e-6, 0), new HuberLoss(1e9, 0));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void theErrorOfALossIsTheDistanceOfPredictionAndLabel(ErrorLoss loss) {
    for (double error : new double[] {0, 1e-7, 1e-3, 0.4, 2, 1e3, 1e8}) {
      assertEquals(error, loss.error(loss.value(LABEL + error, LABEL)), 1e-9 + 1e-12 * error);
      assertEquals(error, loss.error(loss.value(LABEL - error, LABEL)), 1e-9 + 1e-12 * error);
    }
  }

  @ParameterizedTest
  @MethodSource("losses")
  void logOddsAreStudentsLogDensityOverThatOfNoError(ErrorLoss loss) {
    double scale = 0.25;
    ScaledLoss scaled = new ScaledLoss(loss, scale);
    assertEquals(0, scaled.logOdds(0), 0.0);
    for (double e : new double[] {0.1, 1, 3, 20}) {
      double density = Math.pow(1 + e * e / 3, -2);
      double value = loss.value(LABEL + e * scale, LABEL);
      assertEquals(Math.log(density), scaled.logOdds(value), 1e-8);
    }
    assertEquals(-10, scaled.logOdds(loss.value(LABEL + 1e3, LABEL)));
    assertEquals(-10, scaled.logOdds(Double.POSITIVE_INFINITY));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void derivativesAreThoseOfTheLossItself(ErrorLoss loss) {
    ScaledLoss scaled = new ScaledLoss(loss, 0.25);
    assertEquals(loss.name(), scaled.name());
    assertEquals(loss.start(), scaled.start());
    double h = 1e-5;
    for (double p : new double[] {-4, 2.9, 3.2, 11}) {
      double slope = (scaled.value(p + h, LABEL) - scaled.value(p - h, LABEL)) / (2 * h);
      assertEquals(slope, scaled.residual(p, LABEL), 1e-6 * (1 + Math.abs(slope)));
      double bend = (scaled.residual(p + h, LABEL) - scaled.residual(p - h, LABEL)) / (2 * h);
      assertEquals(bend, scaled.curvature(p, LABEL), 1e-6);
    }
  }

  @Test
  void withoutAScaleNothingIsKnownOfALabel() {
    assertThrows(IllegalStateException.class, () -> new SquaredLoss().logOdds(1));
    assertThrows(IllegalArgumentException.class, () -> new ScaledLoss(new SquaredLoss(), 0));
  }
}
