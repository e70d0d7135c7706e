package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.DenseReference.distance;
import static io.github.sparkbilevel.DenseReference.filled;
import static io.github.sparkbilevel.bilevel.PenaltySetting.CENTRE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.WatchedEngine;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.HuberLoss;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.QuantileLoss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.model.TweedieLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Φ and ∇Φ equal those of loops over rows and Gaussian elimination. */
class UpperObjectiveTest {
  /** Of ∇Φ the root, times the condition of H: less than float64 resolves of Φ. */
  private static final double EXACT = 1e-20;

  record Case(
      Loss loss, boolean intercept, boolean isWeighted, Sharing sharing, Curvature curvature) {

    boolean isGrouped() {
      return sharing == null;
    }
  }

  private static List<Loss> losses() {
    return List.of(new LogisticLoss(), new SoftmaxLoss(3), new SquaredLoss());
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Loss loss : losses()) {
      for (boolean intercept : new boolean[] {true, false}) {
        for (boolean isWeighted : new boolean[] {true, false}) {
          for (Sharing sharing : Sharing.values()) {
            for (Curvature curvature : Curvatures.SOLVING) {
              cases.add(new Case(loss, intercept, isWeighted, sharing, curvature));
            }
          }
          cases.add(new Case(loss, intercept, isWeighted, null, Curvature.JACOBI_CG));
        }
      }
    }
    for (Loss loss :
        List.of(
            new HuberLoss(0.7, 0.2),
            new QuantileLoss(0.8, 0.4, 0),
            new TweedieLoss(1, 0.3),
            new TweedieLoss(1.4, 0),
            new TweedieLoss(2, 0))) {
      cases.add(new Case(loss, true, true, Sharing.PER_FEATURE, Curvature.EXACT));
      cases.add(new Case(loss, true, false, Sharing.PER_FEATURE, Curvature.JACOBI_CG));
    }
    return cases.stream();
  }

  static Stream<Case> someCases() {
    return cases().filter(c -> c.intercept() && c.sharing() != Sharing.PER_CLASS);
  }

  private static double error(double[] got, double[] expected) {
    return Vectors.norm(Vectors.plus(got, -1, expected)) / Vectors.norm(expected);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalsTheDenseReferenceFromAColdAndFromAWarmStart(Case of) {
    PenaltySetting at = new PenaltySetting(of);
    UpperPoint warm = null;
    for (long seed = 1; seed <= 3; seed++) {
      double[] lambda = at.lambda(seed);
      UpperPoint point = at.objective.at(lambda, warm, EXACT);
      assertTrue(point.status().isUsable(), "" + point.status());
      double phi = at.phi(lambda);
      assertEquals(phi, point.value(), 1e-8 * phi);
      assertTrue(point.error() <= 1e-12 * phi, "" + point.error());
      double error = error(point.hypergradient(), at.hypergradient(lambda));
      assertTrue(error <= 1e-8, "∇Φ: " + error);
      assertArrayEquals(lambda, point.lambda(), 0);
      if (warm != null) {
        warm.release();
      }
      warm = point;
    }
    warm.release();
    at.oracle.close();
    assertEquals(3, at.objective.evaluations());
    assertEquals(0, at.engine.held(), "generations are left");
  }

  @ParameterizedTest
  @MethodSource("someCases")
  void hypergradientIsTheCentralDifferenceOfTheValue(Case of) {
    PenaltySetting at = new PenaltySetting(of);
    double[] lambda = at.lambda(4);
    UpperPoint point = at.objective.at(lambda, null, EXACT);
    double h = 1e-2;
    for (long seed = 5; seed <= 6; seed++) {
      double[] direction = TestProblems.vector(seed, lambda.length, 1);
      double[] phi = new double[4];
      double[] steps = {h, -h, 2 * h, -2 * h};
      for (int i = 0; i < 4; i++) {
        UpperPoint next = at.objective.at(Vectors.plus(lambda, steps[i], direction), point, 1e-14);
        phi[i] = next.value();
        next.release();
      }
      double difference = (8 * (phi[0] - phi[1]) - (phi[2] - phi[3])) / (12 * h);
      double slope = Vectors.dot(point.hypergradient(), direction);
      double scale = Vectors.norm(point.hypergradient()) * Vectors.norm(direction);
      assertTrue(Math.abs(difference - slope) <= 1e-6 * scale, difference + " instead of " + slope);
    }
  }

  @ParameterizedTest
  @MethodSource("someCases")
  void errorThatIsToldBoundsTheErrorThatIsThere(Case of) {
    PenaltySetting at = new PenaltySetting(of);
    for (double accuracy : new double[] {1e-2, 1e-4, 1e-8}) {
      UpperPoint warm = null;
      for (long seed = 10; seed < 14; seed++) {
        double[] lambda = at.lambda(seed);
        UpperPoint point = at.objective.at(lambda, warm, accuracy);
        double phi = at.phi(lambda);
        double error = Math.abs(point.value() - phi);
        String text = "%s of %s at %s, told %s".formatted(error, phi, accuracy, point.error());
        assertTrue(point.error() <= accuracy * phi, text);
        assertTrue(error <= 10 * point.error() + 1e-14 * phi, text);
        // u is solved to a residual of the root; H makes of it what its condition does.
        double off = error(point.hypergradient(), at.hypergradient(lambda));
        assertTrue(off <= 60 * Math.sqrt(accuracy), off + " at " + accuracy);
        warm = point;
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"KFAC", "EKFAC_CG", "NEUMANN", "IDENTITY"})
  void looserAccuraciesCostFewerPassesAndSoDoWarmStarts(Curvature curvature) {
    PenaltySetting at =
        new PenaltySetting(
            new Case(new SoftmaxLoss(3), true, false, Sharing.PER_FEATURE, curvature));
    double[] lambda = at.lambda(1);
    int last = 0;
    UpperPoint point = null;
    for (double accuracy : new double[] {1e-2, 1e-6, 1e-12}) {
      int before = at.engine.ledger().passes();
      PenaltySetting fresh = new PenaltySetting(at.of);
      point = fresh.objective.at(lambda, null, accuracy);
      int passes = fresh.engine.ledger().passes();
      assertTrue(passes >= last, accuracy + ": " + passes + " after " + last);
      assertEquals(productsAndSamples(fresh), point.products());
      assertEquals(before, at.engine.ledger().passes());
      last = passes;
      UpperPoint warm = fresh.objective.at(Vectors.plus(lambda, 1e-3, lambda), point, accuracy);
      int more = fresh.engine.ledger().passes() - passes;
      assertTrue(more < passes, more + " instead of " + passes);
      assertEquals(productsAndSamples(fresh), point.products() + warm.products());
    }
  }

  /** A sample of rows counts as a product. */
  private static int productsAndSamples(PenaltySetting at) {
    return at.engine.passes("Hessian product") + at.engine.passes("sample rows");
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void withTheHessianFormedTheSamePenaltyOnceMoreCostsOnePass(Sharing sharing) {
    for (Loss loss : losses()) {
      PenaltySetting at = new PenaltySetting(new Case(loss, true, false, sharing, Curvature.EXACT));
      double[] lambda = at.lambda(1);
      for (double accuracy : new double[] {1e-3, 1e-8, 1e-12}) {
        UpperPoint point = at.objective.at(lambda, null, accuracy);
        int before = at.engine.ledger().passes();
        UpperPoint again = at.objective.at(lambda.clone(), point, accuracy);
        int passes = at.engine.ledger().passes() - before;
        assertTrue(passes <= 1, loss + " at " + accuracy + ": " + passes);
        assertEquals(point.value(), again.value(), accuracy * point.value());
        UpperPoint near = at.objective.at(Vectors.plus(lambda, 1e-4, lambda), point, accuracy);
        passes = at.engine.ledger().passes() - before - passes;
        assertTrue(passes <= 3, loss + " at " + accuracy + ", nearby: " + passes);
        assertTrue(near.status().isUsable());
      }
    }
  }

  static Sharing[] sharings() {
    return Sharing.values();
  }

  @Test
  void pointIsSolvedAsLongAsItsErrorIsATenthOfTheLoss() {
    PenaltySetting at =
        new PenaltySetting(
            new Case(new LogisticLoss(), true, false, Sharing.PER_FEATURE, Curvature.EXACT));
    UpperPoint point = at.objective.at(at.lambda(1), null, 1e-6);
    assertTrue(point.isSolved());
    double loss = point.evaluation().upper().loss();
    assertTrue(withError(point, 0.099 * loss).isSolved());
    assertFalse(withError(point, 0.101 * loss).isSolved());
    assertFalse(withError(point, Double.NaN).isSolved());
  }

  private static UpperPoint withError(UpperPoint point, double error) {
    return new UpperPoint(
        point.evaluation(),
        point.adjoint(),
        point.adjointProduct(),
        point.value(),
        error,
        point.hypergradient(),
        point.status(),
        point.products());
  }

  @Test
  void pointsThatAreWarmStartedFromStayAsTheyAre() {
    for (Curvature curvature : Curvatures.SOLVING) {
      PenaltySetting at =
          new PenaltySetting(
              new Case(new LogisticLoss(), true, false, Sharing.PER_FEATURE, curvature));
      UpperPoint first = at.objective.at(at.lambda(1), null, 1e-6);
      double[] theta = first.evaluation().theta().clone();
      double[] u = first.adjoint().clone();
      double[] h = first.hypergradient().clone();
      UpperPoint second = at.objective.at(at.lambda(2), first, 1e-12);
      UpperPoint third = at.objective.at(at.lambda(2), first, 1e-12);
      assertEquals(second.value(), third.value(), 1e-12);
      assertArrayEquals(theta, first.evaluation().theta(), 0);
      assertArrayEquals(u, first.adjoint(), 0);
      assertArrayEquals(h, first.hypergradient(), 0);
      assertEquals(3, at.engine.held());
      assertFalse(Arrays.equals(theta, second.evaluation().theta()));
      first.release();
      second.release();
      third.release();
      assertEquals(0, at.engine.held());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"KFAC", "EKFAC_CG", "NEUMANN", "IDENTITY"})
  void dataThatAreNotNumbersAreAStatus(Curvature curvature) {
    Data data = TestProblems.of(new SoftmaxLoss(3)).make();
    WatchedEngine engine = new WatchedEngine(new LocalEngine(TestProblems.withNaN(data)));
    BilevelProblem problem = new BilevelProblem(data.model(), Penalty.tuned(data.model(), false));
    BlockOracle oracle = new BlockOracle(problem, engine, "auto", data.train().count());
    var objective = new UpperObjective(oracle, new NewtonSystem(curvature, 0, 5));
    UpperPoint point = objective.at(new double[] {-1}, null, 1e-6);
    assertEquals(Status.NOT_FINITE, point.status());
    UpperPoint again = objective.at(new double[] {-2}, point, 1e-6);
    assertEquals(Status.NOT_FINITE, again.status());
    point.release();
    again.release();
    assertEquals(0, engine.held());
  }

  @Test
  void hugeAndTinyPenaltiesAreSolvedToo() {
    for (Curvature curvature : Curvatures.SOLVING) {
      for (Loss loss : losses()) {
        PenaltySetting at =
            new PenaltySetting(new Case(loss, true, false, Sharing.PER_FEATURE, curvature));
        UpperPoint warm = at.objective.at(at.lambda(1), null, 1e-10);
        for (double penalty : new double[] {1e4, 1e-6}) {
          double[] lambda = filled(4, Math.log(penalty));
          lambda[1] = CENTRE;
          UpperPoint point = at.objective.at(lambda, warm, 1e-10);
          assertTrue(point.status().isUsable(), point.status() + " at " + penalty);
          double phi = at.phi(lambda);
          assertEquals(phi, point.value(), 1e-8 * phi, curvature + ", " + loss + " " + penalty);
          double error = distance(point.hypergradient(), at.hypergradient(lambda));
          assertTrue(error <= 1e-3, curvature + ", " + loss + ", " + penalty + ": " + error);
          warm = point;
        }
      }
    }
  }

  @Test
  void lambdaBesideTheRowsIsRefused() {
    Data data = TestProblems.of(new LogisticLoss()).make();
    BilevelProblem problem =
        new BilevelProblem(data.model(), new ExampleWeights(1), Penalty.tuned(data.model(), false));
    BlockOracle oracle = new BlockOracle(problem, data.engine(), "auto", data.train().count());
    NewtonSystem system = new NewtonSystem(Curvature.CG, 0, 5);
    var thrown =
        assertThrows(IllegalArgumentException.class, () -> new UpperObjective(oracle, system));
    assertEquals(
        "got a λ beside the rows, expected one on the driver; use the algorithm nbo",
        thrown.getMessage());
  }
}
