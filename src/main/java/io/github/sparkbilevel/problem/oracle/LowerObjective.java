package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.linalg.KroneckerBasis;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.NormCurvature;
import io.github.sparkbilevel.linalg.Support;
import io.github.sparkbilevel.problem.Kinks;
import io.github.sparkbilevel.problem.training.Trained;
import io.github.sparkbilevel.problem.training.Training;
import java.util.List;
import java.util.Optional;

/**
 * The lower objective θ ↦ G(θ, λ) at one λ, as solvers of the lower level see it.
 *
 * @param <P> what an evaluation knows
 */
public interface LowerObjective<P extends LowerObjective.Point> {

  /** Length of θ. */
  int size();

  /** A direction along which G is flat for every θ, or null: H is singular along it. */
  double[] nullDirection();

  /** The diagonal that the penalty adds to the Hessian, of length {@link #size()}. */
  double[] penaltyDiagonal();

  /** Where G has kinks; empty where it is smooth. */
  default Optional<Kinks> kinks() {
    return Optional.empty();
  }

  /**
   * What H has at a point beside the {@link Point#hessian} of the part without kinks; empty where
   * that is all.
   */
  default Optional<NormCurvature> curvature(Point point) {
    return kinks().flatMap(kinks -> kinks.curvature(point.theta()));
  }

  /** The coordinates that a Newton step at a point may move. */
  default Support working(Point point) {
    return kinks()
        .map(kinks -> kinks.working(point.theta(), point.gradient()))
        .orElseGet(() -> Support.all(size()));
  }

  /**
   * Objectives of parts of θ, one after the other, of which this is the sum; itself if it has none.
   */
  default List<? extends LowerObjective<?>> parts() {
    return List.of(this);
  }

  /** Evaluates; costs 1 pass. The caller releases what it gets. */
  P at(double[] theta, Extra extra);

  /**
   * Evaluates at θ, and G alone along the way back from there: where the objective can, {@link
   * Point#alongLine()} has G(θ + (1 − t) v) for the {@link #lineSteps()} t, at no further pass.
   *
   * @param v the whole step that led to θ
   */
  default P at(double[] theta, double[] v, Extra extra) {
    return at(theta, extra);
  }

  /** Whether G is convex in θ; where it is not, H is the Gauss-Newton matrix. */
  default boolean isConvex() {
    return true;
  }

  /**
   * One pass of stochastic training, for a network.
   *
   * @param point an evaluation under the same λ, at any θ, which knows the weights of the rows; or
   *     null to make them in the pass
   * @param start where to go on
   */
  default Trained train(P point, Trained start, Training training) {
    throw new UnsupportedOperationException("the objective is solved by Newton steps");
  }

  /**
   * All passes of stochastic training from a start.
   *
   * @param point as for {@link #train}
   */
  default Trained trainAll(P point, Trained start, Training training) {
    Trained trained = start;
    for (int pass = 0; pass < training.passes(); pass++) {
      trained = train(point, trained, training);
    }
    return trained;
  }

  /** The shares t of a step at which {@link Point#alongLine()} has G: ½, ¼, … 2⁻¹⁰. */
  static double[] lineSteps() {
    double[] steps = new double[10];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = Math.scalb(1.0, -1 - i);
    }
    return steps;
  }

  /** G and what is known of it at one θ. */
  interface Point {

    /** The most coefficients of a part for which {@link #hessianOn} forms H: 32 MiB. */
    int MOST_FORMED = 2048;

    /** What is known of the {@link LowerObjective#parts()}; itself if there are none. */
    default List<? extends Point> parts() {
      return List.of(this);
    }

    /** θ; not to be changed. */
    double[] theta();

    /** G. */
    double value();

    /** ∇_θ G, or where G has kinks its subgradient of least norm; not to be changed. */
    double[] gradient();

    /** ∇_θ of G without its kinks; not to be changed. */
    default double[] smoothGradient() {
      return gradient();
    }

    /** H + δI of G without its kinks as an operator: each {@code applyAll} costs 1 pass. */
    LinearOperator hessian(double damping);

    /**
     * The Hessian + δI, also where {@link #hessian} is the Gauss-Newton matrix, as far as it tells
     * more than that: each {@code applyAll} costs 1 pass.
     */
    default LinearOperator exactHessian(double damping) {
      return hessian(damping);
    }

    /**
     * The Kronecker factors of the data part of H, layer by layer, if the evaluation was asked for
     * them, or null.
     */
    List<KroneckerFactors> factors();

    /**
     * The diagonal of the data part of H in the eigenbases of the Kronecker factors, laid out as θ:
     * for a network, at the price of a pass.
     */
    default double[] eigenScales(List<KroneckerBasis> bases) {
      throw new UnsupportedOperationException("the objective has no layers; use curvature kfac-cg");
    }

    /** The diagonal of the data part of H, if the evaluation was asked for it, or null. */
    default double[] dataDiagonal() {
      return null;
    }

    /**
     * Draws training rows for the driver; costs 1 pass.
     *
     * @param most rows on average; all where there are no more
     * @param draw number of the sample
     */
    default RowSample sample(int most, long draw) {
      throw new UnsupportedOperationException("the objective gives no rows away; use kfac-cg");
    }

    /**
     * The data part of the objective over a sample of its rows, without penalty, at the point of
     * the sample, with its Kronecker factors: in memory, at no pass.
     */
    default Point over(RowSample sample) {
      throw new UnsupportedOperationException("the objective gives no rows away; use kfac-cg");
    }

    /** G at the shorter steps, if the evaluation was asked for them, or null. */
    default double[] alongLine() {
      return null;
    }

    /**
     * H of G without its kinks, without damping, column-major, both triangles, if the evaluation
     * was asked for it, or null.
     */
    double[] denseHessian();

    /**
     * The rows and columns of H of G without its kinks, without damping, that belong to some
     * coordinates: of each of the {@link #parts()} column-major, both triangles. Costs 1 pass.
     * Empty at no cost where that would be too large, or the model is none of one layer.
     */
    default Optional<List<double[]>> hessianOn(Support coordinates) {
      return Optional.empty();
    }

    /** Frees what the evaluation keeps beside the rows. */
    void release();
  }
}
