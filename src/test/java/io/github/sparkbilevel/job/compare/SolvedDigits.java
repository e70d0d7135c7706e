package io.github.sparkbilevel.job.compare;

import static io.github.sparkbilevel.job.compare.HypergradientJobTest.standardized;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.job.compare.HypergradientJobTest.Digits;
import io.github.sparkbilevel.model.LinearModel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;

/** Φ and what its gradients are made of, at equal weights s of all rows. */
final class SolvedDigits {
  final LinearModel model;
  final DenseReference train;
  final double[] theta;
  final double[] u;
  final double objective;
  final double weight;

  SolvedDigits(LinearModel model, Digits train, Digits trusted, double lambda, double l2) {
    this.model = model;
    this.train = new DenseReference(model, standardized(train, train));
    DenseReference upper = new DenseReference(model, standardized(trusted, train));
    weight = 1 / (1 + Math.exp(-lambda));
    double[] s = DenseReference.filled(train.x().length, weight);
    double[] ones = DenseReference.filled(trusted.x().length, 1);
    double[] none = new double[model.size()];
    double[] c = new double[model.size()];
    Arrays.setAll(c, j -> model.isIntercept(j) ? 0 : l2);
    theta = this.train.minimize(none, s, c);
    objective = upper.value(theta, ones, none);
    u = this.train.solve(this.train.hessian(theta, s, c), upper.gradient(theta, ones, none), c);
  }

  /** The entry of a row's λ. */
  double ofRow(int i, int n) {
    return -weight * (1 - weight) * train.directional(theta, u, i) / n;
  }

  /** The entry of the λ of a penalty e^λ. */
  double ofPenalty(double l2) {
    return byName(l2, (feature, output) -> "l2").get("l2");
  }

  /** The entries of penalties that are all l2 and are shared by the coefficients of a name. */
  Map<String, Double> byName(double l2, BiFunction<Integer, Integer, String> name) {
    Map<String, Double> entries = new LinkedHashMap<>();
    for (int j = 0; j < theta.length; j++) {
      if (!model.isIntercept(j)) {
        entries.merge(
            name.apply(j % model.columnLength(), j / model.columnLength()),
            -l2 * theta[j] * u[j],
            Double::sum);
      }
    }
    return entries;
  }
}
