package io.github.sparkbilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.bilevel.InMemoryTuning;
import io.github.sparkbilevel.bilevel.TuningResult;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.linalg.Elementary;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.model.ScalarLoss;
import io.github.sparkbilevel.model.TileColumn;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A loss that the library does not have, written outside its packages. */
class OwnLossTest {
  private static final int FEATURES = 5;

  /** Counts with the mean e^z: ℓ = e^z − b z, r = e^z − b, C = e^z. */
  record PoissonLoss() implements ScalarLoss {

    @Override
    public String name() {
      return "poisson";
    }

    @Override
    public double variance(double p) {
      return p;
    }

    @Override
    public int classes() {
      return 0;
    }

    @Override
    public void evaluate(OutputTile z, TileColumn labels, OutputTile p, TileColumn losses) {
      System.arraycopy(z.values(), z.at(), p.values(), p.at(), z.rows());
      Elementary.exp(p.values(), p.at(), z.rows());
      for (int i = 0; i < z.rows(); i++) {
        losses.values()[losses.at() + i] = p.value(0, i) - labels.value(i) * z.value(0, i);
      }
    }

    @Override
    public double predict(OutputTile p, int row) {
      return p.value(0, row);
    }

    @Override
    public double probability(OutputTile p, int row, double label) {
      double mean = p.value(0, row);
      return Math.exp(label * Math.log(mean) - mean);
    }

    @Override
    public void drawnResidual(
        OutputTile p, TileColumn u, TileColumn w, TileColumn s, OutputTile out) {
      for (int i = 0; i < p.rows(); i++) {
        double mean = p.value(0, i);
        double left = u.value(i);
        double probability = Math.exp(-mean);
        int count = 0;
        while (left >= probability && count < 1000) {
          left -= probability;
          count++;
          probability *= mean / count;
        }
        out.values()[out.at() + i] = s.value(i) * (mean - count);
      }
    }
  }

  /** Counts whose mean is e^(.3 + .8 x_0); the other features have no part in it. */
  private static Block block(int rows, long seed) {
    Random random = new Random(seed);
    double[] x = random.doubles((long) rows * FEATURES, -1, 1).toArray();
    double[] labels = new double[rows];
    for (int i = 0; i < rows; i++) {
      double left = random.nextDouble();
      double mean = Math.exp(0.3 + 0.8 * x[i * FEATURES]);
      double probability = Math.exp(-mean);
      while (left >= probability) {
        left -= probability;
        labels[i]++;
        probability *= mean / labels[i];
      }
    }
    long[] ids = LongStream.range(0, rows).toArray();
    return new Block(ids, DenseFeatures.ofDoubles(rows, FEATURES, x), labels, null, null, null);
  }

  @Test
  void isTunedLikeThoseOfTheLibrary() {
    LinearModel model = new LinearModel(new PoissonLoss(), FEATURES, true);
    TuningResult result =
        InMemoryTuning.of(model, Sharing.PER_FEATURE).run(block(400, 1), block(2000, 2));
    assertTrue(result.upperObjective() < result.history().get(0).upper().loss());
    for (int j = 1; j < FEATURES; j++) {
      assertTrue(result.lambda()[j] > result.lambda()[0], "noise is penalised more");
    }
    assertEquals(0.8, result.theta()[0], 0.1);
    assertEquals(0.3, result.theta()[FEATURES], 0.1);
  }

  @Test
  void penaltiesThatAreNoneAreRefused() {
    InMemoryTuning tuning =
        InMemoryTuning.of(new LinearModel(new PoissonLoss(), FEATURES, true), Sharing.ONE);
    assertThrows(IllegalArgumentException.class, () -> tuning.startingAt(0));
    assertThrows(IllegalArgumentException.class, () -> tuning.within(1, 10));
    assertThrows(IllegalArgumentException.class, () -> tuning.withEvaluations(0));
  }
}
