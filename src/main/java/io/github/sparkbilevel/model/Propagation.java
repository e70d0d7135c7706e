package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import java.util.List;

/**
 * A network on one tile of rows: forward, along a tangent, and back.
 *
 * <p>With A_0 the features of the tile, bars for an appended column of ones, and dots for
 * derivatives along a direction V of the shape of θ:
 *
 * <pre>
 *   forward   Z_l = Ā_{l−1} W_l,                        A_l = φ(Z_l)
 *   tangent   Ż_l = Ā_{l−1} V_l + Ȧ_{l−1} W_l (no bias), Ȧ_l = φ'(Z_l) ∘ Ż_l
 *   back      D_{l−1} = φ'(Z_{l−1}) ∘ (D_l W_lᵀ),        ∂/∂W_l = Ā_{l−1}ᵀ D_l
 *   and of that along V (Pearlmutter, Neural Computation 1994):
 *     Ḋ_{l−1} = φ' ∘ (Ḋ_l W_lᵀ + D_l V_lᵀ) + φ'' ∘ Ż_{l−1} ∘ (D_l W_lᵀ)
 *     Hv_l    = Ā_{l−1}ᵀ Ḋ_l + Ȧ_{l−1}ᵀ D_l
 * </pre>
 *
 * A Gauss-Newton product is the tangent, C, and the way back with Ḋ alone. All matrices have a
 * column for each unit and a row for each row of the tile. One thread only; what a method leaves
 * serves the ones after it, until the next {@link #load}.
 *
 * <p>Outputs, what is back-propagated from them and sums are float64. Between them everything is
 * float32 where the rows are, unless the model wants its Hessian: that is for accuracy.
 */
abstract sealed class Propagation permits DoublePropagation, SinglePropagation {

  /** What is done with the back-propagated D_l of a layer. */
  @FunctionalInterface
  interface LayerWork {
    void accept(int layer, double[] d);
  }

  private final List<Layer> layers;
  private RowProducts rows;
  private int count;

  Propagation(Mlp model) {
    this.layers = model.layers();
  }

  /**
   * Makes room for tiles of a block.
   *
   * @param capacity the most rows of a tile
   */
  static Propagation of(Mlp model, Block block, int capacity, String backend) {
    return isSingle(model, block)
        ? new SinglePropagation(model, capacity, DenseBackends.singleMatrices(backend))
        : new DoublePropagation(model, capacity, DenseBackends.doubleMatrices(backend));
  }

  /** Whether the network is computed in float32 on the rows of a block. */
  static boolean isSingle(Mlp model, Block block) {
    return block.features() instanceof DenseFeatures dense
        && dense.isSingle()
        && !model.exactHessian();
  }

  /** Works on the tile that is loaded in {@code tile}. */
  final void load(RowProducts tile) {
    rows = tile;
    count = tile.count();
  }

  /** The features of the tile. */
  final RowProducts rows() {
    return rows;
  }

  /** Rows of the tile. */
  final int count() {
    return count;
  }

  final List<Layer> layers() {
    return layers;
  }

  /** L − 1, the index of the last layer. */
  final int last() {
    return layers.size() - 1;
  }

  /** A_l of a hidden layer; needs {@link #forward}. */
  abstract double[] activations(int layer);

  /** Z_L at the parameters from {@code at} on; overwritten by the next call. */
  abstract double[] forward(double[] theta, int at);

  /** Ż_L along the direction from {@code vAt} on; needs {@link #forward} at the same θ. */
  abstract double[] tangent(double[] theta, int at, double[] v, int vAt);

  /**
   * Back from D_L, telling {@code work} of every D_l from the last layer to the first; needs {@link
   * #forward} at the same θ.
   */
  abstract void back(double[] theta, int at, double[] d, LayerWork work);

  /** Back from D_L, adding the gradient Ā_{l−1}ᵀ D_l of every layer. */
  abstract void addGradient(double[] theta, int at, double[] d, double[] sums, int sumsAt);

  /**
   * Adds the Hessian product with v; needs {@link #forward} and {@link #tangent}, and a model that
   * wants its Hessian.
   *
   * @param d D_L
   * @param dDot Ḋ_L
   */
  abstract void addHessianProduct(
      double[] theta,
      int thetaAt,
      double[] v,
      int vAt,
      double[] d,
      double[] dDot,
      double[] sums,
      int at);

  /**
   * Adds Ā_lᵀ diag(w) Ā_l of a hidden layer, both triangles; needs {@link #forward}.
   *
   * @param w a number for each row of the tile
   */
  abstract void addGram(int layer, double[] w, double[] sums, int at);

  /**
   * Back from D_L, adding D_lᵀ D_l of every layer; needs {@link #forward} at the same θ.
   *
   * @param starts where the sums of each layer begin
   */
  abstract void addOutputGrams(double[] theta, int at, double[] d, double[] sums, int[] starts);
}
