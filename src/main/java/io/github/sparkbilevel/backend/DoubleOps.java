package io.github.sparkbilevel.backend;

import java.util.Arrays;

/** Operations in float64, on the arrays as they were given. */
final class DoubleOps implements TileOps<double[]> {
  private final MatrixProducts<double[]> matrices;

  DoubleOps(MatrixProducts<double[]> matrices) {
    this.matrices = matrices;
  }

  @Override
  public void product(
      int m,
      int n,
      int k,
      Operand<double[]> a,
      Operand<double[]> b,
      Operand<double[]> c,
      boolean add) {
    matrices.product(m, n, k, a, b, c, add);
  }

  @Override
  public double[] allocate(int length) {
    return new double[length];
  }

  @Override
  public double get(double[] a, int i) {
    return a[i];
  }

  @Override
  public void set(double[] a, int i, double value) {
    a[i] = value;
  }

  @Override
  public Numbers<double[]> numbers(double[] v, int at, int length) {
    return new Numbers<>(v, at);
  }

  @Override
  public double[] narrow(double[] a, double[] room, int length) {
    return a;
  }

  @Override
  public double[] widen(double[] a, int length) {
    return a;
  }

  @Override
  public void multiply(RowProducts rows, Operand<double[]> c, int k, double[] z) {
    rows.multiply(c.values(), c.at(), c.ld(), k, z);
  }

  @Override
  public void addTransposed(RowProducts rows, double[] d, int k, double[] out, int at, int ld) {
    rows.addTransposed(d, k, out, at, ld);
  }

  @Override
  public void transpose(RowProducts rows, double[] d, int p, int k, Operand<double[]> out) {
    for (int j = 0; j < k; j++) {
      int column = out.at() + j * out.ld();
      Arrays.fill(out.values(), column, column + p, 0);
    }
    rows.addTransposed(d, k, out.values(), out.at(), out.ld());
  }

  @Override
  public void addTransposed(
      double[] x, double[] d, int p, int k, int n, double[] out, int at, int ld) {
    Operand<double[]> sums = Operand.of(out, at, ld);
    product(p, k, n, Operand.of(x, 0, n).transpose(), Operand.of(d, 0, n), sums, true);
  }

  @Override
  public void addSquare(double[] x, double[] y, int k, int n, double[] out, int at, int ld) {
    addTransposed(x, y, k, k, n, out, at, ld);
  }

  @Override
  public void addBiases(Operand<double[]> from, double[] z, int n, int k) {
    for (int o = 0; o < k; o++) {
      double bias = from.values()[from.at() + o * from.ld()];
      for (int i = o * n; i < (o + 1) * n; i++) {
        z[i] += bias;
      }
    }
  }

  @Override
  public double sum(double[] a, int from, int n) {
    double sum = 0;
    for (int i = from; i < from + n; i++) {
      sum += a[i];
    }
    return sum;
  }

  @Override
  public void multiply(double[] a, double[] b, double[] out, int length) {
    for (int i = 0; i < length; i++) {
      out[i] = a[i] * b[i];
    }
  }

  @Override
  public void add(double[] a, double[] b, double[] out, int length) {
    for (int i = 0; i < length; i++) {
      out[i] = a[i] + b[i];
    }
  }

  @Override
  public void rectify(double[] z, double[] y, double[] slope, int length) {
    for (int i = 0; i < length; i++) {
      slope[i] = z[i] > 0 ? 1 : 0;
      y[i] = Math.max(z[i], 0);
    }
  }

  @Override
  public double scale(double[] x, int from, int n, double[] w, double[] out) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double value = w[i] * x[from + i];
      out[from + i] = value;
      sum += value;
    }
    return sum;
  }
}
