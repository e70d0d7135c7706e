package io.github.sparkbilevel.problem.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorCountsTest {
  private static final int ROWS = 40_000;
  private static final double SIGMA = 0.3;

  private static double[] counted(ErrorCounts counts, double wrong, DoubleSupplier ofWrong) {
    Random random = new Random(3);
    double[] sums = new double[ErrorCounts.CELLS];
    for (int i = 0; i < ROWS; i++) {
      boolean isWrong = i < wrong * ROWS;
      double error = isWrong ? ofWrong.getAsDouble() : SIGMA * random.nextGaussian();
      counts.add(Math.abs(error), 1, sums, 0);
    }
    return sums;
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 1e-3, 1e4})
  void ofNormalErrorsBothScalesAreTheDeviation(double unit) {
    ErrorCounts counts = new ErrorCounts(unit);
    double[] sums = counted(counts, 0, () -> 0);
    assertEquals(SIGMA, counts.medianScale(sums, 0), 0.03 * SIGMA);
    assertEquals(SIGMA, counts.scale(10 * SIGMA, sums, 0), 0.02 * SIGMA);
    assertEquals(SIGMA, counts.scale(SIGMA / 2, sums, 0), 0.02 * SIGMA);
  }

  @Test
  void wrongLabelsFarOutRaiseTheMedianAndNotTheScale() {
    ErrorCounts counts = new ErrorCounts(1);
    double[] sums = counted(counts, 0.4, () -> 50);
    double median = counts.medianScale(sums, 0);
    // Of the right labels the median is then the quantile 5/6, at 1.383 deviations.
    assertEquals(1.383 / 0.6745 * SIGMA, median, 0.05 * SIGMA);
    assertEquals(SIGMA, counts.scale(median, sums, 0), 0.02 * SIGMA);
  }

  @Test
  void weightsAreCountsOfCopies() {
    ErrorCounts counts = new ErrorCounts(1);
    double[] copies = new double[ErrorCounts.CELLS];
    double[] weighed = new double[ErrorCounts.CELLS];
    for (double error : new double[] {0.1, 0.2, 3}) {
      counts.add(error, 2, weighed, 0);
      counts.add(error, 1, copies, 0);
      counts.add(error, 1, copies, 0);
    }
    assertEquals(counts.scale(1, copies, 0), counts.scale(1, weighed, 0));
    assertTrue(counts.medianScale(weighed, 0) > 0);
  }

  @Test
  void errorsOfZeroAndBeyondTheCellsCount() {
    ErrorCounts counts = new ErrorCounts(1);
    double[] sums = new double[ErrorCounts.CELLS];
    counts.add(0, 1, sums, 0);
    counts.add(1e300, 1, sums, 0);
    counts.add(Double.POSITIVE_INFINITY, 1, sums, 0);
    assertEquals(1, sums[0]);
    assertEquals(2, sums[ErrorCounts.CELLS - 1]);
    assertTrue(Double.isFinite(counts.medianScale(sums, 0)));
    assertTrue(counts.scale(1, sums, 0) > 0);
  }
}
