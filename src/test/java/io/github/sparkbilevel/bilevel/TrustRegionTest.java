package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Newton steps within a trust region, on functions of one and two variables whose minima are known.
 */
class TrustRegionTest {

  /** Value, gradient and (Gauss-Newton) Hessian of a function. */
  private interface Function {
    double value(double[] x);

    double[] gradient(double[] x);

    double[][] hessian(double[] x);
  }

  /** ½ (100 (y − x²)² + (1 − x)²) with its Gauss-Newton matrix; the least value is at (1, 1). */
  private static final class Rosenbrock implements Function {
    @Override
    public double value(double[] x) {
      double r = 10 * (x[1] - x[0] * x[0]);
      return (r * r + (1 - x[0]) * (1 - x[0])) / 2;
    }

    @Override
    public double[] gradient(double[] x) {
      double r = 10 * (x[1] - x[0] * x[0]);
      return new double[] {-20 * x[0] * r - (1 - x[0]), 10 * r};
    }

    @Override
    public double[][] hessian(double[] x) {
      double j = -20 * x[0];
      return new double[][] {{j * j + 1, 10 * j}, {10 * j, 100}};
    }
  }

  /** 50 (log x)²: from x = 5 the whole step ends where there is no logarithm. */
  private static final class Logarithm implements Function {
    @Override
    public double value(double[] x) {
      return 50 * Math.log(x[0]) * Math.log(x[0]);
    }

    @Override
    public double[] gradient(double[] x) {
      return new double[] {100 * Math.log(x[0]) / x[0]};
    }

    @Override
    public double[][] hessian(double[] x) {
      return new double[][] {{100 / (x[0] * x[0])}};
    }
  }

  /** ¼ x⁴ − ½ x² with its Hessian, which is negative near 0; minima at ±1. */
  private static final class DoubleWell implements Function {
    @Override
    public double value(double[] x) {
      return x[0] * x[0] * (x[0] * x[0] / 4 - 0.5);
    }

    @Override
    public double[] gradient(double[] x) {
      return new double[] {x[0] * (x[0] * x[0] - 1)};
    }

    @Override
    public double[][] hessian(double[] x) {
      return new double[][] {{3 * x[0] * x[0] - 1}};
    }
  }

  /** The function as an objective that remembers all its points and counts its passes. */
  private static final class Objective implements LowerObjective<Objective.At> {
    private final Function function;
    private final int size;
    private final List<At> points = new ArrayList<>();
    private int passes;

    Objective(Function function, int size) {
      this.function = function;
      this.size = size;
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public double[] nullDirection() {
      return null;
    }

    @Override
    public double[] penaltyDiagonal() {
      return new double[size];
    }

    @Override
    public boolean isConvex() {
      return false;
    }

    @Override
    public At at(double[] theta, Extra extra) {
      passes++;
      At at = new At(theta);
      points.add(at);
      return at;
    }

    private final class At implements LowerObjective.Point {
      private final double[] theta;
      private boolean released;

      At(double[] theta) {
        this.theta = theta.clone();
      }

      @Override
      public double[] theta() {
        return theta;
      }

      @Override
      public double value() {
        return function.value(theta);
      }

      @Override
      public double[] gradient() {
        return function.gradient(theta);
      }

      @Override
      public LinearOperator hessian(double damping) {
        double[][] h = function.hessian(theta);
        return new LinearOperator() {
          @Override
          public int size() {
            return size;
          }

          @Override
          public double[][] applyAll(double[][] columns) {
            passes++;
            double[][] images = new double[columns.length][size];
            for (int c = 0; c < columns.length; c++) {
              for (int i = 0; i < size; i++) {
                images[c][i] = damping * columns[c][i];
                for (int j = 0; j < size; j++) {
                  images[c][i] += h[i][j] * columns[c][j];
                }
              }
            }
            return images;
          }
        };
      }

      @Override
      public List<KroneckerFactors> factors() {
        return null;
      }

      @Override
      public double[] denseHessian() {
        return null;
      }

      @Override
      public void release() {
        released = true;
      }
    }
  }

  private static LowerSolver.Result<Objective.At> solve(
      Objective objective, NewtonSystem system, int maxPasses, double... start) {
    return new LowerSolver(0, 1e-10, maxPasses).minimize(objective, start, system);
  }

  private static NewtonSystem system() {
    return new NewtonSystem(Curvature.CG, 0, 1);
  }

  private static void assertBookkeeping(Objective objective, LowerSolver.Result<?> result) {
    assertEquals(objective.passes, result.passes());
    double least = Double.POSITIVE_INFINITY;
    int alive = 0;
    for (Objective.At point : objective.points) {
      least = point.value() < least ? point.value() : least;
      alive += point.released ? 0 : 1;
    }
    assertEquals(least, result.point().value(), "no point that was seen is better");
    assertEquals(1, alive, "all others are released");
  }

  @Test
  void followsACurvedValleyToItsEnd() {
    Objective objective = new Objective(new Rosenbrock(), 2);
    var result = solve(objective, system(), 400, -1.2, 1);
    assertEquals(Status.CONVERGED, result.status());
    assertArrayEquals(new double[] {1, 1}, result.point().theta(), 1e-8);
    assertBookkeeping(objective, result);
    assertTrue(result.passes() < 150, "passes: " + result.passes());
  }

  @Test
  void convergesQuadraticallyWhereNothingIsLeftAtTheMinimum() {
    // The residual vanishes at (1, 1): there Gauss-Newton is Newton's method.
    Objective objective = new Objective(new Rosenbrock(), 2);
    solve(objective, system(), 400, 1.001, 1);
    List<Double> norms = new ArrayList<>();
    for (Objective.At point : objective.points) {
      norms.add(Math.hypot(point.theta()[0] - 1, point.theta()[1] - 1));
    }
    double last = norms.get(norms.size() - 1);
    assertTrue(last < 1e-10, "distances: " + norms);
    assertTrue(norms.size() <= 8, "distances: " + norms);
  }

  @Test
  void stepToWhereTheObjectiveIsNotANumberIsNotTaken() {
    Objective objective = new Objective(new Logarithm(), 1);
    var result = solve(objective, system(), 400, 5);
    assertEquals(Status.CONVERGED, result.status());
    assertEquals(1, result.point().theta()[0], 1e-8);
    assertTrue(objective.points.stream().anyMatch(p -> Double.isNaN(p.value())), "it was tried");
    assertBookkeeping(objective, result);
  }

  @Test
  void negativeCurvatureIsFollowedToTheEdge() {
    for (double start : new double[] {0.1, -0.1}) {
      Objective objective = new Objective(new DoubleWell(), 1);
      var result = solve(objective, system(), 400, start);
      assertEquals(Status.CONVERGED, result.status());
      assertEquals(Math.signum(start), result.point().theta()[0], 1e-8);
      assertBookkeeping(objective, result);
    }
  }

  @Test
  void aKinkIsAStatusAndNotAnEndlessWalk() {
    // 1 + |x| + ½ x² with the gradient on one side of 0 or the other.
    Function kink =
        new Function() {
          @Override
          public double value(double[] x) {
            return 1 + Math.abs(x[0]) + x[0] * x[0] / 2;
          }

          @Override
          public double[] gradient(double[] x) {
            return new double[] {(x[0] >= 0 ? 1 : -1) + x[0]};
          }

          @Override
          public double[][] hessian(double[] x) {
            return new double[][] {{1}};
          }
        };
    Objective objective = new Objective(kink, 1);
    var result = solve(objective, system(), 5000, 0.7);
    assertEquals(Status.STALLED, result.status());
    assertTrue(result.passes() < 300, "passes: " + result.passes());
    assertEquals(0, result.point().theta()[0], 1e-6);
    assertEquals(objective.passes, result.passes());
    assertEquals(1, objective.points.stream().filter(point -> !point.released).count());
  }

  @Test
  void budgetEndsItAtTheBestPoint() {
    Objective objective = new Objective(new Rosenbrock(), 2);
    var result = solve(objective, system(), 12, -1.2, 1);
    assertEquals(Status.BUDGET_SPENT, result.status());
    assertTrue(result.passes() <= 12, "passes: " + result.passes());
    assertBookkeeping(objective, result);
    assertTrue(result.point().value() < objective.points.get(0).value());
  }

  @Test
  void startThatIsNotFiniteIsAStatus() {
    Objective objective = new Objective(new Logarithm(), 1);
    var result = solve(objective, system(), 400, -1);
    assertEquals(Status.NOT_FINITE, result.status());
    assertEquals(1, result.passes());
  }

  @Test
  void dampingOfTheCallerIsWhatItWas() {
    NewtonSystem system = new NewtonSystem(Curvature.CG, 0.125, 1);
    Objective objective = new Objective(new Rosenbrock(), 2);
    var result = solve(objective, system, 400, -1.2, 1);
    assertNotEquals(Status.NOT_FINITE, result.status());
    assertEquals(0.125, system.damping());
  }
}
