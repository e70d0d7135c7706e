package io.github.sparkbilevel.bench;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.problem.sampling.Folds;
import io.github.sparkbilevel.problem.sampling.RowDraw;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * MNIST as the partitions of a cleaning run: standardised by the training rows, clipped at ±5, with
 * wrong labels made by a seed; a third of the trusted rows is held out.
 */
final class MnistRows {
  private static final int PIXELS = 784;
  private static final int CLASSES = 10;
  private static final int BLOCK_ROWS = 8192;
  private static final double CLIP = 5;
  private static final long SHUFFLE = 21;
  private static final long WRONG = 22;
  private static final long REDRAWN = 23;

  private final int train;
  private final int trusted;
  private final boolean uniform;
  private final double fraction;
  private final long seed;
  private final byte[][] pixels;
  private final int[] labels;
  private double[] mean;
  private double[] scale;

  private MnistRows(
      Path folder, int train, int trusted, boolean uniform, double fraction, long seed)
      throws IOException {
    this.train = train;
    this.trusted = trusted;
    this.uniform = uniform;
    this.fraction = fraction;
    this.seed = seed;
    this.pixels = new byte[70_000][];
    this.labels = new int[70_000];
    read(folder, "train", 0, 60_000);
    read(folder, "t10k", 60_000, 10_000);
  }

  /**
   * Reads and cuts the rows.
   *
   * @param uniform whether labels are redrawn over all classes, or taken for the next class
   * @param fraction share of the training labels that this happens to
   */
  static List<PartitionData> load(
      Path folder,
      int train,
      int trusted,
      boolean uniform,
      double fraction,
      int partitions,
      long seed)
      throws IOException {
    return new MnistRows(folder, train, trusted, uniform, fraction, seed).cut(partitions);
  }

  private void read(Path folder, String name, int at, int count) throws IOException {
    try (DataInputStream images = open(folder.resolve(name + "-images-idx3-ubyte.gz"));
        DataInputStream classes = open(folder.resolve(name + "-labels-idx1-ubyte.gz"))) {
      images.skipNBytes(16);
      classes.skipNBytes(8);
      for (int i = at; i < at + count; i++) {
        pixels[i] = images.readNBytes(PIXELS);
        labels[i] = classes.readUnsignedByte();
      }
    }
  }

  private static DataInputStream open(Path file) throws IOException {
    InputStream bytes = Files.newInputStream(file);
    return new DataInputStream(new GZIPInputStream(bytes, 1 << 16));
  }

  private List<PartitionData> cut(int partitions) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < 60_000; i++) {
      order.add(i);
    }
    order.sort(
        (a, b) -> Long.compare(RowDraw.bits(seed, SHUFFLE, a), RowDraw.bits(seed, SHUFFLE, b)));
    List<Integer> trainRows = order.subList(0, train);
    standardize(trainRows);
    int heldOut = trusted / 3;
    List<Integer> upperRows = order.subList(train, train + trusted - heldOut);
    List<Integer> heldOutRows = order.subList(train + trusted - heldOut, train + trusted);
    List<Integer> testRows = new ArrayList<>();
    for (int i = 60_000; i < 70_000; i++) {
      testRows.add(i);
    }
    List<PartitionData> all = new ArrayList<>();
    for (int p = 0; p < partitions; p++) {
      all.add(
          new PartitionData(
              blocks(share(trainRows, p, partitions), true),
              blocks(share(upperRows, p, partitions), false),
              blocks(share(heldOutRows, p, partitions), false),
              blocks(share(testRows, p, partitions), false)));
    }
    return all;
  }

  private static List<Integer> share(List<Integer> rows, int p, int partitions) {
    int from = (int) ((long) p * rows.size() / partitions);
    int to = (int) ((long) (p + 1) * rows.size() / partitions);
    List<Integer> share = new ArrayList<>(rows.subList(from, to));
    share.sort(null);
    return share;
  }

  private void standardize(List<Integer> rows) {
    mean = new double[PIXELS];
    scale = new double[PIXELS];
    for (int row : rows) {
      for (int j = 0; j < PIXELS; j++) {
        mean[j] += (pixels[row][j] & 0xff) / (double) rows.size();
      }
    }
    for (int row : rows) {
      for (int j = 0; j < PIXELS; j++) {
        double x = (pixels[row][j] & 0xff) - mean[j];
        scale[j] += x * x / rows.size();
      }
    }
    for (int j = 0; j < PIXELS; j++) {
      scale[j] = scale[j] > 0 ? 1 / Math.sqrt(scale[j]) : 0;
    }
  }

  private Block[] blocks(List<Integer> rows, boolean corrupted) {
    List<Block> blocks = new ArrayList<>();
    for (int from = 0; from < rows.size(); from += BLOCK_ROWS) {
      blocks.add(block(rows.subList(from, Math.min(rows.size(), from + BLOCK_ROWS)), corrupted));
    }
    return blocks.toArray(Block[]::new);
  }

  private Block block(List<Integer> rows, boolean corrupted) {
    int n = rows.size();
    float[] x = new float[n * PIXELS];
    long[] ids = new long[n];
    double[] given = new double[n];
    double[] truth = new double[n];
    int[] fold = new int[n];
    Folds folds = new Folds(2, seed, 3);
    for (int i = 0; i < n; i++) {
      int row = rows.get(i);
      ids[i] = row;
      truth[i] = labels[row];
      given[i] = corrupted ? wrong(row) : labels[row];
      fold[i] = corrupted ? 0 : folds.of(row);
      for (int j = 0; j < PIXELS; j++) {
        double value = ((pixels[row][j] & 0xff) - mean[j]) * scale[j];
        x[i * PIXELS + j] = (float) Math.max(-CLIP, Math.min(CLIP, value));
      }
    }
    return new Block(ids, DenseFeatures.ofFloats(n, PIXELS, x), given)
        .withGroups(fold)
        .withTruth(truth);
  }

  private int wrong(int row) {
    if (RowDraw.uniform(seed, WRONG, row) >= fraction) {
      return labels[row];
    }
    return uniform ? RowDraw.fold(seed, REDRAWN, row, CLASSES) : (labels[row] + 1) % CLASSES;
  }
}
