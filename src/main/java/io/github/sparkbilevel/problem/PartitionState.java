package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.block.Reals;
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
 * @param seen as the rows were last evaluated
 * @param memory the last sums of each mini-block, where draws remember them
 */
public record PartitionState(
    long fingerprint, double[][] lambda, RowScores[] scores, Seen seen, double[][] memory)
    implements Serializable {

  /**
   * What an evaluation left.
   *
   * @param weights s_i times the base weight
   * @param predictions for Hessian products at the point
   * @param outputs predictions, losses and tangents for the evaluation behind a mixed product
   */
  public record Seen(double[][] weights, Reals[] predictions, RowOutputs[] outputs)
      implements Serializable {
    /** Nothing. */
    public static final Seen NONE = new Seen(null, null, null);

    /** A point with its weights. */
    public static Seen point(double[][] weights, Reals[] predictions) {
      return new Seen(weights, predictions, null);
    }

    /** What a mixed product leaves to the evaluation behind it. */
    public static Seen forward(RowOutputs[] outputs) {
      return new Seen(null, null, outputs);
    }
  }

  /** s_i times the base weight, as last evaluated. */
  public double[][] weights() {
    return seen.weights;
  }

  /** The predictions of a block, as last evaluated; not to be changed. */
  public double[] predictions(int block) {
    return seen.predictions[block].values();
  }

  /** The same as they are kept, one object from pass to pass. */
  public Reals keptPredictions(int block) {
    return seen.predictions[block];
  }

  /** Predictions, losses and tangents that a mixed product left. */
  public RowOutputs[] outputs() {
    return seen.outputs;
  }

  /** What draws need of the state, with a memory of them. */
  public static PartitionState remembering(long fingerprint, PartitionState of, double[][] memory) {
    RowScores[] scores = of == null ? null : of.scores();
    return new PartitionState(fingerprint, null, scores, Seen.NONE, memory);
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
