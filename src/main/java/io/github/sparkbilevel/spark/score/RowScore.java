package io.github.sparkbilevel.spark.score;

import java.io.Serializable;

/**
 * What a cleaning run says of one training row.
 *
 * @param id row id
 * @param label class index of the given label
 * @param weight learned weight s_i, without the base weight; NaN where none was learned
 * @param quality for each judge, the probability that it gives to the given label; the selected
 *     model's comes first
 * @param suggested for each judge, the class index of the label that it suggests
 * @param truth class index of the right label, or NaN where it is not known
 */
public record RowScore(
    long id, double label, double weight, double[] quality, double[] suggested, double truth)
    implements Serializable {

  /** Whether the selected model prefers another label. */
  public boolean flagged() {
    return suggested[0] != label;
  }

  /** Whether the label is known to be wrong. */
  public boolean bad() {
    return label != truth;
  }
}
