package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.data.Table;
import io.github.sparkbilevel.data.WeightedVariances;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.ml.prepare.LowerLevel;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.prepare.UpperLevel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.BuiltInVariable;
import java.util.Arrays;

/**
 * A fit at the penalty {@code regParam} with the meaning that Spark MLlib gives it, nothing tuned.
 *
 * <p>MLlib penalises coefficients of features that are divided by their sample deviation σ_j, which
 * weighs rows and divides by one less than their number; here features are multiplied by 1/σ'_j of
 * the population. With c_j = regParam · (σ_j/σ'_j)² both minimise the same function. MLlib's linear
 * regression divides labels by their deviation σ_b too, which makes regParam/σ_b of regParam; of
 * its l1 penalty, whose units are those of the labels, it makes regParam · σ_j/σ'_j. Its Poisson
 * regression divides by the sum of the predictions, which with an intercept is that of the labels,
 * and not by the number of rows: that makes regParam times the mean label of regParam.
 */
final class FixedPenalty {
  /** A penalty for each feature, held where it is. */
  private static final UpperLevel RIDGE = level(BuiltInVariable.L2_PER_FEATURE);

  private static final UpperLevel ELASTIC_NET =
      level(BuiltInVariable.L2_PER_FEATURE, BuiltInVariable.L1_PER_FEATURE);

  /** Parameters up to which a solve to accuracy forms the Hessian. */
  private static final int MOST_EXACT = 1024;

  static final Curvature.Choice EXACT =
      new Curvature.Choice(Curvature.EXACT, "one solve to accuracy, d at most " + MOST_EXACT);

  /** What takes the place of {@link #EXACT} where columns depend on each other, as MLlib would. */
  static final Curvature.Choice DEPENDENT =
      new Curvature.Choice(
          Curvature.CG, "columns depend on each other: the solution of least norm is taken");

  private FixedPenalty() {}

  private static UpperLevel level(BuiltInVariable... variables) {
    return new UpperLevel(
        Arrays.stream(variables).map(variable -> new UpperLevel.Start(variable, 0)).toList(), null);
  }

  /** A penalty for each feature, and an l1 penalty beside it, held where they are. */
  static UpperLevel level(double elasticNet) {
    return elasticNet > 0 ? ELASTIC_NET : RIDGE;
  }

  /** Whether the choice is ours, and {@link #EXACT} is the best. */
  static boolean isSmall(TuningParams<?, ?> params, BilevelProblem problem) {
    return params.getCurvature().equals("auto") && problem.model().size() <= MOST_EXACT;
  }

  /**
   * ln c_j of each feature, and last that of the intercept if it is penalised; a scan of the rows
   * where their weights differ. With l1, ln of the l1 penalty of each feature follows.
   *
   * @param elasticNet the share of l1
   */
  static double[] lambda(LowerLevel lower, PreparedData data, double elasticNet) {
    Table train = data.tables().train();
    int features = train.columns();
    double[] lambda =
        new double[features + (lower.intercept() && lower.penalizeIntercept() ? 1 : 0)];
    double[] scale = data.standardizer().isIdentity() ? null : data.standardizer().scale();
    boolean real = lower.isLeastSquares();
    double[] variances =
        !train.stats().sameWeights() && (real || scale != null)
            ? WeightedVariances.of(train, near(data, real), real)
            : null;
    double ofSample = train.rowCount() / (train.rowCount() - 1.0);
    double unit = (1 - elasticNet) * lower.l2();
    if (real) {
      double deviation =
          variances == null
              ? train.stats().labelDeviation() * Math.sqrt(ofSample)
              : Math.sqrt(variances[features]);
      unit = deviation > 0 ? unit / deviation : unit;
    } else if (lower.isPoisson()) {
      unit *= train.stats().meanLabel();
    }
    double[] l1 = new double[elasticNet > 0 ? features : 0];
    for (int j = 0; j < lambda.length; j++) {
      double ratio = 1;
      if (scale != null && j < features && scale[j] != 0) {
        ratio = variances == null ? ofSample : scale[j] * scale[j] * variances[j];
      }
      // e^−700 is a penalty of 0 beside any loss.
      lambda[j] = Math.max(-700, Math.log(unit * ratio));
      if (j < l1.length) {
        l1[j] = Math.max(-700, Math.log(elasticNet * lower.l2() * Math.sqrt(ratio)));
      }
    }
    return Vectors.join(lambda, l1);
  }

  private static double[] near(PreparedData data, boolean labels) {
    double[] mean = data.standardizer().mean();
    if (!labels) {
      return mean;
    }
    double[] near = Arrays.copyOf(mean, mean.length + 1);
    near[mean.length] = data.tables().train().stats().meanLabel();
    return near;
  }
}
