package io.github.sparkbilevel.model;

import java.io.Serializable;

/**
 * What the forward product left behind for the rows of a block, for one or more parameter sets.
 *
 * @param predictions p of each row and set: n × sets × K, row-major
 * @param losses ℓ of each row and set: n × sets, row-major
 * @param tangents outputs along the tangent direction, n × K, row-major, or null without a tangent
 */
public record RowOutputs(double[] predictions, double[] losses, double[] tangents)
    implements Serializable {

  /** Room for n rows. */
  public static RowOutputs allocate(int n, int sets, int outputs, boolean withTangents) {
    return new RowOutputs(
        new double[n * sets * outputs],
        new double[n * sets],
        withTangents ? new double[n * outputs] : null);
  }
}
