package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.curvature.DenseSolver;
import io.github.sparkbilevel.linalg.Groups;
import io.github.sparkbilevel.linalg.Support;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.Kinks;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import java.util.Optional;

/**
 * The quadratic model of the lower objective with kinks, on the driver: m(x) = ⟨s, x − θ⟩ + ½ ⟨x −
 * θ, H (x − θ)⟩ + Σ_g c_g ‖x_g‖.
 *
 * <p>Rounds of block coordinate descent find the support; after each, a Newton step on the support,
 * up to the first group that would turn away, comes near the minimum on it, or to it where the
 * norms have no curvature. Both lower m, whatever the rank of H. A sweep costs d² multiplications
 * at most, a round |support|³/3 in addition.
 */
final class LassoModel {
  private static final int MOST_ROUNDS = 200;
  private static final int SWEEPS = 5;

  /** Rounds that do not halve the error. */
  private static final int MOST_IDLE = 3;

  /** Of the norm of the subgradient at θ. */
  private static final double TOLERANCE = 1e-13;

  /** Of the norm of the gradient that the kinks balance. */
  private static final double ROUNDING = 1e-15;

  private final double[] h;
  private final int d;
  private final Kinks kinks;
  private final Groups groups;

  /** Of each group a number that no eigenvalue of its part of H is above. */
  private final double[] bounds;

  private final double[] x;

  /** The gradient of the smooth part at x. */
  private double[] r;

  private LassoModel(LowerObjective.Point at, Kinks kinks) {
    this.h = at.denseHessian();
    this.d = at.theta().length;
    this.kinks = kinks;
    this.groups = kinks.groups();
    this.bounds = new double[groups.count()];
    this.x = at.theta().clone();
    this.r = at.smoothGradient().clone();
    for (int g = 0; g < bounds.length; g++) {
      bounds[g] = bound(g);
    }
  }

  /**
   * The minimum.
   *
   * @param at a point where H was formed
   * @param nullDirection along which H is singular, or null
   */
  static double[] minimum(LowerObjective.Point at, Kinks kinks, double[] nullDirection) {
    LassoModel model = new LassoModel(at, kinks);
    double target =
        Math.max(
            TOLERANCE * Vectors.norm(at.gradient()), ROUNDING * Vectors.norm(at.smoothGradient()));
    double least = Double.POSITIVE_INFINITY;
    int idle = 0;
    boolean done = false;
    for (int round = 0; round < MOST_ROUNDS && !done; round++) {
      model.sweeps();
      boolean whole = model.stepOnSupport(nullDirection);
      model.refresh(at);
      double error = model.error();
      // Near the minimum Newton steps square the error, as far as there are digits.
      idle = error > least / 2 ? idle + 1 : 0;
      least = Math.min(least, error);
      boolean settled = kinks.groups().areSingle() || idle >= MOST_IDLE;
      done = whole && settled && model.isRightAtZero() || error <= target;
    }
    return model.x;
  }

  private double error() {
    return Vectors.norm(kinks.leastSubgradient(x, r));
  }

  /** Whether no group that is 0 is to move: after a whole step the minimum is found. */
  private boolean isRightAtZero() {
    return kinks.working(x, kinks.leastSubgradient(x, r)).count() == kinks.support(x).count();
  }

  /** The largest sum of a row of the group's part of H, without signs. */
  private double bound(int g) {
    double most = 0;
    for (int i = 0; i < groups.size(g); i++) {
      double sum = 0;
      for (int k = 0; k < groups.size(g); k++) {
        sum += Math.abs(h[groups.member(g, k) + groups.member(g, i) * d]);
      }
      most = Math.max(most, sum);
    }
    return most;
  }

  /** While the support changes, as many as cost a step on it. */
  private void sweeps() {
    long count = kinks.support(x).count();
    long most = Math.max(SWEEPS, count * count / (3L * d));
    boolean turned = true;
    for (int sweep = 0; sweep < SWEEPS || sweep < most && turned; sweep++) {
      turned = sweep();
    }
  }

  /** Whether a group left 0 or came there. */
  private boolean sweep() {
    boolean turned = false;
    double[] next = x.clone();
    for (int g = 0; g < bounds.length; g++) {
      if (bounds[g] > 0) {
        for (int i = 0; i < groups.size(g); i++) {
          int j = groups.member(g, i);
          next[j] = x[j] - r[j] / bounds[g];
        }
        kinks.shrink(g, next, kinks.widths()[g] / bounds[g]);
        turned |= (groups.norm(g, x) == 0) != (groups.norm(g, next) == 0);
        for (int i = 0; i < groups.size(g); i++) {
          move(groups.member(g, i), next);
        }
      }
    }
    return turned;
  }

  private void move(int j, double[] next) {
    double change = next[j] - x[j];
    if (change != 0) {
      x[j] = next[j];
      int column = j * d;
      for (int i = 0; i < d; i++) {
        r[i] += change * h[column + i];
      }
    }
  }

  /** Whether the step ended before a group turned. */
  private boolean stepOnSupport(double[] nullDirection) {
    Support support = kinks.support(x);
    Optional<DenseSolver> inverse =
        support.count() == 0
            ? Optional.empty()
            : DenseSolver.factor(h, support, kinks.curvature(x), nullDirection, 0);
    if (inverse.isEmpty()) {
      return false;
    }
    double[] p = kinks.leastSubgradient(x, r);
    double[] v = support.scatter(inverse.get().solve(support.gather(p)));
    KinkedLine line = new KinkedLine(kinks, x, v);
    double slope = Vectors.dot(p, v);
    if (!(slope > 0)) {
      return true;
    }
    double length = line.minimum(slope, curvature(v), 1);
    line.move(length, v, x);
    return !line.isEnd(length);
  }

  /** ⟨v, H v⟩. */
  private double curvature(double[] v) {
    double sum = 0;
    for (int column = 0; column < d; column++) {
      double product = 0;
      for (int row = 0; v[column] != 0 && row < d; row++) {
        product += h[row + column * d] * v[row];
      }
      sum += v[column] * product;
    }
    return sum;
  }

  /** Frees r of what rounding has added up to. */
  private void refresh(LowerObjective.Point at) {
    r = at.smoothGradient().clone();
    for (int j = 0; j < d; j++) {
      double change = x[j] - at.theta()[j];
      if (change != 0) {
        int column = j * d;
        for (int i = 0; i < d; i++) {
          r[i] += change * h[column + i];
        }
      }
    }
  }
}
