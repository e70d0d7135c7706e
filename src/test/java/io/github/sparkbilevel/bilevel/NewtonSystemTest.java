package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.DenseReference.distance;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.WatchedEngine;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.curvature.KroneckerPreconditioner;
import io.github.sparkbilevel.curvature.Preparation;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class NewtonSystemTest {
  private static final int MOST = 500;

  /** A problem with one penalty, at a point away from the solution. */
  private static final class Setting {
    final WatchedEngine engine;
    final BlockOracle oracle;
    final double[] theta;
    final double[][] rightHandSides;

    Setting(Data data) {
      engine = new WatchedEngine(data.engine());
      BilevelProblem problem = new BilevelProblem(data.model(), Penalty.tuned(data.model(), false));
      oracle = new BlockOracle(problem, engine, "auto", data.train().count());
      theta = TestProblems.vector(1, data.model().size(), 0.3);
      rightHandSides =
          new double[][] {
            TestProblems.vector(2, theta.length, 1), TestProblems.vector(3, theta.length, 1)
          };
      double[] flat = problem.nullDirection(lambda(0.1));
      for (double[] b : flat == null ? new double[0][] : rightHandSides) {
        // What lies along the flat direction has no solution.
        Vectors.addTo(b, -Vectors.dot(b, flat) / Vectors.dot(flat, flat), flat);
      }
    }

    static double[] lambda(double penalty) {
      return new double[] {Math.log(penalty)};
    }

    Evaluation at(double penalty, NewtonSystem system) {
      return oracle.lower(null, lambda(penalty)).at(theta.clone(), system.due());
    }

    ConjugateGradient.Solution solve(
        NewtonSystem system, Evaluation point, double tolerance, int products) {
      double[] tolerances = {tolerance, tolerance};
      return system.solve(
          oracle.lower(null, point.lambda()), point, rightHandSides, tolerances, products);
    }
  }

  private static Setting wide() {
    return new Setting(TestProblems.of(new SoftmaxLoss(3)).features(12).rows(150, 10, 0, 0).make());
  }

  static Stream<Arguments> systems() {
    List<Arguments> all = new ArrayList<>();
    for (Curvature curvature : Curvatures.SOLVING) {
      for (Loss loss : List.of(new LogisticLoss(), new SoftmaxLoss(3), new SquaredLoss())) {
        for (Storage storage : List.of(Storage.DENSE_64, Storage.CSR_SHIFTED)) {
          for (double damping : new double[] {0, 0.05}) {
            all.add(Arguments.of(curvature, loss, storage, damping));
          }
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("systems")
  void solvesLikeTheExactOne(Curvature curvature, Loss loss, Storage storage, double damping) {
    Setting at = new Setting(TestProblems.of(loss).storage(storage).features(7).make());
    NewtonSystem exact = new NewtonSystem(Curvature.EXACT, damping, 1);
    double[][] expected = at.solve(exact, at.at(0.1, exact), 0, MOST).columns();
    NewtonSystem system = new NewtonSystem(curvature, damping, 3, 6);
    Evaluation point = at.at(0.1, system);
    int passes = at.engine.ledger().passes();
    ConjugateGradient.Solution got = at.solve(system, point, 1e-12, MOST);
    assertEquals(Status.CONVERGED, got.status());
    assertEquals(at.engine.ledger().passes() - passes, got.products(), "products are passes");
    assertEquals(damping, system.damping());
    for (int c = 0; c < expected.length; c++) {
      double[] difference = Vectors.plus(got.columns()[c], -1, expected[c]);
      double[] image = point.hessian(damping).applyAll(new double[][] {difference})[0];
      // By its image: along a flat direction any solution is as good.
      assertTrue(Vectors.norm(image) <= 1e-8 * Vectors.norm(at.rightHandSides[c]));
      if (damping > 0 || !(loss instanceof SoftmaxLoss)) {
        assertTrue(distance(got.columns()[c], expected[c]) <= 1e-8);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"KFAC", "EKFAC_CG", "NEUMANN", "IDENTITY"})
  void keepsWithinItsBudgetAndCountsTheSketch(Curvature curvature) {
    for (int budget = 1; budget <= 8; budget++) {
      Setting at = wide();
      NewtonSystem system = new NewtonSystem(curvature, 0, 3, 4);
      Evaluation point = at.at(1e-4, system);
      for (int solve = 0; solve < 4; solve++) {
        int passes = at.engine.ledger().passes();
        ConjugateGradient.Solution got = at.solve(system, point, 0, budget);
        int spent = at.engine.ledger().passes() - passes;
        assertEquals(curvature == Curvature.EXACT ? 0 : budget, spent);
        assertEquals(spent, got.products());
        assertTrue(got.status().isUsable());
        assertTrue(Vectors.dot(got.columns()[0], at.rightHandSides[0]) > 0);
      }
    }
  }

  @Test
  void sketchIsMadeOnceForEveryPenaltyAndAgainWhenSolvesGetLong() {
    Setting at = wide();
    NewtonSystem system = new NewtonSystem(Curvature.NYSTROM_CG, 0, 100, 5);
    Evaluation point = at.at(0.01, system);
    at.solve(system, point, 1e-6, MOST);
    assertEquals(1, sketches(at));
    for (double penalty : new double[] {0.02, 0.1, 1}) {
      Evaluation view = at.oracle.underPenalty(point, Setting.lambda(penalty));
      at.solve(system, view, 1e-6, MOST);
    }
    assertEquals(1, sketches(at), "stronger penalties make no solve longer");
    int products = at.solve(system, point, 1e-1, MOST).products();
    assertTrue(at.solve(system, point, 1e-14, MOST).products() > 1.5 * products + 5);
    assertEquals(1, sketches(at));
    Setting other = wide();
    NewtonSystem loose = new NewtonSystem(Curvature.NYSTROM_CG, 0, 100, 5);
    Evaluation start = other.at(0.01, loose);
    other.solve(loose, start, 0.5, MOST);
    other.solve(loose, start, 1e-14, MOST);
    assertEquals(1, sketches(other));
    other.solve(loose, start, 0.5, MOST);
    assertEquals(2, sketches(other), "after a solve that was much longer than the first");
  }

  private static int sketches(Setting at) {
    return (int)
        at.engine.ledger().entries().stream()
            .filter(entry -> entry.kernels().equals("HV, 5 columns"))
            .count();
  }

  @Test
  void kroneckerFactorsAreFactoredAnewOnceThePenaltyIsAnother() {
    Setting at = wide();
    double first = 0.3;
    NewtonSystem system = new NewtonSystem(Curvature.KFAC_CG, 0, 100);
    Evaluation point = at.at(first, system);
    assertEquals(Extra.NONE, afterSolve(at, system, point));
    for (double penalty : new double[] {first / 1.9, first * 1.9, first / 300, first * 300}) {
      NewtonSystem fresh = new NewtonSystem(Curvature.KFAC_CG, 0, 100);
      at.solve(fresh, at.at(first, fresh), 1e-8, MOST);
      Evaluation view = at.oracle.underPenalty(point, Setting.lambda(penalty));
      int got = at.solve(fresh, view, 1e-8, MOST).products();
      int stale = products(at, point, view, first);
      int anew = products(at, point, view, penalty);
      boolean isNear = penalty <= 2 * first && first <= 2 * penalty;
      assertEquals(isNear ? stale : anew, got, "at " + penalty);
      assertTrue(isNear || anew < stale, anew + " and " + stale + " at " + penalty);
    }
  }

  private static Extra afterSolve(Setting at, NewtonSystem system, Evaluation point) {
    at.solve(system, point, 1e-8, MOST);
    return system.due();
  }

  /** Products of CG with the factors of a point and some penalty. */
  private static int products(Setting at, Evaluation point, Evaluation view, double penalty) {
    double[] c = at.oracle.lower(null, Setting.lambda(penalty)).penaltyDiagonal();
    var m = KroneckerPreconditioner.factor(point.factors().get(0), c, 0).orElseThrow();
    double[] flat = at.oracle.problem().nullDirection(view.lambda());
    return new ConjugateGradient(MOST, 1e-8)
        .solve(
            view.hessian(0),
            at.rightHandSides,
            r -> {
              double[] x = m.solve(r);
              return Vectors.plus(x, -Vectors.dot(x, flat) / Vectors.dot(flat, flat), flat);
            })
        .products();
  }

  @Test
  void tellsWhatTheNextEvaluationHasToCompute() {
    assertEquals("NONE NONE NONE NONE NONE NONE NONE NONE", due(Curvature.CG));
    assertEquals(
        "HESSIAN HESSIAN HESSIAN HESSIAN HESSIAN HESSIAN HESSIAN HESSIAN", due(Curvature.EXACT));
    assertEquals("KRONECKER NONE NONE KRONECKER NONE NONE KRONECKER NONE", due(Curvature.KFAC_CG));
    for (Curvature curvature : List.of(Curvature.JACOBI_CG, Curvature.NYSTROM_CG)) {
      assertEquals("DIAGONAL DIAGONAL DIAGONAL DIAGONAL NONE DIAGONAL NONE NONE", due(curvature));
    }
  }

  private static String due(Curvature curvature) {
    Setting at = new Setting(TestProblems.of(new LogisticLoss()).make());
    NewtonSystem system = new NewtonSystem(curvature, 0, 3);
    List<String> all = new ArrayList<>();
    for (int k = 0; k < 8; k++) {
      all.add(system.due().name());
      at.solve(system, at.at(0.1, system), 1e-2, 20);
    }
    return String.join(" ", all);
  }

  /** Rows so large that their products overflow, while loss and gradient at zero do not. */
  private static Data overflowing() {
    int n = 6;
    int p = 3;
    double[] values = TestProblems.vector(5, n * p, 1e200);
    double[] labels = {0, 1, 0, 1, 1, 0};
    long[] ids = {1, 2, 3, 4, 5, 6};
    Block[] rows = {new Block(ids, DenseFeatures.ofDoubles(n, p, values), labels)};
    double[][] x = new double[n][];
    Arrays.setAll(x, i -> Vectors.slice(values, i * p, p));
    var all = new TestProblems.Rows(x, labels, null, null, ids, null);
    Block[] none = {};
    var partition = new PartitionData(rows, rows, none, none);
    LinearModel model = new LinearModel(new LogisticLoss(), p, false);
    return new Data(model, List.of(partition), all, all, all, all);
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"KFAC", "EKFAC_CG", "NEUMANN", "IDENTITY"})
  void curvatureThatOverflowsIsAStatusAgainAndAgain(Curvature curvature) {
    Data data = overflowing();
    Setting at = new Setting(data);
    Arrays.fill(at.theta, 0);
    NewtonSystem system = new NewtonSystem(curvature, 0, 3);
    for (int k = 0; k < 4; k++) {
      Evaluation point = at.at(Math.pow(10, k), system);
      assertTrue(Vectors.isFinite(point.gradient()));
      ConjugateGradient.Solution got = at.solve(system, point, 1e-6, 20);
      assertEquals(Status.NOT_FINITE, got.status());
      for (double[] x : got.columns()) {
        assertTrue(Vectors.isFinite(x), "what there is can be used");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      names = {"CG", "EXACT", "JACOBI_CG", "NYSTROM_CG"})
  void pointWhereTheCurvatureOverflowsDoesNotSpoilTheNext(Curvature curvature) {
    Setting at = new Setting(overflowing());
    NewtonSystem system = new NewtonSystem(curvature, 0, 3);
    // Where all rows are classified beyond doubt, the curvature is that of the penalty alone.
    double[] certain = at.theta.clone();
    double[] doubtful = new double[certain.length];
    for (double[] theta : new double[][] {certain, doubtful, certain, certain}) {
      System.arraycopy(theta, 0, at.theta, 0, theta.length);
      ConjugateGradient.Solution got = at.solve(system, at.at(4, system), 1e-12, 20);
      boolean isFlat = theta == certain;
      assertEquals(isFlat ? Status.CONVERGED : Status.NOT_FINITE, got.status());
      for (int c = 0; c < 2 && isFlat; c++) {
        assertArrayEquals(Vectors.scaled(0.25, at.rightHandSides[c]), got.columns()[c], 1e-12);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"KFAC", "EKFAC_CG", "NEUMANN", "IDENTITY"})
  void rightHandSideThatIsNotFiniteCostsNothing(Curvature curvature) {
    Data data = TestProblems.of(new LogisticLoss()).make();
    Setting at = new Setting(data);
    NewtonSystem system = new NewtonSystem(curvature, 0, 3);
    Evaluation point = at.at(0.1, system);
    at.rightHandSides[1][2] = Double.NaN;
    int passes = at.engine.ledger().passes();
    ConjugateGradient.Solution got = at.solve(system, point, 1e-6, 20);
    assertEquals(Status.NOT_FINITE, got.status());
    assertEquals(passes, at.engine.ledger().passes());
    assertArrayEquals(new double[at.theta.length], got.columns()[0], 0);
  }

  @Test
  void methodFromOutsideSharesTheBudgetWithItsPreparation() {
    Setting at = new Setting(TestProblems.of(new LogisticLoss()).make());
    NewtonSystem system = new NewtonSystem(new OutsideMethod(3, null), 0.5);
    assertEquals(Extra.DIAGONAL, system.due());
    Evaluation point = at.at(0.1, system);
    ConjugateGradient.Solution got = at.solve(system, point, 1e-6, 20);
    assertEquals(20, got.products(), "3 of the preparation and the 17 that are left");
    assertEquals(Status.BUDGET_SPENT, got.status());
    assertArrayEquals(at.rightHandSides[1], got.columns()[1]);
    var made = system.precondition(at.oracle.lower(null, point.lambda()), point, 0.25);
    double[] r = at.rightHandSides[0];
    assertArrayEquals(
        Vectors.scaled(4, r), ((Preparation.Ready<Preconditioner>) made).value().solve(r), 0);
    assertEquals(0.5, system.damping());
  }

  @Test
  void failureOfAPreparationIsTheStatusOfTheSolve() {
    Setting at = new Setting(TestProblems.of(new LogisticLoss()).make());
    NewtonSystem system = new NewtonSystem(new OutsideMethod(0, Status.BREAKDOWN), 0);
    Evaluation point = at.at(0.1, system);
    ConjugateGradient.Solution got = at.solve(system, point, 1e-6, 20);
    assertEquals(Status.BREAKDOWN, got.status());
    assertEquals(0, got.products());
    assertArrayEquals(new double[at.theta.length], got.columns()[0], 0);
    assertEquals(
        Preparation.failed(Status.BREAKDOWN),
        system.precondition(at.oracle.lower(null, point.lambda()), point, 1));
  }

  @Test
  void localEngineCountsTheSamePasses() {
    Data data = TestProblems.of(new LogisticLoss()).make();
    LocalEngine engine = data.engine();
    BilevelProblem problem = new BilevelProblem(data.model(), Penalty.tuned(data.model(), true));
    BlockOracle oracle = new BlockOracle(problem, engine, "auto", data.train().count());
    NewtonSystem system = new NewtonSystem(Curvature.NYSTROM_CG, 0, 3, 3);
    double[] lambda = Setting.lambda(0.1);
    var lower = oracle.lower(null, lambda);
    var point = lower.at(new double[lower.size()], system.due());
    var cg = new ConjugateGradient(20, 1e-3);
    var got = system.solve(lower, point, new double[][] {point.gradient()}, cg);
    assertEquals(engine.ledger().passes() - 1, got.products());
    assertTrue(got.residuals()[0] <= 1e-3);
  }
}
