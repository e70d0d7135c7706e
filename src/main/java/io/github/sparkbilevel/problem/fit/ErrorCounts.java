package io.github.sparkbilevel.problem.fit;

import java.io.Serializable;

/**
 * How many rows of real labels have an error of what size: cells of equal ratio, which add up, so
 * that quantiles of any number of rows come from one pass.
 *
 * @param unit in which errors are measured, in the unit of the labels; cells reach 2²⁴ either way
 */
record ErrorCounts(double unit) implements Serializable {
  private static final int OCTAVES = 24;
  private static final int CELLS_OF_OCTAVE = 16;

  /** Numbers of cells; in the first one is also what is less, and in the last one what is more. */
  static final int CELLS = 2 * OCTAVES * CELLS_OF_OCTAVE;

  /** Median of |z| of a standard normal z. */
  private static final double MEDIAN = 0.6744897501960817;

  /** Errors of more scales are left out of the next scale. */
  private static final double KEPT = 2.5;

  /** Mean of z² of a standard normal z within ±{@link #KEPT}. */
  private static final double SQUARE_OF_KEPT = 0.9112563609353919;

  private static final int MOST_ROUNDS = 50;
  private static final double SETTLED = 1e-3;

  /** Adds a row. */
  void add(double error, double weight, double[] sums, int at) {
    double octaves = Math.log(Math.max(error / unit, Double.MIN_VALUE)) / Math.log(2);
    double cell = Math.floor((octaves + OCTAVES) * CELLS_OF_OCTAVE);
    sums[at + (int) Math.max(0, Math.min(CELLS - 1, cell))] += weight;
  }

  /** The error in the middle of a cell. */
  private double error(int cell) {
    return unit * Math.pow(2, (cell + 0.5) / CELLS_OF_OCTAVE - OCTAVES);
  }

  /**
   * 1.48 times the median error: the deviation of normal errors, whatever the size of less than
   * half of them (Hampel, JASA, 1974).
   */
  double medianScale(double[] sums, int at) {
    double half = 0;
    for (int cell = 0; cell < CELLS; cell++) {
      half += 0.5 * sums[at + cell];
    }
    int cell = 0;
    for (double below = sums[at]; below < half; below += sums[at + cell]) {
      cell++;
    }
    return error(cell) / MEDIAN;
  }

  /**
   * The deviation of right labels: the root mean square of the errors within 2.5 deviations,
   * corrected for what normal errors have beyond, from a first one on until it settles. Unlike the
   * median it is not raised by wrong labels that lie far out.
   */
  double scale(double start, double[] sums, int at) {
    double scale = start;
    for (int round = 0; round < MOST_ROUNDS; round++) {
      double weight = 0;
      double squares = 0;
      for (int cell = 0; cell < CELLS && error(cell) <= KEPT * scale; cell++) {
        weight += sums[at + cell];
        squares += sums[at + cell] * error(cell) * error(cell);
      }
      if (!(squares > 0)) {
        return scale;
      }
      double next = Math.sqrt(squares / weight / SQUARE_OF_KEPT);
      if (Math.abs(next - scale) <= SETTLED * scale) {
        return next;
      }
      scale = next;
    }
    return scale;
  }
}
