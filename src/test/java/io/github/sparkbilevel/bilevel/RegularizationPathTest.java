package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.DenseReference.maxAbs;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.WatchedEngine;
import io.github.sparkbilevel.bilevel.PenaltySearch.Found;
import io.github.sparkbilevel.bilevel.PenaltySearch.Keep;
import io.github.sparkbilevel.bilevel.PenaltySearch.Range;
import io.github.sparkbilevel.bilevel.PenaltySearch.Trial;
import io.github.sparkbilevel.bilevel.RegularizationPath.Point;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Lasso;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.solve.Status;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RegularizationPathTest {
  private static final double RIDGE = 0.01;

  private final Data data =
      TestProblems.of(new SoftmaxLoss(3)).features(6).rows(80, 40, 0, 9).make();
  private final WatchedEngine engine = new WatchedEngine(data.engine());
  private final long rows = data.train().count();

  private BilevelProblem ridge() {
    return new BilevelProblem(data.model(), Penalty.tuned(data.model(), false));
  }

  private BilevelProblem lasso() {
    return new BilevelProblem(
        data.model(),
        Penalty.fixed(data.model(), RIDGE, false),
        new Lasso(Penalty.tuned(data.model(), false)));
  }

  private PenaltySearch search(BilevelProblem problem, Curvature curvature, Range range) {
    return PenaltySearch.grid(problem, problem.variables(), range, curvature, "auto");
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      names = {"EXACT", "JACOBI_CG", "WORKING_SET"})
  void modelsAreThoseOfColdStarts(Curvature curvature) {
    for (BilevelProblem problem : List.of(ridge(), lasso())) {
      PenaltySearch all = search(problem, curvature, new Range(6, 1e-4, 0.3));
      List<Trial> warm = all.run(engine, rows, List.of(), Keep.ALL).trials();
      for (int i = 0; i < warm.size(); i++) {
        double[] lambda = all.trials().get(i);
        double[] cold =
            new FixedLambda(problem, lambda, Curvature.EXACT, 0, "auto").run(engine, rows).theta();
        assertArrayEquals(cold, warm.get(i).solution().theta(), 1e-6);
      }
    }
    assertEquals(0, engine.held());
  }

  @Test
  void modelsEqualTheDenseReference() {
    PenaltySearch all = search(ridge(), Curvature.EXACT, new Range(4, 1e-3, 1));
    Found found = all.run(engine, rows, List.of(), Keep.ALL);
    for (Trial trial : found.trials()) {
      double[] c = new double[data.model().size()];
      double penalty = Math.exp(trial.solution().lambda()[0]);
      Arrays.setAll(c, j -> data.model().isIntercept(j) ? 0 : penalty);
      double[] expected =
          new DenseReference(data.model(), data.train())
              .minimize(new double[c.length], data.train().weights(), c);
      for (int j = 0; j < c.length; j++) {
        if (!data.model().isIntercept(j)) { // Those of all classes may rise together.
          assertEquals(expected[j], trial.solution().theta()[j], 1e-6);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      names = {"EXACT", "JACOBI_CG", "WORKING_SET"})
  void theStrongestL1PenaltyIsTheLeastThatLeavesNoFeature(Curvature curvature) {
    double strongest = search(lasso(), curvature, new Range(2, 1e-3, 50)).strongest(engine, rows);
    assertTrue(strongest > 1e-2 && strongest < 5, "" + strongest);
    assertEquals(0, features(strongest, curvature));
    assertEquals(1, features(0.999 * strongest, curvature));
    double low = strongest / 2;
    assertEquals(
        low, search(lasso(), curvature, new Range(2, 1e-3, low)).strongest(engine, rows), 1e-12);
    assertEquals(
        50, search(ridge(), curvature, new Range(2, 1e-3, 50)).strongest(engine, rows), 1e-9);
    assertEquals(0, engine.held());
  }

  private int features(double penalty, Curvature curvature) {
    double[] theta =
        new FixedLambda(lasso(), new double[] {Math.log(penalty)}, curvature, 0, "auto")
            .run(engine, rows)
            .theta();
    int used = 0;
    for (int j = 0; j < theta.length; j++) {
      used += theta[j] != 0 && !data.model().isIntercept(j) ? 1 : 0;
    }
    return used;
  }

  private static Trial trial(double penalty, double loss, double error, Status status) {
    double[] lambda = {Math.log(penalty)};
    Tally tally = new Tally(loss, 0, error, 10);
    Solution solution = new Solution(lambda, new double[] {penalty}, loss, tally, tally);
    return new Trial(solution, status, 1, 0);
  }

  private static RegularizationPath path(Trial... trials) {
    return RegularizationPath.of(List.of(trials), List.of(trials));
  }

  @Test
  void takesTheStrongestPenaltyWithinOneStandardErrorOfTheBest() {
    Status solved = Status.CONVERGED;
    RegularizationPath path =
        path(
            trial(8, 0.90, 0.30, solved),
            trial(4, 0.549, 0.01, Status.NEGATIVE_CURVATURE),
            trial(2, 0.55, 0.01, solved),
            trial(1, 0.50, 0.05, solved),
            trial(0.5, 0.52, 0.01, solved),
            trial(0.25, 0.5, 0.20, solved));
    Point best = path.best().orElseThrow();
    assertEquals(1, best.penalty(), 1e-12);
    assertEquals(0.05, best.standardError(), 0);
    Point simple = path.withinOneStandardError().orElseThrow();
    assertEquals(2, simple.penalty(), 1e-12);
    assertEquals(0.55, simple.loss(), 0);
    assertTrue(Double.isNaN(path.points().get(1).loss()), "it was not solved");
    assertArrayEquals(new double[] {2}, simple.theta(), 0);
    // A hair more than one standard error is too much.
    RegularizationPath narrow = path(trial(2, 0.5501, 0.01, solved), trial(1, 0.50, 0.05, solved));
    assertEquals(1, narrow.withinOneStandardError().orElseThrow().penalty(), 1e-12);
    RegularizationPath none = path(trial(2, 0.5, 0.1, Status.NOT_FINITE));
    assertTrue(none.best().isEmpty() && none.withinOneStandardError().isEmpty());
    assertTrue(maxAbs(none.points().get(0).theta()) > 0);
  }
}
