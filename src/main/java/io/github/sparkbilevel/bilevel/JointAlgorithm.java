package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Bounds;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.snapshot.Snapshot;

/**
 * An algorithm whose θ moves along with λ, from a start near the lower solution: {@link Nbo} or
 * {@link FieldAlgorithm}. It ends by {@link Patience}, and {@link HeldOutChoice} says which iterate
 * is returned.
 *
 * <p>Life cycle: {@link #run} or {@link #resume}, once.
 */
abstract class JointAlgorithm<S extends OuterState> implements OuterAlgorithm<S> {
  final OuterContext context;
  final NboSettings settings;

  JointAlgorithm(OuterContext context, NboSettings settings) {
    this.context = context;
    this.settings = settings;
  }

  /**
   * The algorithm of the settings.
   *
   * @param rule how λ moves by NBO
   * @param bounds of λ
   */
  static JointAlgorithm<?> of(
      OuterContext context, NboSettings settings, LambdaRule rule, Bounds bounds) {
    return settings.field() == null
        ? new Nbo(context, settings, rule)
        : new FieldAlgorithm(context, settings, bounds);
  }

  /** The state that a run starts from; takes over the evaluation. */
  abstract S first(Evaluation start);

  /**
   * Runs from a point near the lower solution; releases {@code start}.
   *
   * @param start an evaluation at (θ_0, λ_0), made with what the Newton system was due
   */
  public final OuterResult run(Evaluation start) {
    S first = first(start);
    context.oracle().ledger().enter(PassLedger.Phase.OUTER);
    context.oracle().ledger().begin(0);
    return result(loop().run(OuterStep.to(first, new IterationRecord.Step(0, 0, 1))));
  }

  /** Goes on from what an earlier run of the same settings put into its checkpoints. */
  public final OuterResult resume(Snapshot snapshot) {
    return result(loop().resume(snapshot));
  }

  private static OuterResult result(OuterLoop.Result<?> run) {
    return new OuterResult(run.best(), run.course());
  }

  private OuterLoop<S> loop() {
    Patience patience = new Patience(problem(), settings.patience(), settings.tolerance());
    return new OuterLoop<>(context, this, new HeldOutChoice(problem()), patience);
  }

  final BilevelProblem problem() {
    return context.oracle().problem();
  }

  @Override
  public final int spent(S state) {
    return state.iteration();
  }

  @Override
  public final int budget() {
    return settings.iterations();
  }
}
