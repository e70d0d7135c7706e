package io.github.sparkbilevel.spark.score;

import java.io.Serializable;

/**
 * What a cleaning run says of one training row.
 *
 * @param id row id
 * @param label class index of the given label, or its value
 * @param truth class index of the right label, or its value, or NaN where it is not known
 * @param learned what λ says of the row
 * @param judged what the judges say
 */
public record RowScore(long id, double label, double truth, Learned learned, Judged judged)
    implements Serializable {

  /**
   * What λ says of a row.
   *
   * @param weight learned weight s_i, without the base weight; NaN where none was learned
   * @param influence ∂Φ/∂s_i, see {@link RowInfluence}; NaN where it is not known
   */
  public record Learned(double weight, double influence) implements Serializable {}

  /**
   * What judges say of a row; the selected model's comes first.
   *
   * @param quality for each judge, the probability that it gives to the given label
   * @param suggested for each judge, the class index of the label that it suggests, or its value
   * @param flagged whether the selected model disputes the label
   * @param softLabels the selected model's probabilities of the true class; empty unless asked for
   */
  public record Judged(double[] quality, double[] suggested, boolean flagged, double[] softLabels)
      implements Serializable {}

  /** The learned weight s_i, without the base weight; NaN where none was learned. */
  public double weight() {
    return learned.weight();
  }

  /** What the row's weight does to the loss of the trusted rows, ∂Φ/∂s_i; or NaN. */
  public double influence() {
    return learned.influence();
  }

  /** For each judge, the probability that it gives to the given label. */
  public double[] quality() {
    return judged.quality();
  }

  /** For each judge, the class index of the label that it suggests, or its value. */
  public double[] suggested() {
    return judged.suggested();
  }

  /** Whether the selected model prefers another label, or disputes a real one. */
  public boolean flagged() {
    return judged.flagged();
  }

  /** Whether the label is known to be wrong. */
  public boolean bad() {
    return label != truth;
  }
}
