package io.github.sparkbilevel.bench;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.MatrixProducts;
import io.github.sparkbilevel.backend.MatrixProducts.Operand;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.backend.Runs;
import io.github.sparkbilevel.backend.Shifts;
import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.Convolution;
import io.github.sparkbilevel.model.Layer;
import io.github.sparkbilevel.model.Layers;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.Preset;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.Stack;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.training.Trained;
import io.github.sparkbilevel.problem.training.Training;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What the passes of a network cost: CPU seconds of the computing thread, median and range of the
 * rounds, over 10,000 random rows of 784 features in float32.
 *
 * <p>Arguments: hidden widths (256 or 512,512) or a preset (lenet), rounds.
 */
public final class NetworkKernels {
  private static final int ROWS = 10_000;
  private static final int FEATURES = 784;
  private static final int CLASSES = 10;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private NetworkKernels() {}

  /** Something to measure. */
  @FunctionalInterface
  private interface Work {
    void run();
  }

  /** Prints one line for each kind of pass. */
  public static void main(String[] args) {
    int rounds = Integer.parseInt(args[1]);
    Network model = model(args[0]);
    Block block = rows();
    Block[] none = {};
    PartitionData data = new PartitionData(new Block[] {block}, none, none, none);
    BilevelProblem problem =
        new BilevelProblem(model, new ExampleWeights(0), Penalty.fixed(model, 1e-3, false));
    try (BlockOracle oracle =
        new BlockOracle(problem, new LocalEngine(List.of(data)), "auto", ROWS)) {
      var lower = oracle.lower(null, new double[0]);
      double[] theta = model.initial(1);
      Evaluation point = lower.at(theta, Extra.NONE);
      Training training = Training.adam(1, 1).annealed(false);
      Trained start = Trained.from(theta, 1, training);
      double first = macs(model, true);
      double all = macs(model, false);
      double[][] columns = {model.initial(2), model.initial(3)};
      double forward = 2.0 * ROWS * all;
      // The way back needs no product with the first layer's weights.
      double gradient = 2 * forward + 2.0 * ROWS * (all - first);
      measure(
          "Adam, one pass, batches of 32",
          rounds,
          gradient,
          () -> lower.train(point, start, training));
      measure("G, ∇G", rounds, gradient, () -> lower.at(theta, Extra.NONE).release());
      measure(
          "GGN product, 1 column",
          rounds,
          forward + 2 * forward + 4.0 * ROWS * (all - first),
          () -> point.hessian(0).applyAll(new double[][] {columns[0]}));
      measure(
          "GGN product, 2 columns",
          rounds,
          forward + 2 * (2 * forward + 4.0 * ROWS * (all - first)),
          () -> point.hessian(0).applyAll(columns));
      measure("G, ∇G, A, B", rounds, 0, () -> lower.at(theta, Extra.KRONECKER).release());
    }
    limit(rounds);
    convolution(32, 1, 6, rounds);
    convolution(14, 6, 16, rounds);
    products(block, rounds);
  }

  /** A window of 5 pixels over 64 images, by shifts and by patches. */
  private static void convolution(int side, int channels, int outputs, int rounds) {
    int rows = 64;
    Tile<float[]> images = Tile.singles(DenseBackends.AUTO, rows);
    images.load(rows);
    Shifts shifts = Shifts.of(side, side, channels, 5);
    Tile<float[]> places = images.times(shifts.all());
    float[] image = images.room(side * side * channels);
    float[] patches = places.room(shifts.taps());
    float[] y = places.room(outputs);
    float[] w = new float[shifts.taps() * outputs];
    Operand<float[]> weights = Operand.of(w, 0, shifts.taps());
    double flops = 2.0 * rows * shifts.all() * shifts.taps() * outputs;
    String what = "%d x %d x %d to %d, ".formatted(side, side, channels, outputs);
    measure(what + "shifts", rounds, flops, () -> images.addShifted(image, shifts, w, outputs, y));
    measure(
        what + "weights",
        rounds,
        flops,
        () -> images.transposeShifted(image, shifts, y, outputs, w));
    Runs copies = shifts.copies();
    measure(
        what + "patches",
        rounds,
        flops,
        () -> {
          images.copy(image, copies, patches);
          places.multiply(patches, shifts.taps(), weights, outputs, y, false);
        });
  }

  /** What single precision comes to on this machine. */
  private static void limit(int rounds) {
    int n = 768;
    MatrixProducts<float[]> matrices = DenseBackends.singleMatrices(DenseBackends.AUTO);
    Operand<float[]> a = Operand.of(new float[n * n], 0, n);
    Operand<float[]> c = Operand.of(new float[n * n], 0, n);
    double flops = 2.0 * n * n * n;
    measure("768 x 768 x 768", rounds, flops, () -> matrices.product(n, n, n, a, a, c, false));
  }

  /** A network of MNIST's shape, by hidden widths or a preset. */
  static Network model(String text) {
    SoftmaxLoss loss = new SoftmaxLoss(CLASSES);
    if (Preset.labels().contains(text)) {
      List<Map<String, Object>> form = new ArrayList<>(Layers.read("[{shape: [28, 28, 1]}]"));
      form.addAll(Preset.of(text).form());
      return Network.of(loss, FEATURES, form);
    }
    List<Integer> hidden = new ArrayList<>();
    for (String width : text.split(",", -1)) {
      hidden.add(Integer.parseInt(width));
    }
    return Network.dense(loss, FEATURES, hidden, Activation.RELU);
  }

  /** Multiplications of a row with all layers, or with the first one that has weights. */
  private static double macs(Network model, boolean first) {
    return ((Stack) model.layer())
        .layers().stream()
            .filter(layer -> layer.size() > 0)
            .limit(first ? 1 : Integer.MAX_VALUE)
            .mapToDouble(NetworkKernels::macs)
            .sum();
  }

  private static double macs(Layer layer) {
    int positions = layer instanceof Convolution ? layer.out().positions() : 1;
    return layer.parameters().stream()
        .mapToDouble(block -> (double) positions * block.inputs() * block.outputs())
        .sum();
  }

  /** The first layer's products alone, tile by tile. */
  private static void products(Block block, int rounds) {
    for (int tile : new int[] {128, 668}) {
      int k = 256;
      double[] c = new Random(3).doubles(FEATURES * k, -1, 1).toArray();
      double[] z = new double[tile * k];
      try (RowProducts rows = DenseBackends.open(block.features(), k, tile)) {
        rows.load(0, tile);
        double flops = 2.0 * tile * FEATURES * k;
        measure(
            "A C, %d x 784 x 256".formatted(tile),
            rounds,
            flops,
            () -> rows.multiply(c, 0, FEATURES, k, z));
        measure(
            "Aᵀ R, 784 x %d x 256".formatted(tile),
            rounds,
            flops,
            () -> rows.addTransposed(z, k, c, 0, FEATURES));
      }
    }
  }

  private static void measure(String what, int rounds, double flops, Work work) {
    double[] seconds = new double[rounds];
    for (int round = -2; round < rounds; round++) {
      double start = cpu();
      int runs = 0;
      while (runs == 0 || cpu() - start < 0.1) {
        work.run();
        runs++;
      }
      if (round >= 0) {
        seconds[round] = (cpu() - start) / runs;
      }
    }
    Arrays.sort(seconds);
    double median = seconds[rounds / 2];
    System.out.printf(
        "%-32s %8.2f ms (%.2f–%.2f)%s%n",
        what,
        1e3 * median,
        1e3 * seconds[0],
        1e3 * seconds[rounds - 1],
        flops > 0 ? "  %.0f GFLOP/s".formatted(flops / median / 1e9) : "");
  }

  private static double cpu() {
    return THREADS.getCurrentThreadCpuTime() / 1e9;
  }

  private static Block rows() {
    Random random = new Random(5);
    float[] x = new float[ROWS * FEATURES];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    long[] ids = new long[ROWS];
    double[] labels = new double[ROWS];
    Arrays.setAll(ids, i -> i);
    Arrays.setAll(labels, i -> random.nextInt(CLASSES));
    return new Block(ids, DenseFeatures.ofFloats(ROWS, FEATURES, x), labels);
  }
}
