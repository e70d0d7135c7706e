package io.github.sparkbilevel.problem.training;

import java.io.Serializable;

/**
 * How a network is trained by stochastic gradients: in every pass each partition takes steps on
 * small batches of its rows, and the parameters are averaged over the partitions.
 *
 * @param rule of the steps
 * @param passes passes over the rows
 * @param annealed whether the steps shrink to 0 over the passes, like half a cosine
 * @param seed of the draws of batches, which also depend on the pass and the rows' ids
 * @param augmentation what happens to a row before a step
 */
public record Training(
    Rule rule, int passes, boolean annealed, long seed, Augmentation augmentation)
    implements Serializable {
  private static final int LEAST_ROWS = 4096;

  /** How a gradient makes a step. */
  public enum Optimizer {
    /** Kingma and Ba, ICLR 2015; β = (0.9, 0.999), ε = 1e-8. */
    ADAM,
    /** Heavy-ball momentum of 0.9. */
    MOMENTUM
  }

  /**
   * What makes a step.
   *
   * @param optimizer how a gradient makes it
   * @param step length of the first steps; 1e-3 suits {@link Optimizer#ADAM}
   * @param batch rows of a batch
   * @param leastSteps steps that a partition takes in a pass at least, going through its rows more
   *     than once where they are few
   */
  public record Rule(Optimizer optimizer, double step, int batch, int leastSteps)
      implements Serializable {

    /** Checks the figures. */
    public Rule {
      if (!(step > 0) || batch < 1 || leastSteps < 1) {
        throw new IllegalArgumentException(
            "got step %s, batch %d, least steps %d; expected all above 0"
                .formatted(step, batch, leastSteps));
      }
    }

    /** Batches of so many rows, and of 4,096 rows in a pass at least. */
    public static Rule of(Optimizer optimizer, double step, int batch) {
      return new Rule(optimizer, step, batch, Math.max(1, LEAST_ROWS / batch));
    }
  }

  /** Checks the passes. */
  public Training {
    if (passes < 1) {
      throw new IllegalArgumentException(
          "got %d passes of training, expected 1 or more".formatted(passes));
    }
  }

  /** Rows stay as they are. */
  public Training(Rule rule, int passes, boolean annealed, long seed) {
    this(rule, passes, annealed, seed, Augmentation.NONE);
  }

  /** Adam with batches of 32 rows and a first step of 1e-3, annealed. */
  public static Training adam(int passes, long seed) {
    return new Training(Rule.of(Optimizer.ADAM, 1e-3, 32), passes, true, seed);
  }

  /** The same for another number of passes. */
  public Training passes(int newPasses) {
    return new Training(rule, newPasses, annealed, seed, augmentation);
  }

  /** The same with steps that keep their length, or shrink. */
  public Training annealed(boolean shrink) {
    return new Training(rule, passes, shrink, seed, augmentation);
  }

  /** The same with another first step. */
  public Training step(double newStep) {
    Rule other = new Rule(rule.optimizer, newStep, rule.batch, rule.leastSteps);
    return new Training(other, passes, annealed, seed, augmentation);
  }

  /** The same with batches of so many rows. */
  public Training batch(int rows) {
    Rule other = Rule.of(rule.optimizer, rule.step, rows);
    return new Training(other, passes, annealed, seed, augmentation);
  }

  /** The same with rows that are moved. */
  public Training augmentedBy(Augmentation moves) {
    return new Training(rule, passes, annealed, seed, moves);
  }

  /** Step length when the share {@code done} of all passes is over. */
  double stepAt(double done) {
    double length = rule.step;
    return annealed ? length * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done))) : length;
  }
}
