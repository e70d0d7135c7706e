package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.algorithm.AlgorithmRun;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Bounds;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmState;
import io.github.sparkbilevel.bilevel.algorithm.BilevelAlgorithm;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.UpperRows;
import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.ConjugateGradient.Solution;
import io.github.sparkbilevel.solve.Status;
import java.util.List;
import java.util.OptionalInt;

/**
 * One of the field's algorithms in the outer loop. An iteration of the loop is one of the
 * algorithm, or as many as it takes to spend 10 passes and to read all rows once.
 *
 * <p>Passes of an iteration: those of the algorithm, 1 for the evaluation that the history shows
 * and the choice goes by, and where λ weighs rows 1 for the mixed product, which also refreshes row
 * features.
 */
final class FieldAlgorithm extends JointAlgorithm<FieldState> {
  /** So that the evaluation is a tenth of the cost, or less. */
  private static final int LEAST_PASSES = 10;

  /** Of the adjoint at the start. */
  private static final int MOST_PRODUCTS = 20;

  private static final double TOLERANCE = 1e-3;

  private final BilevelAlgorithm algorithm;
  private final AlgorithmSettings how;
  private final FoldRotation folds;
  private AlgorithmRun run;

  /**
   * Sets up the algorithm; costs no pass.
   *
   * @throws IllegalArgumentException with the algorithm's objection, if it has one
   */
  FieldAlgorithm(OuterContext context, NboSettings settings, Bounds bounds) {
    super(context, settings);
    this.algorithm = settings.field().algorithm();
    this.how = settings.field().settings(settings.iterations(), bounds, context.oracle().rows());
    algorithm.require(problem(), how);
    this.folds = new FoldRotation(settings.rotation());
  }

  @Override
  FieldState first(Evaluation start) {
    BilevelOracle oracle = context.oracle();
    Evaluation point = start;
    UpperRows fold = folds.foldAt(0);
    if (!fold.isAll()) {
      Query query = Query.at(start.theta(), start.lambda()).over(fold);
      start.release();
      point = oracle.evaluate(query.with(context.system().due()));
    }
    AlgorithmState from =
        new AlgorithmState(point.theta(), adjoint(oracle, point), point.lambda(), List.of());
    run = algorithm.begin(oracle, from, how);
    if (!fold.isAll()) {
      run.over(fold, point.upper().rows(), from);
    }
    return new FieldState(0, point, run.withMemory(from), 0);
  }

  /** u near H⁻¹∇_θF: λ would move by a u on its way from 0 otherwise. */
  private double[] adjoint(BilevelOracle oracle, Evaluation point) {
    ConjugateGradient cg = new ConjugateGradient(MOST_PRODUCTS, TOLERANCE);
    Solution solved =
        context
            .system()
            .solve(
                oracle.lower(point, point.lambda()),
                point,
                new double[][] {point.upperGradient()},
                cg);
    return solved.status().isUsable() ? solved.columns()[0] : new double[point.theta().length];
  }

  @Override
  public OuterStep<FieldState> step(BilevelOracle oracle, FieldState s) {
    long products = oracle.ledger().work(PassLedger.Phase.OUTER).products();
    AlgorithmRun.Epoch epoch = run.epoch(s.state(), s.steps(), LEAST_PASSES);
    AlgorithmState to = epoch.state();
    if (!to.isFinite()) {
      return OuterStep.end(s, Status.NOT_FINITE);
    }
    int k = s.iteration() + 1;
    OptionalInt refresh = folds.refreshAt(k);
    double norm = Vectors.norm(hypergradient(oracle, s.point(), to, refresh));
    Query query = Query.at(to.theta(), to.lambda()).along(to.adjoint()).over(folds.foldAt(k));
    Evaluation point = oracle.evaluate(query);
    FieldState next = new FieldState(k, point, to, epoch.iterations());
    if (!Double.isFinite(point.value()) || !Vectors.isFinite(point.gradient())) {
      return OuterStep.end(next, Status.NOT_FINITE);
    }
    if (refresh.isPresent()) {
      run.over(folds.foldAt(k), point.upper().rows(), to);
    }
    long taken = oracle.ledger().work(PassLedger.Phase.OUTER).products() - products;
    return OuterStep.to(next, new IterationRecord.Step(norm, (int) taken, 1));
  }

  /** ∇_λF − ∇²_λθG · u at the new θ and u, where λ weighs rows at the λ before. */
  private double[] hypergradient(
      BilevelOracle oracle, Evaluation before, AlgorithmState to, OptionalInt refresh) {
    double[] mixed =
        problem().mixedProductNeedsPass()
            ? oracle.mixedProduct(before, to.theta(), to.adjoint(), refresh).values()
            : problem().penaltyMixedProduct(to.theta(), to.adjoint(), to.lambda());
    return problem().hypergradient(mixed, to.lambda());
  }

  @Override
  public String name() {
    return "field";
  }

  @Override
  public void save(FieldState state, Snapshot own) {
    own.put("steps", state.steps());
    run.save(state.state(), own.in("run"));
  }

  @Override
  public FieldState restore(int iteration, Evaluation point, Snapshot own) {
    Snapshot ofRun = own.in("run");
    run = algorithm.resume(context.oracle(), how, ofRun);
    return new FieldState(iteration, point, AlgorithmRun.state(ofRun), (long) own.number("steps"));
  }

  @Override
  public void close() {
    run.close();
  }
}
