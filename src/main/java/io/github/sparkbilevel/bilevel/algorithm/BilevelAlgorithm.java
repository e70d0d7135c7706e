package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.sampling.RowSampling;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.solve.Status;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A bilevel algorithm for a λ on the driver: {@link FullBatch} or {@link Stochastic}.
 *
 * <p>Life cycle: ask {@link #objection}; then {@link #begin} or {@link #resume}, as often as is
 * wanted, for an algorithm keeps nothing between runs.
 */
public abstract class BilevelAlgorithm {
  /** For {@link FullBatch} and {@link Stochastic} alone. */
  protected BilevelAlgorithm() {}

  /** One iteration on the driver. */
  abstract AlgorithmState next(Rows on, AlgorithmState state, long k);

  /** Whether the algorithm steps along ∇F in θ, so that ‖∇²F‖ has to be known. */
  protected boolean stepsOnUpper() {
    return false;
  }

  /** Whether samples have the memory of SAGA. */
  protected boolean remembers() {
    return false;
  }

  /** Vectors of the length of λ that the algorithm keeps beside those of the rule for λ. */
  protected int memorySize() {
    return 0;
  }

  /** Why the algorithm does not apply, in one sentence; empty where it does. */
  public Optional<String> objection(BilevelProblem problem, AlgorithmSettings settings) {
    if (problem.hasExampleWeights()) {
      return Optional.of(
          "the algorithm keeps λ on the driver, got example-weights, one λ beside each row; use"
              + " nbo");
    }
    if (!Double.isFinite(problem.model().loss().mostCurvatureOverStart())) {
      return Optional.of(
          "the algorithm takes steps of a length that the curvature of the loss bounds, got "
              + problem.model().loss().name()
              + ", whose curvature has no bound; use nbo or lbfgs");
    }
    return problem.sharedSize() == 0
        ? Optional.of("the algorithm has nothing to tune, got an empty λ on the driver")
        : Optional.empty();
  }

  /**
   * Does nothing unless there is an objection.
   *
   * @throws IllegalArgumentException with the objection
   */
  public final void require(BilevelProblem problem, AlgorithmSettings settings) {
    Optional<String> objection = objection(problem, settings);
    if (objection.isPresent()) {
      throw new IllegalArgumentException(objection.get());
    }
  }

  final RowSampling sampling(AlgorithmSettings settings) {
    AlgorithmSettings.Sampling sampling = settings.sampling();
    return RowSampling.ofShare(sampling.share(), remembers(), sampling.seed());
  }

  /**
   * Measures the lengths of steps, by some 13 passes, which are booked as warm-up.
   *
   * @param start θ near the lower solution, λ, and u, which may be 0
   * @throws IllegalArgumentException with the objection, if there is one
   */
  public final AlgorithmRun begin(
      BilevelOracle oracle, AlgorithmState start, AlgorithmSettings settings) {
    require(oracle.problem(), settings);
    oracle.ledger().enter(PassLedger.Phase.WARM_UP);
    RowSampling sampling = sampling(settings);
    Evaluation probe = StepSizes.probe(oracle, start, sampling.batches() > 1);
    try {
      var passes = oracle.samples(sampling, probe.upper().rows());
      double rows = passes.rowsOfDraw(settings.sampling().localSteps() > 1);
      StepSizes measured =
          StepSizes.measure(oracle.problem(), probe, settings, rows, sampling.batches());
      StepSizes sizes =
          stepsOnUpper()
              ? measured.withUpper(probe, oracle.samples(RowSampling.all(), probe.upper().rows()))
              : measured;
      return new AlgorithmRun(this, oracle, sizes, passes).remembering(start);
    } finally {
      probe.release();
    }
  }

  /** Goes on from what {@link AlgorithmRun#save} wrote; costs no pass. */
  public final AlgorithmRun resume(
      BilevelOracle oracle, AlgorithmSettings settings, Snapshot snapshot) {
    RowSampling sampling = sampling(settings);
    StepSizes sizes =
        StepSizes.restored(oracle.problem(), settings, sampling.batches(), snapshot.in("sizes"));
    var passes = oracle.samples(sampling, 0).resumed(snapshot.in("draws"));
    return new AlgorithmRun(this, oracle, sizes, passes).resumed(snapshot);
  }

  /**
   * Runs from a state, without evaluations and checkpoints: what is measured is the algorithm
   * alone. Passes of iterations are booked under {@code OUTER}.
   *
   * @param start as for {@link #begin}
   * @param listener told of every iterate; the run ends when it answers false
   */
  public final AlgorithmResult run(
      BilevelOracle oracle,
      AlgorithmState start,
      AlgorithmSettings settings,
      Predicate<Iterate> listener) {
    try (AlgorithmRun run = begin(oracle, start, settings)) {
      oracle.ledger().enter(PassLedger.Phase.OUTER);
      CountedCost first = CountedCost.outer(oracle.ledger());
      AlgorithmState state = run.withMemory(start);
      CountedCost total = first.minus(first);
      for (int k = 0; k < settings.iterations(); k++) {
        oracle.ledger().begin(k + 1);
        AlgorithmState next = run.step(state, k);
        CountedCost now = CountedCost.outer(oracle.ledger()).minus(first);
        if (!next.isFinite()) {
          return new AlgorithmResult(state, k, now, Status.NOT_FINITE);
        }
        state = next;
        Iterate iterate = new Iterate(k + 1, state, now.minus(total), now);
        total = now;
        if (!listener.test(iterate)) {
          return new AlgorithmResult(state, k + 1, total, Status.CONVERGED);
        }
      }
      return new AlgorithmResult(state, settings.iterations(), total, Status.BUDGET_SPENT);
    }
  }
}
