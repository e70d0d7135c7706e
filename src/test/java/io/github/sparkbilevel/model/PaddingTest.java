package io.github.sparkbilevel.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DataMaker;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sequences that have fewer steps than their shape, and tokens. */
class PaddingTest {
  private static final int ROWS = 40;
  private static final int VOCABULARY = 7;
  private static final Loss LOSS = new SoftmaxLoss(3);
  private static final String BLOCK =
      "{residual: [{layer-norm: true}, {attention: 2}]},"
          + " {residual: [{layer-norm: true}, {feed-forward: 2}]}, {layer-norm: true},"
          + " {mean: true}, {dense: 5}, {activation: 'tanh'}";
  private static final String TOKENS = "[{embedding: {vocabulary: 7, width: 4}}, " + BLOCK + "]";

  private static Block block(double[][] x, Storage storage) {
    long[] ids = new long[x.length];
    Arrays.setAll(ids, i -> 100 + i);
    double[] labels = new double[x.length];
    Arrays.setAll(labels, i -> i % 3);
    return new Block(ids, DataMaker.features(x, x[0].length, storage), labels);
  }

  /** So many tokens a row. */
  private static double[][] tokens(int rows, int steps) {
    Random random = new Random(7);
    double[][] x = new double[rows][steps];
    for (double[] row : x) {
      Arrays.setAll(row, t -> random.nextInt(VOCABULARY));
    }
    return x;
  }

  private static double[] theta(Network network) {
    double[] theta = network.initial(5);
    double[] more = TestProblems.vector(1, theta.length, 0.3);
    Arrays.setAll(theta, j -> theta[j] + more[j]);
    return theta;
  }

  /** Value, gradient, Hessian product and outputs. */
  private static double[] sums(Network network, Block block, double[] theta) {
    int d = network.size();
    RowOutputs outputs = RowOutputs.allocate(block.rows(), 1, 3, true);
    double[] sums = new double[1 + 2 * d + outputs.predictions().length];
    double[] v = TestProblems.vector(2, d, 1);
    RowWeights weights = RowWeights.constant(0.7);
    BlockKernel.of(network.withExactHessian(true), "auto")
        .evaluate(block, theta, 1, v, weights, outputs, sums, 0);
    double[] p = outputs.predictions();
    System.arraycopy(p, 0, sums, 1 + 2 * d, p.length);
    return sums;
  }

  /** Of the tokens of a row at these steps, and padding elsewhere. */
  private static double[][] spread(double[][] x, int[] to, int steps) {
    double[][] wide = new double[x.length][steps];
    for (int i = 0; i < x.length; i++) {
      Arrays.fill(wide[i], Embedding.PADDING);
      for (int t = 0; t < to.length; t++) {
        wide[i][to[t]] = x[i][t];
      }
    }
    return wide;
  }

  @Test
  void aRowWithPaddingIsOneOfFewerSteps() {
    double[][] x = tokens(ROWS, 3);
    Network narrow = Network.of(LOSS, 3, Layers.read(TOKENS));
    Network wide = Network.of(LOSS, 6, Layers.read(TOKENS));
    double[] theta = theta(narrow);
    double[] expected = sums(narrow, block(x, Storage.DENSE_64), theta);
    for (int[] to : List.of(new int[] {0, 1, 2}, new int[] {3, 4, 5}, new int[] {0, 2, 5})) {
      Block padded = block(spread(x, to, 6), Storage.DENSE_64);
      assertArrayEquals(expected, sums(wide, padded, theta), 1e-12);
    }
  }

  @Test
  void whatStandsAtPaddingHasNoPart() {
    Network network =
        Network.of(LOSS, 15, Layers.read("[{shape: [3, 5]}, {mask: true}, " + BLOCK + "]"));
    double[] theta = theta(network);
    List<double[]> all = new ArrayList<>();
    for (double garbage : new double[] {0, 3, -1e6}) {
      Random random = new Random(3);
      double[][] x = new double[ROWS][15];
      for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < 15; j++) {
          boolean there = (i >> j / 5) % 2 == 0;
          double number = random.nextGaussian();
          x[i][j] = j % 5 == 4 ? (there ? 1 : 0) : there ? number : garbage;
        }
      }
      all.add(sums(network, block(x, Storage.DENSE_64), theta));
    }
    assertArrayEquals(all.get(0), all.get(1), 0);
    assertArrayEquals(all.get(0), all.get(2), 0);
  }

  @Test
  void aRowOfPaddingAloneHasTheOutputsOfZeros() {
    String layers = "[{embedding: {vocabulary: 7, width: 4}}, {attention: 2}, {mean: true}]";
    Network network = Network.of(LOSS, 3, Layers.read(layers));
    double[] theta = theta(network);
    double[][] x = spread(new double[1][0], new int[0], 3);
    double[] sums = sums(network, block(x, Storage.DENSE_64), theta);
    ParameterBlock last = network.parameters().get(network.parameters().size() - 1);
    double total = 0;
    for (int o = 0; o < 3; o++) {
      total += Math.exp(theta[last.biases() + o * last.height()]);
    }
    for (int o = 0; o < 3; o++) {
      double expected = Math.exp(theta[last.biases() + o * last.height()]) / total;
      assertEquals(expected, sums[1 + 2 * network.size() + o], 1e-12);
    }
    for (int j = 0; j < last.at(); j++) {
      assertEquals(0, sums[1 + j], 1e-15);
    }
  }

  /** A is what tokens a row has, by row weight; also where the sharing is to be reduced. */
  @ParameterizedTest
  @EnumSource(Sharing.class)
  void inputFactorsAreFrequencies(Sharing sharing) {
    String layers = "[{embedding: {vocabulary: 7, width: 2, positions: true}}, {mean: true}]";
    Network network = Network.of(LOSS, 4, Layers.read(layers)).with(sharing);
    double[][] x = tokens(ROWS, 4);
    for (int i = 0; i < ROWS; i++) {
      Arrays.fill(x[i], 0, i % 3, Embedding.PADDING);
    }
    double[] weights = new double[ROWS];
    Arrays.setAll(weights, i -> 0.5 + i % 4);
    double[] words = new double[VOCABULARY];
    double[] steps = new double[4];
    for (int i = 0; i < ROWS; i++) {
      for (int t = i % 3; t < 4; t++) {
        double share = weights[i] / (4 - i % 3) / Arrays.stream(weights).sum();
        words[(int) x[i][t]] += share;
        steps[t] += share;
      }
    }
    BlockKernel kernel = BlockKernel.of(network, "auto");
    Block block = block(x, Storage.DENSE_64);
    double[] theta = theta(network);
    RowOutputs outputs = RowOutputs.allocate(ROWS, 1, 3, false);
    kernel.predict(block, theta, 1, null, outputs);
    double[] sums = new double[kernel.factorSums()];
    BlockKernel.At at = BlockKernel.At.one(theta, outputs.predictions(), weights);
    kernel.kroneckerFactors(block, at, (id, number) -> 0.5, sums, 0);
    List<KroneckerFactors> factors = kernel.factors(sums, 0, ROWS);
    assertArrayEquals(words, factors.get(0).inputs(), 1e-14);
    assertArrayEquals(steps, factors.get(1).inputs(), 1e-14);
    assertEquals(VOCABULARY, factors.get(0).height());
    assertEquals(4, factors.get(0).outputs().length);
  }

  @ParameterizedTest
  @EnumSource(Storage.class)
  void whatIsLeftBehindFrozenTokensIsTheWhole(Storage storage) {
    double[][] x = tokens(ROWS, 4);
    for (int i = 0; i < ROWS; i++) {
      Arrays.fill(x[i], 4 - i % 5, 4, Embedding.PADDING);
    }
    Network network = Network.of(LOSS, 4, Layers.read(TOKENS));
    for (int count = 1; count <= 6; count++) {
      FrozenLayers frozen = FrozenLayers.of(network, count);
      Network rest = frozen.behind(network);
      Block block = block(x, storage);
      Block made = frozen.of(block);
      assertEquals(rest.features(), made.features().columns());
      assertEquals(network.layer(), frozen.with(rest).layer());
      double[] theta = rest.initial(5);
      double[] whole = sums(network, block, frozen.with(theta));
      double[] left = sums(rest, made, theta);
      double tolerance = storage == Storage.DENSE_32 ? 1e-4 : 1e-11;
      assertEquals(whole[0], left[0], tolerance);
      int first = 1 + frozen.theta().length;
      assertArrayEquals(
          Arrays.copyOfRange(whole, first, first + rest.size()),
          Arrays.copyOfRange(left, 1, 1 + rest.size()),
          tolerance);
    }
  }

  @Test
  void vectorsAreTablesWithARowForEachTokenAndEachStep() {
    Embedding layer = new Embedding(RowShape.vector(3), VOCABULARY, 2, Embedding.Order.LEARNED);
    double[] theta = new double[layer.size()];
    Arrays.setAll(theta, j -> j);
    ParameterTensor words = layer.tensors().get(0);
    ParameterTensor steps = layer.tensors().get(1);
    assertEquals("layer1.weight", words.name());
    assertEquals(List.of(VOCABULARY, 2), words.shape());
    assertEquals("layer2.weight", steps.name());
    assertEquals(List.of(3, 2), steps.shape());
    assertArrayEquals(new double[] {14, 17, 15, 18, 16, 19}, steps.of(theta));
    double[] back = new double[layer.size()];
    words.put(words.of(theta), back);
    steps.put(steps.of(theta), back);
    assertArrayEquals(theta, back);
  }

  @ParameterizedTest
  @ValueSource(doubles = {VOCABULARY, -2, 0.5, Double.NaN, Double.POSITIVE_INFINITY})
  void wrongTokenIsRefusedWithItsRow(double wrong) {
    Network network = Network.of(LOSS, 4, Layers.read(TOKENS));
    double[][] x = tokens(ROWS, 4);
    x[23][2] = wrong;
    Block block = block(x, Storage.DENSE_64);
    double[] theta = theta(network);
    DataException e = assertThrows(DataException.class, () -> sums(network, block, theta));
    for (String part : List.of("" + wrong, "step 3", "id 123", "to 6")) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }
}
