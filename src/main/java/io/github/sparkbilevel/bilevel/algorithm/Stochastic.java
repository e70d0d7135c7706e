package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.SagaPasses;
import io.github.sparkbilevel.problem.sampling.LocalProgram;
import io.github.sparkbilevel.problem.sampling.SampleSource;
import java.io.Serializable;
import java.util.Optional;

/**
 * An algorithm that reads a sample of the rows in each draw. With a batch share of 1 it is its
 * deterministic self.
 *
 * <p>With local steps, a partition takes that many iterations on its own rows inside one pass, and
 * what the partitions come to is averaged: an iteration of the run is then a pass. The class
 * travels to the rows, so it holds nothing.
 */
public abstract class Stochastic extends BilevelAlgorithm implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The most bytes of SAGA's memory in a partition. */
  private static final long MOST_MEMORY_BYTES = 512L << 20;

  /**
   * One iteration, which may draw as often as it likes, but every time as often.
   *
   * @param k iterations before
   */
  protected abstract AlgorithmState step(Samples on, AlgorithmState state, long k);

  @Override
  final AlgorithmState next(Rows on, AlgorithmState state, long k) {
    int steps = on.localSteps();
    if (steps == 1) {
      return step(on, state, k);
    }
    LocalProgram program = new Local(this, on.sizes());
    return AlgorithmState.of(on.passes().localSteps(program, state.vectors(), steps, k * steps));
  }

  @Override
  public Optional<String> objection(BilevelProblem problem, AlgorithmSettings settings) {
    Optional<String> common = super.objection(problem, settings);
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

  /** The iterations that a partition takes. */
  private record Local(Stochastic algorithm, StepSizes sizes) implements LocalProgram {
    @Override
    public double[][] step(SampleSource source, double[][] vectors, long number) {
      Samples samples = new Samples(source, sizes);
      return algorithm.step(samples, AlgorithmState.of(vectors), number).vectors();
    }
  }
}
