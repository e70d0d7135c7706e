package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Groups;
import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.NormCurvature;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Support;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.Kinks;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import java.util.Arrays;
import java.util.Optional;

/**
 * The quadratic model of the lower objective with kinks, known by its products alone: m(x) = ⟨s, x
 * − θ⟩ + ½ ⟨x − θ, H (x − θ)⟩ + Σ_g c_g ‖x_g‖.
 *
 * <p>Conjugate gradients on the groups that are not 0, interleaved with proximal gradient steps
 * (Solntsev, Nocedal and Byrd, Optim. Methods Softw. 2015): a step of conjugate gradients that
 * would turn groups away ends at the first of them, and a proximal gradient step follows, in which
 * any number of groups may become 0 or leave it. So does one where the subgradient is mostly that
 * of groups at 0. Every step lowers m and takes one product. Where the norms curve, a step ends at
 * the minimum along it, and directions are conjugate by the curvature at hand.
 */
final class InterleavedCg {
  private final LinearOperator h;
  private final Kinks kinks;
  private final Groups groups;
  private final Preconditioner m;

  /** Proximal gradient steps take scale times this diagonal for H, the same within a group. */
  private final double[] metric;

  private final double[] diagonal;

  /** The most curvature that was seen, in units of the metric; 0 before the first product. */
  private double scale;

  private final double[] x;
  private final double[] r;
  private int products;

  /** The last direction of conjugate gradients; null to start anew. */
  private double[] p;

  /** ⟨v, M⁻¹ v⟩ at the last direction. */
  private double rho;

  /** H p. */
  private double[] image;

  private InterleavedCg(LowerObjective.Point at, Kinks kinks, Preconditioner m) {
    this.h = at.hessian(0);
    this.kinks = kinks;
    this.m = m;
    this.x = at.theta().clone();
    this.r = at.smoothGradient().clone();
    this.groups = kinks.groups();
    this.diagonal = m.diagonal(x.length);
    double[] largest = new double[groups.count()];
    Arrays.setAll(largest, g -> groups.largest(g, diagonal));
    this.metric = groups.spread(largest);
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
    direct(support, free);
    double slope = Vectors.dot(free, p);
    image = product(p);
    double curvature = Vectors.dot(p, image);
    if (!(slope > 0 && curvature > 0)) {
      return proximalStep();
    }
    KinkedLine line = new KinkedLine(kinks, x, p);
    double length = line.minimum(slope, curvature, slope / (curvature + line.curvature()));
    line.move(length, p, x);
    Vectors.addTo(r, -length, image);
    return !line.isEnd(length) || proximalStep();
  }

  /** Sets p to the next direction, conjugate to the last one. */
  private void direct(Support support, double[] free) {
    Optional<NormCurvature> curved = kinks.curvature(x);
    Preconditioner ofWhole =
        curved
            .map(c -> c.inverse(scale > 0 ? Vectors.scaled(scale, diagonal) : diagonal))
            .orElse(m);
    double[] z = support.of(ofWhole).solve(free);
    double next = Vectors.dot(free, z);
    if (p == null) {
      p = z;
    } else if (curved.isEmpty()) {
      p = Vectors.plus(z, next / rho, p);
    } else {
      double[] whole = image.clone();
      curved.get().addProduct(p, whole);
      p = Vectors.plus(z, -Vectors.dot(z, whole) / Vectors.dot(p, whole), p);
    }
    rho = next;
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
    double[] to = x.clone();
    for (int j = 0; j < to.length; j++) {
      to[j] -= r[j] / (scale * metric[j]);
    }
    for (int g = 0; g < groups.count(); g++) {
      kinks.shrink(g, to, kinks.widths()[g] / (scale * metric[groups.member(g, 0)]));
    }
    double[] direction = Vectors.plus(to, -1, x);
    double slope = kinks.slope(r, x, to);
    if (!(slope < 0 && scale > 0)) {
      return false;
    }
    double[] change = product(direction);
    double curvature = Vectors.dot(direction, change);
    double length = curvature > 0 ? Math.min(1, -slope / curvature) : 1;
    Vectors.addTo(x, length, direction);
    Vectors.addTo(r, length, change);
    for (int j = 0; length == 1 && j < x.length; j++) {
      x[j] = to[j];
    }
    return true;
  }

  private double[] product(double[] direction) {
    double[] product = h.apply(direction);
    products++;
    double size = 0;
    for (int j = 0; j < direction.length; j++) {
      size += metric[j] * direction[j] * direction[j];
    }
    double seen = Vectors.dot(direction, product) / size;
    if (seen > scale) {
      scale = seen;
    }
    return product;
  }
}
