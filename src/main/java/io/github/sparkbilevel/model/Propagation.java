package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.MatrixProducts;
import io.github.sparkbilevel.backend.MatrixProducts.Operand;
import io.github.sparkbilevel.backend.RowProducts;
import java.util.Arrays;
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
 */
final class Propagation {

  /** What is done with the back-propagated D_l of a layer. */
  @FunctionalInterface
  interface LayerWork {
    void accept(int layer, double[] d);
  }

  private final Activation activation;
  private final List<Layer> layers;
  private final MatrixProducts matrices;
  private final boolean withBends;
  private final double[][] a;
  private final double[][] slopes;
  private final double[][] bends;
  private final double[][] aDot;
  private final double[][] zDot;
  private final double[][] back;
  private final double[][] backDot;
  private RowProducts rows;
  private int count;

  /** Makes room for tiles of {@code capacity} rows. */
  Propagation(Mlp model, int capacity, MatrixProducts matrices) {
    this.activation = model.activation();
    this.layers = model.layers();
    this.matrices = matrices;
    this.withBends = model.exactHessian();
    int depth = layers.size();
    this.a = room(depth, capacity);
    this.slopes = room(depth - 1, capacity);
    this.bends = room(withBends ? depth - 1 : 0, capacity);
    this.aDot = room(depth - 1, capacity);
    this.zDot = room(depth, capacity);
    this.back = room(depth, capacity);
    this.backDot = room(withBends ? depth : 0, capacity);
  }

  private double[][] room(int depth, int capacity) {
    double[][] room = new double[depth][];
    Arrays.setAll(room, l -> new double[capacity * layers.get(l).outputs()]);
    return room;
  }

  /** Works on the tile that is loaded in {@code tile}. */
  void load(RowProducts tile) {
    rows = tile;
    count = tile.count();
  }

  /** Rows of the tile. */
  int count() {
    return count;
  }

  private int last() {
    return layers.size() - 1;
  }

  /** A_l of a hidden layer, or Z_L. */
  double[] activations(int layer) {
    return a[layer];
  }

  /** Z_L at the parameters from {@code at} on; overwritten by the next call. */
  double[] forward(double[] theta, int at) {
    for (int l = 0; l <= last(); l++) {
      Layer layer = layers.get(l);
      double[] z = a[l];
      fromInputs(l, theta, at, z);
      if (l < last()) {
        activate(l, z, count * layer.outputs());
      }
    }
    return a[last()];
  }

  /** z = Ā_{l−1} V_l. */
  private void fromInputs(int l, double[] v, int at, double[] z) {
    Layer layer = layers.get(l);
    int from = at + layer.at();
    if (l == 0) {
      rows.multiply(v, from, layer.height(), layer.outputs(), z);
    }
    for (int o = 0; o < layer.outputs(); o++) {
      double bias = v[from + o * layer.height() + layer.inputs()];
      for (int i = o * count; i < (o + 1) * count; i++) {
        z[i] = (l == 0 ? z[i] : 0) + bias;
      }
    }
    if (l > 0) {
      addProduct(a[l - 1], l, v, at, z);
    }
  }

  /** Ā_{l−1} Q for a q × q matrix Q, as a new array; needs {@link #forward}. */
  double[] rotatedInputs(int l, double[] basis) {
    int q = layers.get(l).height();
    double[] rotated = new double[count * q];
    if (l == 0) {
      rows.multiply(basis, 0, q, q, rotated);
    }
    for (int j = 0; j < q; j++) {
      double constant = basis[j * q + q - 1];
      for (int i = j * count; i < (j + 1) * count; i++) {
        rotated[i] += constant;
      }
    }
    if (l > 0) {
      matrices.addProduct(
          count,
          q,
          q - 1,
          Operand.of(a[l - 1], 0, count),
          Operand.of(basis, 0, q),
          Operand.of(rotated, 0, count));
    }
    return rotated;
  }

  /** z += X W_l without the bias. */
  private void addProduct(double[] x, int l, double[] w, int at, double[] z) {
    Layer layer = layers.get(l);
    matrices.addProduct(
        count,
        layer.outputs(),
        layer.inputs(),
        Operand.of(x, 0, count),
        Operand.of(w, at + layer.at(), layer.height()),
        Operand.of(z, 0, count));
  }

  /** x += D W_lᵀ without the bias. */
  private void addBackProduct(double[] d, int l, double[] w, int at, double[] x) {
    Layer layer = layers.get(l);
    matrices.addProduct(
        count,
        layer.inputs(),
        layer.outputs(),
        Operand.of(d, 0, count),
        Operand.of(w, at + layer.at(), layer.height()).transpose(),
        Operand.of(x, 0, count));
  }

  private void activate(int l, double[] z, int length) {
    for (int i = 0; i < length; i++) {
      double argument = z[i];
      double value = activation.value(argument);
      z[i] = value;
      slopes[l][i] = activation.slope(argument, value);
      if (withBends) {
        bends[l][i] = activation.bend(argument, value);
      }
    }
  }

  /** Ż_L along the direction from {@code vAt} on; needs {@link #forward} at the same θ. */
  double[] tangent(double[] theta, int at, double[] v, int vAt) {
    for (int l = 0; l <= last(); l++) {
      double[] z = zDot[l];
      fromInputs(l, v, vAt, z);
      if (l > 0) {
        addProduct(aDot[l - 1], l, theta, at, z);
      }
      if (l < last()) {
        double[] slope = slopes[l];
        double[] dot = aDot[l];
        for (int i = 0; i < count * layers.get(l).outputs(); i++) {
          dot[i] = slope[i] * z[i];
        }
      }
    }
    return zDot[last()];
  }

  /**
   * Back from D_L, telling {@code work} of every D_l from the last layer to the first; needs {@link
   * #forward} at the same θ.
   */
  void back(double[] theta, int at, double[] d, LayerWork work) {
    double[] above = d;
    for (int l = last(); l >= 0; l--) {
      work.accept(l, above);
      if (l > 0) {
        int length = count * layers.get(l).inputs();
        double[] below = back[l - 1];
        Arrays.fill(below, 0, length, 0);
        addBackProduct(above, l, theta, at, below);
        double[] slope = slopes[l - 1];
        for (int i = 0; i < length; i++) {
          below[i] *= slope[i];
        }
        above = below;
      }
    }
  }

  /** Back from D_L, adding the gradient Ā_{l−1}ᵀ D_l of every layer. */
  void addGradient(double[] theta, int at, double[] d, double[] sums, int sumsAt) {
    back(theta, at, d, (l, dl) -> addFromInputs(l, dl, sums, sumsAt));
  }

  /** sums_l += Ā_{l−1}ᵀ D. */
  private void addFromInputs(int l, double[] d, double[] sums, int at) {
    Layer layer = layers.get(l);
    int to = at + layer.at();
    if (l == 0) {
      rows.addTransposed(d, layer.outputs(), sums, to, layer.height());
    } else {
      addInner(l, a[l - 1], d, sums, to);
    }
    for (int o = 0; o < layer.outputs(); o++) {
      double sum = 0;
      for (int i = o * count; i < (o + 1) * count; i++) {
        sum += d[i];
      }
      sums[to + o * layer.height() + layer.inputs()] += sum;
    }
  }

  /** out += Xᵀ D, of the shape of layer l without its bias. */
  private void addInner(int l, double[] x, double[] d, double[] out, int at) {
    Layer layer = layers.get(l);
    matrices.addProduct(
        layer.inputs(),
        layer.outputs(),
        count,
        Operand.of(x, 0, count).transpose(),
        Operand.of(d, 0, count),
        Operand.of(out, at, layer.height()));
  }

  /**
   * Adds the Hessian product with v; needs {@link #forward} and {@link #tangent}, and a model that
   * keeps bends.
   *
   * @param d D_L
   * @param dDot Ḋ_L
   */
  void addHessianProduct(
      double[] theta,
      int thetaAt,
      double[] v,
      int vAt,
      double[] d,
      double[] dDot,
      double[] sums,
      int at) {
    double[] above = d;
    double[] aboveDot = dDot;
    for (int l = last(); l >= 0; l--) {
      addFromInputs(l, aboveDot, sums, at);
      if (l > 0) {
        addInner(l, aDot[l - 1], above, sums, at + layers.get(l).at());
        int length = count * layers.get(l).inputs();
        double[] below = back[l - 1];
        double[] belowDot = backDot[l - 1];
        Arrays.fill(below, 0, length, 0);
        Arrays.fill(belowDot, 0, length, 0);
        addBackProduct(above, l, theta, thetaAt, below);
        addBackProduct(aboveDot, l, theta, thetaAt, belowDot);
        addBackProduct(above, l, v, vAt, belowDot);
        for (int i = 0; i < length; i++) {
          belowDot[i] =
              slopes[l - 1][i] * belowDot[i] + bends[l - 1][i] * zDot[l - 1][i] * below[i];
          below[i] *= slopes[l - 1][i];
        }
        above = below;
        aboveDot = belowDot;
      }
    }
  }
}
