package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.Preconditioner;

/**
 * The inverse of a diagonal: diag(H_data) + c + δ.
 *
 * <p>Entries that are zero — coefficients that neither data nor penalty see — are taken for the
 * mean of the others. Costs no pass beside the evaluation that summed the diagonal.
 */
public final class JacobiPreconditioner implements Preconditioner {
  private final double[] diagonal;

  private JacobiPreconditioner(double[] diagonal) {
    this.diagonal = diagonal;
  }

  /**
   * Adds the diagonals up.
   *
   * @param data the diagonal of the data part of H
   * @param penalty c
   * @param damping δ ≥ 0
   */
  public static JacobiPreconditioner of(double[] data, double[] penalty, double damping) {
    return new JacobiPreconditioner(sum(data, penalty, damping));
  }

  static double[] sum(double[] data, double[] penalty, double damping) {
    double[] diagonal = new double[data.length];
    double total = 0;
    for (int j = 0; j < diagonal.length; j++) {
      diagonal[j] = Math.max(0, data[j]) + penalty[j] + damping;
      total += diagonal[j];
    }
    double mean = total > 0 ? total / diagonal.length : 1;
    for (int j = 0; j < diagonal.length; j++) {
      if (!(diagonal[j] > 0)) {
        diagonal[j] = mean;
      }
    }
    return diagonal;
  }

  @Override
  public double[] solve(double[] r) {
    double[] x = r.clone();
    for (int j = 0; j < x.length; j++) {
      x[j] /= diagonal[j];
    }
    return x;
  }
}
