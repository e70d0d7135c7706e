package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.WatchedEngine;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.solve.Status;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PenaltySearchTest {
  private static final int POINTS = 7;

  private static Data data(Loss loss) {
    return TestProblems.of(loss).features(8).rows(60, 40, 0, 10).make();
  }

  private static BilevelProblem problem(Data data, Sharing sharing) {
    LinearModel model = data.model();
    return new BilevelProblem(model, Penalty.tuned(model, sharing, false));
  }

  private static PenaltySearch grid(Data data, Curvature curvature) {
    BilevelProblem of = problem(data, Sharing.PER_FEATURE);
    return PenaltySearch.grid(
        of,
        List.of(Penalty.tuned(of.model(), false)),
        new PenaltySearch.Range(POINTS, 1e-4, 1e2),
        curvature,
        "auto");
  }

  @Test
  void gridFallsEvenlyInItsLogarithms() {
    assertArrayEquals(
        new double[] {100, 10, 1, 0.1, 0.01}, PenaltySearch.penalties(5, 0.01, 100), 1e-12);
    assertArrayEquals(new double[] {8, 2}, PenaltySearch.penalties(2, 2, 8), 1e-14);
    assertThrows(IllegalArgumentException.class, () -> PenaltySearch.penalties(1, 2, 8));
    assertThrows(IllegalArgumentException.class, () -> PenaltySearch.penalties(2, 0, 8));
    assertThrows(IllegalArgumentException.class, () -> PenaltySearch.penalties(2, 8, 2));
    PenaltySearch search = grid(data(new LogisticLoss()), Curvature.EXACT);
    assertEquals(POINTS, search.trials().size());
    assertEquals(1, search.problem().penaltySize());
    for (int i = 0; i < POINTS; i++) {
      assertArrayEquals(
          new double[] {Math.log(100) - i * Math.log(10)}, search.trials().get(i), 1e-12);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"KFAC", "EKFAC_CG", "NEUMANN", "IDENTITY"})
  void everyTrialIsTheModelThatItsPenaltyTrains(Curvature curvature) {
    for (Loss loss : List.of(new LogisticLoss(), new SoftmaxLoss(3), new SquaredLoss())) {
      Data data = data(loss);
      WatchedEngine engine = new WatchedEngine(data.engine());
      PenaltySearch.Found found = grid(data, curvature).run(engine, data.train().count());
      assertEquals(POINTS, found.trials().size());
      int best = 0;
      int passes = 0;
      for (int i = 0; i < POINTS; i++) {
        PenaltySearch.Trial trial = found.trials().get(i);
        assertEquals(Status.CONVERGED, trial.status());
        double[] zero = new double[data.model().size()];
        double[] c = new double[zero.length];
        Arrays.setAll(
            c, j -> data.model().isIntercept(j) ? 0 : Math.exp(trial.solution().lambda()[0]));
        double[] theta =
            new DenseReference(data.model(), data.train())
                .minimize(zero, data.train().weights(), c);
        double phi =
            new DenseReference(data.model(), data.upper())
                .value(theta, data.upper().allWeights(), zero);
        assertEquals(phi, trial.solution().upper().loss(), 1e-3 * phi);
        assertEquals(data.upper().count(), trial.solution().upper().rows());
        assertEquals(data.test().count(), trial.solution().test().rows());
        assertTrue(trial.passes() > passes, "passes add up");
        passes = trial.passes();
        best =
            trial.solution().upper().loss() < found.trials().get(best).solution().upper().loss()
                ? i
                : best;
      }
      assertSame(found.trials().get(best), found.best().orElseThrow());
      assertNotNull(found.trials().get(best).solution().theta());
      assertEquals(engine.ledger().passes(), passes);
      assertEquals(0, engine.held(), "generations are left");
      assertTrue(engine.mostHeld() <= 3, "" + engine.mostHeld());
    }
  }

  @Test
  void onlyTrialsThatWereTheBestKeepTheirModel() {
    Data data = data(new SquaredLoss());
    PenaltySearch.Found found =
        grid(data, Curvature.EXACT).run(new WatchedEngine(data.engine()), data.train().count());
    double least = Double.POSITIVE_INFINITY;
    for (PenaltySearch.Trial trial : found.trials()) {
      if (trial.solution().upper().loss() < least) {
        assertNotNull(trial.solution().theta());
        least = trial.solution().upper().loss();
      } else {
        assertNull(trial.solution().theta());
      }
    }
    int best = found.trials().indexOf(found.best().orElseThrow());
    assertTrue(best > 0 && best < POINTS - 1, "a minimum inside");
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"KFAC", "EKFAC_CG", "NEUMANN", "IDENTITY"})
  void warmStartsCostFewerPassesThanColdOnes(Curvature curvature) {
    Data data = data(new SoftmaxLoss(3));
    PenaltySearch all = grid(data, curvature);
    WatchedEngine warm = new WatchedEngine(data.engine());
    all.run(warm, data.train().count());
    int cold = 0;
    for (double[] lambda : all.trials()) {
      WatchedEngine engine = new WatchedEngine(data.engine());
      new PenaltySearch(all.problem(), List.of(lambda), curvature, 20, "auto")
          .run(engine, data.train().count());
      cold += engine.ledger().passes();
    }
    assertTrue(warm.ledger().passes() < cold, warm.ledger().passes() + " instead of " + cold);
  }

  @Test
  void sameTrialTwiceIsFoundAtOnce() {
    Data data = data(new LogisticLoss());
    for (Curvature curvature : Curvatures.SOLVING) {
      BilevelProblem of = problem(data, Sharing.PER_CLASS);
      double[] lambda = {-2};
      var search = new PenaltySearch(of, List.of(lambda, lambda.clone()), curvature, 5, "auto");
      WatchedEngine engine = new WatchedEngine(data.engine());
      List<PenaltySearch.Trial> trials = search.run(engine, data.train().count()).trials();
      assertEquals(1, trials.get(1).passes() - trials.get(0).passes());
      assertEquals(trials.get(0).solution().upper(), trials.get(1).solution().upper());
      assertEquals(0, engine.held());
    }
  }

  @Test
  void randomTrialsLieWithinTheRangeAndBelongToTheirSeed() {
    Data data = data(new SoftmaxLoss(3));
    BilevelProblem of = problem(data, Sharing.PER_COEFFICIENT);
    PenaltySearch search =
        PenaltySearch.random(
            of, new PenaltySearch.Range(50, 1e-3, 1e1), Curvature.EXACT, "auto", 7);
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (double[] lambda : search.trials()) {
      assertEquals(24, lambda.length);
      for (double entry : lambda) {
        assertTrue(entry >= Math.log(1e-3) && entry < Math.log(1e1));
        least = Math.min(least, entry);
        most = Math.max(most, entry);
      }
    }
    assertTrue(least < Math.log(2e-3) && most > Math.log(5), "the whole of it");
    PenaltySearch same =
        PenaltySearch.random(
            of, new PenaltySearch.Range(50, 1e-3, 1e1), Curvature.EXACT, "auto", 7);
    PenaltySearch other =
        PenaltySearch.random(
            of, new PenaltySearch.Range(50, 1e-3, 1e1), Curvature.EXACT, "auto", 8);
    for (int i = 0; i < 50; i++) {
      assertArrayEquals(search.trials().get(i), same.trials().get(i), 0);
      assertFalse(Arrays.equals(search.trials().get(i), other.trials().get(i)));
    }
  }

  @Test
  void randomSearchLeavesWeightsOfRowsAlone() {
    Data data = data(new LogisticLoss());
    BilevelProblem weighted =
        new BilevelProblem(
            data.model(),
            WeightFunction.ofGroups(3),
            Penalty.tuned(data.model(), Sharing.PER_FEATURE, false));
    PenaltySearch search =
        PenaltySearch.random(
            weighted, new PenaltySearch.Range(3, 1e-3, 1e1), Curvature.CG, "auto", 7);
    assertEquals(8, search.trials().get(0).length);
    WatchedEngine engine = new WatchedEngine(data.engine());
    PenaltySearch.Found found = search.run(engine, data.train().count());
    assertEquals(3, found.trials().size());
    assertTrue(found.best().isPresent());
    assertEquals(0, engine.held());
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"KFAC", "EKFAC_CG", "NEUMANN", "IDENTITY"})
  void withoutAUsableTrialThereIsNoBest(Curvature curvature) {
    Data data = data(new SoftmaxLoss(3));
    WatchedEngine engine = new WatchedEngine(new LocalEngine(TestProblems.withNaN(data)));
    PenaltySearch.Found found = grid(data, curvature).run(engine, data.train().count());
    assertTrue(found.best().isEmpty());
    for (PenaltySearch.Trial trial : found.trials()) {
      assertEquals(Status.NOT_FINITE, trial.status());
      assertNull(trial.solution().theta());
    }
    assertEquals(0, engine.held());
  }
}
