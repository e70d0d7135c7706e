package io.github.sparkbilevel.backend;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PanelFeatures;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.model.RowWeights;
import io.github.sparkbilevel.model.SoftmaxLoss;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

/**
 * The kernels of a softmax regression beside a plain fused scan: one loop over panels in float32
 * for just this model, with the products and the softmax of a row and nothing else around them.
 *
 * <p>Arguments: rows, features and classes, by default 50000 784 10 and 1000000 20 5. One thread,
 * medians of {@value #RUNS} runs, both in turn.
 */
public final class LinearScans {
  private static final int RUNS = 15;
  private static final int BLOCK_BYTES = 16 << 20;

  private final int rows;
  private final int p;
  private final int k;
  private final Block[] blocks;
  private final RowOutputs[] outputs;
  private final BlockKernel kernel;

  private LinearScans(int rows, int p, int k) {
    this.rows = rows;
    this.p = p;
    this.k = k;
    this.kernel = BlockKernel.of(new LinearModel(new SoftmaxLoss(k), p, true), "auto");
    int height = Math.min(1 << 16, BLOCK_BYTES / (4 * p));
    this.blocks = new Block[(rows + height - 1) / height];
    this.outputs = new RowOutputs[blocks.length];
    Random random = new Random(1);
    for (int b = 0; b < blocks.length; b++) {
      int n = Math.min(height, rows - b * height);
      long[] ids = new long[n];
      Arrays.setAll(ids, i -> i);
      double[] labels = random.ints(n, 0, k).asDoubleStream().toArray();
      PanelFeatures features = PanelFeatures.of(n, p, i -> random.doubles(p, -2, 2).toArray());
      blocks[b] = new Block(ids, features, labels);
      outputs[b] = RowOutputs.allocate(n, 1, k, false);
    }
  }

  /** Prints a line for each kind of pass. */
  public static void main(String[] args) {
    int[] sizes =
        args.length == 3
            ? Arrays.stream(args).mapToInt(Integer::parseInt).toArray()
            : new int[] {50_000, 784, 10, 1_000_000, 20, 5};
    for (int s = 0; s < sizes.length; s += 3) {
      new LinearScans(sizes[s], sizes[s + 1], sizes[s + 2]).run();
    }
  }

  private void run() {
    int d = k * (p + 1);
    double[] theta = new Random(2).doubles(2 * d, -0.05, 0.05).toArray();
    double[] one = Arrays.copyOf(theta, d);
    report("evaluation", () -> evaluate(one), () -> fused(one, 1, true));
    report("Hessian product, 1 column", () -> product(one, 1), () -> fused(one, 1, false));
    report("Hessian product, 2 columns", () -> product(theta, 2), () -> fused(theta, 2, false));
  }

  private void report(String what, Runnable ours, Runnable plain) {
    double[] own = new double[RUNS];
    double[] scan = new double[RUNS];
    for (int r = -RUNS; r < RUNS; r++) {
      double a = milliseconds(ours);
      double b = milliseconds(plain);
      if (r >= 0) {
        own[r] = a;
        scan[r] = b;
      }
    }
    Arrays.sort(own);
    Arrays.sort(scan);
    System.out.printf(
        Locale.ROOT,
        "%,d x %d, K = %d  %-28s %7.1f ms, fused scan %7.1f ms, ratio %.2f%n",
        rows,
        p,
        k,
        what,
        own[RUNS / 2],
        scan[RUNS / 2],
        own[RUNS / 2] / scan[RUNS / 2]);
  }

  private static double milliseconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e6;
  }

  private void evaluate(double[] theta) {
    double[] sums = new double[1 + theta.length];
    for (int b = 0; b < blocks.length; b++) {
      kernel.evaluate(blocks[b], theta, 1, null, RowWeights.constant(1), outputs[b], sums, 0);
    }
  }

  private void product(double[] directions, int columns) {
    double[] sums = new double[directions.length];
    for (int b = 0; b < blocks.length; b++) {
      double[] weights = new double[blocks[b].rows()];
      Arrays.fill(weights, 1);
      var at = BlockKernel.At.one(null, outputs[b].predictions(), weights);
      kernel.product(blocks[b], at, directions, new int[columns], sums, 0);
    }
  }

  /** Outputs, softmax or its curvature, and the transposed product, all in float32. */
  private void fused(double[] v, int columns, boolean evaluates) {
    PanelKernels kernels = PanelKernels.best();
    int width = columns * k;
    float[] operand = new float[p * width];
    for (int c = 0; c < width; c++) {
      for (int j = 0; j < p; j++) {
        operand[j * width + c] = (float) v[c * (p + 1) + j];
      }
    }
    float[] parts = new float[p * width * PanelKernels.PARTS];
    for (int b = 0; b < blocks.length; b++) {
      PanelFeatures features = (PanelFeatures) blocks[b].features();
      float[] a = features.values();
      float[] z = new float[width * features.panelRows()];
      for (int from = 0; from < features.rows(); from += features.panelRows()) {
        int stride = features.stride(from);
        int at = features.start(from);
        kernels.multiply(a, at, stride, new PanelKernels.Operand(operand, p, width), z);
        for (int c = 0; c < columns; c++) {
          bend(b, from, stride, z, c * k * stride, evaluates);
        }
        kernels.addTransposed(a, at, stride, z, new PanelKernels.Operand(parts, p, width));
      }
    }
  }

  /** z = p − e_b, with p = softmax(z) kept, or z = diag(p) z − p pᵀz. */
  private void bend(int b, int from, int stride, float[] z, int at, boolean evaluates) {
    double[] kept = outputs[b].predictions();
    double[] labels = blocks[b].labels();
    int n = labels.length;
    int count = Math.min(stride, n - from);
    for (int i = 0; i < count; i++) {
      float sum = 0;
      if (evaluates) {
        for (int c = 0; c < k; c++) {
          float e = (float) Math.exp(z[at + c * stride + i]);
          z[at + c * stride + i] = e;
          sum += e;
        }
        for (int c = 0; c < k; c++) {
          z[at + c * stride + i] /= sum;
          kept[c * n + from + i] = z[at + c * stride + i];
        }
        z[at + (int) labels[from + i] * stride + i] -= 1;
      } else {
        for (int c = 0; c < k; c++) {
          sum += (float) kept[c * n + from + i] * z[at + c * stride + i];
        }
        for (int c = 0; c < k; c++) {
          z[at + c * stride + i] = (float) kept[c * n + from + i] * (z[at + c * stride + i] - sum);
        }
      }
    }
    for (int i = count; i < stride; i++) {
      for (int c = 0; c < k; c++) {
        z[at + c * stride + i] = 0;
      }
    }
  }
}
