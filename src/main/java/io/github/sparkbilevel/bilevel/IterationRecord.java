package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What is known after an outer iteration.
 *
 * @param iteration from 1; 0 is the point after the warm-up
 * @param spent by the run so far
 * @param figures how the model does on the rows that make F, those held out, and the test rows
 * @param point where the iteration led
 * @param step that led there
 */
public record IterationRecord(
    int iteration, Spent spent, ModelFigures figures, Point point, Step step) {
  private static final int NUMBERS = 22;

  /**
   * What a run has spent.
   *
   * @param passes passes of the outer loop
   * @param seconds since the solve began
   * @param evaluations evaluations of the hypergradient
   */
  public record Spent(int passes, double seconds, int evaluations) {}

  /**
   * A point (θ, λ).
   *
   * @param lowerObjective G(θ, λ)
   * @param lowerGradientNorm ‖∇_θ G‖
   * @param lambda the driver's part of λ
   */
  public record Point(double lowerObjective, double lowerGradientNorm, double[] lambda) {}

  /**
   * A step to a new point.
   *
   * @param hypergradientNorm ‖∇Φ‖ over all entries of λ
   * @param products Hessian products that it took
   * @param stepLength share of the whole step that was taken
   */
  public record Step(double hypergradientNorm, int products, double stepLength) {}

  /** The same, but for a λ of more entries than a number, which is left out. */
  public IterationRecord brief(int mostLambda) {
    Point shown = new Point(point.lowerObjective, point.lowerGradientNorm, new double[0]);
    return point.lambda.length <= mostLambda
        ? this
        : new IterationRecord(iteration, spent, figures, shown, step);
  }

  /** Writes down a history, of which no entry may change; it may grow. */
  static void save(List<IterationRecord> history, Snapshot snapshot) {
    int count = history.size();
    snapshot.putLater("history", () -> numbers(history.subList(0, count)));
  }

  private static double[] numbers(List<IterationRecord> history) {
    int length = 0;
    for (IterationRecord record : history) {
      length += NUMBERS + record.point.lambda.length;
    }
    DoubleBuffer all = DoubleBuffer.allocate(length);
    for (IterationRecord record : history) {
      Spent spent = record.spent;
      all.put(record.iteration).put(spent.passes).put(spent.seconds).put(spent.evaluations);
      put(record.figures.upper(), all);
      put(record.figures.heldOut(), all);
      put(record.figures.test(), all);
      Point point = record.point;
      all.put(point.lowerObjective).put(point.lowerGradientNorm);
      all.put(point.lambda.length).put(point.lambda);
      Step step = record.step;
      all.put(step.hypergradientNorm).put(step.products).put(step.stepLength);
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
              new Spent((int) all.get(), all.get(), (int) all.get()),
              new ModelFigures(tally(all), tally(all), tally(all)),
              new Point(all.get(), all.get(), lambda(all)),
              new Step(all.get(), (int) all.get(), all.get())));
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
