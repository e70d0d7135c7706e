package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.Vectors;
import java.util.ArrayList;
import java.util.List;

/**
 * An approximation B of H⁻¹ by BFGS updates of M⁻¹, kept as pairs (s, y = Hs) and multiplied by the
 * two-loop recursion (Nocedal, Math. Comp. 1980). Pairs without positive curvature are not taken.
 */
final class InverseHessian {
  private static final double LEAST_COSINE = 1e-10;

  private final double[] metric;
  private final List<double[]> steps = new ArrayList<>();
  private final List<double[]> changes = new ArrayList<>();

  /**
   * Begins with M⁻¹.
   *
   * @param metric the diagonal of M
   */
  InverseHessian(double[] metric) {
    this.metric = metric;
  }

  /** Takes a step and the change of the gradient along it. */
  void add(double[] step, double[] change) {
    double curvature = Vectors.dot(step, change);
    if (curvature > LEAST_COSINE * Vectors.norm(step) * Vectors.norm(change)) {
      steps.add(step);
      changes.add(change);
    }
  }

  /** B x. */
  double[] times(double[] x) {
    int pairs = steps.size();
    double[] q = x.clone();
    double[] a = new double[pairs];
    for (int i = pairs - 1; i >= 0; i--) {
      a[i] = Vectors.dot(steps.get(i), q) / Vectors.dot(steps.get(i), changes.get(i));
      Vectors.addTo(q, -a[i], changes.get(i));
    }
    double[] r = StepSizes.divided(q, metric);
    for (int i = 0; i < pairs; i++) {
      double b = Vectors.dot(changes.get(i), r) / Vectors.dot(steps.get(i), changes.get(i));
      Vectors.addTo(r, a[i] - b, steps.get(i));
    }
    return r;
  }
}
