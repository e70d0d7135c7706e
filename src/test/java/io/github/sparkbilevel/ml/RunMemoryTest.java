package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import io.github.sparkbilevel.problem.RowVariable;
import io.github.sparkbilevel.spark.MemoryLimits.Demand;
import org.junit.jupiter.api.Test;

class RunMemoryTest {
  /** 99 features, an intercept, 10 classes: d = 1,000. */
  private static BilevelProblem problem(Sharing sharing) {
    LinearModel model = new LinearModel(new SoftmaxLoss(10), 99, true);
    return new BilevelProblem(model, new RowVariable.None(), Penalty.tuned(model, sharing, false));
  }

  @Test
  void vectorsMatricesAndSumsAreCounted() {
    BilevelProblem one = problem(Sharing.ONE);
    long sums = 8 * (1 + 3 * 1000);
    assertEquals(
        22 * 8 * 1000 + 6 * 8 + 2 * sums, RunMemory.demand(one, Curvature.CG, 20, 0).driver());
    Demand exact = RunMemory.demand(one, Curvature.EXACT, 20, 0);
    assertEquals(sums + 8 * 1000 * 1000, exact.result());
    assertEquals(22 * 8 * 1000 + 6 * 8 + 16 * 1000 * 1000 + 2 * exact.result(), exact.driver());
    Demand kronecker = RunMemory.demand(one, Curvature.KFAC_CG, 20, 0);
    assertEquals(sums + 8 * (100 * 100 + 10 * 10 + 1), kronecker.result());
    Demand sketch = RunMemory.demand(one, Curvature.NYSTROM_CG, 20, 0);
    assertEquals(8 * 20 * 1000, sketch.result());
    assertTrue(sketch.name().contains("sketch"), sketch.name());
  }

  @Test
  void hyperparametersAndWhatIsRememberedOfThemAreCounted() {
    BilevelProblem each = problem(Sharing.PER_COEFFICIENT);
    Demand without = RunMemory.demand(each, Curvature.CG, 20, 0);
    Demand pairs = RunMemory.demand(each, Curvature.CG, 20, 2);
    assertEquals(4 * 8L * each.sharedSize(), pairs.driver() - without.driver());
    assertTrue(pairs.driverParts().contains("10 of 990 hyperparameters"), pairs.driverParts());
  }
}
