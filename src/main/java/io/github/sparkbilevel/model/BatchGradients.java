package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import io.github.sparkbilevel.block.Block;
import java.util.Arrays;

/**
 * Gradients of a network on one small batch after another, in float32: what a step of stochastic
 * training needs, with room that is made once. One thread only.
 */
public final class BatchGradients {
  private final LayerKernel kernel;
  private final int mostRows;
  private final Propagation<float[]> propagation;
  private final double[] predictions;
  private final double[] residuals;
  private final double[] losses;
  private final double[] weights;

  private BatchGradients(LayerKernel kernel, int mostRows) {
    this.kernel = kernel;
    this.mostRows = mostRows;
    Model model = kernel.model();
    this.propagation = new Propagation<>(model, Tile.singles(kernel.backend(), mostRows));
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
    return kernel instanceof LayerKernel network && Propagation.isSingle(network.model(), like)
        ? new BatchGradients(network, mostRows)
        : null;
  }

  /**
   * The gradient of weight · Σ ℓ over the rows of a batch.
   *
   * @param theta rounded to float32
   * @param out overwritten
   */
  public void gradient(Block batch, double weight, float[] theta, float[] out) {
    int n = batch.rows();
    Loss loss = kernel.model().loss();
    try (RowProducts rows =
        DenseBackends.openOnce(batch.features(), kernel.firstWidth(), mostRows, kernel.backend())) {
      rows.load(0, n);
      propagation.load(rows, batch, 0);
      double[] z = propagation.forward(new Numbers<>(theta, 0));
      OutputTile p = new OutputTile(predictions, 0, n, n);
      TileColumn labels = TileColumn.of(batch.labels());
      loss.evaluate(new OutputTile(z, 0, n, n), labels, p, TileColumn.of(losses));
      Arrays.fill(weights, 0, n, weight);
      loss.residual(p, labels, TileColumn.of(weights), new OutputTile(residuals, 0, n, n));
      propagation.back(residuals, (block, x, d) -> x.transpose(block, d, out));
    }
  }
}
