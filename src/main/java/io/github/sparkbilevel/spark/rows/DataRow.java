package io.github.sparkbilevel.spark.rows;

import io.github.sparkbilevel.block.Block;
import java.io.Serializable;

/**
 * One row on its way into a block: encoded, standardised, still on its own.
 *
 * @param part what the row is for
 * @param id row id, unique within its part
 * @param label class index or target
 * @param weight base weight ≥ 0
 * @param group group index of a training row, fold of a trusted row; 0 without
 * @param truth the label known to be right, or NaN
 * @param votes of annotators, as {@link Block#withVotes} takes them; none where there are none
 * @param probabilities of the classes by a model of the user; none where there are none
 * @param indices rising columns of the values, or null for a dense row
 * @param values feature values
 */
public record DataRow(
    Part part,
    long id,
    double label,
    double weight,
    int group,
    double truth,
    int[] votes,
    float[] probabilities,
    int[] indices,
    double[] values)
    implements Serializable {

  /** A row that nobody else has an opinion of. */
  public DataRow(
      Part part,
      long id,
      double label,
      double weight,
      int group,
      double truth,
      int[] indices,
      double[] values) {
    this(part, id, label, weight, group, truth, new int[0], new float[0], indices, values);
  }

  /** What a row is for. */
  public enum Part {
    /** Lower level. */
    TRAIN,
    /** Upper objective. */
    UPPER,
    /** Trusted rows held out. */
    HELD_OUT,
    /** Test rows. */
    TEST;

    /** What messages call the rows. */
    String label() {
      return switch (this) {
        case TRAIN -> "training";
        case UPPER, HELD_OUT -> "trusted";
        case TEST -> "test";
      };
    }
  }
}
