package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.block.Block;

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

  private BatchGradients(Mlp model, int mostRows, String backend) {
    this.model = model;
    this.backend = backend;
    this.mostRows = mostRows;
    this.layout = new SingleLayout(model);
    this.propagation =
        new SinglePropagation(model, mostRows, DenseBackends.singleMatrices(backend));
    this.predictions = new double[mostRows * model.outputs()];
    this.residuals = new double[mostRows * model.outputs()];
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
    int k = model.outputs();
    Loss loss = model.loss();
    int columns = model.layers().get(0).outputs();
    try (RowProducts rows = DenseBackends.open(batch.features(), columns, mostRows, backend)) {
      rows.load(0, n);
      propagation.load(rows);
      double[] z = propagation.forward(theta);
      for (int i = 0; i < n; i++) {
        double label = batch.labels()[i];
        loss.evaluate(z, i, n, label, predictions, i * k);
        loss.residual(predictions, i * k, label, weight, residuals, i, n);
      }
      propagation.gradient(theta, residuals, out);
    }
  }
}
