package io.github.sparkbilevel.model;

import io.github.sparkbilevel.block.Block;

/**
 * The outputs of some rows of a block, as they are kept, and the loss of them.
 *
 * @param kept for all rows of the block
 * @param from the first row
 * @param count number of rows
 */
record TileOutputs(Loss loss, Block block, RowOutputs kept, int from, int count) {

  private OutputTile predictions(int set) {
    int n = block.rows();
    return new OutputTile(kept.predictions(), set * loss.outputs() * n + from, n, count);
  }

  private TileColumn losses(int set) {
    return new TileColumn(kept.losses(), set * block.rows() + from);
  }

  private TileColumn labels() {
    return new TileColumn(block.labels(), from);
  }

  private OutputTile tangents() {
    return new OutputTile(kept.tangents(), from, block.rows(), count);
  }

  /** Keeps predictions and losses of outputs that begin at {@code at}. */
  void keep(int set, double[] z, int at) {
    loss.evaluate(new OutputTile(z, at, count, count), labels(), predictions(set), losses(set));
  }

  /** Keeps outputs along a tangent, which begin at {@code at}. */
  void keepTangents(double[] z, int at) {
    OutputTile to = tangents();
    for (int j = 0; j < loss.outputs(); j++) {
      System.arraycopy(z, at + j * count, to.values(), to.column(j), count);
    }
  }

  /** Asks for the weights, and adds the weighted losses to {@code sums[at]}. */
  void weigh(RowWeights weights, int set, double[] s, double[] sums, int at) {
    TileColumn directional = null;
    if (kept.tangents() != null) {
      directional = TileColumn.of(new double[count]);
      loss.directional(predictions(set), labels(), tangents(), directional);
    }
    TileColumn losses = losses(set);
    weights.weigh(new RowTile(from, count, set, losses, directional), s);
    for (int i = 0; i < count; i++) {
      sums[at] += s[i] == 0 ? 0 : s[i] * losses.value(i);
    }
  }

  /** out = the weighted residuals, from {@code at} on. */
  void residual(int set, double[] s, double[] out, int at) {
    OutputTile r = new OutputTile(out, at, count, count);
    loss.residual(predictions(set), labels(), TileColumn.of(s), r);
  }

  /** out = the weighted curvature of the outputs along the tangent, from {@code at} on. */
  void curvature(double[] s, double[] out, int at) {
    OutputTile along = tangents();
    for (int j = 0; j < loss.outputs(); j++) {
      System.arraycopy(along.values(), along.column(j), out, at + j * count, count);
    }
    OutputTile t = new OutputTile(out, at, count, count);
    loss.curvatureInPlace(predictions(0), labels(), TileColumn.of(s), t);
  }
}
