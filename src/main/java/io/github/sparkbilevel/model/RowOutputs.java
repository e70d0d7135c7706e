package io.github.sparkbilevel.model;

import java.io.Serializable;

/**
 * What the forward product left behind for the n rows of a block, for one or more parameter sets.
 * Numbers of neighbouring rows lie side by side, as in a tile.
 *
 * @param predictions p: sets × K × n
 * @param losses ℓ: sets × n
 * @param tangents outputs along the tangent direction, K × n, or null without a tangent
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

  /** The predictions of all n rows for one set, of a loss with K outputs. */
  public OutputTile predictions(Loss loss, int n, int set) {
    return new OutputTile(predictions, set * loss.outputs() * n, n, n);
  }

  /** ⟨∇_θ ℓ, u⟩ of each row, for one set and the tangent u. */
  public double[] directional(Loss loss, double[] labels) {
    int n = labels.length;
    double[] out = new double[n];
    OutputTile along = new OutputTile(tangents, 0, n, n);
    loss.directional(predictions(loss, n, 0), TileColumn.of(labels), along, TileColumn.of(out));
    return out;
  }
}
