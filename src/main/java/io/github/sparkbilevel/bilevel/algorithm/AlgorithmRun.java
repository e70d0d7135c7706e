package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.problem.UpperRows;
import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.SagaPasses;
import io.github.sparkbilevel.problem.oracle.SampledPasses;
import io.github.sparkbilevel.problem.sampling.Draw;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.List;

/**
 * An algorithm at work on the rows of an oracle: the lengths of its steps, and its draws.
 *
 * <p>Life cycle: {@link BilevelAlgorithm#begin} or {@link BilevelAlgorithm#resume}; {@link #step}
 * or {@link #epoch} as often as is wanted; {@link #close}, which frees the memory of draws.
 */
public final class AlgorithmRun implements AutoCloseable {
  private final BilevelAlgorithm algorithm;
  private final BilevelOracle oracle;
  private final StepSizes sizes;
  private SampledPasses passes;
  private SagaPasses memory;

  AlgorithmRun(
      BilevelAlgorithm algorithm, BilevelOracle oracle, StepSizes sizes, SampledPasses passes) {
    this.algorithm = algorithm;
    this.oracle = oracle;
    this.sizes = sizes;
    this.passes = passes;
  }

  /**
   * Where an epoch led.
   *
   * @param iterations of the algorithm so far
   */
  public record Epoch(AlgorithmState state, long iterations) {}

  /** Fills the memory of draws at a state, where the algorithm has one; costs 1 pass then. */
  AlgorithmRun remembering(AlgorithmState at) {
    if (algorithm.remembers()) {
      SagaPasses filled =
          passes.withMemory(Draw.gradient(at.theta(), at.lambda()).along(at.adjoint()).withUpper());
      close();
      memory = filled;
    }
    return this;
  }

  AlgorithmRun resumed(Snapshot snapshot) {
    if (algorithm.remembers()) {
      memory = passes.withMemory(snapshot.in("memory"));
    }
    return this;
  }

  /** A state with room for everything that it will carry. */
  public AlgorithmState withMemory(AlgorithmState start) {
    int size = sizes.settings().steps().upper().memorySize() + algorithm.memorySize();
    List<double[]> vectors = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      vectors.add(start.memory(i, start.lambda().length));
    }
    return new AlgorithmState(start.theta(), start.adjoint(), start.lambda(), vectors);
  }

  /**
   * One iteration.
   *
   * @param k iterations before
   */
  public AlgorithmState step(AlgorithmState state, long k) {
    Rows rows = new Rows(oracle, passes, memory == null ? passes : memory, sizes);
    return algorithm.next(rows, state, k);
  }

  /**
   * One iteration or more, until samples have covered all rows once and so many passes are spent;
   * ends where a number is not finite.
   *
   * @param k iterations before
   * @param leastPasses passes to spend
   */
  public Epoch epoch(AlgorithmState state, long k, int leastPasses) {
    int batches = algorithm.sampling(sizes.settings()).batches();
    long lastDraw = batches == 1 ? 0 : passes.draws() + batches;
    int lastPass = oracle.ledger().passes() + leastPasses;
    AlgorithmState at = state;
    long iterations = k;
    do {
      at = step(at, iterations++);
    } while (at.isFinite() && (passes.draws() < lastDraw || oracle.ledger().passes() < lastPass));
    return new Epoch(at, iterations);
  }

  /**
   * Goes on where other row features are in use, or another fold of the trusted rows makes F: 1
   * pass where draws have a memory.
   *
   * @param rows the rows that make F
   * @param count how many they are
   */
  public void over(UpperRows rows, long count, AlgorithmState at) {
    passes = passes.over(rows, count);
    remembering(at);
  }

  /**
   * Writes down what the run remembers.
   *
   * @param state where it stands
   */
  public void save(AlgorithmState state, Snapshot snapshot) {
    snapshot.put("theta", state.theta());
    snapshot.put("adjoint", state.adjoint());
    snapshot.put("lambda", state.lambda());
    for (int i = 0; i < state.memory().size(); i++) {
      snapshot.put("carried" + i, state.memory().get(i));
    }
    sizes.save(snapshot.in("sizes"));
    passes.save(snapshot.in("draws"));
    if (memory != null) {
      memory.save(snapshot.in("memory"));
    }
  }

  /** The state that {@link #save} wrote. */
  public static AlgorithmState state(Snapshot snapshot) {
    List<double[]> carried = new ArrayList<>();
    while (snapshot.has("carried" + carried.size())) {
      carried.add(snapshot.numbers("carried" + carried.size()));
    }
    return new AlgorithmState(
        snapshot.numbers("theta"),
        snapshot.numbers("adjoint"),
        snapshot.numbers("lambda"),
        carried);
  }

  @Override
  public void close() {
    if (memory != null) {
      memory.close();
    }
  }
}
