package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.DenseReference.distance;
import static io.github.sparkbilevel.DenseReference.filled;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.fit.FitRows;
import io.github.sparkbilevel.problem.fit.PlainFits;
import io.github.sparkbilevel.problem.fit.Ridge;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.problem.oracle.RowSample;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.sampling.Folds;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class LowerSolverTest {
  private static final double L2 = 0.02;

  /** Tells what a solver did with an objective. */
  private static final class Watched implements LowerObjective<Watched.Seen> {
    private final LowerObjective<?> inner;
    private final List<Seen> points = new ArrayList<>();
    private final List<Double> valuesOfSolves = new ArrayList<>();

    Watched(LowerObjective<?> inner) {
      this.inner = inner;
    }

    @Override
    public int size() {
      return inner.size();
    }

    @Override
    public double[] nullDirection() {
      return inner.nullDirection();
    }

    @Override
    public double[] penaltyDiagonal() {
      return inner.penaltyDiagonal();
    }

    @Override
    public Seen at(double[] theta, Extra extra) {
      Seen seen = new Seen(inner.at(theta, extra));
      points.add(seen);
      return seen;
    }

    private final class Seen implements LowerObjective.Point {
      private final LowerObjective.Point point;
      private int releases;

      Seen(LowerObjective.Point point) {
        this.point = point;
      }

      @Override
      public double[] theta() {
        return point.theta();
      }

      @Override
      public double value() {
        return point.value();
      }

      @Override
      public double[] gradient() {
        return point.gradient();
      }

      @Override
      public LinearOperator hessian(double damping) {
        valuesOfSolves.add(value());
        return point.hessian(damping);
      }

      @Override
      public List<KroneckerFactors> factors() {
        return point.factors();
      }

      @Override
      public RowSample sample(int most, long draw) {
        return point.sample(most, draw);
      }

      @Override
      public LowerObjective.Point over(RowSample sample) {
        return point.over(sample);
      }

      @Override
      public double[] denseHessian() {
        return point.denseHessian();
      }

      @Override
      public void release() {
        releases++;
        point.release();
      }
    }
  }

  private static LowerObjective<?> objective(Data data, LocalEngine engine, double l2) {
    BilevelProblem problem =
        new BilevelProblem(data.model(), Penalty.fixed(data.model(), l2, false));
    return new BlockOracle(problem, engine, "auto", data.train().count())
        .lower(null, new double[0]);
  }

  private static NewtonSystem system(Curvature curvature) {
    return new NewtonSystem(curvature, 0, 3);
  }

  static Stream<Arguments> models() {
    List<Arguments> all = new ArrayList<>();
    for (Curvature curvature : Curvatures.SOLVING) {
      for (Loss loss : List.of(new LogisticLoss(), new SoftmaxLoss(4), new SquaredLoss())) {
        all.add(Arguments.of(curvature, loss));
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("models")
  void findsTheKnownMinimum(Curvature curvature, Loss loss) {
    Data data = TestProblems.of(loss).make();
    double[] c = filled(data.model().size(), L2);
    for (int j = 0; j < c.length; j++) {
      c[j] = data.model().isIntercept(j) ? 0 : L2;
    }
    double[] zero = new double[c.length];
    DenseReference reference = new DenseReference(data.model(), data.train());
    double[] expected = reference.minimize(zero, data.train().weights(), c);
    var result =
        new LowerSolver(0, 1e-11, 2000)
            .minimize(objective(data, data.engine(), L2), zero, system(curvature));
    assertEquals(Status.CONVERGED, result.status());
    double[] difference = Vectors.plus(result.point().theta(), -1, expected);
    if (data.model().hasFreeInterceptShift()) {
      // Softmax intercepts are known up to a common shift.
      int q = data.model().columnLength();
      double shift = difference[q - 1];
      for (int j = q - 1; j < c.length; j += q) {
        difference[j] -= shift;
      }
    }
    assertTrue(Vectors.normInf(difference) <= 1e-8, "" + Vectors.normInf(difference));
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"KFAC", "EKFAC_CG", "NEUMANN", "IDENTITY"})
  void neverRaisesTheObjectiveAndKeepsOnlyTheLastPoint(Curvature curvature) {
    Data data = TestProblems.of(new SoftmaxLoss(5)).noisy(3, 0.1).make();
    Watched watched = new Watched(objective(data, data.engine(), 1e-6));
    double[] far = TestProblems.vector(3, watched.size(), 8);
    var result = new LowerSolver(1e-9, 0, 3000).minimize(watched, far, system(curvature));
    double before = Double.POSITIVE_INFINITY;
    for (double value : watched.valuesOfSolves) {
      assertTrue(value <= before * (1 + 1e-12), value + " after " + before);
      before = value;
    }
    assertTrue(result.point().value() < watched.points.get(0).value());
    for (Watched.Seen seen : watched.points) {
      assertEquals(seen == result.point() ? 0 : 1, seen.releases);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"KFAC", "EKFAC_CG", "NEUMANN", "IDENTITY"})
  void convergesFromFarAwayWithTinyPenalty(Curvature curvature) {
    Data data = TestProblems.of(new LogisticLoss()).make();
    LowerObjective<?> objective = objective(data, data.engine(), 1e-7);
    double[] far = TestProblems.vector(4, objective.size(), 40);
    var result = new LowerSolver(0, 1e-8, 2000).minimize(objective, far, system(curvature));
    assertEquals(Status.CONVERGED, result.status());
    double[] near = new double[far.length];
    var other = new LowerSolver(0, 1e-8, 2000).minimize(objective, near, system(curvature));
    assertTrue(distance(result.point().theta(), other.point().theta()) <= 1e-4);
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"KFAC", "EKFAC_CG", "NEUMANN", "IDENTITY"})
  void spendsNoMoreThanItsBudgetAndCountsWhatItSpends(Curvature curvature) {
    Data data = TestProblems.of(new SoftmaxLoss(3)).make();
    for (int budget = 1; budget <= 12; budget++) {
      LocalEngine engine = data.engine();
      LowerObjective<?> objective = objective(data, engine, L2);
      double[] start = TestProblems.vector(8, objective.size(), 3);
      var result = new LowerSolver(0, 0, budget).minimize(objective, start, system(curvature));
      assertTrue(engine.ledger().passes() <= budget, budget + ": " + engine.ledger().passes());
      assertEquals(engine.ledger().passes(), result.passes());
      assertEquals(Status.BUDGET_SPENT, result.status());
    }
  }

  @Test
  void startAtTheMinimumCostsOnePass() {
    Data data = TestProblems.of(new LogisticLoss()).make();
    LowerObjective<?> objective = objective(data, data.engine(), L2);
    LowerSolver solver = new LowerSolver(0, 1e-10, 200);
    double[] minimum =
        solver
            .minimize(objective, new double[objective.size()], system(Curvature.EXACT))
            .point()
            .theta();
    var again = solver.minimize(objective, minimum, system(Curvature.EXACT));
    assertEquals(1, again.passes());
    assertEquals(Status.CONVERGED, again.status());
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      names = {"CG", "KFAC_CG"})
  void stackedPlainFitsAreTheSeparateFits(Curvature curvature) {
    Data data = TestProblems.of(new SoftmaxLoss(3)).make();
    BlockKernel kernel = BlockKernel.of(data.model(), "auto");
    Ridge penalty = Ridge.of(data.model(), L2);
    List<FitRows> fits =
        List.of(
            new FitRows.Noisy(),
            new FitRows.Upper(),
            new FitRows.Trusted(1),
            new FitRows.WithoutFold(new Folds(3, 1, 2), 0));
    int d = data.model().size();
    LowerSolver solver = new LowerSolver(0, 1e-10, 1000);
    double[] stacked;
    try (PlainFits all = new PlainFits(kernel, data.engine(), penalty, fits, List.of())) {
      var result = solver.minimize(all, new double[all.size()], system(curvature));
      assertEquals(Status.CONVERGED, result.status());
      stacked = result.point().theta();
    }
    for (int f = 0; f < fits.size(); f++) {
      List<FitRows> single = List.of(fits.get(f));
      try (PlainFits one = new PlainFits(kernel, data.engine(), penalty, single, List.of())) {
        double[] theta = solver.minimize(one, new double[d], system(curvature)).point().theta();
        assertTrue(distance(Vectors.slice(stacked, f * d, d), theta) <= 1e-7);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"KFAC", "EKFAC_CG", "NEUMANN", "IDENTITY"})
  void featureThatIsNotANumberIsAStatus(Curvature curvature) {
    Data data = TestProblems.of(new SoftmaxLoss(3)).make();
    LocalEngine engine = new LocalEngine(TestProblems.withNaN(data));
    LowerObjective<?> objective = objective(data, engine, L2);
    var result =
        new LowerSolver(1e-3, 1e-12, 50)
            .minimize(objective, new double[objective.size()], system(curvature));
    assertEquals(Status.NOT_FINITE, result.status());
  }
}
