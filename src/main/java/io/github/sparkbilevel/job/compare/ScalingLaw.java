package io.github.sparkbilevel.job.compare;

import io.github.sparkbilevel.linalg.Vectors;
import java.util.Arrays;
import java.util.List;

/**
 * Seconds of a step: a + (b · bytes + c · flops + e · partitions) / cores, where the cores are
 * those that have a partition and no coefficient is negative.
 *
 * @param coefficients a, b, c, e
 * @param error root mean square of the relative errors of the fit
 * @param worst the largest of them
 */
record ScalingLaw(ScalingStep step, double[] coefficients, double error, double worst) {
  private static final int MOST_SWEEPS = 200_000;
  private static final double LEAST_CHANGE = 1e-13;

  /**
   * Fits to what was measured, by non-negative least squares of the relative errors: a second too
   * much is as bad in ten as ten are in a hundred.
   */
  static ScalingLaw fit(ScalingStep step, List<Workload> workloads, double[] seconds) {
    double[][] rows = new double[seconds.length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Vectors.scaled(1 / seconds[i], terms(step, workloads.get(i)));
    }
    double[] fitted = nonNegative(rows);
    double squares = 0;
    double worst = 0;
    for (double[] row : rows) {
      double error = Vectors.dot(row, fitted) - 1;
      squares += error * error;
      worst = Math.max(worst, Math.abs(error));
    }
    return new ScalingLaw(step, fitted, Math.sqrt(squares / rows.length), worst);
  }

  /** Seconds that the step takes. */
  double seconds(Workload of) {
    return Vectors.dot(coefficients, terms(step, of));
  }

  private static double[] terms(ScalingStep step, Workload of) {
    double cores = of.busyCores();
    return new double[] {
      1, step.bytes(of) / cores, step.flops(of) / cores, of.partitions() / cores
    };
  }

  /** The x ≥ 0 that minimises Σ (row · x − 1)², one coordinate after the other. */
  private static double[] nonNegative(double[][] rows) {
    int n = rows[0].length;
    double[] scale = new double[n];
    for (double[] row : rows) {
      for (int j = 0; j < n; j++) {
        scale[j] = Math.hypot(scale[j], row[j]);
      }
    }
    // A term that is nowhere gets no coefficient.
    Arrays.setAll(scale, j -> scale[j] > 0 ? scale[j] : 1);
    double[][] gram = new double[n][n];
    double[] right = new double[n];
    for (double[] row : rows) {
      for (int j = 0; j < n; j++) {
        right[j] += row[j] / scale[j];
        for (int k = 0; k < n; k++) {
          gram[j][k] += row[j] / scale[j] * (row[k] / scale[k]);
        }
      }
    }
    double[] x = new double[n];
    double change = 1;
    for (int sweep = 0; sweep < MOST_SWEEPS && change > LEAST_CHANGE; sweep++) {
      change = 0;
      for (int j = 0; j < n; j++) {
        // The diagonal is 1.
        double next = Math.max(0, x[j] + right[j] - Vectors.dot(gram[j], x));
        change = Math.max(change, Math.abs(next - x[j]));
        x[j] = next;
      }
    }
    Arrays.setAll(x, j -> x[j] / scale[j]);
    return x;
  }
}
