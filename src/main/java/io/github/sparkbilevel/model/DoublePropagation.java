package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.MatrixProducts;
import io.github.sparkbilevel.backend.MatrixProducts.Operand;
import java.util.Arrays;

/** Everything in float64, with the Hessian where the model wants it. */
final class DoublePropagation extends Propagation {
  private final Activation activation;
  private final MatrixProducts<double[]> matrices;
  private final boolean withBends;
  private final double[][] a;
  private final double[][] slopes;
  private final double[][] bends;
  private final double[][] aDot;
  private final double[][] zDot;
  private final double[][] back;
  private final double[][] backDot;

  DoublePropagation(Mlp model, int capacity, MatrixProducts<double[]> matrices) {
    super(model);
    this.activation = model.activation();
    this.matrices = matrices;
    this.withBends = model.exactHessian();
    int depth = layers().size();
    this.a = room(depth, capacity);
    this.slopes = room(depth - 1, capacity);
    this.bends = room(withBends ? depth - 1 : 0, capacity);
    this.aDot = room(depth - 1, capacity);
    this.zDot = room(depth, capacity);
    this.back = room(depth - 1, capacity);
    this.backDot = room(withBends ? depth - 1 : 0, capacity);
  }

  private double[][] room(int depth, int capacity) {
    double[][] room = new double[depth][];
    Arrays.setAll(room, l -> new double[capacity * layers().get(l).outputs()]);
    return room;
  }

  @Override
  double[] activations(int layer) {
    return a[layer];
  }

  @Override
  double[] forward(double[] theta, int at) {
    for (int l = 0; l <= last(); l++) {
      fromInputs(l, theta, at, a[l]);
      if (l < last()) {
        activate(l, a[l], count() * layers().get(l).outputs());
      }
    }
    return a[last()];
  }

  /** z = Ā_{l−1} V_l. */
  private void fromInputs(int l, double[] v, int at, double[] z) {
    Layer layer = layers().get(l);
    if (l == 0) {
      rows().multiply(v, at + layer.at(), layer.height(), layer.outputs(), z);
    } else {
      multiply(a[l - 1], l, v, at, z, false);
    }
    int n = count();
    for (int o = 0; o < layer.outputs(); o++) {
      double bias = v[at + layer.at() + o * layer.height() + layer.inputs()];
      for (int i = o * n; i < (o + 1) * n; i++) {
        z[i] += bias;
      }
    }
  }

  /** z (+)= X W_l without the bias. */
  private void multiply(double[] x, int l, double[] w, int at, double[] z, boolean add) {
    Layer layer = layers().get(l);
    matrices.product(
        count(),
        layer.outputs(),
        layer.inputs(),
        Operand.of(x, 0, count()),
        Operand.of(w, at + layer.at(), layer.height()),
        Operand.of(z, 0, count()),
        add);
  }

  /** x (+)= D W_lᵀ without the bias. */
  private void multiplyBack(double[] d, int l, double[] w, int at, double[] x, boolean add) {
    Layer layer = layers().get(l);
    matrices.product(
        count(),
        layer.inputs(),
        layer.outputs(),
        Operand.of(d, 0, count()),
        Operand.of(w, at + layer.at(), layer.height()).transpose(),
        Operand.of(x, 0, count()),
        add);
  }

  private void activate(int l, double[] z, int length) {
    double[] slope = slopes[l];
    if (activation == Activation.RELU && !withBends) {
      for (int i = 0; i < length; i++) {
        slope[i] = z[i] > 0 ? 1 : 0;
        z[i] = Math.max(z[i], 0);
      }
      return;
    }
    for (int i = 0; i < length; i++) {
      double argument = z[i];
      double value = activation.value(argument);
      z[i] = value;
      slope[i] = activation.slope(argument, value);
      if (withBends) {
        bends[l][i] = activation.bend(argument, value);
      }
    }
  }

  @Override
  double[] tangent(double[] theta, int at, double[] v, int vAt) {
    for (int l = 0; l <= last(); l++) {
      double[] z = zDot[l];
      fromInputs(l, v, vAt, z);
      if (l > 0) {
        multiply(aDot[l - 1], l, theta, at, z, true);
      }
      if (l < last()) {
        double[] slope = slopes[l];
        double[] dot = aDot[l];
        for (int i = 0; i < count() * layers().get(l).outputs(); i++) {
          dot[i] = slope[i] * z[i];
        }
      }
    }
    return zDot[last()];
  }

  @Override
  void back(double[] theta, int at, double[] d, LayerWork work) {
    double[] above = d;
    for (int l = last(); l >= 0; l--) {
      work.accept(l, above);
      if (l > 0) {
        double[] below = back[l - 1];
        double[] slope = slopes[l - 1];
        multiplyBack(above, l, theta, at, below, false);
        for (int i = 0; i < count() * layers().get(l).inputs(); i++) {
          below[i] *= slope[i];
        }
        above = below;
      }
    }
  }

  @Override
  void addGradient(double[] theta, int at, double[] d, double[] sums, int sumsAt) {
    back(theta, at, d, (l, dl) -> addFromInputs(l, dl, sums, sumsAt));
  }

  /** sums_l += Ā_{l−1}ᵀ D. */
  private void addFromInputs(int l, double[] d, double[] sums, int at) {
    Layer layer = layers().get(l);
    int to = at + layer.at();
    int n = count();
    if (l == 0) {
      rows().addTransposed(d, layer.outputs(), sums, to, layer.height());
    } else {
      addInner(l, a[l - 1], d, sums, to);
    }
    for (int o = 0; o < layer.outputs(); o++) {
      double sum = 0;
      for (int i = o * n; i < (o + 1) * n; i++) {
        sum += d[i];
      }
      sums[to + o * layer.height() + layer.inputs()] += sum;
    }
  }

  /** out += Xᵀ D, of the shape of layer l without its bias. */
  private void addInner(int l, double[] x, double[] d, double[] out, int at) {
    Layer layer = layers().get(l);
    matrices.product(
        layer.inputs(),
        layer.outputs(),
        count(),
        Operand.of(x, 0, count()).transpose(),
        Operand.of(d, 0, count()),
        Operand.of(out, at, layer.height()),
        true);
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
    double[] above = d;
    double[] aboveDot = dDot;
    for (int l = last(); l >= 0; l--) {
      addFromInputs(l, aboveDot, sums, at);
      if (l > 0) {
        addInner(l, aDot[l - 1], above, sums, at + layers().get(l).at());
        double[] below = back[l - 1];
        double[] belowDot = backDot[l - 1];
        multiplyBack(above, l, theta, thetaAt, below, false);
        multiplyBack(aboveDot, l, theta, thetaAt, belowDot, false);
        multiplyBack(above, l, v, vAt, belowDot, true);
        for (int i = 0; i < count() * layers().get(l).inputs(); i++) {
          belowDot[i] =
              slopes[l - 1][i] * belowDot[i] + bends[l - 1][i] * zDot[l - 1][i] * below[i];
          below[i] *= slopes[l - 1][i];
        }
        above = below;
        aboveDot = belowDot;
      }
    }
  }

  @Override
  void addGram(int layer, double[] w, double[] sums, int at) {
    int n = count();
    int h = layers().get(layer).outputs();
    int q = h + 1;
    double[] scaled = new double[n * h];
    for (int j = 0; j < h; j++) {
      double border = 0;
      for (int i = 0; i < n; i++) {
        scaled[j * n + i] = w[i] * a[layer][j * n + i];
        border += scaled[j * n + i];
      }
      sums[at + j + h * q] += border;
      sums[at + h + j * q] += border;
    }
    for (int i = 0; i < n; i++) {
      sums[at + h + h * q] += w[i];
    }
    matrices.product(
        h,
        h,
        n,
        Operand.of(a[layer], 0, n).transpose(),
        Operand.of(scaled, 0, n),
        Operand.of(sums, at, q),
        true);
  }

  @Override
  void addOutputGrams(double[] theta, int at, double[] d, double[] sums, int[] starts) {
    back(
        theta,
        at,
        d,
        (l, dl) -> {
          int k = layers().get(l).outputs();
          Operand<double[]> rows = Operand.of(dl, 0, count());
          Operand<double[]> sum = Operand.of(sums, starts[l], k);
          matrices.product(k, k, count(), rows.transpose(), rows, sum, true);
        });
  }
}
