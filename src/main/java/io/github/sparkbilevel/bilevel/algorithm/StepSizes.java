package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.oracle.SampledPasses;
import io.github.sparkbilevel.problem.sampling.Draw;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Lengths of steps for any data: with H = D + diag(c(λ)), D the sum over rows and c the penalties,
 * and L ≥ ‖D‖, steps on θ and on the linear system are taken in the metric
 *
 * <pre>  M = L I + diag(c(λ)) ≽ H,    θ⁺ = θ − η M⁻¹ ∇_θG,    u⁺ = u − ρ M⁻¹ (Hu − ∇_θF) </pre>
 *
 * <p>For one penalty that is the papers' 1/‖H‖; where penalties differ by orders of magnitude, as
 * tuned ones do, a length for all coefficients would let the largest penalty stop the others. M
 * follows λ at no cost.
 *
 * <p>L comes from {@value #POWER_PRODUCTS} products of the power method at the start, with all rows
 * at their full weight, at θ = 0 for a linear model: for squared and logistic loss the curvature is
 * nowhere greater, for softmax it is at most K/2 times as great. A network is measured where it
 * starts, and its L doubled. A sample of b rows may be more curved than all of them: L grows by
 * twice tr(D)/b, in the manner of the expected smoothness of Gower et al., ICML 2019.
 *
 * @param problem the objectives
 * @param curvature L
 * @param upperCurvature a bound of ‖∇²F‖, where the algorithm asked for it
 * @param settings lengths relative to M⁻¹, the rule of λ, and its bounds
 * @param epoch C, draws of an epoch
 */
public record StepSizes(
    BilevelProblem problem,
    double curvature,
    double upperCurvature,
    AlgorithmSettings settings,
    int epoch)
    implements Serializable {
  private static final int POWER_PRODUCTS = 12;

  /** The power method stops short of the norm. */
  private static final double SAFETY = 1.1;

  private static final long SEED = 20260117L;
  private static final double DIFFERENCE = 1e-4;
  private static final double OF_NETWORK = 2;
  private static final double OF_SAMPLE = 2;

  /**
   * Where L is measured; costs 1 pass. The caller releases it.
   *
   * @param start where a network starts
   * @param sampled whether L is to hold for samples
   */
  static Evaluation probe(BilevelOracle oracle, AlgorithmState start, boolean sampled) {
    BilevelProblem problem = oracle.problem();
    boolean linear = problem.model().isLinear();
    double[] theta = linear ? new double[problem.model().size()] : start.theta();
    Query query = Query.at(theta, problem.atFullWeight(start.lambda()));
    return oracle.evaluate(query.with(sampled && linear ? Extra.DIAGONAL : Extra.NONE));
  }

  /**
   * Measures at a {@link #probe}; costs {@value #POWER_PRODUCTS} passes.
   *
   * @param sampleRows rows of a draw, or of a draw in one partition; for a probe of samples
   * @param epoch C
   */
  static StepSizes measure(
      BilevelProblem problem,
      Evaluation probe,
      AlgorithmSettings settings,
      double sampleRows,
      int epoch) {
    double[] penalty = problem.penaltyDiagonal(probe.lambda());
    double norm = norm(probe.theta().length, x -> withoutPenalty(probe.hessian(0), penalty, x));
    double most = mostOverStart(problem) * SAFETY * norm;
    if (probe.dataDiagonal() != null) {
      // Of one row: ‖a‖² times 1 for squared loss, ¼ for logistic, 1 − 1/K ≥ ½ for softmax, which
      // bounds its curvature everywhere.
      double trace = Arrays.stream(probe.dataDiagonal()).sum();
      most += OF_SAMPLE * trace / Math.max(1, sampleRows);
    }
    return new StepSizes(problem, most, 0, settings, epoch);
  }

  /**
   * The same with a bound of ‖∇²F‖, by the power method on differences of ∇F; costs 1 + {@value
   * #POWER_PRODUCTS} passes over the trusted rows alone.
   *
   * @param all draws of all rows
   */
  StepSizes withUpper(Evaluation probe, SampledPasses all) {
    double[] theta = probe.theta();
    double[] base = all.draw(Draw.upperGradient(theta, probe.lambda())).upperGradient();
    double norm =
        norm(
            theta.length,
            x -> {
              double[] moved = Vectors.plus(theta, DIFFERENCE, x);
              double[] there = all.draw(Draw.upperGradient(moved, probe.lambda())).upperGradient();
              return Vectors.scaled(1 / DIFFERENCE, Vectors.plus(there, -1, base));
            });
    double most = mostOverStart(problem) * SAFETY * norm;
    return new StepSizes(problem, curvature, most, settings, epoch);
  }

  /** How much greater the curvature of the rows may become than it is at the probe. */
  private static double mostOverStart(BilevelProblem problem) {
    if (!problem.model().isLinear()) {
      return OF_NETWORK;
    }
    return problem.model().loss().mostCurvatureOverStart();
  }

  void save(Snapshot snapshot) {
    snapshot.put("curvature", curvature);
    snapshot.put("upperCurvature", upperCurvature);
  }

  static StepSizes restored(
      BilevelProblem problem, AlgorithmSettings settings, int epoch, Snapshot snapshot) {
    return new StepSizes(
        problem, snapshot.number("curvature"), snapshot.number("upperCurvature"), settings, epoch);
  }

  private static double[] withoutPenalty(LinearOperator h, double[] penalty, double[] x) {
    double[] product = h.apply(x);
    for (int j = 0; j < product.length; j++) {
      product[j] -= penalty[j] * x[j];
    }
    return product;
  }

  @FunctionalInterface
  private interface Product {
    double[] of(double[] x);
  }

  private static double norm(int size, Product product) {
    double[] x = new Random(SEED).doubles(size, -1, 1).toArray();
    double norm = 0;
    for (int i = 0; i < POWER_PRODUCTS; i++) {
      double length = Vectors.norm(x);
      if (!(length > 0) || Double.isInfinite(length)) {
        break;
      }
      x = product.of(Vectors.scaled(1 / length, x));
      norm = Vectors.norm(x);
    }
    return norm;
  }

  /** The same for a lower level that is more curved. */
  public StepSizes moreCurved(double by) {
    return new StepSizes(problem, curvature + by, upperCurvature, settings, epoch);
  }

  /** The diagonal of M. */
  public double[] metric(double[] lambda) {
    double[] m = problem.penaltyDiagonal(lambda);
    for (int j = 0; j < m.length; j++) {
      m[j] += curvature;
    }
    return m;
  }

  /** M⁻¹ x. */
  public static double[] divided(double[] x, double[] metric) {
    double[] y = new double[x.length];
    for (int j = 0; j < y.length; j++) {
      // Where nothing is curved nothing is to be moved: a constant feature without a penalty.
      y[j] = metric[j] > 0 ? x[j] / metric[j] : 0;
    }
    return y;
  }

  private double decayed(double length, long t) {
    return length * Math.pow(1 + (double) t / epoch, -settings.steps().decay());
  }

  /** θ − η_t M⁻¹ g. */
  public double[] lower(double[] theta, double[] g, double[] lambda, long t) {
    return Vectors.plus(theta, -decayed(settings.steps().lower(), t), divided(g, metric(lambda)));
  }

  /** u − ρ_t M⁻¹ r, for the residual r = Hu − ∇_θF. */
  public double[] linear(double[] u, double[] r, double[] lambda, long t) {
    return Vectors.plus(u, -decayed(settings.steps().linear(), t), divided(r, metric(lambda)));
  }

  /**
   * The state after a step of λ along a direction and ∇_λF, at new θ and u.
   *
   * @param kept the algorithm's own memory
   */
  public AlgorithmState upper(
      AlgorithmState from, double[] theta, double[] u, double[] h, long t, double[]... kept) {
    double[] direction = h.clone();
    problem.addUpperTermGradient(from.lambda(), direction);
    List<double[]> moved = settings.steps().upper().step(from, direction, t, settings.bounds());
    List<double[]> memory = new ArrayList<>(moved.subList(1, moved.size()));
    memory.addAll(List.of(kept));
    return new AlgorithmState(theta, u, moved.get(0), memory);
  }
}
