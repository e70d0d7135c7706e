package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What is known after an outer iteration.
 *
 * @param iteration from 1; 0 is the point after the warm-up
 * @param passes passes of the outer loop so far
 * @param seconds since the solve began
 * @param upper the trusted rows that make F
 * @param heldOut the trusted rows held out
 * @param test the test rows
 * @param lowerObjective G(θ, λ)
 * @param lowerGradientNorm ‖∇_θ G‖
 * @param hypergradientNorm ‖∇Φ‖ over all entries of λ
 * @param products Hessian products of this iteration
 * @param stepLength share of the Newton step that was taken
 * @param evaluations evaluations of the hypergradient so far
 * @param lambda the driver's part of λ
 */
public record IterationRecord(
    int iteration,
    int passes,
    double seconds,
    Tally upper,
    Tally heldOut,
    Tally test,
    double lowerObjective,
    double lowerGradientNorm,
    double hypergradientNorm,
    int products,
    double stepLength,
    int evaluations,
    double[] lambda) {
  private static final int NUMBERS = 22;

  /** Writes down a history, of which no entry may change; it may grow. */
  static void save(List<IterationRecord> history, Snapshot snapshot) {
    int count = history.size();
    snapshot.putLater("history", () -> numbers(history.subList(0, count)));
  }

  private static double[] numbers(List<IterationRecord> history) {
    int length = 0;
    for (IterationRecord record : history) {
      length += NUMBERS + record.lambda.length;
    }
    DoubleBuffer all = DoubleBuffer.allocate(length);
    for (IterationRecord record : history) {
      all.put(record.iteration).put(record.passes).put(record.seconds);
      put(record.upper, all);
      put(record.heldOut, all);
      put(record.test, all);
      all.put(record.lowerObjective).put(record.lowerGradientNorm).put(record.hypergradientNorm);
      all.put(record.products).put(record.stepLength).put(record.evaluations);
      all.put(record.lambda.length).put(record.lambda);
    }
    return all.array();
  }

  private static void put(Tally tally, DoubleBuffer all) {
    all.put(tally.loss())
        .put(tally.accuracy())
        .put(tally.standardError())
        .put((double) tally.rows());
  }

  /** The history that {@link #save} wrote. */
  static List<IterationRecord> restored(Snapshot snapshot) {
    List<IterationRecord> history = new ArrayList<>();
    DoubleBuffer all = DoubleBuffer.wrap(snapshot.numbers("history"));
    while (all.hasRemaining()) {
      history.add(
          new IterationRecord(
              (int) all.get(),
              (int) all.get(),
              all.get(),
              tally(all),
              tally(all),
              tally(all),
              all.get(),
              all.get(),
              all.get(),
              (int) all.get(),
              all.get(),
              (int) all.get(),
              lambda(all)));
    }
    return history;
  }

  private static Tally tally(DoubleBuffer all) {
    return new Tally(all.get(), all.get(), all.get(), (long) all.get());
  }

  private static double[] lambda(DoubleBuffer all) {
    double[] lambda = new double[(int) all.get()];
    all.get(lambda);
    return lambda;
  }
}
