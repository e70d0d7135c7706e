package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.DenseReference.filled;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.WeightFunction;
import java.util.Arrays;

/** The same figures by loops over rows and Gaussian elimination. */
final class DenseHypergradient {
  final double[] theta;
  final double[] adjoint;
  final double[] rows;
  final double[] shared;

  DenseHypergradient(SolvedProblem solved) {
    Data data = solved.data;
    DenseReference lower = new DenseReference(data.model(), data.train());
    int n = data.train().count();
    double[][] phi = features(solved);
    double[] argument = new double[n];
    double[] s = new double[n];
    if (solved.of.upper().variable instanceof ExampleWeights) {
      argument = solved.rowLambda(solved.point);
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < phi[i].length; j++) {
        argument[i] += phi[i][j] * solved.lambda[j];
      }
      boolean weighs = solved.of.upper().variable.weighsRows();
      s[i] = data.train().weights()[i] * (weighs ? 1 / (1 + Math.exp(-argument[i])) : 1);
    }
    double[] c = strengths(data, SolvedProblem.L2);
    theta = lower.minimize(new double[c.length], s, c);
    DenseReference upper = new DenseReference(data.model(), data.upper());
    double[] weights = data.upper().allWeights();
    double[] g = upper.gradient(theta, weights, new double[c.length]);
    adjoint = lower.solve(lower.hessian(theta, s, c), g, c);
    rows = new double[n];
    shared = new double[solved.lambda.length];
    for (int i = 0; i < n; i++) {
      double sigma = 1 / (1 + Math.exp(-argument[i]));
      rows[i] =
          -data.train().weights()[i] * sigma * (1 - sigma) * lower.directional(theta, adjoint, i);
      for (int j = 0; j < phi[i].length; j++) {
        shared[j] += phi[i][j] * rows[i] / n;
      }
    }
    if (solved.of.upper().tunesPenalty) {
      for (int j = 0; j < c.length; j++) {
        shared[shared.length - 1] -= c[j] * theta[j] * adjoint[j];
      }
    }
  }

  private static double[][] features(SolvedProblem solved) {
    Data data = solved.data;
    int n = data.train().count();
    WeightFunction designed =
        solved.of.upper().variable instanceof WeightFunction some
            ? some
            : WeightFunction.ofGroups(1);
    int fixed = designed.logOdds() > 0 ? 4 + designed.given() : 0;
    int length = solved.of.upper().variable.size();
    double[][] phi = new double[n][length];
    if (length == 0) {
      return phi;
    }
    if (designed.logOdds() > 0) {
      double[] trusted = logOdds(solved, 1);
      double[] current = logOdds(solved, SolvedProblem.TRUSTED_MODELS);
      double[] start = logOdds(solved, SolvedProblem.TRUSTED_MODELS + 1);
      for (int i = 0; i < n; i++) {
        phi[i][0] = 1;
        phi[i][1] = trusted[i];
        phi[i][2] = current[i];
        phi[i][3] = start[i];
      }
      double[] given = designed.given() > 0 ? standardized(train(solved), given(solved)) : null;
      for (int i = 0; i < n && given != null; i++) {
        phi[i][4] = given[i];
      }
    }
    for (int i = 0; i < n && designed.groups() > 0; i++) {
      phi[i][fixed + data.train().groups()[i]] = 1;
    }
    return phi;
  }

  private static Rows train(SolvedProblem solved) {
    return solved.data.train();
  }

  private static double[] given(SolvedProblem solved) {
    double[] x = new double[train(solved).count()];
    for (int i = 0; i < x.length; i++) {
      float[] all = SolvedProblem.given(solved.data, train(solved).ids()[i]);
      double p = all[(int) train(solved).labels()[i]];
      x[i] = Math.max(-5, Math.min(5, Math.log(p / (1 - p))));
    }
    return x;
  }

  private static double[] logOdds(SolvedProblem solved, int model) {
    Rows train = solved.data.train();
    DenseReference reference = new DenseReference(solved.data.model(), train);
    double[] x = new double[train.count()];
    for (int i = 0; i < x.length; i++) {
      double p = Math.exp(-reference.loss(solved.featureModels[model], i));
      x[i] = Math.max(-5, Math.min(5, Math.log(p / (1 - p))));
    }
    return standardized(train, x);
  }

  private static double[] standardized(Rows train, double[] x) {
    double mean = train.mean(x);
    double variance = train.mean(Arrays.stream(x).map(v -> (v - mean) * (v - mean)).toArray());
    return Arrays.stream(x).map(v -> (v - mean) / Math.sqrt(variance)).toArray();
  }

  static double[] strengths(Data data, double l2) {
    int q = data.model().features() + (data.model().intercept() ? 1 : 0);
    double[] c = filled(data.model().loss().outputs() * q, l2);
    for (int j = data.model().features(); data.model().intercept() && j < c.length; j += q) {
      c[j] = 0;
    }
    return c;
  }
}
