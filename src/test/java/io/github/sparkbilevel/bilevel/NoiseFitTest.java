package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.fit.Comparisons;
import io.github.sparkbilevel.problem.fit.FitRows;
import io.github.sparkbilevel.problem.fit.Judge;
import io.github.sparkbilevel.problem.fit.NoiseEstimates;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.sampling.Folds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NoiseFitTest {
  private static final int CLASSES = 3;
  private static final PlainModels.How HOW =
      new PlainModels.How(1e-2, Curvature.KFAC_CG, null, 42, 1);

  /** Rows whose labels were right, of which a share by group has moved to the next class. */
  private static Data moved(double... shares) {
    Data clean =
        TestProblems.of(new SoftmaxLoss(CLASSES))
            .rows(3000, 30, 0, 600)
            .groups(shares.length)
            .weighted(false)
            .noisy(3, 0)
            .make();
    Random random = new Random(11);
    List<PartitionData> partitions = new ArrayList<>();
    for (PartitionData data : clean.partitions()) {
      Block[] train = data.train().clone();
      for (int b = 0; b < train.length; b++) {
        double[] labels = train[b].labels().clone();
        for (int i = 0; i < labels.length; i++) {
          if (random.nextDouble() < shares[train[b].group(i)]) {
            labels[i] = (labels[i] + 1) % CLASSES;
          }
        }
        train[b] = train[b].withLabels(labels);
      }
      partitions.add(new PartitionData(train, data.upper(), data.heldOut(), data.test()));
    }
    return new Data(
        clean.model(), partitions, clean.train(), clean.upper(), clean.heldOut(), clean.test());
  }

  private record Learned(NoiseFit.Fitted fitted, double[] noisy, Comparisons comparisons) {

    static Learned of(Data data, int groups) {
      return of(data, groups, HOW);
    }

    static Learned of(Data data, int groups, PlainModels.How how) {
      LocalEngine engine = data.engine();
      BlockKernel kernel = BlockKernel.of(data.model(), "auto");
      Folds folds = new Folds(5, 42, 2);
      List<FitRows> fits = new ArrayList<>();
      for (int j = 0; j < folds.count(); j++) {
        fits.add(new FitRows.WithoutFold(folds, j));
      }
      fits.add(new FitRows.Noisy());
      double[] theta = new PlainFitter(kernel, engine, how).fit(fits, List.of(), null);
      int d = data.model().size();
      double[][] models = new double[fits.size()][];
      Arrays.setAll(models, f -> Vectors.slice(theta, f * d, d));
      Comparisons comparisons = new Comparisons(kernel, engine);
      Judge confident = comparisons.confidentLearning(Arrays.copyOf(models, folds.count()), folds);
      double[] joint = new NoiseEstimates(kernel, engine).confidentJoint(confident, groups);
      NoiseFit.Fitted fitted = new NoiseFit(kernel, engine, how).learn(models, folds, joint, null);
      return new Learned(fitted, models[folds.count()], comparisons);
    }

    double testAccuracy(double[] theta) {
      return comparisons.figures(List.of(theta)).get(0).test().accuracy();
    }
  }

  @Test
  void confusionIsFoundWithoutTrustedRows() {
    Learned learned = Learned.of(moved(0.4), 1);
    Confusion c = learned.fitted().confusion();
    for (int k = 0; k < CLASSES; k++) {
      assertEquals(0.6, c.probability(0, k, k), 0.05);
      assertEquals(0.4, c.probability(0, k, (k + 1) % CLASSES), 0.05);
    }
    double noisy = learned.testAccuracy(learned.noisy());
    double corrected = learned.testAccuracy(learned.fitted().theta());
    assertTrue(corrected > noisy, corrected + " after " + noisy);
  }

  @Test
  void eachGroupHasAMatrixOfItsOwn() {
    Confusion c = Learned.of(moved(0, 0.45), 2).fitted().confusion();
    assertEquals(1, c.reliability(0), 0.05);
    assertEquals(0.55, c.reliability(1), 0.06);
  }

  @Test
  void labelsThatAreRightAreFoundRight() {
    Learned learned = Learned.of(moved(0), 1);
    assertEquals(1, learned.fitted().confusion().reliability(0), 0.03);
    assertEquals(
        learned.testAccuracy(learned.noisy()),
        learned.testAccuracy(learned.fitted().theta()),
        0.01);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 1000})
  void groupsShareWhatTheirCountsDoNotTellApart(double scale) {
    double[] prior = {0.8, 0.2, 0.3, 0.7};
    double[] alike = {8, 2, 3, 7, 8, 2, 3, 7};
    double[] apart = {10, 0, 0, 10, 6, 4, 6, 4};
    double ofAlike = NoiseCounts.strength(2, Vectors.scaled(scale, alike), prior);
    double ofApart = NoiseCounts.strength(2, Vectors.scaled(scale, apart), prior);
    assertTrue(ofAlike > ofApart, ofAlike + " for alike, " + ofApart + " for others");
    Confusion same = NoiseCounts.confusion(2, Vectors.scaled(1e4, alike), null);
    assertArrayEquals(same.matrix(0), same.matrix(1), 1e-3);
  }

  @Test
  void aGroupWithoutRowsOfAClassIsAsGoodThereAsElsewhere() {
    // The first group has no row of the first class, and all its labels are right.
    double[] counts = {0, 0, 0, 50, 10, 40, 40, 10};
    Confusion c = NoiseCounts.confusion(2, counts, null);
    double reliability = c.reliabilities().get(0).mean();
    assertTrue(reliability > 0.9, "" + reliability);
    double pooled = 10.1 / 50.2;
    double oddsOfAll = 80.2 / 70.2;
    double rho = (1 - reliability) / reliability / oddsOfAll;
    assertEquals(pooled / (pooled + rho * (1 - pooled)), c.probability(0, 0, 0), 1e-9);
    assertTrue(c.probability(0, 0, 0) > 0.7);
    assertTrue(c.probability(1, 0, 0) < 0.3);
  }

  @Test
  void trustedRowsCountForAShareOfTheOthers() {
    double[] counts = {100, 0, 0, 100};
    double[] trusted = {1, 1, 0, 0};
    Confusion c = NoiseCounts.confusion(2, counts, trusted);
    double share = NoiseCounts.TRUSTED_SHARE;
    assertEquals(share / 2 / (1 + share), c.probability(0, 0, 1), 2e-3);
    assertEquals(0, c.probability(0, 1, 0), 2e-3);
  }
}
