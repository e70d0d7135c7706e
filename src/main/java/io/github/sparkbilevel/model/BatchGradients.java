package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.block.Block;
import java.util.Arrays;

/**
 * Gradients of a network on one small batch after another, in float32: what a step of stochastic
 * training needs, with room that is made once.
 *
 * <p>Parameters, gradients and whatever belongs to them are <em>packed</em>: of the shape of θ, in
 * an order of their own, that {@link #pack} makes and {@link #unpack} undoes. One thread only.
 */
public final class BatchGradients {
  private final Mlp model;
  private final String backend;
  private final int mostRows;
  private final SingleLayout layout;
  private final SinglePropagation propagation;
  private final double[] predictions;
  private final double[] residuals;
  private final double[] losses;
  private final double[] weights;

  private BatchGradients(Mlp model, int mostRows, String backend) {
    this.model = model;
    this.backend = backend;
    this.mostRows = mostRows;
    this.layout = new SingleLayout(model);
    this.propagation =
        new SinglePropagation(model, mostRows, DenseBackends.singleMatrices(backend));
    this.predictions = new double[mostRows * model.outputs()];
    this.residuals = new double[mostRows * model.outputs()];
    this.losses = new double[mostRows];
    this.weights = new double[mostRows];
  }

  /**
   * Makes room for batches; null where the kernel computes in float64 on such rows.
   *
   * @param like a block that is stored as the batches will be
   * @param mostRows the most rows of a batch
   */
  public static BatchGradients of(BlockKernel kernel, Block like, int mostRows) {
    return kernel instanceof MlpKernel network && Propagation.isSingle(network.model(), like)
        ? new BatchGradients(network.model(), mostRows, network.backend())
        : null;
  }

  /** The part of a vector from {@code at} on that has the shape of θ, rounded. */
  public float[] pack(double[] v, int at) {
    return layout.pack(v, at);
  }

  /** A packed vector in the order of θ. */
  public double[] unpack(float[] packed) {
    return layout.unpack(packed);
  }

  /**
   * The gradient of weight · Σ ℓ over the rows of a batch.
   *
   * @param theta packed
   * @param out packed, overwritten
   */
  public void gradient(Block batch, double weight, float[] theta, float[] out) {
    int n = batch.rows();
    Loss loss = model.loss();
    int columns = model.layers().get(0).outputs();
    try (RowProducts rows = DenseBackends.open(batch.features(), columns, mostRows, backend)) {
      rows.load(0, n);
      propagation.load(rows);
      double[] z = propagation.forward(theta);
      OutputTile p = new OutputTile(predictions, 0, n, n);
      TileColumn labels = TileColumn.of(batch.labels());
      loss.evaluate(new OutputTile(z, 0, n, n), labels, p, TileColumn.of(losses));
      Arrays.fill(weights, 0, n, weight);
      loss.residual(p, labels, TileColumn.of(weights), new OutputTile(residuals, 0, n, n));
      propagation.gradient(theta, residuals, out);
    }
  }
}
