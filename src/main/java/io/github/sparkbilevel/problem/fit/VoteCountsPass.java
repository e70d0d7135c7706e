package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;

/**
 * How often each annotator said l of rows of class k, each row counted once.
 *
 * <p>Sums: the counts at [j][k][l], then the number of rows of each class that anybody voted on.
 *
 * @param by gives the probabilities of the class of a training row by its votes; null takes the
 *     labels for right
 * @param rows which rows are counted
 * @param annotators J
 * @param classes K
 */
record VoteCountsPass(VoteModel by, Rows rows, int annotators, int classes)
    implements Pass<PartitionState, PartitionState> {

  /** The rows that are counted. */
  enum Rows {
    /** The training rows. */
    TRAINING,
    /** The trusted rows of the upper objective. */
    TRUSTED
  }

  @Override
  public String name() {
    return "count votes";
  }

  @Override
  public String kernels() {
    return "posteriors of votes, counts";
  }

  @Override
  public long bytes() {
    return by == null ? 0 : 8L * annotators * classes * classes;
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    double[] sums = new double[(annotators * classes + 1) * classes];
    double[] prior = by == null ? new double[classes] : by.logPrior();
    for (Block block : rows == Rows.TRUSTED ? data.upper() : data.train()) {
      for (int i = 0; i < block.rows(); i++) {
        double[] q = prior.clone();
        if (by == null) {
          q[(int) block.labels()[i]] = 1;
        } else {
          by.posterior(block.votes(i), q);
        }
        add(block.votes(i), q, sums);
      }
    }
    return new PassOutput<>(null, sums);
  }

  private void add(int[] votes, double[] q, double[] sums) {
    for (int k = 0; k < classes; k++) {
      for (int vote : votes) {
        sums[(vote / classes * classes + k) * classes + vote % classes] += q[k];
      }
      sums[annotators * classes * classes + k] += votes.length > 0 ? q[k] : 0;
    }
  }
}
