package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Groups;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.Kinks;

/**
 * A quadratic model with kinks along a line on the support, m(x − t v) for t ≥ 0, up to where the
 * first group no longer points the way that it did: a group of one coefficient is 0 there.
 *
 * <p>With e_g = x_g/‖x_g‖, b_g = ⟨e_g, v_g⟩ and q_g = ‖v_g − b_g e_g‖ a norm on the line is n_g(t)
 * = ‖(‖x_g‖ − t b_g, t q_g)‖, and without the rounding errors of large sums
 *
 * <pre>
 *   d/dt m = −⟨p, v⟩ + t ⟨v, H v⟩ + Σ_g c_g t q_g² (1 + t b_g / (n_g + ‖x_g‖ − t b_g)) / n_g
 * </pre>
 *
 * which rises with t. p is the subgradient at x.
 */
final class KinkedLine {
  private static final int MOST_STEPS = 100;

  /** Of the slope at x. */
  private static final double TOLERANCE = 1e-10;

  private final Kinks kinks;
  private final double[] norms;
  private final double[] along;
  private final double[] across;
  private double end = Double.POSITIVE_INFINITY;
  private int first;

  /**
   * The line through a point.
   *
   * @param v 0 outside the support of x
   */
  KinkedLine(Kinks kinks, double[] x, double[] v) {
    this.kinks = kinks;
    Groups groups = kinks.groups();
    this.norms = new double[groups.count()];
    this.along = new double[norms.length];
    this.across = new double[norms.length];
    for (int g = 0; g < norms.length; g++) {
      norms[g] = kinks.widths()[g] > 0 ? groups.norm(g, x) : 0;
      if (norms[g] > 0) {
        split(g, x, v);
        if (along[g] > 0 && norms[g] / along[g] < end) {
          end = norms[g] / along[g];
          first = g;
        }
      }
    }
  }

  private void split(int g, double[] x, double[] v) {
    Groups groups = kinks.groups();
    for (int i = 0; i < groups.size(g); i++) {
      int j = groups.member(g, i);
      along[g] += x[j] / norms[g] * v[j];
    }
    double squares = 0;
    for (int i = 0; i < groups.size(g); i++) {
      int j = groups.member(g, i);
      double rest = v[j] - along[g] * (x[j] / norms[g]);
      squares += rest * rest;
    }
    across[g] = Math.sqrt(squares);
  }

  /** ⟨v, C v⟩ with the curvature C of the norms at x. */
  double curvature() {
    double sum = 0;
    for (int g = 0; g < norms.length; g++) {
      sum += across[g] > 0 ? kinks.widths()[g] * across[g] * across[g] / norms[g] : 0;
    }
    return sum;
  }

  /**
   * How far to go: to the minimum, or to the end before it.
   *
   * @param slope ⟨p, v⟩ &gt; 0
   * @param curvature ⟨v, H v⟩ &gt; 0
   * @param guess where to look first
   */
  double minimum(double slope, double curvature, double guess) {
    double low = 0;
    double high = end;
    if (end < Double.POSITIVE_INFINITY && derivative(end, slope, curvature) <= 0) {
      return end;
    }
    double t = guess < end ? guess : end / 2;
    for (int step = 0; step < MOST_STEPS; step++) {
      double rise = derivative(t, slope, curvature);
      if (Math.abs(rise) <= TOLERANCE * slope) {
        break;
      }
      low = rise < 0 ? t : low;
      high = rise < 0 ? high : t;
      double next = t - rise / second(t, curvature);
      double between = high < Double.POSITIVE_INFINITY ? (low + high) / 2 : 2 * t;
      t = next > low && next < high ? next : between;
    }
    return t;
  }

  private double derivative(double t, double slope, double curvature) {
    double sum = t * curvature - slope;
    for (int g = 0; g < norms.length; g++) {
      if (across[g] > 0) {
        double q = across[g];
        double left = Math.max(0, norms[g] - t * along[g]);
        double norm = Math.hypot(left, t * q);
        sum += kinks.widths()[g] * t * q * q * (1 + t * along[g] / (norm + left)) / norm;
      }
    }
    return sum;
  }

  private double second(double t, double curvature) {
    double sum = curvature;
    for (int g = 0; g < norms.length; g++) {
      if (across[g] > 0) {
        double norm = Math.hypot(norms[g] - t * along[g], t * across[g]);
        double share = norms[g] / norm;
        sum += kinks.widths()[g] * share * share * across[g] * across[g] / norm;
      }
    }
    return sum;
  }

  /** Whether a step ends where the first group has turned. */
  boolean isEnd(double t) {
    return t >= end;
  }

  /** x −= t v; what is 0 at the end of the line is exactly so. */
  void move(double t, double[] v, double[] x) {
    Vectors.addTo(x, -t, v);
    if (isEnd(t) && across[first] == 0) {
      kinks.shrink(first, x, Double.POSITIVE_INFINITY);
    }
  }
}
