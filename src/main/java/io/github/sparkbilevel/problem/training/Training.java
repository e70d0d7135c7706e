package io.github.sparkbilevel.problem.training;

import java.io.Serializable;

/**
 * How a network is trained by stochastic gradients: in every pass each partition takes steps on
 * small batches of its rows, and the parameters are averaged over the partitions.
 *
 * @param optimizer how a gradient makes a step
 * @param step length of the first steps; 1e-3 suits {@link Optimizer#ADAM}
 * @param batch rows of a batch
 * @param passes passes over the rows
 * @param leastSteps steps that a partition takes in a pass at least, going through its rows more
 *     than once where they are few
 * @param annealed whether the steps shrink to 0 over the passes, like half a cosine
 * @param seed of the draws of batches, which also depend on the pass and the rows' ids
 */
public record Training(
    Optimizer optimizer,
    double step,
    int batch,
    int passes,
    int leastSteps,
    boolean annealed,
    long seed)
    implements Serializable {

  private static final int LEAST_ROWS = 4096;

  /** How a gradient makes a step. */
  public enum Optimizer {
    /** Kingma and Ba, ICLR 2015; β = (0.9, 0.999), ε = 1e-8. */
    ADAM,
    /** Heavy-ball momentum of 0.9. */
    MOMENTUM
  }

  /** Checks the figures. */
  public Training {
    if (!(step > 0) || batch < 1 || passes < 1 || leastSteps < 1) {
      throw new IllegalArgumentException(
          "got step %s, batch %d, passes %d, least steps %d; expected all above 0"
              .formatted(step, batch, passes, leastSteps));
    }
  }

  /** Adam with batches of 128 rows and a first step of 1e-3, annealed. */
  public static Training adam(int passes, long seed) {
    return new Training(Optimizer.ADAM, 1e-3, 128, passes, LEAST_ROWS / 128, true, seed);
  }

  /** The same with another optimizer. */
  public Training by(Optimizer other) {
    return new Training(other, step, batch, passes, leastSteps, annealed, seed);
  }

  /** The same with batches of so many rows, and of 4,096 rows in a pass at least. */
  public Training batch(int rows) {
    int least = Math.max(1, LEAST_ROWS / rows);
    return new Training(optimizer, step, rows, passes, least, annealed, seed);
  }

  /** The same for another number of passes. */
  public Training passes(int newPasses) {
    return new Training(optimizer, step, batch, newPasses, leastSteps, annealed, seed);
  }

  /** The same with steps that keep their length, or shrink. */
  public Training annealed(boolean shrink) {
    return new Training(optimizer, step, batch, passes, leastSteps, shrink, seed);
  }

  /** The same with another first step. */
  public Training step(double newStep) {
    return new Training(optimizer, newStep, batch, passes, leastSteps, annealed, seed);
  }

  /** Step length when the share {@code done} of all passes is over. */
  double stepAt(double done) {
    return annealed ? step * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done))) : step;
  }
}
