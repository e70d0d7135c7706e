package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.linalg.Vectors.norm;
import static io.github.sparkbilevel.linalg.Vectors.plus;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.ConjugateGradient.Solution;
import io.github.sparkbilevel.solve.Status;
import java.util.Optional;

/**
 * NBO: inexact Newton for the lower level and its adjoint with one shared Hessian.
 *
 * <p>Dong, Yang, Yao, Zhang, <em>Efficient Curvature-Aware Hypergradient Approximation for Bilevel
 * Optimization</em>, ICML 2025, algorithm 1. From (θ, u, λ):
 *
 * <pre>
 *   1.  H(θ,λ) [v, w] = [∇_θ G(θ,λ),  H u − ∇_θ F(θ)]     T products for both columns
 *   2.  θ⁺ = θ − v,   u⁺ = u − w
 *   3.  h = ∇_λ F − ∇²_λθ G(θ⁺,λ) u⁺                      here ∇_λ F = 0
 *   4.  λ⁺ = Π(λ − step)
 * </pre>
 *
 * <p>Passes of an iteration: T for step 1 (none with exact curvature). {@link OnePassStep} takes
 * steps 3 and 4 in the scan that evaluates what the next iteration starts with: 1 + T. Where the
 * driver's λ weighs rows, {@link TwoPassStep} takes a pass more: 2 + T. {@link StepHalving} halves
 * a step of θ that would raise G, at the price of a pass for each halving.
 *
 * <p>The θ⁺ of a network may come from passes of stochastic training ({@link TrainingMove}), which
 * are added to the count; the system then has the adjoint's column alone.
 */
public final class Nbo extends JointAlgorithm<NboState> {
  private static final double TOLERANCE = 1e-12;

  private final LambdaRule rule;
  private final ConjugateGradient cg;
  private final ThetaMove move;
  private final UpperStep upper;

  /**
   * Sets up the algorithm; costs no pass.
   *
   * @param rule how the driver's part of λ moves
   */
  Nbo(OuterContext context, NboSettings settings, LambdaRule rule) {
    super(context, settings);
    this.rule = rule;
    this.cg = new ConjugateGradient(settings.products(), TOLERANCE);
    this.move =
        settings.training() == null ? new NewtonMove() : new TrainingMove(settings.training());
    this.upper =
        problem().mixedProductNeedsPass()
            ? new TwoPassStep(rule, context.system(), new FoldRotation(settings.rotation()))
            : new OnePassStep(rule, context.system(), settings);
  }

  @Override
  public OuterStep<NboState> step(BilevelOracle oracle, NboState s) {
    Evaluation at = s.point();
    LowerObjective<Evaluation> lower = oracle.lower(at, at.lambda());
    double[] residual = s.adjointResidual();
    double lag = norm(residual) / norm(at.upperGradient());

    // 1. H [v, w] = [∇_θG, H u − ∇_θF]
    double[][] columns = move.rightHandSides(at.gradient(), residual);
    Solution solved = context.system().solve(lower, at, columns, cg);
    if (!solved.status().isUsable()) {
      return OuterStep.end(s, solved.status());
    }

    // 2. θ⁺ = θ − v, u⁺ = u − w
    double[] v = move.step(lower, at, solved);
    double[] w = solved.columns()[columns.length - 1];
    double[] u = plus(s.adjoint(), -1, w);

    // 3. and 4., with as much of v as does not raise G
    var direction = new UpperStep.Direction(s, v, u, lag, move.mostObjective(at));
    Optional<UpperStep.Taken> taken = StepHalving.first(upper.along(oracle, direction));
    if (taken.isEmpty()) {
      return OuterStep.end(s, Status.STALLED);
    }
    UpperStep.Taken step = taken.get();
    NboState next = new NboState(s.iteration() + 1, step.point(), u);
    if (!Double.isFinite(step.point().value()) || !Vectors.isFinite(step.point().gradient())) {
      return OuterStep.end(next, Status.NOT_FINITE);
    }
    return OuterStep.to(
        next, new IterationRecord.Step(step.hypergradientNorm(), solved.products(), step.length()));
  }

  @Override
  NboState first(Evaluation start) {
    return new NboState(0, start, new double[start.theta().length]);
  }

  @Override
  public String name() {
    return "nbo";
  }

  @Override
  public void save(NboState state, Snapshot own) {
    own.put("u", state.adjoint());
    move.save(own);
    rule.save(own.in("rule"));
  }

  @Override
  public NboState restore(int iteration, Evaluation point, Snapshot own) {
    move.restore(own);
    rule.restore(own.in("rule"));
    return new NboState(iteration, point, own.numbers("u"));
  }
}
