package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;

/**
 * Ridge regression with tuned penalties or group weights: for every λ both levels are linear
 * systems, so that θ*, u*, Φ and ∇Φ are known by elimination, and λ* by Newton's method on ∇Φ.
 */
final class Ridge {
  final Data data;
  final BilevelProblem problem;
  private final DenseReference train;
  private final DenseReference upper;

  Ridge(Data data, UpperVariable rows, Penalty penalty) {
    this.data = data;
    this.problem = new BilevelProblem(data.model(), rows, penalty);
    this.train = new DenseReference(data.model(), data.train());
    this.upper = new DenseReference(data.model(), data.upper());
  }

  private static Data data(long seed) {
    // Features of mean 0: a lower level that gradient steps solve fast.
    return TestProblems.of(new SquaredLoss()).noisy(0, 0).rows(24, 40, 5, 5).seed(seed).make();
  }

  /**
   * 24 weighted rows of 4 features in 2 groups, each with a penalty, one feature of each group
   * being noise; 3 partitions, one of them empty.
   */
  static Ridge ofPenalties(long seed) {
    Data data = data(seed);
    Penalty penalty = Penalty.grouped(data.model(), new int[] {0, 0, 1, 1}, 2, false);
    return new Ridge(data, UpperVariable.NONE, penalty);
  }

  /** The same rows, in 3 groups, each with a weight. */
  static Ridge ofGroupWeights(long seed) {
    Data data = data(seed);
    Penalty penalty = Penalty.fixed(data.model(), 0.1, false);
    return new Ridge(data, WeightFunction.ofGroups(3), penalty);
  }

  long rows() {
    return data.train().count();
  }

  private static double sigma(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** Base weight times σ(λ) of every row. */
  private double[] weights(double[] lambda) {
    Rows rows = data.train();
    double[] s = new double[rows.count()];
    for (int i = 0; i < s.length; i++) {
      double base = rows.weights() == null ? 1 : rows.weights()[i];
      s[i] = problem.weighingSize() == 0 ? base : base * sigma(lambda[rows.groups()[i]]);
    }
    return s;
  }

  private double[] strengths(double[] lambda) {
    return problem.penaltyDiagonal(lambda);
  }

  double[] theta(double[] lambda) {
    return train.minimize(new double[problem.model().size()], weights(lambda), strengths(lambda));
  }

  double[] upperGradient(double[] theta) {
    return upper.gradient(theta, data.upper().allWeights(), new double[theta.length]);
  }

  double[] adjoint(double[] theta, double[] lambda) {
    double[] c = strengths(lambda);
    return train.solve(train.hessian(theta, weights(lambda), c), upperGradient(theta), c);
  }

  double value(double[] lambda) {
    double[] theta = theta(lambda);
    return upper.value(theta, data.upper().allWeights(), new double[theta.length]);
  }

  /** −∇²_λθG · u, by the textbook. */
  double[] hypergradient(double[] theta, double[] u, double[] lambda) {
    double[] h = new double[lambda.length];
    if (problem.weighingSize() == 0) {
      return Vectors.scaled(-1, problem.penaltyMixedProduct(theta, u, lambda));
    }
    Rows rows = data.train();
    for (int i = 0; i < rows.count(); i++) {
      int g = rows.groups()[i];
      double slope = sigma(lambda[g]) * (1 - sigma(lambda[g])) / rows.count();
      h[g] -= rows.weights()[i] * slope * train.directional(theta, u, i);
    }
    return h;
  }

  double[] hypergradient(double[] lambda) {
    double[] theta = theta(lambda);
    return hypergradient(theta, adjoint(theta, lambda), lambda);
  }

  /** ∇²Φ by central differences of ∇Φ. */
  double[][] upperHessian(double[] lambda) {
    int n = lambda.length;
    double[][] h = new double[n][n];
    double step = 1e-5;
    for (int j = 0; j < n; j++) {
      double[] e = new double[n];
      e[j] = step;
      double[] difference =
          Vectors.plus(
              hypergradient(Vectors.plus(lambda, 1, e)),
              -1,
              hypergradient(Vectors.plus(lambda, -1, e)));
      for (int i = 0; i < n; i++) {
        h[i][j] = difference[i] / (2 * step);
      }
    }
    return h;
  }

  /**
   * The minimum of Φ near a start: steps down by the diagonal, then Newton's, to the last digits.
   */
  double[] solution(double[] start) {
    double[] lambda = start;
    for (int k = 0; k < 400; k++) {
      double[] g = hypergradient(lambda);
      double[][] h = upperHessian(lambda);
      double[] step = DenseReference.eliminate(h, g, g.length);
      if (DenseReference.maxAbs(g) > 1e-4) {
        for (int j = 0; j < g.length; j++) {
          step[j] = g[j] / Math.max(Math.abs(h[j][j]), 1e-3);
        }
      }
      double most = DenseReference.maxAbs(step);
      lambda = Vectors.plus(lambda, -Math.min(1, 0.3 / most), step);
      if (most < 1e-13) {
        break;
      }
    }
    return lambda;
  }

  /** F after steps θ − M⁻¹∇G. */
  double afterSteps(double[] start, double[] lambda, double[] metric, int steps) {
    double[] theta = start.clone();
    for (int t = 0; t < steps; t++) {
      double[] g = train.gradient(theta, weights(lambda), strengths(lambda));
      for (int j = 0; j < g.length; j++) {
        theta[j] -= g[j] / metric[j];
      }
    }
    return upper.value(theta, data.upper().allWeights(), new double[theta.length]);
  }

  /** The trace of ∇²Φ: a bound of its norm where it is positive. */
  double upperCurvature(double[] lambda) {
    double[][] h = upperHessian(lambda);
    double trace = 0;
    for (int j = 0; j < h.length; j++) {
      trace += h[j][j];
    }
    return trace;
  }
}
