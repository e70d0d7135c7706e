package io.github.sparkbilevel.backend;

import io.github.sparkbilevel.backend.MatrixProducts.Operand;
import io.github.sparkbilevel.backend.ShiftKernels.Line;
import io.github.sparkbilevel.backend.ShiftKernels.Places;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Numbers in float32; parameters are rounded once. */
final class SingleTile extends Tile<float[]> {
  private static final ShiftKernels SHIFTS = ShiftKernels.best();

  private final List<Rounded> rounded = new ArrayList<>();
  private float[] scratch = new float[0];

  /** A vector, and where it came from. */
  private record Rounded(double[] from, int at, Numbers<float[]> numbers) {}

  SingleTile(MatrixProducts<float[]> matrices, int capacity) {
    super(matrices, capacity);
  }

  private SingleTile(SingleTile base, int positions) {
    super(base, positions);
  }

  @Override
  public Tile<float[]> times(int positions) {
    return new SingleTile(this, positions);
  }

  @Override
  public float[] allocate(int length) {
    return new float[length];
  }

  @Override
  public double get(float[] a, int i) {
    return a[i];
  }

  @Override
  public void set(float[] a, int i, double value) {
    a[i] = (float) value;
  }

  @Override
  public Numbers<float[]> numbers(double[] v, int at, int length) {
    for (Rounded known : rounded) {
      if (known.from() == v && known.at() == at) {
        return known.numbers();
      }
    }
    float[] values = new float[length];
    Precision.narrow(v, at, values, 0, length);
    Numbers<float[]> numbers = new Numbers<>(values, 0);
    rounded.add(new Rounded(v, at, numbers));
    return numbers;
  }

  @Override
  public float[] narrow(double[] a, int width, float[] room) {
    Precision.narrow(a, 0, room, 0, count() * width);
    return room;
  }

  @Override
  public double[] widen(float[] a, int width) {
    double[] wide = new double[count() * width];
    Precision.widen(a, 0, wide, 0, wide.length);
    return wide;
  }

  @Override
  public void multiply(RowProducts rows, Operand<float[]> c, int k, float[] z) {
    rows.multiply(c.values(), c.at(), c.ld(), k, z);
  }

  @Override
  public void addTransposed(RowProducts rows, float[] d, int k, double[] out, int at, int ld) {
    rows.addTransposed(d, k, out, at, ld);
  }

  @Override
  public void transpose(RowProducts rows, int p, float[] d, int k, Operand<float[]> out) {
    rows.transpose(d, k, out.values(), out.at(), out.ld());
  }

  @Override
  public void addTransposed(float[] x, int p, float[] d, int k, double[] out, int at, int ld) {
    if (scratch.length < p * k) {
      scratch = new float[p * k];
    }
    transpose(x, p, d, k, Operand.of(scratch, 0, p), false);
    TileMath.add(scratch, p, k, out, at, ld);
  }

  @Override
  public void fillColumns(Operand<float[]> from, float[] z, int k) {
    int n = count();
    for (int o = 0; o < k; o++) {
      Arrays.fill(z, o * n, (o + 1) * n, from.values()[from.at() + o * from.ld()]);
    }
  }

  @Override
  public void addToColumns(Operand<float[]> from, float[] z, int k) {
    int n = count();
    for (int o = 0; o < k; o++) {
      float number = from.values()[from.at() + o * from.ld()];
      for (int i = o * n; i < (o + 1) * n; i++) {
        z[i] += number;
      }
    }
  }

  /** Four sums at a time: one alone waits for its own additions. */
  @Override
  public double sum(float[] a, int column) {
    int i = column * count();
    int to = i + count();
    double first = 0;
    double second = 0;
    double third = 0;
    double fourth = 0;
    for (; i + 4 <= to; i += 4) {
      first += a[i];
      second += a[i + 1];
      third += a[i + 2];
      fourth += a[i + 3];
    }
    for (; i < to; i++) {
      first += a[i];
    }
    return (first + second) + (third + fourth);
  }

  @Override
  public void multiply(float[] a, float[] b, float[] out, int width) {
    int length = count() * width;
    for (int i = 0; i < length; i++) {
      out[i] = a[i] * b[i];
    }
  }

  @Override
  public void add(float[] a, float[] b, float[] out, int width) {
    int length = count() * width;
    for (int i = 0; i < length; i++) {
      out[i] = a[i] + b[i];
    }
  }

  /**
   * Without a branch, which would be guessed wrong half of the time and cost more than the
   * products: what is above 0 times 2^127 is above 1.
   */
  @Override
  public void rectify(float[] z, float[] y, float[] slope, int width) {
    int length = count() * width;
    for (int i = 0; i < length; i++) {
      float value = Math.max(z[i], 0f);
      y[i] = value;
      slope[i] = Math.min(value * 0x1p127f, 1f);
    }
  }

  @Override
  public void addScaledColumns(Operand<float[]> by, float[] a, float[] out, int k) {
    int n = count();
    for (int o = 0; o < k; o++) {
      float factor = by.values()[by.at() + o * by.ld()];
      for (int i = o * n; i < (o + 1) * n; i++) {
        out[i] += factor * a[i];
      }
    }
  }

  @Override
  public void sumRows(float[] a, Columns of, double[] sums) {
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
  public void multiplyRows(float[] a, Columns of, float[] b, Columns with, double[] products) {
    int n = count();
    Arrays.fill(products, 0, n, 0);
    for (int c = 0; c < of.count(); c++) {
      int from = (of.first() + c * of.step()) * n;
      int other = (with.first() + c * with.step()) * n;
      for (int i = 0; i < n; i++) {
        products[i] += (double) a[from + i] * b[other + i];
      }
    }
  }

  @Override
  public void addToRows(double[] numbers, float[] out, Columns to) {
    int n = count();
    for (int c = 0; c < to.count(); c++) {
      int at = (to.first() + c * to.step()) * n;
      for (int i = 0; i < n; i++) {
        out[at + i] += (float) numbers[i];
      }
    }
  }

  @Override
  public void addScaledRows(double[] by, float[] a, Columns of, float[] out, Columns to) {
    int n = count();
    for (int c = 0; c < of.count(); c++) {
      int from = (of.first() + c * of.step()) * n;
      int at = (to.first() + c * to.step()) * n;
      for (int i = 0; i < n; i++) {
        out[at + i] += (float) by[i] * a[from + i];
      }
    }
  }

  @Override
  public void clear(float[] out, int width) {
    Arrays.fill(out, 0, count() * width, 0);
  }

  @Override
  public void copy(float[] a, Runs runs, float[] out) {
    int n = count();
    for (int r = 0; r < runs.count(); r++) {
      System.arraycopy(a, runs.from(r) * n, out, runs.to(r) * n, runs.length(r) * n);
    }
  }

  @Override
  public void add(float[] a, Runs runs, double scale, float[] out) {
    int n = count();
    float factor = (float) scale;
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
  public void maxima(float[] z, int[] candidates, float[] y, int width, int[] chosen) {
    int n = count();
    int each = candidates.length / width;
    float[] numbers = new float[n];
    for (int j = 0; j < width; j++) {
      int[] columns =
          Arrays.stream(candidates, j * each, (j + 1) * each)
              .filter(column -> column != Runs.NONE)
              .map(column -> column * n)
              .toArray();
      SHIFTS.greatest(new Line(z, columns, 0, n), y, j * n, numbers);
      for (int i = 0; i < n; i++) {
        chosen[j * n + i] = columns[(int) numbers[i]] + i;
      }
    }
  }

  @Override
  public void take(float[] a, int[] chosen, float[] out, int width) {
    int length = count() * width;
    for (int i = 0; i < length; i++) {
      out[i] = a[chosen[i]];
    }
  }

  @Override
  public void giveBack(float[] a, int[] chosen, float[] out, int width) {
    int length = count() * width;
    for (int i = 0; i < length; i++) {
      out[chosen[i]] += a[i];
    }
  }

  @Override
  public void addShifted(float[] image, Shifts shifts, float[] weights, int outputs, float[] y) {
    int[] from = starts(shifts);
    for (int line = 0; line < shifts.lines(); line++) {
      SHIFTS.addProduct(line(image, shifts, from, line), weights, places(shifts, y, outputs, line));
    }
  }

  @Override
  public void transposeShifted(float[] image, Shifts shifts, float[] d, int outputs, float[] out) {
    int[] from = starts(shifts);
    int taps = shifts.taps();
    float[] parts = new float[taps * outputs * ShiftKernels.PARTS];
    for (int line = 0; line < shifts.lines(); line++) {
      SHIFTS.addTransposed(
          line(image, shifts, from, line), places(shifts, d, outputs, line), parts);
    }
    for (int i = 0; i < taps * outputs; i++) {
      double sum = 0;
      for (int part = 0; part < ShiftKernels.PARTS; part++) {
        sum += parts[i * ShiftKernels.PARTS + part];
      }
      out[i % outputs * taps + i / outputs] = (float) sum;
    }
  }

  private int[] starts(Shifts shifts) {
    return Arrays.stream(shifts.starts()).map(start -> start * count()).toArray();
  }

  private Line line(float[] image, Shifts shifts, int[] from, int line) {
    int n = count();
    return new Line(image, from, line * shifts.pitch() * n, shifts.places() * n);
  }

  private Places places(Shifts shifts, float[] values, int outputs, int line) {
    int n = count();
    return new Places(values, line * shifts.places() * n, shifts.all() * n, outputs);
  }
}
