package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.data.Table;
import io.github.sparkbilevel.problem.BilevelProblem;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.mllib.stat.MultivariateOnlineSummarizer;

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
  static final UpperLevel LEVEL = new UpperLevel(null, UpperVariable.L2_PER_FEATURE, 0, 0, null);

  /** Parameters up to which a solve to accuracy forms the Hessian. */
  private static final int MOST_EXACT = 1024;

  static final Curvature.Choice EXACT =
      new Curvature.Choice(Curvature.EXACT, "one solve to accuracy, d at most " + MOST_EXACT);

  private FixedPenalty() {}

  /** Whether the choice is ours, and {@link #EXACT} is the best. */
  static boolean isSmall(TuningParams<?, ?> params, BilevelProblem problem) {
    return params.getCurvature().equals("auto") && problem.model().size() <= MOST_EXACT;
  }

  /**
   * ln c_j of each feature, and last that of the intercept if it is penalised; 1 scan of the rows.
   */
  static double[] lambda(LowerLevel lower, PreparedData data) {
    Table train = data.tables().train();
    int features = train.columns();
    double[] lambda =
        new double[features + (lower.intercept() && lower.penalizeIntercept() ? 1 : 0)];
    MultivariateOnlineSummarizer moments = moments(train, !lower.classification());
    double unit = lower.l2();
    if (!lower.classification()) {
      double deviation = Math.sqrt(moments.variance().apply(features));
      unit = deviation > 0 ? unit / deviation : unit;
    }
    double[] scale = data.standardizer().isIdentity() ? null : data.standardizer().scale();
    for (int j = 0; j < lambda.length; j++) {
      double ratio =
          scale == null || j >= features || scale[j] == 0
              ? 1
              : scale[j] * Math.sqrt(moments.variance().apply(j));
      // e^−700 is a penalty of 0 beside any loss.
      lambda[j] = Math.max(-700, Math.log(unit * ratio * ratio));
    }
    return lambda;
  }

  /** The moments of the columns, and of the labels behind them; merged by partition. */
  private static MultivariateOnlineSummarizer moments(Table train, boolean labels) {
    List<MultivariateOnlineSummarizer> parts =
        train.examples().mapPartitions(rows -> List.of(scan(rows, labels)).iterator()).collect();
    MultivariateOnlineSummarizer all = new MultivariateOnlineSummarizer();
    parts.forEach(all::merge);
    return all;
  }

  private static MultivariateOnlineSummarizer scan(Iterator<Example> rows, boolean labels) {
    MultivariateOnlineSummarizer summary = new MultivariateOnlineSummarizer();
    while (rows.hasNext()) {
      Example row = rows.next();
      summary.add(labels ? withLabel(row) : Vectors.fromML(row.features()), row.weight());
    }
    return summary;
  }

  private static org.apache.spark.mllib.linalg.Vector withLabel(Example row) {
    Vector features = row.features();
    double[] values = java.util.Arrays.copyOf(features.toArray(), features.size() + 1);
    values[features.size()] = Double.parseDouble(row.label());
    return Vectors.dense(values);
  }
}
