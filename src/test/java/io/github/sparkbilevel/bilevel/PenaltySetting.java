package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.WatchedEngine;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import java.util.Arrays;

/** A problem, and the reference for it. */
final class PenaltySetting {
  /** Penalties e^{−3}, moved by up to 1.5. */
  static final double CENTRE = -3;

  final Data data;
  final WatchedEngine engine;
  final BilevelProblem problem;
  final BlockOracle oracle;
  final NewtonSystem system;
  final UpperObjective objective;
  final UpperObjectiveTest.Case of;
  final DenseReference lower;
  final DenseReference upper;

  PenaltySetting(UpperObjectiveTest.Case of) {
    this.of = of;
    data = TestProblems.of(of.loss()).intercept(of.intercept()).make();
    engine = new WatchedEngine(data.engine());
    LinearModel model = data.model();
    Penalty penalty =
        of.isGrouped()
            ? Penalty.grouped(model, new int[] {0, 1, 1, 0}, 2, true)
            : Penalty.tuned(model, of.sharing(), false);
    UpperVariable rows = of.isWeighted() ? WeightFunction.ofGroups(3) : UpperVariable.NONE;
    problem = new BilevelProblem(model, rows, penalty);
    oracle = new BlockOracle(problem, engine, "auto", data.train().count());
    system = new NewtonSystem(of.curvature(), 0, 5, 6);
    objective = new UpperObjective(oracle, system);
    lower = new DenseReference(model, data.train());
    upper = new DenseReference(model, data.upper());
  }

  double[] lambda(long seed) {
    double[] lambda = TestProblems.vector(seed, problem.sharedSize(), 1.5);
    for (int j = problem.weighingSize(); j < lambda.length; j++) {
      lambda[j] += CENTRE;
    }
    return lambda;
  }

  /** Index within λ of the penalty of a coefficient, or −1. */
  int entryOf(int coefficient) {
    int p = data.model().features();
    int q = data.model().columnLength();
    int output = coefficient / q;
    int feature = coefficient % q;
    int first = problem.weighingSize();
    if (of.isGrouped()) {
      return first + (feature == p ? 2 : feature == 0 || feature == 3 ? 0 : 1);
    }
    if (feature == p) {
      return -1;
    }
    return first
        + switch (of.sharing()) {
          case ONE, PER_LAYER -> 0;
          case PER_CLASS -> output;
          case PER_FEATURE -> feature;
          case PER_COEFFICIENT -> output * p + feature;
        };
  }

  double sigma(double[] lambda, int row) {
    return of.isWeighted() ? 1 / (1 + Math.exp(-lambda[data.train().groups()[row]])) : 1;
  }

  double[] weights(double[] lambda) {
    double[] s = data.train().weights().clone();
    Arrays.setAll(s, i -> s[i] * sigma(lambda, i));
    return s;
  }

  double[] strengths(double[] lambda) {
    double[] c = new double[data.model().size()];
    Arrays.setAll(c, j -> entryOf(j) < 0 ? 0 : Math.exp(lambda[entryOf(j)]));
    return c;
  }

  double[] solution(double[] lambda) {
    double[] zero = new double[data.model().size()];
    return lower.minimize(zero, weights(lambda), strengths(lambda));
  }

  double phi(double[] lambda) {
    double[] zero = new double[data.model().size()];
    return upper.value(solution(lambda), data.upper().allWeights(), zero);
  }

  double[] hypergradient(double[] lambda) {
    double[] theta = solution(lambda);
    double[] c = strengths(lambda);
    double[] s = weights(lambda);
    double[] zero = new double[theta.length];
    double[] f = upper.gradient(theta, data.upper().allWeights(), zero);
    double[] u = lower.solve(lower.hessian(theta, s, c), f, c);
    double[] h = new double[lambda.length];
    for (int j = 0; j < theta.length; j++) {
      if (entryOf(j) >= 0) {
        h[entryOf(j)] -= c[j] * theta[j] * u[j];
      }
    }
    int n = data.train().count();
    for (int i = 0; i < n && of.isWeighted(); i++) {
      h[data.train().groups()[i]] -=
          s[i] * (1 - sigma(lambda, i)) * lower.directional(theta, u, i) / n;
    }
    return h;
  }
}
