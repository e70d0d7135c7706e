package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.RowOutputs;
import java.io.Serializable;

/**
 * What the passes of a bilevel run keep beside the training blocks of one partition.
 *
 * <p>Each field has one array for each training block, or is null where it does not apply.
 *
 * @param fingerprint of the rows it belongs to; every join checks it
 * @param lambda λ_i, where λ has an entry for every row
 * @param scores the log-odds of the rows' labels, before standardisation
 * @param weights s_i times the base weight, as the outputs were last evaluated
 * @param outputs predictions, losses and tangents at the last point
 * @param memory the last sums of each mini-block, where draws remember them
 */
public record PartitionState(
    long fingerprint,
    double[][] lambda,
    RowScores[] scores,
    double[][] weights,
    RowOutputs[] outputs,
    double[][] memory)
    implements Serializable {

  /** Without a memory of draws. */
  public PartitionState(
      long fingerprint,
      double[][] lambda,
      RowScores[] scores,
      double[][] weights,
      RowOutputs[] outputs) {
    this(fingerprint, lambda, scores, weights, outputs, null);
  }

  /** What draws need of the state, with a memory of them. */
  public static PartitionState remembering(long fingerprint, PartitionState of, double[][] memory) {
    RowScores[] scores = of == null ? null : of.scores();
    return new PartitionState(fingerprint, null, scores, null, null, memory);
  }

  /** Throws when the state belongs to other rows than the data. */
  public void requireBelongsTo(PartitionData data) {
    if (fingerprint != data.fingerprint()) {
      throw new IllegalStateException(
          "a state was joined with rows that it does not belong to: the input changed while the job"
              + " ran; run it again on data that stands still");
    }
  }
}
