package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.WatchedEngine;
import io.github.sparkbilevel.linalg.Support;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Lasso;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.Extra;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The Hessian on some coefficients, and problems of many features that are solved by it. */
class WorkingSetTest {
  private static final double L2 = 1e-3;

  private static BilevelProblem lasso(Data data) {
    return new BilevelProblem(
        data.model(),
        Penalty.fixed(data.model(), L2, false),
        new Lasso(Penalty.tuned(data.model(), false)));
  }

  private static BlockOracle oracle(BilevelProblem problem, Data data, WatchedEngine engine) {
    return new BlockOracle(problem, engine, "auto", data.train().count());
  }

  private static WatchedEngine engine(Data data) {
    return new WatchedEngine(data.engine());
  }

  @ParameterizedTest
  @EnumSource(Storage.class)
  void theHessianOnSomeCoefficientsIsThatPartOfTheWhole(Storage storage) {
    Data data = TestProblems.of(new SoftmaxLoss(3)).features(7).storage(storage).make();
    WatchedEngine engine = engine(data);
    BlockOracle oracle = oracle(lasso(data), data, engine);
    double[] theta = TestProblems.vector(3, data.model().size(), 0.3);
    Evaluation at = oracle.lower(null, new double[] {-4}).at(theta, Extra.HESSIAN);
    double tolerance = storage == Storage.DENSE_64 || storage == Storage.CSR ? 1e-13 : 1e-6;
    // Other features of each class; intercepts alone; all.
    for (int step : new int[] {3, data.model().columnLength(), 1}) {
      Support some =
          Support.of(theta.length, j -> (j + 1) % step == 0 || data.model().isIntercept(j));
      double[] expected = some.gatherMatrix(at.denseHessian());
      double[] formed = at.hessianOn(some).orElseThrow().get(0);
      assertArrayEquals(expected, formed, tolerance);
      assertEquals(some.count() * some.count(), formed.length);
    }
    at.release();
    assertEquals(0, engine.held());
  }

  @Test
  void moreCoefficientsThanAnExecutorHasRoomForAreNotFormed() {
    Data data = TestProblems.of(new LogisticLoss()).features(2100).make();
    WatchedEngine engine = engine(data);
    BlockOracle oracle = oracle(lasso(data), data, engine);
    int d = data.model().size();
    Evaluation at = oracle.lower(null, new double[] {-4}).at(new double[d], Extra.NONE);
    int passes = engine.ledger().passes();
    assertTrue(at.hessianOn(Support.all(d)).isEmpty());
    assertEquals(passes, engine.ledger().passes());
    assertFalse(at.hessianOn(Support.of(d, j -> j < 50)).isEmpty());
    at.release();
  }

  @Test
  void problemsOfManyFeaturesHaveTheSameSolutionInFewerPasses() {
    Data data = TestProblems.of(new LogisticLoss()).features(1200).make();
    BilevelProblem problem = lasso(data);
    assertEquals(Curvature.WORKING_SET, Curvature.chooseForFolds(problem).curvature());
    double[] lambda = {-4};
    double[] theta = null;
    int[] passes = new int[2];
    for (Curvature curvature : new Curvature[] {Curvature.JACOBI_CG, Curvature.WORKING_SET}) {
      WatchedEngine engine = engine(data);
      UpperObjective objective =
          new UpperObjective(oracle(problem, data, engine), new NewtonSystem(curvature, 0, 5));
      UpperPoint point = objective.at(lambda, null, 1e-14);
      assertTrue(point.isSolved() && point.status().isUsable());
      double[] found = point.evaluation().theta();
      assertTrue(Arrays.stream(found).filter(c -> c == 0).count() > 1000);
      if (theta != null) {
        assertArrayEquals(theta, found, 1e-6);
      }
      theta = found;
      passes[curvature == Curvature.WORKING_SET ? 1 : 0] = engine.ledger().passes();
      point.release();
      assertEquals(0, engine.held());
    }
    assertTrue(passes[1] < passes[0], Arrays.toString(passes));
  }

  @Test
  void aSmoothPenaltyHasNoWorkingSet() {
    Data data = TestProblems.of(new LogisticLoss()).features(5).make();
    BilevelProblem ridge = new BilevelProblem(data.model(), Penalty.tuned(data.model(), false));
    assertThrows(
        IllegalArgumentException.class, () -> Curvature.WORKING_SET.requireFits(ridge, 20));
  }
}
