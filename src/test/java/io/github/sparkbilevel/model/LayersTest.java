package io.github.sparkbilevel.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.block.Block;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks by the list of their layers. */
class LayersTest {
  private static final int FEATURES = 4;
  private static final int ROWS = 15;
  private static final Loss LOSS = new SoftmaxLoss(3);

  /** Value and gradient at the start of training. */
  private static double[] sums(Network network) {
    Rows rows = TestProblems.of(LOSS).rows(ROWS, 6, 0, 0).features(FEATURES).make().train();
    Block block = TestProblems.block(rows, FEATURES, 0, ROWS, Storage.DENSE_32);
    double[] weights = new double[ROWS];
    Arrays.fill(weights, 0.7);
    double[] sums = new double[1 + network.size()];
    BlockKernel.of(network, "auto")
        .evaluate(
            block,
            network.initial(5),
            1,
            null,
            RowWeights.of(weights, ROWS),
            RowOutputs.allocate(ROWS, 1, 3, false),
            sums,
            0);
    return sums;
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void denseLayersAreTheSameNetworkAsTheirListToTheBit(Activation activation) {
    Network dense = Network.dense(LOSS, FEATURES, List.of(7, 5), activation);
    String list = "[{dense: 7}, {activation: 'A'}, {dense: 5}, {activation: 'A'}]";
    Network listed = Network.of(LOSS, FEATURES, Layers.read(list.replace("A", activation.label())));
    assertEquals(dense, listed);
    assertArrayEquals(dense.initial(5), listed.initial(5), 0);
    assertArrayEquals(sums(dense), sums(listed), 0);
  }

  /** As networks of dense layers have always started: what saved runs and figures go by. */
  @Test
  void weightsStartWithTheVarianceThatTheLayerBehindWants() {
    Random random = new Random(5);
    double[] start = Network.dense(LOSS, 1, List.of(2), Activation.RELU).initial(5);
    double[] expected = new double[start.length];
    for (int at : new int[] {0, 2}) {
      expected[at] = Math.sqrt(2) * random.nextGaussian();
    }
    for (int at : new int[] {4, 5, 7, 8, 10, 11}) {
      expected[at] = Math.sqrt(2.0 / 5) * random.nextGaussian();
    }
    assertArrayEquals(expected, start, 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "[{projection: 3}, {residual: [{dense: 2}, {activation: 'gelu'}, {dense: 3}]}]",
        "[{residual: [{residual: [{activation: 'tanh'}]}]}]",
        "[{embedding: {vocabulary: 9, width: 6, positions: true}}, {attention: 2}, {mean: true}]",
        "[{embedding: {vocabulary: 9, width: 6, positions: false}}, {dense: 3}]",
        "[{shape: [2, 2]}, {mask: true}, {residual: [{layer-norm: true}]}, {mean: true}]",
      })
  void formMakesTheSameLayersAgain(String list) {
    Network network = Network.of(LOSS, FEATURES, Layers.read(list));
    String written = Layers.write(network.layer().form());
    RowShape in = RowShape.vector(FEATURES);
    assertEquals(network.layer(), new Stack(Layers.of(in, Layers.read(written))));
    assertEquals(network.layer().form(), Layers.read(written));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dense",
        "{dense: 3}",
        "[{dense: 3, activation: 'tanh'}]",
        "[{}]",
        "[{dense: null}]",
        "[{dense: 0}]",
        "[{dense: 2.5}]",
        "[{dense: 'many'}]",
        "[{dense: 2000000000}]",
        "[{activation: 'swish'}]",
        "[{no: 3}]",
        "[{residual: []}]",
        "[{residual: [{dense: 3}]}]",
        "[{residual: 3}]",
        "[{embedding: 9}]",
        "[{embedding: {vocabulary: 9}}]",
        "[{embedding: {vocabulary: 9, width: 0}}]",
        "[{embedding: {vocabulary: 9, width: 3, positions: 1}}]",
        "[{embedding: {vocabulary: 9, width: 3, order: true}}]",
        "[{shape: [2, 2]}, {embedding: {vocabulary: 9, width: 3}}]",
        "[{dense: 3}, {embedding: {vocabulary: 9, width: 3}}]",
        "[{dense: 3}, {residual: [{embedding: {vocabulary: 9, width: 3}}, {dense: 3}]}]",
        "[{embedding: {vocabulary: 9, width: 4}}, {attention: 2}]",
        "[{embedding: {vocabulary: 9, width: 4}}, {attention: 2}, {dense: 3}]",
        "[{embedding: {vocabulary: 9, width: 4}}, {pointwise: 4}, {group-norm: 2}]",
        "[{embedding: {vocabulary: 9, width: 4}}, {residual: [{group-norm: 2}]}, {mean: true}]",
        "[{mask: true}, {mean: true}]",
        "[{shape: [4, 1]}, {mask: true}, {mean: true}]",
        "[{shape: [2, 2]}, {pointwise: 3}, {mask: true}, {mean: true}]",
      })
  void wrongListIsRefused(String list) {
    assertThrows(
        IllegalArgumentException.class, () -> Network.of(LOSS, FEATURES, Layers.read(list)));
  }

  @Test
  void outputsAreThoseOfTheLoss() {
    assertThrows(IllegalArgumentException.class, () -> Network.of(LOSS, Dense.of(FEATURES, 2)));
  }
}
