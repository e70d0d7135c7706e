package io.github.sparkbilevel.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.sparkbilevel.DataMaker;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.block.Block;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A network whose first layers are frozen, beside the whole. */
class FrozenLayersTest {
  private static final int ROWS = 300;
  private static final int FEATURES = 18;

  private static final Network WHOLE =
      Network.of(
          new SoftmaxLoss(3),
          FEATURES,
          Layers.read(
              "[{shape: [3, 3, 2]}, {conv: {channels: 4, window: 2}}, {activation: 'tanh'},"
                  + " {pool: 2}, {dense: 5}, {activation: 'tanh'}]"));

  private static Block block(Storage storage) {
    Random random = new Random(3);
    double[][] x = new double[ROWS][FEATURES];
    for (double[] row : x) {
      Arrays.setAll(row, j -> random.nextBoolean() ? 0 : (float) random.nextGaussian());
    }
    long[] ids = new long[ROWS];
    Arrays.setAll(ids, i -> i);
    double[] labels = new double[ROWS];
    Arrays.setAll(labels, i -> i % 3);
    return new Block(ids, DataMaker.features(x, FEATURES, storage), labels);
  }

  private static double[] sums(Network network, Block block, double[] theta) {
    int d = network.size();
    RowOutputs outputs = RowOutputs.allocate(ROWS, 1, 3, false);
    double[] sums = new double[1 + d];
    BlockKernel.of(network, "jvm")
        .evaluate(block, theta, 1, null, RowWeights.constant(1), outputs, sums, 0);
    return sums;
  }

  /** Loss and gradient by what is left are those of the whole. */
  @ParameterizedTest
  @EnumSource(Storage.class)
  void whatIsLeftIsTheWholeOnRowsOfTheFrozenLayers(Storage storage) {
    Network given =
        WHOLE.with(
            new Start(
                WHOLE.layer().tensors().stream()
                    .map(
                        t ->
                            new Start.Given(
                                t, new Random(t.at()).doubles(t.size(), -1, 1).toArray()))
                    .toList()));
    for (int count = 1; count <= 5; count++) {
      FrozenLayers frozen = FrozenLayers.of(given, count);
      Network rest = frozen.behind(given);
      Block block = block(storage);
      Block made = frozen.of(block);
      assertEquals(rest.features(), made.features().columns());
      double[] theta = rest.initial(5);
      assertArrayEquals(given.initial(5), frozen.with(theta));
      assertEquals(WHOLE.layer(), frozen.with(rest).layer());
      double[] whole = sums(given, block, frozen.with(theta));
      double[] left = sums(rest, made, theta);
      double tolerance = storage == Storage.DENSE_32 ? 1e-3 : 1e-10;
      assertEquals(whole[0], left[0], tolerance);
      int from = 1 + frozen.theta().length;
      assertArrayEquals(
          Arrays.copyOfRange(whole, from, whole.length),
          Arrays.copyOfRange(left, 1, left.length),
          tolerance);
    }
  }

  @Test
  void theLayerOfTheOutputsIsNotFrozen() {
    assertThrows(IllegalArgumentException.class, () -> FrozenLayers.of(WHOLE, 6));
  }
}
