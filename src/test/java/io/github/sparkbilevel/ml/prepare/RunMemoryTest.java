package io.github.sparkbilevel.ml.prepare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.NboSettings;
import io.github.sparkbilevel.ml.prepare.RunMemory.Loop;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import io.github.sparkbilevel.spark.rows.MemoryLimits.Demand;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RunMemoryTest {
  /** 99 features, an intercept, 10 classes: d = 1,000. */
  private static BilevelProblem problem(Sharing sharing) {
    LinearModel model = new LinearModel(new SoftmaxLoss(10), 99, true);
    return new BilevelProblem(model, Penalty.tuned(model, sharing, false));
  }

  @Test
  void vectorsMatricesAndSumsAreCounted() {
    BilevelProblem one = problem(Sharing.ONE);
    long sums = 8 * (1 + 3 * 1000);
    assertEquals(
        22 * 8 * 1000 + 6 * 8 + 2 * sums,
        RunMemory.demand(new Loop(one, Curvature.CG, 20, 0, 1)).driver());
    Demand exact = RunMemory.demand(new Loop(one, Curvature.EXACT, 20, 0, 1));
    assertEquals(sums + 8 * 1000 * 1000, exact.result());
    assertEquals(22 * 8 * 1000 + 6 * 8 + 16 * 1000 * 1000 + 2 * exact.result(), exact.driver());
    Demand kronecker = RunMemory.demand(new Loop(one, Curvature.KFAC_CG, 20, 0, 1));
    assertEquals(sums + 8 * (100 * 100 + 10 * 10 + 1), kronecker.result());
    Demand sketch = RunMemory.demand(new Loop(one, Curvature.NYSTROM_CG, 20, 0, 1));
    assertEquals(8 * 20 * 1000, sketch.result());
    assertTrue(sketch.name().contains("sketch"), sketch.name());
  }

  @Test
  void hyperparametersAndWhatIsRememberedOfThemAreCounted() {
    BilevelProblem each = problem(Sharing.PER_COEFFICIENT);
    Demand without = RunMemory.demand(new Loop(each, Curvature.CG, 20, 0, 1));
    Demand pairs = RunMemory.demand(new Loop(each, Curvature.CG, 20, 2, 1));
    assertEquals(4 * 8L * each.sharedSize(), pairs.driver() - without.driver());
    assertTrue(pairs.driverParts().contains("10 of 990 hyperparameters"), pairs.driverParts());
  }

  @Test
  void modelsOfFoldsCountOnceForEach() {
    BilevelProblem one = problem(Sharing.ONE);
    Demand exact = RunMemory.demand(new Loop(one, Curvature.EXACT, 20, 0, 5));
    Demand alone = RunMemory.demand(new Loop(one, Curvature.EXACT, 20, 0, 1));
    assertEquals(5 * alone.result(), exact.result());
    assertEquals(5 * (alone.driver() - 6 * 8), exact.driver() - 6 * 8);
  }

  @Test
  void modelsThatAreFittedTogetherCountWhereTheyAreMore() {
    Demand loop = RunMemory.demand(new Loop(problem(Sharing.ONE), Curvature.CG, 20, 0, 1));
    Demand few = RunMemory.together(loop, 1000, 2);
    assertEquals(loop.driver(), few.driver());
    assertEquals(loop.result(), few.result());
    Demand many = RunMemory.together(loop, 1000, 8);
    assertEquals(10 * 8 * 8 * 1000, many.driver());
    assertEquals(8 * 8 * 1000, many.broadcast());
    assertEquals(8 * 8 * 1001, many.result());
    assertTrue(many.driverParts().contains("8 models"), many.driverParts());
    assertTrue(many.name().contains("8 models"), many.name());
  }

  @Test
  void aCleaningRunFitsAsManyModelsTogetherAsItsFoldsOrItsBaselinesAre() {
    assertEquals(6, settings(5, Set.of()).mostFits());
    assertEquals(6, settings(5, Set.of(Baseline.NOISY, Baseline.TRUSTED)).mostFits());
    assertEquals(8, settings(2, EnumSet.complementOf(EnumSet.of(Baseline.ORACLE))).mostFits());
    assertEquals(4, settings(2, Set.of(Baseline.CLEANED, Baseline.TRUSTED)).mostFits());
  }

  private static CleaningSettings settings(int folds, Set<Baseline> baselines) {
    NboSettings nbo =
        NboSettings.of(Curvature.CG)
            .withProducts(2)
            .withIterations(40)
            .withPatience(10)
            .withFactorRefresh(20)
            .withRows(0.5, -6, 6)
            .rotating(new NboSettings.Rotation(folds, 5));
    return CleaningSettings.of(problem(Sharing.ONE), nbo)
        .from(new double[1], -6, 6)
        .withStep(0.2)
        .warmedUp(new CleaningSettings.WarmUp(1e-2, 40))
        .comparedWith(baselines)
        .withSeed(42);
  }
}
