package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.DenseReference.filled;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.WatchedEngine;
import io.github.sparkbilevel.bilevel.TuningSettings.Algorithm;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TuningTest {
  private static Data classes(int k) {
    Loss loss = k == 2 ? new LogisticLoss() : new SoftmaxLoss(k);
    return TestProblems.of(loss).features(8).rows(80, 60, 0, 20).noisy(0.7, 0.2).make();
  }

  private static Data ridge() {
    return TestProblems.of(new SquaredLoss()).features(9).rows(30, 40, 0, 10).make();
  }

  /** Φ by loops over rows and Gaussian elimination, for a penalty per coefficient. */
  private static double phi(Data data, double[] c) {
    double[] zero = new double[c.length];
    double[] theta =
        new DenseReference(data.model(), data.train()).minimize(zero, data.train().weights(), c);
    double[] weights = data.upper().allWeights();
    return new DenseReference(data.model(), data.upper()).value(theta, weights, zero);
  }

  private static double[] strengths(Data data, double lambda) {
    double[] c = new double[data.model().size()];
    Arrays.setAll(c, j -> data.model().isIntercept(j) ? 0 : Math.exp(lambda));
    return c;
  }

  @ParameterizedTest
  @CsvSource({
    "-2, EXACT",
    "6, EXACT",
    "-11, EXACT",
    "-2, JACOBI_CG",
    "-4, JACOBI_CG",
    "-2, CG",
    "6, CG",
    "0, NYSTROM_CG"
  })
  void findsTheBestPenaltyOfARidgeProblem(double start, Curvature curvature) {
    Data data = ridge();
    double best = Double.POSITIVE_INFINITY;
    double at = Double.NaN;
    for (double lambda = TuningRun.LOW; lambda <= TuningRun.HIGH; lambda += 0.02) {
      double phi = phi(data, strengths(data, lambda));
      at = phi < best ? lambda : at;
      best = Math.min(best, phi);
    }
    assertTrue(at > TuningRun.LOW + 1 && at < TuningRun.HIGH - 1, "a minimum inside: " + at);
    TuningResult result =
        TuningRun.of(data, Sharing.ONE).by(Algorithm.LBFGS, curvature).from(start).go();
    assertTrue(
        result.course().status() == Status.CONVERGED || result.course().status() == Status.STALLED);
    assertEquals(at, result.lambda()[0], 0.03);
    assertEquals(best, result.best().upperObjective(), 1e-4 * best);
    assertTrue(result.best().upperObjective() <= best * (1 + 1e-9), "at least as low as the scan");
    assertTrue(result.evaluations() <= 25, "" + result.evaluations());
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"KFAC", "EKFAC_CG", "NEUMANN", "IDENTITY"})
  void featuresOfPureNoiseAreDroppedAndSignalsShrunkAsTheyShouldBe(Curvature curvature) {
    OrthonormalRidge known = new OrthonormalRidge();
    TuningResult result =
        TuningRun.of(known.data, Sharing.PER_FEATURE)
            .by(Algorithm.LBFGS, curvature)
            .within(OrthonormalRidge.LOW, OrthonormalRidge.HIGH)
            .until(200, 10, 1e-9)
            .go();
    assertTrue(result.course().status().isUsable());
    assertEquals(known.best, result.best().upperObjective(), 1e-5 * known.best);
    int dropped = 0;
    for (int j = 0; j < OrthonormalRidge.FEATURES; j++) {
      double lambda = result.lambda()[j];
      if (j < OrthonormalRidge.SIGNALS) {
        assertTrue(lambda >= OrthonormalRidge.LOW && lambda <= OrthonormalRidge.HIGH);
        assertEquals(Math.exp(known.lambda[j]), Math.exp(lambda), 5e-3);
      } else if (known.part[j] > 1e-4 * known.best) {
        assertEquals(OrthonormalRidge.HIGH, lambda, 0, "on its bound");
        dropped++;
      }
    }
    assertTrue(dropped >= 6, dropped + " features of noise that matter");
  }

  private static List<TuningRun> allKinds() {
    List<TuningRun> all = new ArrayList<>();
    for (Data data : List.of(classes(2), classes(3), ridge())) {
      for (Sharing sharing : Sharing.values()) {
        for (Curvature curvature : Curvatures.SOLVING) {
          all.add(TuningRun.of(data, sharing).by(Algorithm.LBFGS, curvature).until(40, 5, 1e-5));
        }
      }
      all.add(TuningRun.of(data, Sharing.PER_FEATURE).rows(WeightFunction.ofGroups(3)));
    }
    return all;
  }

  @Test
  void valueFallsInEveryIterationAndEveryNumberIsWhatItSays() {
    for (TuningRun run : allKinds()) {
      WatchedEngine engine = new WatchedEngine(run.data().engine());
      TuningResult result = run.on(engine);
      String text = run.sharing() + ", " + run.curvature() + ", " + run.data().model();
      assertTrue(result.course().status().isUsable(), text);
      List<IterationRecord> history = result.course().history();
      for (int k = 1; k < history.size(); k++) {
        double before = history.get(k - 1).figures().upper().loss();
        double now = history.get(k).figures().upper().loss();
        // An iterate evaluated once more, more exactly, may have been told too low before.
        assertTrue(now < before * (1 + 5e-5), now + " after " + before + " in " + k + ": " + text);
        assertTrue(history.get(k).spent().passes() > history.get(k - 1).spent().passes());
        assertTrue(history.get(k).spent().evaluations() > history.get(k - 1).spent().evaluations());
        assertEquals(k, history.get(k).iteration());
      }
      IterationRecord last = history.get(history.size() - 1);
      assertTrue(
          last.figures().upper().loss() < history.get(0).figures().upper().loss() - 1e-4, text);
      assertEquals(last.iteration(), result.course().bestIteration());
      assertArrayEquals(last.point().lambda(), result.lambda(), 0);
      assertEquals(
          result.best().upper().loss(),
          result.best().upperObjective(),
          1e-3 * result.best().upperObjective());
      // A sample of rows counts as a product.
      var products = engine.passes("Hessian product") + engine.passes("sample rows");
      assertEquals(products, result.products(), text);
      assertEquals(engine.ledger().passes(), engine.ledger().passes(Phase.OUTER));
      assertTrue(result.evaluations() <= 80);
      for (double lambda : result.lambda()) {
        assertTrue(lambda >= TuningRun.LOW && lambda <= TuningRun.HIGH);
      }
    }
  }

  @Test
  void endsWhenTheValueSettles() {
    TuningRun run = TuningRun.of(classes(3), Sharing.PER_COEFFICIENT);
    TuningResult soon = run.until(80, 2, 1e-2).go();
    TuningResult late = run.until(80, 5, 1e-6).go();
    assertEquals(Status.CONVERGED, soon.course().status());
    assertTrue(soon.evaluations() < late.evaluations());
    assertTrue(soon.best().upperObjective() > late.best().upperObjective());
    int last = soon.course().history().size() - 1;
    double before = soon.course().history().get(last - 2).figures().upper().loss();
    assertTrue(before - soon.best().upperObjective() <= 1e-2 * soon.best().upperObjective());
    double earlier = soon.course().history().get(last - 3).figures().upper().loss();
    double then = soon.course().history().get(last - 1).figures().upper().loss();
    assertTrue(earlier - then > 1e-2 * then, "and not before");
  }

  @Test
  void endsWithItsBudgetOfEvaluations() {
    for (int budget : new int[] {1, 2, 3, 5, 8}) {
      TuningResult result =
          TuningRun.of(classes(3), Sharing.PER_COEFFICIENT).until(budget, 0, 0).go();
      assertTrue(result.evaluations() <= budget, budget + ": " + result.evaluations());
      assertEquals(Status.BUDGET_SPENT, result.course().status());
      assertTrue(Double.isFinite(result.best().upperObjective()));
    }
  }

  @Test
  void stationaryStartIsTheEnd() {
    // Φ of the ridge problem rises from here on, so that the bound holds the penalty.
    TuningResult held = TuningRun.of(ridge(), Sharing.ONE).within(2, 6).from(2).go();
    assertEquals(Status.CONVERGED, held.course().status());
    assertArrayEquals(new double[] {2}, held.lambda(), 0);
    assertEquals(1, held.course().history().size());
    assertEquals(0, held.course().bestIteration());
    TuningResult best = TuningRun.of(ridge(), Sharing.ONE).until(80, 10, 0).go();
    TuningResult again =
        TuningRun.of(ridge(), Sharing.ONE).from(best.lambda()[0]).until(80, 10, 0).go();
    assertTrue(again.course().status().isUsable());
    assertEquals(best.lambda()[0], again.lambda()[0], 1e-3);
    assertTrue(again.evaluations() <= 15, "" + again.evaluations());
  }

  @Test
  void startOutsideOfTheBoundsIsMovedInside() {
    TuningResult result = TuningRun.of(ridge(), Sharing.PER_FEATURE).within(-3, 0).from(-8).go();
    assertArrayEquals(filled(9, -3), result.course().history().get(0).point().lambda(), 0);
    for (double lambda : result.lambda()) {
      assertTrue(lambda >= -3 && lambda <= 0);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      names = {"EXACT", "JACOBI_CG"})
  void comesOutOfAFlatTail(Curvature curvature) {
    for (Data data : List.of(classes(2), classes(3), ridge())) {
      for (Sharing sharing : List.of(Sharing.ONE, Sharing.PER_FEATURE)) {
        TuningRun run = TuningRun.of(data, sharing).by(Algorithm.LBFGS, curvature);
        TuningResult poor = run.from(TuningRun.HIGH - 0.1).go();
        TuningResult usual = run.go();
        assertTrue(poor.course().status().isUsable());
        double first = poor.course().history().get(0).figures().upper().loss();
        double gain =
            (first - poor.best().upperObjective()) / (first - usual.best().upperObjective());
        assertTrue(gain >= 0.9, data.model() + ", " + sharing + ": " + gain + " of the gain");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Sharing.class,
      names = {"ONE", "PER_CLASS", "PER_FEATURE"})
  void nboComesNearTheSameValue(Sharing sharing) {
    for (Data data : List.of(classes(3), ridge())) {
      TuningRun run = TuningRun.of(data, sharing).until(150, 0, 0);
      TuningResult lbfgs = run.go();
      for (Curvature curvature : List.of(Curvature.EXACT, Curvature.JACOBI_CG)) {
        WatchedEngine engine = new WatchedEngine(data.engine());
        TuningResult nbo = run.by(Algorithm.NBO, curvature).on(engine);
        // With a penalty for each feature Φ has several minima.
        double ratio = nbo.best().upperObjective() / lbfgs.best().upperObjective();
        assertTrue(ratio < 1.02 && ratio > 0.95, data.model() + ": " + ratio);
        assertEquals(151, nbo.course().history().size());
        assertEquals(nbo.best().upper().loss(), nbo.best().upperObjective(), 0);
        assertEquals(engine.passes("Hessian product"), nbo.products());
        assertTrue(engine.ledger().passes(Phase.WARM_UP) > 0);
        assertTrue(engine.ledger().passes(Phase.OUTER) >= 150);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void twoRunsHaveTheSameBits(Algorithm algorithm) {
    for (Curvature curvature : Curvatures.SOLVING) {
      TuningRun run =
          TuningRun.of(classes(3), Sharing.PER_FEATURE).by(algorithm, curvature).until(25, 5, 1e-6);
      TuningResult first = run.go();
      TuningResult second = run.go();
      assertArrayEquals(first.lambda(), second.lambda(), 0);
      assertArrayEquals(first.theta(), second.theta(), 0);
      assertEquals(first.best().upperObjective(), second.best().upperObjective(), 0);
      assertEquals(first.course().history().size(), second.course().history().size());
      assertEquals(first.products(), second.products());
    }
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void dataThatAreNotNumbersAreAStatus(Algorithm algorithm) {
    Data data = classes(3);
    for (Curvature curvature : Curvatures.SOLVING) {
      TuningRun run = TuningRun.of(data, Sharing.PER_FEATURE).by(algorithm, curvature);
      WatchedEngine engine = new WatchedEngine(new LocalEngine(TestProblems.withNaN(data)));
      assertEquals(Status.NOT_FINITE, run.on(engine).course().status());
    }
  }

  @Test
  void modelIsTheOneThatTheBestPenaltiesTrain() {
    Data data = classes(2);
    for (Algorithm algorithm : Algorithm.values()) {
      TuningResult result = TuningRun.of(data, Sharing.ONE).by(algorithm, Curvature.CG).go();
      double[] c = strengths(data, result.lambda()[0]);
      double[] theta =
          new DenseReference(data.model(), data.train())
              .minimize(new double[c.length], data.train().weights(), c);
      double error = Vectors.norm(Vectors.plus(result.theta(), -1, theta)) / Vectors.norm(theta);
      assertTrue(error <= 1e-2, algorithm + ": " + error);
      assertEquals(data.upper().count(), result.best().upper().rows());
      assertEquals(data.test().count(), result.best().test().rows());
      assertFalse(Double.isNaN(result.best().test().loss()));
    }
  }
}
