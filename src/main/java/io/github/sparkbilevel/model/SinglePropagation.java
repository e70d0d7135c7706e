package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.MatrixProducts;
import io.github.sparkbilevel.backend.MatrixProducts.Operand;
import io.github.sparkbilevel.backend.TileMath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Activations and weights in float32; outputs and sums over tiles in float64.
 *
 * <p>Vectors of the shape of θ are rounded once and kept as long as this object, which therefore
 * serves one call of a kernel only.
 */
final class SinglePropagation extends Propagation {
  private final Activation activation;
  private final MatrixProducts<float[]> matrices;
  private final SingleLayout layout;
  private final List<Rounded> rounded = new ArrayList<>();
  private final float[][] a;
  private final float[][] slopes;
  private final float[][] aDot;
  private final float[][] zDot;
  private final float[][] back;
  private final double[] outputs;
  private final double[] outputTangents;
  private float[] scratch = new float[0];

  /** A vector of the shape of θ, and where it came from. */
  private record Rounded(double[] values, int at, float[] packed) {}

  SinglePropagation(Mlp model, int capacity, MatrixProducts<float[]> matrices) {
    super(model);
    this.activation = model.activation();
    this.matrices = matrices;
    this.layout = new SingleLayout(model);
    int depth = layers().size();
    this.a = room(depth, capacity);
    this.slopes = room(depth - 1, capacity);
    this.aDot = room(depth - 1, capacity);
    this.zDot = room(depth, capacity);
    this.back = room(depth, capacity);
    this.outputs = new double[capacity * model.outputs()];
    this.outputTangents = new double[capacity * model.outputs()];
  }

  private float[][] room(int depth, int capacity) {
    float[][] room = new float[depth][];
    Arrays.setAll(room, l -> new float[capacity * layers().get(l).outputs()]);
    return room;
  }

  private float[] rounded(double[] v, int at) {
    for (Rounded known : rounded) {
      if (known.values() == v && known.at() == at) {
        return known.packed();
      }
    }
    float[] packed = layout.pack(v, at);
    rounded.add(new Rounded(v, at, packed));
    return packed;
  }

  private int length(int l) {
    return count() * layers().get(l).outputs();
  }

  @Override
  double[] activations(int layer) {
    double[] wide = new double[length(layer)];
    TileMath.widen(a[layer], wide, wide.length);
    return wide;
  }

  @Override
  double[] forward(double[] theta, int at) {
    return forward(rounded(theta, at));
  }

  /** Z_L at rounded parameters. */
  double[] forward(float[] w) {
    for (int l = 0; l <= last(); l++) {
      fromInputs(l, w, a[l]);
      if (l < last()) {
        activate(l, w);
      } else {
        addBiases(l, w, a[l], outputs);
      }
    }
    return outputs;
  }

  /** z = A_{l−1} V_l, without the biases. */
  private void fromInputs(int l, float[] v, float[] z) {
    if (l == 0) {
      rows().multiply(v, layout.matrix(0), layers().get(0).outputs(), z);
    } else {
      multiply(a[l - 1], l, v, z, false);
    }
  }

  /** z (+)= X W_l without the biases. */
  private void multiply(float[] x, int l, float[] w, float[] z, boolean add) {
    Layer layer = layers().get(l);
    matrices.product(
        count(),
        layer.outputs(),
        layer.inputs(),
        Operand.of(x, 0, count()),
        Operand.of(w, layout.matrix(l), layer.inputs()),
        Operand.of(z, 0, count()),
        add);
  }

  private void addBiases(int l, float[] w, float[] z, double[] out) {
    int n = count();
    for (int o = 0; o < layers().get(l).outputs(); o++) {
      float bias = w[layout.biases(l) + o];
      for (int i = o * n; i < (o + 1) * n; i++) {
        out[i] = z[i] + bias;
      }
    }
  }

  private void activate(int l, float[] w) {
    int n = count();
    for (int o = 0; o < layers().get(l).outputs(); o++) {
      float bias = w[layout.biases(l) + o];
      if (activation == Activation.RELU) {
        rectify(a[l], slopes[l], bias, o * n, (o + 1) * n);
      } else {
        activate(a[l], slopes[l], bias, o * n, (o + 1) * n);
      }
    }
  }

  private void activate(float[] z, float[] slope, float bias, int from, int to) {
    for (int i = from; i < to; i++) {
      double argument = z[i] + bias;
      double value = activation.value(argument);
      slope[i] = (float) activation.slope(argument, value);
      z[i] = (float) value;
    }
  }

  /**
   * As {@link #activate}, for relu. Without a branch, which would be guessed wrong half of the time
   * and cost more than the products: what is above 0 times 2^127 is above 1.
   */
  private static void rectify(float[] z, float[] slope, float bias, int from, int to) {
    for (int i = from; i < to; i++) {
      float value = Math.max(z[i] + bias, 0f);
      z[i] = value;
      slope[i] = Math.min(value * 0x1p127f, 1f);
    }
  }

  @Override
  double[] tangent(double[] theta, int at, double[] v, int vAt) {
    float[] w = rounded(theta, at);
    float[] direction = rounded(v, vAt);
    for (int l = 0; l <= last(); l++) {
      float[] z = zDot[l];
      fromInputs(l, direction, z);
      if (l > 0) {
        multiply(aDot[l - 1], l, w, z, true);
      }
      if (l < last()) {
        turn(l, direction, z, aDot[l]);
      } else {
        addBiases(l, direction, z, outputTangents);
      }
    }
    return outputTangents;
  }

  /** ȧ = φ' ∘ (ż + biases). */
  private void turn(int l, float[] v, float[] z, float[] dot) {
    float[] slope = slopes[l];
    int n = count();
    for (int o = 0; o < layers().get(l).outputs(); o++) {
      float bias = v[layout.biases(l) + o];
      for (int i = o * n; i < (o + 1) * n; i++) {
        dot[i] = slope[i] * (z[i] + bias);
      }
    }
  }

  /** What is done with a D_l in float32. */
  @FunctionalInterface
  private interface SingleWork {
    void accept(int layer, float[] d);
  }

  private void back(float[] w, double[] d, SingleWork work) {
    TileMath.pack(d, 0, length(last()), length(last()), 1, back[last()]);
    for (int l = last(); l >= 0; l--) {
      work.accept(l, back[l]);
      if (l > 0) {
        Layer layer = layers().get(l);
        float[] below = back[l - 1];
        float[] slope = slopes[l - 1];
        matrices.product(
            count(),
            layer.inputs(),
            layer.outputs(),
            Operand.of(back[l], 0, count()),
            Operand.of(w, layout.matrix(l), layer.inputs()).transpose(),
            Operand.of(below, 0, count()),
            false);
        for (int i = 0; i < length(l - 1); i++) {
          below[i] *= slope[i];
        }
      }
    }
  }

  @Override
  void back(double[] theta, int at, double[] d, LayerWork work) {
    back(
        rounded(theta, at),
        d,
        (l, dl) -> {
          double[] wide = new double[length(l)];
          TileMath.widen(dl, wide, wide.length);
          work.accept(l, wide);
        });
  }

  @Override
  void addGradient(double[] theta, int at, double[] d, double[] sums, int sumsAt) {
    back(
        rounded(theta, at),
        d,
        (l, dl) -> {
          Layer layer = layers().get(l);
          int to = sumsAt + layer.at();
          if (l == 0) {
            rows().addTransposed(dl, layer.outputs(), sums, to, layer.height());
          } else {
            float[] part = scratch(layer.inputs() * layer.outputs());
            gradient(l, dl, part, 0);
            TileMath.add(part, layer.inputs(), layer.outputs(), sums, to, layer.height());
          }
          for (int o = 0; o < layer.outputs(); o++) {
            sums[to + o * layer.height() + layer.inputs()] += sum(dl, o);
          }
        });
  }

  /**
   * Back from D_L: the gradient of every layer, packed.
   *
   * @param out overwritten
   */
  void gradient(float[] w, double[] d, float[] out) {
    back(
        w,
        d,
        (l, dl) -> {
          if (l == 0) {
            rows().transpose(dl, layers().get(0).outputs(), out, layout.matrix(0));
          } else {
            gradient(l, dl, out, layout.matrix(l));
          }
          for (int o = 0; o < layers().get(l).outputs(); o++) {
            out[layout.biases(l) + o] = (float) sum(dl, o);
          }
        });
  }

  /** out = A_{l−1}ᵀ D, packed. */
  private void gradient(int l, float[] d, float[] out, int at) {
    Layer layer = layers().get(l);
    matrices.product(
        layer.inputs(),
        layer.outputs(),
        count(),
        Operand.of(a[l - 1], 0, count()).transpose(),
        Operand.of(d, 0, count()),
        Operand.of(out, at, layer.inputs()),
        false);
  }

  /** Σ of a column, four sums at a time: one alone waits for its own additions. */
  private double sum(float[] d, int column) {
    int from = column * count();
    int to = from + count();
    double a = 0;
    double b = 0;
    double c = 0;
    double e = 0;
    int i = from;
    for (; i + 4 <= to; i += 4) {
      a += d[i];
      b += d[i + 1];
      c += d[i + 2];
      e += d[i + 3];
    }
    for (; i < to; i++) {
      a += d[i];
    }
    return (a + b) + (c + e);
  }

  private float[] scratch(int length) {
    if (scratch.length < length) {
      scratch = new float[length];
    }
    return scratch;
  }

  @Override
  void addHessianProduct(
      double[] theta,
      int thetaAt,
      double[] v,
      int vAt,
      double[] d,
      double[] dDot,
      double[] sums,
      int at) {
    throw new IllegalStateException("a network that wants its Hessian is computed in float64");
  }

  @Override
  void addGram(int layer, double[] w, double[] sums, int at) {
    int n = count();
    int h = layers().get(layer).outputs();
    int q = h + 1;
    float[] x = a[layer];
    float[] scaled = new float[n * h];
    for (int j = 0; j < h; j++) {
      double border = 0;
      for (int i = 0; i < n; i++) {
        double value = w[i] * x[j * n + i];
        scaled[j * n + i] = (float) value;
        border += value;
      }
      sums[at + j + h * q] += border;
      sums[at + h + j * q] += border;
    }
    for (int i = 0; i < n; i++) {
      sums[at + h + h * q] += w[i];
    }
    addSquare(h, Operand.of(x, 0, n), Operand.of(scaled, 0, n), sums, at, q);
  }

  @Override
  void addOutputGrams(double[] theta, int at, double[] d, double[] sums, int[] starts) {
    back(
        rounded(theta, at),
        d,
        (l, dl) -> {
          int k = layers().get(l).outputs();
          Operand<float[]> rows = Operand.of(dl, 0, count());
          addSquare(k, rows, rows, sums, starts[l], k);
        });
  }

  /** sums += Xᵀ Y, k × k, symmetric to the bit. */
  private void addSquare(
      int k, Operand<float[]> x, Operand<float[]> y, double[] sums, int at, int ld) {
    float[] square = scratch(k * k);
    Operand<float[]> into = Operand.of(square, 0, k);
    matrices.product(k, k, count(), x.transpose(), y, into, false);
    TileMath.addSymmetric(square, k, sums, at, ld);
  }
}
