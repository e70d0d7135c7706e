package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.curvature.DenseSolver;
import io.github.sparkbilevel.linalg.Support;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.Kinks;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The quadratic model of the lower objective with kinks, on the driver: m(x) = ⟨s, x − θ⟩ + ½ ⟨x −
 * θ, H (x − θ)⟩ + Σ_j c_j |x_j|.
 *
 * <p>Rounds of coordinate descent find the support; after each, a Newton step on the support, up to
 * the first coefficient that would change its sign, finds the minimum on it. Both lower m, whatever
 * the rank of H. A sweep costs d² multiplications at most, a round |support|³/3 in addition.
 */
final class LassoModel {
  private static final int MOST_ROUNDS = 200;
  private static final int SWEEPS = 5;

  /** Of the norm of the subgradient at θ. */
  private static final double TOLERANCE = 1e-13;

  private final double[] h;
  private final int d;
  private final Kinks kinks;
  private final double[] x;

  /** The gradient of the smooth part at x. */
  private double[] r;

  private LassoModel(LowerObjective.Point at, Kinks kinks) {
    this.h = at.denseHessian();
    this.d = at.theta().length;
    this.kinks = kinks;
    this.x = at.theta().clone();
    this.r = at.smoothGradient().clone();
  }

  /**
   * The minimum.
   *
   * @param at a point where H was formed
   * @param nullDirection along which H is singular, or null
   */
  static double[] minimum(LowerObjective.Point at, Kinks kinks, double[] nullDirection) {
    LassoModel model = new LassoModel(at, kinks);
    double target = TOLERANCE * Vectors.norm(at.gradient());
    boolean done = false;
    for (int round = 0; round < MOST_ROUNDS && !done; round++) {
      for (int sweep = 0; sweep < SWEEPS; sweep++) {
        model.sweep();
      }
      boolean whole = model.stepOnSupport(nullDirection);
      model.refresh(at);
      done = whole && model.isRightAtZero() || model.error() <= target;
    }
    return model.x;
  }

  private double error() {
    return Vectors.norm(kinks.leastSubgradient(x, r));
  }

  /** Whether no coefficient that is 0 is to move: after a whole step the minimum is found. */
  private boolean isRightAtZero() {
    double[] p = kinks.leastSubgradient(x, r);
    return IntStream.range(0, d).allMatch(j -> x[j] != 0 || kinks.widths()[j] == 0 || p[j] == 0);
  }

  private void sweep() {
    for (int j = 0; j < d; j++) {
      double curvature = h[j + j * d];
      if (curvature > 0) {
        double next = Kinks.shrink(x[j] * curvature - r[j], kinks.widths()[j]) / curvature;
        move(j, next);
      }
    }
  }

  private void move(int j, double next) {
    double change = next - x[j];
    if (change != 0) {
      x[j] = next;
      int column = j * d;
      for (int i = 0; i < d; i++) {
        r[i] += change * h[column + i];
      }
    }
  }

  /** Whether the step was whole. */
  private boolean stepOnSupport(double[] nullDirection) {
    Support support = kinks.support(x);
    Optional<DenseSolver> inverse =
        support.count() == 0
            ? Optional.empty()
            : DenseSolver.factor(
                support.gatherMatrix(h),
                support.count(),
                nullDirection == null ? null : support.gather(nullDirection),
                0);
    if (inverse.isEmpty()) {
      return false;
    }
    double[] p = kinks.leastSubgradient(x, r);
    double[] v = support.scatter(inverse.get().solve(support.gather(p)));
    double length = 1;
    int first = -1;
    for (int j = 0; j < d; j++) {
      if (kinks.widths()[j] > 0 && x[j] * (x[j] - length * v[j]) < 0) {
        length = x[j] / v[j];
        first = j;
      }
    }
    Vectors.addTo(x, -length, v);
    if (first >= 0) {
      x[first] = 0;
    }
    return first < 0;
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
