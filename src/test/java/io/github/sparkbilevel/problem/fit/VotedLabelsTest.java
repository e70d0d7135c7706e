package io.github.sparkbilevel.problem.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import java.util.List;
import org.junit.jupiter.api.Test;

class VotedLabelsTest {
  private static final int CLASSES = 3;
  private static final double[] RATES = {0.9, 0.4};

  /** The third row has no vote; the second annotator voted for class 2 twice. */
  private static final Block BLOCK =
      new Block(
              new long[] {0, 1, 2},
              DenseFeatures.ofDoubles(3, 1, new double[] {1, -2, 3}),
              new double[] {2, 2, 2})
          .withWeights(new double[] {1, 2, 4})
          .withVotes(new int[][] {{0 * CLASSES + 1, 1 * CLASSES + 2}, {1 * CLASSES + 2}, {}});

  private static LocalEngine engine() {
    Block[] none = {};
    return new LocalEngine(
        List.of(new PartitionData(new Block[] {BLOCK}, new Block[] {BLOCK}, none, none)));
  }

  private static BlockKernel kernel() {
    return BlockKernel.of(new LinearModel(new SoftmaxLoss(CLASSES), 1, false), "auto");
  }

  private static Block labelled(VotedLabels labels) {
    return engine().over(labels).partitions().get(0).train()[0];
  }

  @Test
  void votesGiveTheLikeliestClassByBayesRule() {
    Block block = labelled(new VotedLabels(VoteModel.oneCoin(CLASSES, RATES), kernel(), null, 1));
    assertArrayEquals(new double[] {1, 2, 0}, block.labels());
    // Class 1: .9 · .3; class 2: .05 · .4; class 0: .05 · .3.
    double first = 0.27 / (0.27 + 0.02 + 0.015);
    assertArrayEquals(new double[] {first, 2 * 0.4, 0}, weights(block), 1e-12);
  }

  @Test
  void aModelOfTheFeaturesIsHeardBesideThem() {
    double[] theta = {0.5, 0, -0.5};
    Block block = labelled(new VotedLabels(VoteModel.oneCoin(CLASSES, RATES), kernel(), theta, 2));
    // At temperature 2 the outputs of the third row are .75, 0 and −.75.
    double sum = Math.exp(0.75) + 1 + Math.exp(-0.75);
    assertEquals(0, block.labels()[2]);
    assertEquals(4 * Math.exp(0.75) / sum, block.weight(2), 1e-12);
    // The second row's are −.5, 0 and .5, and its vote for class 2 counts .4 against .3.
    double second = 0.4 * Math.exp(0.5);
    assertEquals(2, block.labels()[1]);
    assertEquals(2 * second / (second + 0.3 + 0.3 * Math.exp(-0.5)), block.weight(1), 1e-12);
  }

  private static double[] weights(Block block) {
    return new double[] {block.weight(0), block.weight(1), block.weight(2)};
  }

  @Test
  void votesAreCountedByLabelOrByPosterior() {
    VoteEstimates estimates = new VoteEstimates(engine(), RATES.length, CLASSES);
    double[] known = new double[RATES.length * CLASSES * CLASSES];
    known[2 * CLASSES + 1] = 1;
    known[CLASSES * CLASSES + 2 * CLASSES + 2] = 2;
    assertArrayEquals(known, estimates.trusted().votes());
    assertArrayEquals(new double[] {0, 0, 2}, estimates.trusted().rows());
    VoteEstimates.Counts expected = estimates.expected(VoteModel.oneCoin(CLASSES, RATES));
    double first = 0.27 / (0.27 + 0.02 + 0.015);
    assertEquals(first, expected.votes()[CLASSES + 1], 1e-12);
    assertEquals(first + 0.3, expected.rows()[1], 1e-12);
    assertEquals(3, Vectors.dot(expected.votes(), ones(expected.votes().length)), 1e-12);
  }

  private static double[] ones(int n) {
    return java.util.stream.DoubleStream.generate(() -> 1).limit(n).toArray();
  }
}
