package io.github.sparkbilevel.problem.training;

import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.io.Serializable;

/**
 * Parameters of one or more models on their way, with what the optimizer remembers.
 *
 * @param theta the models' parameters, d each
 * @param first means of gradients, or velocities
 * @param second means of squared gradients; null for momentum
 * @param steps steps that each model took, on average over the partitions
 * @param passes passes so far
 */
public record Trained(double[] theta, double[] first, double[] second, double[] steps, int passes)
    implements Serializable {

  /** A start; the optimizer remembers nothing. */
  public static Trained from(double[] theta, int models, Training training) {
    boolean adam = training.rule().optimizer() == Training.Optimizer.ADAM;
    return new Trained(
        theta,
        new double[theta.length],
        adam ? new double[theta.length] : null,
        new double[models],
        0);
  }

  /** Writes all of it down. */
  public void save(Snapshot snapshot) {
    snapshot.put("theta", theta);
    snapshot.put("first", first);
    snapshot.put("second", second);
    snapshot.put("steps", steps);
    snapshot.put("passes", passes);
  }

  /** What {@link #save} wrote. */
  public static Trained restored(Snapshot snapshot) {
    return new Trained(
        snapshot.numbers("theta"),
        snapshot.numbers("first"),
        snapshot.numbersOrNull("second"),
        snapshot.numbers("steps"),
        snapshot.integer("passes"));
  }

  /** Number of models. */
  int models() {
    return steps.length;
  }

  private int vectors() {
    return second == null ? 2 : 3;
  }

  /** Sums of a pass for one model: weight, weighted steps, weighted vectors. */
  public int stride() {
    return 2 + vectors() * theta.length / models();
  }

  /** Bytes of the vectors. */
  public long bytes() {
    return 8L * vectors() * theta.length;
  }

  /** The average that the sums of a pass make; a model without rows stays as it is. */
  public Trained next(double[] sums) {
    int d = theta.length / models();
    double[] newSteps = steps.clone();
    double[][] old = {theta, first, second};
    double[][] vectors = new double[3][];
    for (int v = 0; v < vectors(); v++) {
      vectors[v] = old[v].clone();
      for (int f = 0; f < models(); f++) {
        int at = f * stride();
        if (sums[at] > 0) {
          newSteps[f] = sums[at + 1] / sums[at];
          for (int j = 0; j < d; j++) {
            vectors[v][f * d + j] = sums[at + 2 + v * d + j] / sums[at];
          }
        }
      }
    }
    return new Trained(vectors[0], vectors[1], vectors[2], newSteps, passes + 1);
  }
}
