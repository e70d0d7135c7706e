package io.github.sparkbilevel;

import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.TestProblems.Spec;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.Features;
import io.github.sparkbilevel.block.PanelFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.LinearModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes the data of a problem by its seed. */
public final class DataMaker {
  private static final int[] BLOCK_ROWS = {1, 2, 17, 5, 64};

  private final Spec spec;
  private final Random random;
  private final int columns;
  private final double[][] centres;
  private long nextId = 1000;

  DataMaker(Spec spec) {
    this.spec = spec;
    this.random = new Random(spec.seed());
    this.columns = spec.features();
    this.centres = new double[Math.max(1, spec.loss().classes())][columns];
    for (double[] centre : centres) {
      Arrays.setAll(centre, j -> spec.spread() * random.nextGaussian());
    }
  }

  Data make() {
    Rows train = rows(spec.train(), spec.noise(), spec.groups());
    Rows upper = rows(spec.upper(), 0, spec.folds()).withMeanWeightOne();
    Rows heldOut = rows(spec.heldOut(), 0, 0).withMeanWeightOne();
    Rows test = rows(spec.test(), 0, 0).withMeanWeightOne();
    List<PartitionData> partitions = new ArrayList<>();
    for (int p = 0; p < spec.partitions(); p++) {
      partitions.add(
          new PartitionData(
              blocks(train, p), blocks(upper, p), blocks(heldOut, p), blocks(test, p)));
    }
    LinearModel model = new LinearModel(spec.loss(), columns, spec.intercept());
    return new Data(model, partitions, train, upper, heldOut, test);
  }

  private Rows rows(int n, double noise, int groups) {
    double[][] x = new double[n][columns];
    double[] labels = new double[n];
    double[] truth = new double[n];
    double[] weights = new double[n];
    int[] groupOf = new int[n];
    long[] ids = new long[n];
    for (int i = 0; i < n; i++) {
      int c = random.nextInt(centres.length);
      for (int j = 0; j < columns; j++) {
        double value = centres[c][j] + random.nextGaussian();
        // Zeros for the sparse storage; multiples of 2⁻¹⁰, so that float32 and shifts are exact.
        x[i][j] = random.nextInt(4) == 0 ? 0 : Math.rint(value * 1024) / 1024;
      }
      boolean real = spec.loss().classes() == 0;
      truth[i] = real ? x[i][0] - 0.5 * x[i][columns - 1] + random.nextGaussian() : c;
      if (spec.loss().leastLabel() >= 0) {
        truth[i] = Math.exp(truth[i] / 2);
      }
      boolean wrong = random.nextDouble() < noise;
      int other = centres.length < 2 ? 0 : 1 + random.nextInt(centres.length - 1);
      labels[i] = wrong && !real ? (c + other) % centres.length : truth[i];
      weights[i] = 0.5 + random.nextDouble();
      groupOf[i] = groups > 0 ? random.nextInt(groups) : 0;
      nextId += 1 + random.nextInt(5);
      ids[i] = nextId;
    }
    return new Rows(
        x, labels, spec.weighted() ? weights : null, groups > 0 ? groupOf : null, ids, truth);
  }

  /** Rows i with ⌊i · P / n⌋ = p, where P leaves the second of several partitions empty. */
  private Block[] blocks(Rows rows, int p) {
    int full = spec.partitions() > 1 ? spec.partitions() - 1 : 1;
    int part = p == 0 ? 0 : p - 1;
    if (p == 1) {
      return new Block[0];
    }
    int from = part * rows.count() / full;
    int end = (part + 1) * rows.count() / full;
    List<Block> blocks = new ArrayList<>();
    for (int b = 0; from < end; b++) {
      int to = Math.min(end, from + BLOCK_ROWS[Math.min(b, BLOCK_ROWS.length - 1)]);
      blocks.add(TestProblems.block(rows, columns, from, to, spec.storage()));
      from = to;
    }
    return blocks.toArray(Block[]::new);
  }

  /** The features of some rows in a storage; the shift is that of {@link #shift}. */
  public static Features features(double[][] x, int columns, Storage storage) {
    int n = x.length;
    if (storage == Storage.CSR || storage == Storage.CSR_SHIFTED) {
      double[] shift = storage == Storage.CSR ? null : shift(columns);
      int[] rowStart = new int[n + 1];
      int[] indices = new int[n * columns];
      double[] values = new double[n * columns];
      int at = 0;
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < columns; j++) {
          double stored = shift == null ? x[i][j] : x[i][j] + shift[j];
          if (stored != 0) {
            indices[at] = j;
            values[at++] = stored;
          }
        }
        rowStart[i + 1] = at;
      }
      return new CsrFeatures(
          columns, rowStart, Arrays.copyOf(indices, at), Arrays.copyOf(values, at), shift);
    }
    if (storage == Storage.PANELS) {
      return PanelFeatures.of(n, columns, i -> x[i]);
    }
    double[] all = new double[n * columns];
    for (int i = 0; i < n; i++) {
      System.arraycopy(x[i], 0, all, i * columns, columns);
    }
    if (storage == Storage.DENSE_64) {
      return DenseFeatures.ofDoubles(n, columns, all);
    }
    float[] singles = new float[all.length];
    for (int i = 0; i < all.length; i++) {
      singles[i] = (float) all[i];
    }
    return DenseFeatures.ofFloats(n, columns, singles);
  }

  /** What {@link Storage#CSR_SHIFTED} takes from every row: eighths, so that it is exact. */
  private static double[] shift(int columns) {
    double[] shift = new double[columns];
    Arrays.setAll(shift, j -> (j % 5 - 1) / 8.0);
    return shift;
  }
}
