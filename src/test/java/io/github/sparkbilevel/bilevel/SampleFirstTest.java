package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.WatchedEngine;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.NoiseModel;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.fit.FitRows;
import io.github.sparkbilevel.problem.sampling.Folds;
import io.github.sparkbilevel.problem.sampling.TrainingSample;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Fits that begin with a sample of the rows. */
class SampleFirstTest {
  private static final double SHARE = 0.2;
  private static final PlainModels.How ALL = how(1);
  private static final PlainModels.How FIRST = how(SHARE);

  private final Data data =
      TestProblems.of(new SoftmaxLoss(3)).rows(6000, 60, 30, 600).noisy(3, 0.3).make();
  private final WatchedEngine engine = new WatchedEngine(data.engine());
  private final BlockKernel kernel = BlockKernel.of(data.model(), "auto");

  private static PlainModels.How how(double first) {
    return new PlainModels.How(1e-2, Curvature.CG, null, 42, first);
  }

  @Test
  void aSampleIsTheSameRowsWithLargerWeights() {
    PartitionData whole = data.partitions().get(0);
    PartitionData drawn = new TrainingSample(SHARE).of(whole);
    double all = 0;
    double few = 0;
    int rows = 0;
    for (int b = 0; b < whole.train().length; b++) {
      Block from = whole.train()[b];
      Block to = drawn.train()[b];
      rows += from.rows();
      for (int i = 0; i < from.rows(); i++) {
        all += from.weight(i);
      }
      for (int i = 0; i < to.rows(); i++) {
        int at = Arrays.binarySearch(from.ids(), to.ids()[i]);
        assertEquals(from.labels()[at], to.labels()[i]);
        assertEquals(from.weight(at) / SHARE, to.weight(i), 1e-12);
        few += to.weight(i);
      }
    }
    assertEquals(all, few, 4 * all / Math.sqrt(SHARE * rows));
    assertArrayEquals(whole.upper(), drawn.upper());
    assertArrayEquals(whole.heldOut(), drawn.heldOut());
    assertArrayEquals(whole.test(), drawn.test());
    for (double share : new double[] {0, 1, -1, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> new TrainingSample(share));
    }
  }

  @Test
  void fitsEndWhereThoseOfAllRowsDo() {
    List<FitRows> fits =
        List.of(
            new FitRows.Noisy(),
            new FitRows.Whole(),
            new FitRows.WithoutFold(new Folds(5, 42, 2), 0),
            new FitRows.Upper());
    double[] expected = new PlainFitter(kernel, engine, ALL).fit(fits, List.of(), null);
    int passesOverAll = engine.passes("fit");
    double[] got = new PlainFitter(kernel, engine, FIRST).fit(fits, List.of(), null);
    assertArrayEquals(expected, got, 2e-2 * Vectors.normInf(expected));
    assertTrue(engine.passes("fit") > passesOverAll);
    assertEquals(0, engine.held());
  }

  @Test
  void confusionIsThatOfAllRows() {
    assertEquals(0, engine.held());
    NoiseFit.Fitted all = learned(ALL);
    NoiseFit.Fitted few = learned(FIRST);
    // The sampling error of a probability of .3 from a fifth of 2,000 rows of a class.
    double error = Math.sqrt(0.3 * 0.7 / (SHARE * 2000));
    assertArrayEquals(all.confusion().matrices(), few.confusion().matrices(), 3 * error);
    assertEquals(0.7, few.confusion().probability(0, 0, 0), 3 * error);
    assertEquals(0, engine.held());
  }

  private NoiseFit.Fitted learned(PlainModels.How how) {
    NoiseModel unknown = new NoiseModel(Confusion.ofCounts(3, new double[9]));
    BilevelProblem problem =
        new BilevelProblem(data.model(), unknown, Penalty.fixed(data.model(), 1e-2, false));
    CleaningSettings settings =
        CleaningSettings.of(problem, NboSettings.of(Curvature.CG)).unguided();
    return new NoiseModels(kernel, engine, how, settings).learn().orElseThrow();
  }

  @Test
  void onlyManyRowsForEachParameterAreSampled() {
    LinearModel small = new LinearModel(new SoftmaxLoss(3), 5, true);
    assertEquals(1, PlainModels.How.first(399_999, small));
    assertEquals(0.25, PlainModels.How.first(400_000, small));
    assertEquals(0.01, PlainModels.How.first(10_000_000, small));
    LinearModel large = new LinearModel(new SoftmaxLoss(10), 784, true);
    assertEquals(1, PlainModels.How.first(10_000_000, large));
  }
}
