package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.problem.BilevelOracle;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Draw;
import io.github.sparkbilevel.problem.Evaluation;
import io.github.sparkbilevel.problem.LocalProgram;
import io.github.sparkbilevel.problem.PassLedger;
import io.github.sparkbilevel.problem.RowSampling;
import io.github.sparkbilevel.problem.SagaPasses;
import io.github.sparkbilevel.problem.SampleSource;
import io.github.sparkbilevel.problem.SampledPasses;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What algorithms that read a sample of the rows in a draw share. With a batch share of 1 they are
 * their deterministic selves.
 *
 * <p>With local steps, a partition takes that many iterations on its own rows inside one pass, and
 * what the partitions come to is averaged: an iteration of the run is then a pass. The class
 * travels to the rows, so it holds nothing.
 */
abstract class Stochastic implements BilevelAlgorithm, Serializable {
  private static final long serialVersionUID = 1L;

  /** The most bytes of SAGA's memory in a partition. */
  private static final long MOST_MEMORY_BYTES = 512L << 20;

  /** One iteration, which may draw as often as it likes, but every time as often. */
  abstract AlgorithmState step(Samples on, AlgorithmState state, long k);

  /** Whether the algorithm steps along ∇F in θ, so that ‖∇²F‖ has to be known. */
  boolean stepsOnUpper() {
    return false;
  }

  /** Whether samples have the memory of SAGA. */
  boolean remembers() {
    return false;
  }

  /** Vectors of the length of λ that the algorithm keeps beside those of the rule for λ. */
  int memorySize() {
    return 0;
  }

  @Override
  public Optional<String> objection(BilevelProblem problem, AlgorithmSettings settings) {
    Optional<String> common = Loop.objection(problem);
    return common.isEmpty() && remembers() ? ofMemory(problem, settings) : common;
  }

  private Optional<String> ofMemory(BilevelProblem problem, AlgorithmSettings settings) {
    if (!problem.model().isLinear()) {
      return Optional.of(
          "the memory of SAGA holds gradients that change slowly, got a network; use soba or"
              + " nsbo-sgd");
    }
    if (settings.sampling().localSteps() > 1) {
      return Optional.of(
          "the memory of SAGA is of one point for all partitions, got "
              + settings.sampling().localSteps()
              + " local steps; use 1, or an algorithm without memory");
    }
    long bytes = SagaPasses.bytes(problem, sampling(settings));
    return bytes <= MOST_MEMORY_BYTES
        ? Optional.empty()
        : Optional.of(
            "the memory of SAGA would take %d MiB in a partition, expected at most %d; use a greater batch share, or soba"
                .formatted(bytes >> 20, MOST_MEMORY_BYTES >> 20));
  }

  private RowSampling sampling(AlgorithmSettings settings) {
    AlgorithmSettings.Sampling sampling = settings.sampling();
    return RowSampling.ofShare(sampling.share(), remembers(), sampling.seed());
  }

  @Override
  public AlgorithmResult run(
      BilevelOracle oracle,
      AlgorithmState start,
      AlgorithmSettings settings,
      Predicate<Iterate> listener) {
    Loop.require(objection(oracle.problem(), settings));
    oracle.ledger().enter(PassLedger.Phase.WARM_UP);
    RowSampling sampling = sampling(settings);
    Evaluation probe = StepSizes.probe(oracle, start, sampling.batches() > 1);
    long upperRows = probe.upper().rows();
    SampledPasses passes = oracle.samples(sampling, upperRows);
    int localSteps = settings.sampling().localSteps();
    double rows = passes.rowsOfDraw(localSteps > 1);
    StepSizes measured =
        StepSizes.measure(oracle.problem(), probe, settings, rows, sampling.batches());
    StepSizes sizes =
        stepsOnUpper()
            ? measured.withUpper(probe, oracle.samples(RowSampling.all(), upperRows))
            : measured;
    probe.release();
    AlgorithmState first = withMemory(start, settings);
    if (localSteps > 1) {
      LocalProgram program = new Local(this, sizes, settings.lowerSteps(), settings.linearSteps());
      return Loop.run(
          oracle.ledger(),
          first,
          settings.iterations(),
          (state, k) ->
              AlgorithmState.of(
                  passes.localSteps(program, state.vectors(), localSteps, (long) k * localSteps)),
          listener);
    }
    if (!remembers()) {
      return run(passes, sizes, oracle, first, settings, listener);
    }
    Draw all = Draw.gradient(start.theta(), start.lambda()).along(start.adjoint()).withUpper();
    try (SagaPasses saga = passes.withMemory(all)) {
      return run(saga, sizes, oracle, first, settings, listener);
    }
  }

  private AlgorithmResult run(
      SampleSource source,
      StepSizes sizes,
      BilevelOracle oracle,
      AlgorithmState first,
      AlgorithmSettings settings,
      Predicate<Iterate> listener) {
    Samples samples = new Samples(source, sizes, settings.lowerSteps(), settings.linearSteps());
    return Loop.run(
        oracle.ledger(),
        first,
        settings.iterations(),
        (state, k) -> step(samples, state, k),
        listener);
  }

  /** The state with room for everything that it will carry. */
  private AlgorithmState withMemory(AlgorithmState start, AlgorithmSettings settings) {
    int size = settings.steps().upper().memorySize() + memorySize();
    List<double[]> memory = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      memory.add(start.memory(i, start.lambda().length));
    }
    return new AlgorithmState(start.theta(), start.adjoint(), start.lambda(), memory);
  }

  /** The iterations that a partition takes. */
  private record Local(Stochastic algorithm, StepSizes sizes, int lowerSteps, int linearSteps)
      implements LocalProgram {
    @Override
    public double[][] step(SampleSource source, double[][] vectors, long number) {
      Samples samples = new Samples(source, sizes, lowerSteps, linearSteps);
      return algorithm.step(samples, AlgorithmState.of(vectors), number).vectors();
    }
  }
}
