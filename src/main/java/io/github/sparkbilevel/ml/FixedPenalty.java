package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.data.Table;
import io.github.sparkbilevel.data.WeightedVariances;
import io.github.sparkbilevel.ml.prepare.LowerLevel;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.prepare.UpperLevel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.BuiltInVariable;
import java.util.Arrays;
import java.util.List;

/**
 * A fit at the penalty {@code regParam} with the meaning that Spark MLlib gives it, nothing tuned.
 *
 * <p>MLlib penalises coefficients of features that are divided by their sample deviation σ_j, which
 * weighs rows and divides by one less than their number; here features are multiplied by 1/σ'_j of
 * the population. With c_j = regParam · (σ_j/σ'_j)² both minimise the same function. MLlib's linear
 * regression divides labels by their deviation σ_b too, which makes regParam/σ_b of regParam.
 */
final class FixedPenalty {
  /** A penalty for each feature, held where it is. */
  static final UpperLevel LEVEL =
      new UpperLevel(List.of(new UpperLevel.Start(BuiltInVariable.L2_PER_FEATURE, 0)), null);

  /** Parameters up to which a solve to accuracy forms the Hessian. */
  private static final int MOST_EXACT = 1024;

  static final Curvature.Choice EXACT =
      new Curvature.Choice(Curvature.EXACT, "one solve to accuracy, d at most " + MOST_EXACT);

  /** What takes the place of {@link #EXACT} where columns depend on each other, as MLlib would. */
  static final Curvature.Choice DEPENDENT =
      new Curvature.Choice(
          Curvature.CG, "columns depend on each other: the solution of least norm is taken");

  private FixedPenalty() {}

  /** Whether the choice is ours, and {@link #EXACT} is the best. */
  static boolean isSmall(TuningParams<?, ?> params, BilevelProblem problem) {
    return params.getCurvature().equals("auto") && problem.model().size() <= MOST_EXACT;
  }

  /**
   * ln c_j of each feature, and last that of the intercept if it is penalised; a scan of the rows
   * where their weights differ.
   */
  static double[] lambda(LowerLevel lower, PreparedData data) {
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
    double unit = lower.l2();
    if (real) {
      double deviation =
          variances == null
              ? train.stats().labelDeviation() * Math.sqrt(ofSample)
              : Math.sqrt(variances[features]);
      unit = deviation > 0 ? unit / deviation : unit;
    }
    for (int j = 0; j < lambda.length; j++) {
      double ratio = 1;
      if (scale != null && j < features && scale[j] != 0) {
        ratio = variances == null ? ofSample : scale[j] * scale[j] * variances[j];
      }
      // e^−700 is a penalty of 0 beside any loss.
      lambda[j] = Math.max(-700, Math.log(unit * ratio));
    }
    return lambda;
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
