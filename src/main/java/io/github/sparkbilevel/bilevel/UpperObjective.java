package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.Status;

/**
 * λ ↦ Φ(λ) = F(θ*(λ)) and its hypergradient, for a λ on the driver, each to an accuracy that the
 * caller chooses.
 *
 * <p>The lower level and the adjoint are solved together, as NBO does it (Dong, Yang, Yao and
 * Zhang, ICML 2025), but with λ held:
 *
 * <pre>
 *   H(θ, λ) [v, w] = [∇_θG(θ, λ),  ∇_θF(θ) − H u]      both columns in the same products
 *   θ⁺ = θ − v,   u⁺ = u + w                            one pass, which also brings H⁺ u⁺
 * </pre>
 *
 * until what θ is off by leaves an error in Φ, and what u is off by one in ∇Φ, that are small
 * enough. The first is known: F(θ) − F(θ*) = ⟨u, ∇_θG(θ, λ)⟩ to first order, since H u = ∇_θF and H
 * (θ − θ*) ≈ ∇_θG. Both θ and u start where the last point left them.
 *
 * <p>Cost in passes: 1 for each Newton step and 1 for each product (none with exact curvature).
 * Where λ tunes penalties alone, the first step costs no evaluation: the sums over rows at the last
 * θ hold for every penalty, and are known. Where λ weighs rows, 1 for the start and 1 for the mixed
 * product.
 */
final class UpperObjective {
  private static final int MOST_STEPS = 60;
  private static final int MOST_PRODUCTS = 400;
  private static final double ARMIJO = 1e-4;
  private static final int MOST_TRIALS = 20;

  /** A step that promises to lower G by more than this share of it is far from the solution. */
  private static final double FAR = 0.1;

  /** No product is worth more than this: the next Newton step moves the target anyway. */
  private static final double LOOSEST = 0.1;

  /** Of its own residual a column is solved to no less than this. */
  private static final double TIGHTEST = 1e-12;

  private final BilevelOracle oracle;
  private final BilevelProblem problem;
  private final NewtonSystem system;
  private int evaluations;

  UpperObjective(BilevelOracle oracle, NewtonSystem system) {
    if (oracle.problem().hasExampleWeights()) {
      throw new IllegalArgumentException(
          "got a λ beside the rows, expected one on the driver; use the algorithm nbo");
    }
    this.oracle = oracle;
    this.problem = oracle.problem();
    this.system = system;
  }

  /** How often Φ was evaluated. */
  int evaluations() {
    return evaluations;
  }

  /** Counts the evaluations of an earlier run as its own. */
  void resumeAfter(int earlier) {
    evaluations = earlier;
  }

  /**
   * Evaluates.
   *
   * @param warm a point to start from, which is not released; or null to start anew
   * @param accuracy the error of Φ that is allowed, relative to Φ; that of ∇Φ is its root
   */
  UpperPoint at(double[] lambda, UpperPoint warm, double accuracy) {
    evaluations++;
    return warm == null
        ? new Solve(lambda, start(lambda), accuracy).run()
        : new Solve(lambda, warm, accuracy).run();
  }

  private double[] start(double[] lambda) {
    return problem.hasKinks() && system.formsWorkingSets()
        ? KinkPath.start(oracle, system, lambda)
        : oracle.start();
  }

  /** The same from a θ that is near θ*(λ). */
  UpperPoint near(double[] theta, double[] lambda, double accuracy) {
    evaluations++;
    return new Solve(lambda, theta, accuracy).run();
  }

  /** One evaluation on its way. */
  private final class Solve {
    private final double[] lambda;
    private final LowerObjective<Evaluation> lower;
    private final double accuracy;
    private Evaluation point;
    private boolean isView;
    private boolean cold;
    private double[] u;

    /** H u without damping, where no matrix is at hand. */
    private double[] hu;

    private double before = Double.NaN;
    private int products;

    Solve(double[] lambda, double[] start, double accuracy) {
      this.lambda = lambda;
      this.accuracy = accuracy;
      this.lower = oracle.lower(null, lambda);
      cold = true;
      u = new double[lower.size()];
      move(evaluate(start, null));
    }

    Solve(double[] lambda, UpperPoint from, double accuracy) {
      this.lambda = lambda;
      this.accuracy = accuracy;
      this.lower = oracle.lower(null, lambda);
      u = from.adjoint();
      // What is known of H u is known for the coordinates that moved under the other penalty.
      isView =
          problem.weighingSize() == 0 && (!problem.hasKinks() || from.adjointProduct() == null);
      if (isView) {
        point = oracle.underPenalty(from.evaluation(), lambda);
        hu = from.adjointProduct() == null ? null : underPenalty(from);
      } else {
        move(evaluate(from.evaluation().theta(), null));
      }
    }

    /** H(θ, λ) u from H(θ, λ₋) u at the warm point: H differs by the penalties. */
    private double[] underPenalty(UpperPoint from) {
      double[] change = new double[u.length];
      problem.addPenaltyProduct(u, from.lambda(), change);
      double[] product = Vectors.plus(from.adjointProduct(), -1, change);
      problem.addPenaltyProduct(u, lambda, product);
      return product;
    }

    private Evaluation evaluate(double[] theta, double[] newtonStep) {
      Extra due = system.due();
      double[] tangent = due == Extra.HESSIAN ? null : onSupport(theta);
      return oracle.evaluate(
          Query.at(theta, lambda).along(tangent).with(due).afterStep(newtonStep));
    }

    /** u without the coefficients that are 0 at a θ, if G has kinks there. */
    private double[] onSupport(double[] theta) {
      return lower.kinks().map(kinks -> kinks.support(theta).of(u)).orElse(u);
    }

    UpperPoint run() {
      for (int step = 0; step < MOST_STEPS; step++) {
        double[] g = point.gradient();
        double[] f = point.upperGradient();
        if (!Double.isFinite(point.value()) || !Vectors.isFinite(g) || !Vectors.isFinite(f)) {
          return result(Status.NOT_FINITE);
        }
        if (hu == null) {
          u = lower.working(point).of(u);
        }
        double[] r = adjointResidual(f);
        double adjointShare = share(Math.sqrt(accuracy) * Vectors.norm(f), Vectors.norm(r));
        double lowerShare = cold ? 0 : lowerShare(g);
        if (lowerShare == 1 && isView) {
          // What a view knows belongs to the warm point: the same θ once more, on its own.
          move(evaluate(point.theta(), null));
          continue;
        }
        if (lowerShare == 1) {
          if (adjointShare < 1) {
            var rest = solve(new double[][] {r}, new double[] {0.9 * adjointShare});
            if (!rest.status().isUsable()) {
              return result(rest.status());
            }
            addToAdjoint(rest.columns()[0], r, rest.remainders()[0]);
          }
          if (lowerShare(g) == 1) {
            return result(Status.CONVERGED);
          }
          r = adjointResidual(f); // By this u θ is not good enough.
        }
        double gradientNorm = Vectors.norm(g);
        double[] tolerances = {
          tolerance(lowerShare, gradientNorm), tolerance(adjointShare, gradientNorm)
        };
        var budget = new LowerStep.Budget(tolerances, MOST_PRODUCTS);
        LowerStep lowerStep = LowerStep.from(lower, point, system, new double[][] {g, r}, budget);
        var others = lowerStep.others();
        products += others.products();
        if (!others.status().isUsable()) {
          return result(others.status());
        }
        addToAdjoint(others.columns()[0], r, others.remainders()[0]);
        boolean isExact = point.parts().get(0).denseHessian() != null;
        if (isExact && !cold && !isView && lowerShare(g) == 1) {
          return result(Status.CONVERGED); // u is exact here, and by it θ is good enough.
        }
        before = gradientNorm;
        cold = false;
        Evaluation next = descend(lowerStep.v(), lowerStep.slope());
        if (next == null) {
          return result(Status.STALLED);
        }
        move(next);
      }
      return result(Status.BUDGET_SPENT);
    }

    /** u += w, where (H + δI) w = r − remainder. */
    private void addToAdjoint(double[] w, double[] r, double[] remainder) {
      u = Vectors.plus(u, 1, w);
      if (hu != null) {
        hu = Vectors.plus(Vectors.plus(hu, 1, r), -1, remainder);
        Vectors.addTo(hu, -system.damping(), w);
      }
    }

    private void move(Evaluation next) {
      if (point != null) {
        point.release();
      }
      point = next;
      u = onSupport(next.theta());
      hu = next.adjointProduct();
      if (hu != null) {
        lower.curvature(next).ifPresent(curvature -> curvature.addProduct(u, hu));
      }
      isView = false;
    }

    private ConjugateGradient.Solution solve(double[][] rightHandSides, double[] tolerances) {
      var solution = system.solve(lower, point, rightHandSides, tolerances, MOST_PRODUCTS);
      products += solution.products();
      return solution;
    }

    /** What share of the error in Φ may stay; 1 when all of it may. */
    private double lowerShare(double[] g) {
      return share(accuracy * Math.abs(point.upper().loss()), error(g));
    }

    /**
     * The error in Φ to first order. |⟨u, ∇G⟩| may be small by chance, so that the root of the sum
     * of its squared terms counts as well.
     */
    private double error(double[] g) {
      double squares = 0;
      for (int j = 0; j < g.length; j++) {
        squares += u[j] * g[j] * u[j] * g[j];
      }
      return Math.max(Math.abs(Vectors.dot(u, g)), Math.sqrt(squares));
    }

    /** ∇_θF − H u; where G has kinks on the coordinates that move. */
    private double[] adjointResidual(double[] f) {
      return lower.working(point).of(wholeResidual(f));
    }

    /** ∇_θF − H u; with exact curvature from the matrix itself. */
    private double[] wholeResidual(double[] f) {
      if (hu != null) {
        return Vectors.plus(f, -1, hu);
      }
      double[] product = new double[u.length];
      Parts.addProduct(point, u, product);
      lower.curvature(point).ifPresent(curvature -> curvature.addProduct(u, product));
      return Vectors.plus(f, -1, product);
    }

    /** What share of a number may stay. */
    private static double share(double allowed, double now) {
      return now <= allowed ? 1 : allowed / now;
    }

    /**
     * To what relative residual a column is solved: as far as is needed, but in a step after which
     * the target moves no further than that (Eisenstat and Walker's second choice).
     */
    private double tolerance(double share, double norm) {
      double quadratic = before > 0 ? Math.pow(norm / before, 2) : LOOSEST;
      return Math.max(TIGHTEST, Math.min(LOOSEST, Math.max(0.5 * share, quadratic)));
    }

    /** θ − v, or a shorter step that lowers G enough; null when there is none. */
    private Evaluation descend(double[] v, double slope) {
      double length = 1;
      boolean far = slope > FAR * Math.abs(point.value());
      for (int trial = 0; trial < MOST_TRIALS; trial++) {
        double[] theta = Vectors.plus(point.theta(), -length, v);
        Evaluation next = evaluate(theta, far && trial == 0 ? v : null);
        double resolution = 1e-12 * Math.abs(point.value());
        if (next.value() <= point.value() - ARMIJO * length * slope + resolution) {
          return next;
        }
        double[] values = next.alongLine();
        next.release();
        if (length * slope <= resolution) {
          return null;
        }
        length =
            values == null ? length / 2 : LowerSolver.longestLowering(point.value(), values, slope);
      }
      return null;
    }

    private UpperPoint result(Status status) {
      if (isView) {
        move(evaluate(point.theta(), null));
      }
      double correction = Vectors.dot(u, point.gradient());
      return new UpperPoint(
          point,
          u,
          hu,
          point.upper().loss() - correction,
          error(point.gradient()),
          hypergradient(),
          status,
          products);
    }

    private double[] hypergradient() {
      double[] mixed =
          problem.mixedProductNeedsPass()
              ? oracle.mixedProduct(point, point.theta(), u).values()
              : problem.penaltyMixedProduct(point.theta(), u, lambda);
      return problem.hypergradient(mixed, lambda);
    }
  }
}
