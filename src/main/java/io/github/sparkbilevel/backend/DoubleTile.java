package io.github.sparkbilevel.backend;

import io.github.sparkbilevel.backend.MatrixProducts.Operand;
import java.util.Arrays;

/** Numbers in float64, in the arrays as they were given. */
final class DoubleTile extends Tile<double[]> {

  DoubleTile(MatrixProducts<double[]> matrices, int capacity) {
    super(matrices, capacity);
  }

  private DoubleTile(DoubleTile base, int positions) {
    super(base, positions);
  }

  @Override
  public Tile<double[]> times(int positions) {
    return new DoubleTile(this, positions);
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
  public double[] narrow(double[] a, int width, double[] room) {
    return a;
  }

  @Override
  public double[] widen(double[] a, int width) {
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
  public void transpose(RowProducts rows, int p, double[] d, int k, Operand<double[]> out) {
    for (int j = 0; j < k; j++) {
      int column = out.at() + j * out.ld();
      Arrays.fill(out.values(), column, column + p, 0);
    }
    rows.addTransposed(d, k, out.values(), out.at(), out.ld());
  }

  @Override
  public void addTransposed(double[] x, int p, double[] d, int k, double[] out, int at, int ld) {
    transpose(x, p, d, k, Operand.of(out, at, ld), true);
  }

  @Override
  public void fillColumns(Operand<double[]> from, double[] z, int k) {
    int n = count();
    for (int o = 0; o < k; o++) {
      Arrays.fill(z, o * n, (o + 1) * n, from.values()[from.at() + o * from.ld()]);
    }
  }

  @Override
  public void addToColumns(Operand<double[]> from, double[] z, int k) {
    for (int o = 0; o < k; o++) {
      double number = from.values()[from.at() + o * from.ld()];
      for (int i = o * count(); i < (o + 1) * count(); i++) {
        z[i] += number;
      }
    }
  }

  @Override
  public double sum(double[] a, int column) {
    double sum = 0;
    for (int i = column * count(); i < (column + 1) * count(); i++) {
      sum += a[i];
    }
    return sum;
  }

  @Override
  public void multiply(double[] a, double[] b, double[] out, int width) {
    for (int i = 0; i < count() * width; i++) {
      out[i] = a[i] * b[i];
    }
  }

  @Override
  public void add(double[] a, double[] b, double[] out, int width) {
    for (int i = 0; i < count() * width; i++) {
      out[i] = a[i] + b[i];
    }
  }

  @Override
  public void rectify(double[] z, double[] y, double[] slope, int width) {
    for (int i = 0; i < count() * width; i++) {
      slope[i] = z[i] > 0 ? 1 : 0;
      y[i] = Math.max(z[i], 0);
    }
  }

  @Override
  public void addScaledColumns(Operand<double[]> by, double[] a, double[] out, int k) {
    int n = count();
    for (int o = 0; o < k; o++) {
      double factor = by.values()[by.at() + o * by.ld()];
      for (int i = o * n; i < (o + 1) * n; i++) {
        out[i] += factor * a[i];
      }
    }
  }

  @Override
  public void sumRows(double[] a, Columns of, double[] sums) {
    int n = count();
    Arrays.fill(sums, 0, n, 0);
    for (int c = 0; c < of.count(); c++) {
      int from = (of.first() + c * of.step()) * n;
      for (int i = 0; i < n; i++) {
        sums[i] += a[from + i];
      }
    }
  }

  @Override
  public void multiplyRows(double[] a, Columns of, double[] b, Columns with, double[] products) {
    int n = count();
    Arrays.fill(products, 0, n, 0);
    for (int c = 0; c < of.count(); c++) {
      int from = (of.first() + c * of.step()) * n;
      int other = (with.first() + c * with.step()) * n;
      for (int i = 0; i < n; i++) {
        products[i] += a[from + i] * b[other + i];
      }
    }
  }

  @Override
  public void addToRows(double[] numbers, double[] out, Columns to) {
    int n = count();
    for (int c = 0; c < to.count(); c++) {
      int at = (to.first() + c * to.step()) * n;
      for (int i = 0; i < n; i++) {
        out[at + i] += numbers[i];
      }
    }
  }

  @Override
  public void addScaledRows(double[] by, double[] a, Columns of, double[] out, Columns to) {
    int n = count();
    for (int c = 0; c < of.count(); c++) {
      int from = (of.first() + c * of.step()) * n;
      int at = (to.first() + c * to.step()) * n;
      for (int i = 0; i < n; i++) {
        out[at + i] += by[i] * a[from + i];
      }
    }
  }

  @Override
  public void clear(double[] out, int width) {
    Arrays.fill(out, 0, count() * width, 0);
  }

  @Override
  public void copy(double[] a, Runs runs, double[] out) {
    int n = count();
    for (int r = 0; r < runs.count(); r++) {
      System.arraycopy(a, runs.from(r) * n, out, runs.to(r) * n, runs.length(r) * n);
    }
  }

  @Override
  public void add(double[] a, Runs runs, double scale, double[] out) {
    int n = count();
    double factor = scale;
    for (int r = 0; r < runs.count(); r++) {
      int from = runs.from(r) * n;
      int to = runs.to(r) * n;
      int length = runs.length(r) * n;
      for (int i = 0; i < length; i++) {
        out[to + i] += factor * a[from + i];
      }
    }
  }

  @Override
  public void maxima(double[] z, int[] candidates, double[] y, int width, int[] chosen) {
    int n = count();
    int each = candidates.length / width;
    for (int j = 0; j < width; j++) {
      Arrays.fill(y, j * n, (j + 1) * n, Double.NEGATIVE_INFINITY);
      for (int c = j * each; c < (j + 1) * each; c++) {
        if (candidates[c] == Runs.NONE) {
          continue;
        }
        int from = candidates[c] * n;
        for (int i = 0; i < n; i++) {
          boolean above = z[from + i] > y[j * n + i];
          y[j * n + i] = above ? z[from + i] : y[j * n + i];
          chosen[j * n + i] = above ? from + i : chosen[j * n + i];
        }
      }
    }
  }

  @Override
  public void take(double[] a, int[] chosen, double[] out, int width) {
    int length = count() * width;
    for (int i = 0; i < length; i++) {
      out[i] = a[chosen[i]];
    }
  }

  @Override
  public void giveBack(double[] a, int[] chosen, double[] out, int width) {
    int length = count() * width;
    for (int i = 0; i < length; i++) {
      out[chosen[i]] += a[i];
    }
  }

  @Override
  public void addShifted(double[] image, Shifts shifts, double[] weights, int outputs, double[] y) {
    int n = count();
    int length = shifts.places() * n;
    for (int line = 0; line < shifts.lines(); line++) {
      for (int o = 0; o < outputs; o++) {
        int to = (o * shifts.lines() + line) * length;
        for (int k = 0; k < shifts.taps(); k++) {
          int from = (shifts.starts()[k] + line * shifts.pitch()) * n;
          double weight = weights[k * outputs + o];
          for (int i = 0; i < length; i++) {
            y[to + i] += weight * image[from + i];
          }
        }
      }
    }
  }

  @Override
  public void transposeShifted(
      double[] image, Shifts shifts, double[] d, int outputs, double[] out) {
    int n = count();
    int length = shifts.places() * n;
    for (int o = 0; o < outputs; o++) {
      for (int k = 0; k < shifts.taps(); k++) {
        double sum = 0;
        for (int line = 0; line < shifts.lines(); line++) {
          int from = (shifts.starts()[k] + line * shifts.pitch()) * n;
          int other = (o * shifts.lines() + line) * length;
          for (int i = 0; i < length; i++) {
            sum += image[from + i] * d[other + i];
          }
        }
        out[o * shifts.taps() + k] = sum;
      }
    }
  }
}
