package io.github.sparkbilevel.problem.pass;

import io.github.sparkbilevel.linalg.Vectors;

/** What becomes of the numbers that a pass makes of each partition; always in partition order. */
public enum Combination {
  /** They are added; all are of one length. */
  SUM {
    @Override
    public double[] of(double[] before, double[] next) {
      for (int i = 0; i < before.length; i++) {
        before[i] += next[i];
      }
      return before;
    }

    @Override
    public long numbersReceived(int result, int partitions) {
      return (long) result * partitions;
    }
  },
  /** They are put one behind the other. */
  JOIN {
    @Override
    public double[] of(double[] before, double[] next) {
      return Vectors.join(before, next);
    }

    @Override
    public long numbersReceived(int result, int partitions) {
      return result;
    }
  };

  /**
   * The numbers so far and those of the next partition.
   *
   * @param before may be overwritten, and become the result
   */
  public abstract double[] of(double[] before, double[] next);

  /** How many numbers the partitions sent for a result of so many. */
  public abstract long numbersReceived(int result, int partitions);
}
