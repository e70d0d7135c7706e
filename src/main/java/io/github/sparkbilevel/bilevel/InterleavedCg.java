package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Support;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.Kinks;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import java.util.Arrays;

/**
 * The quadratic model of the lower objective with kinks, known by its products alone: m(x) = ⟨s, x
 * − θ⟩ + ½ ⟨x − θ, H (x − θ)⟩ + Σ_j c_j |x_j|.
 *
 * <p>Conjugate gradients on the coordinates that are not 0, interleaved with proximal gradient
 * steps (Solntsev, Nocedal and Byrd, Optim. Methods Softw. 2015): a step of conjugate gradients
 * that would change signs ends at the first of them, and a proximal gradient step follows, in which
 * any number of coordinates may become 0 or leave it. So does one where the subgradient is mostly
 * that of coordinates at 0. Every step lowers m and takes one product.
 */
final class InterleavedCg {
  private final LinearOperator h;
  private final Kinks kinks;
  private final Preconditioner m;

  /** Proximal gradient steps take scale times this diagonal for H: 1/(M⁻¹ 1) where positive. */
  private final double[] metric;

  /** The most curvature that was seen, in units of the metric; 0 before the first product. */
  private double scale;

  private final double[] x;
  private final double[] r;
  private int products;

  /** The last direction of conjugate gradients, and ⟨v, M⁻¹ v⟩ there; null to start anew. */
  private double[] p;

  private double rho;

  private InterleavedCg(LowerObjective.Point at, Kinks kinks, Preconditioner m) {
    this.h = at.hessian(0);
    this.kinks = kinks;
    this.m = m;
    this.x = at.theta().clone();
    this.r = at.smoothGradient().clone();
    double[] ones = new double[x.length];
    Arrays.fill(ones, 1);
    this.metric = m.solve(ones);
    double mean = Arrays.stream(metric).filter(d -> d > 0).average().orElse(1);
    Arrays.setAll(metric, j -> 1 / (metric[j] > 0 ? metric[j] : mean));
  }

  /**
   * Where the model was left.
   *
   * @param products that it took
   */
  record Minimum(double[] x, int products) {}

  /**
   * Lowers the model until the norm of its subgradient is a share of that at θ.
   *
   * @param m approximates the inverse of H
   * @param mostProducts 1 or more
   */
  static Minimum minimum(
      LowerObjective.Point at, Kinks kinks, Preconditioner m, double tolerance, int mostProducts) {
    InterleavedCg cg = new InterleavedCg(at, kinks, m);
    double target = tolerance * Vectors.norm(at.gradient());
    while (cg.products < mostProducts) {
      double[] v = kinks.leastSubgradient(cg.x, cg.r);
      double norm = Vectors.norm(v);
      if (norm <= target || !Double.isFinite(norm) || !cg.step(v)) {
        break;
      }
    }
    return new Minimum(cg.x, cg.products);
  }

  /** A step; false when there is none. */
  private boolean step(double[] v) {
    Support support = kinks.support(x);
    double[] free = support.of(v);
    double ofFree = inMetric(free);
    if (ofFree < inMetric(v) - ofFree) {
      return proximalStep();
    }
    double[] z = support.of(m).solve(free);
    double next = Vectors.dot(free, z);
    p = p == null ? z : Vectors.plus(z, next / rho, p);
    rho = next;
    double slope = Vectors.dot(free, p);
    double[] image = product(p);
    double curvature = Vectors.dot(p, image);
    if (!(slope > 0 && curvature > 0)) {
      p = null;
      return proximalStep();
    }
    double length = slope / curvature;
    int first = -1;
    for (int j = 0; j < x.length; j++) {
      if (kinks.widths()[j] > 0 && x[j] * (x[j] - length * p[j]) < 0) {
        length = x[j] / p[j];
        first = j;
      }
    }
    move(-length, p, image);
    if (first >= 0) {
      x[first] = 0;
      p = null;
      return proximalStep();
    }
    return true;
  }

  private double inMetric(double[] v) {
    double sum = 0;
    for (int j = 0; j < v.length; j++) {
      sum += v[j] * v[j] / metric[j];
    }
    return sum;
  }

  private boolean proximalStep() {
    p = null;
    if (scale == 0) {
      double[] v = kinks.leastSubgradient(x, r);
      Arrays.setAll(v, j -> v[j] / metric[j]);
      product(v);
    }
    double[] to = new double[x.length];
    Arrays.setAll(
        to,
        j -> {
          double curvature = scale * metric[j];
          return Kinks.shrink(x[j] - r[j] / curvature, kinks.widths()[j] / curvature);
        });
    double[] direction = Vectors.plus(to, -1, x);
    double slope = kinks.slope(r, x, to);
    if (!(slope < 0 && scale > 0)) {
      return false;
    }
    double[] image = product(direction);
    double curvature = Vectors.dot(direction, image);
    double length = curvature > 0 ? Math.min(1, -slope / curvature) : 1;
    move(length, direction, image);
    for (int j = 0; length == 1 && j < x.length; j++) {
      x[j] = to[j];
    }
    return true;
  }

  private double[] product(double[] direction) {
    double[] image = h.apply(direction);
    products++;
    double size = 0;
    for (int j = 0; j < direction.length; j++) {
      size += metric[j] * direction[j] * direction[j];
    }
    double seen = Vectors.dot(direction, image) / size;
    if (seen > scale) {
      scale = seen;
    }
    return image;
  }

  private void move(double length, double[] direction, double[] image) {
    Vectors.addTo(x, length, direction);
    Vectors.addTo(r, length, image);
  }
}
