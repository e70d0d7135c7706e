package io.github.sparkbilevel.job.tune;

import io.github.sparkbilevel.bilevel.PenaltySearch;
import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.data.Labels;
import io.github.sparkbilevel.data.Standardizer;
import io.github.sparkbilevel.data.Table;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.config.SearchConfig;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.problem.UpperVariableProvider.Kind;
import java.util.Arrays;
import java.util.Locale;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.evaluation.Evaluator;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.ml.tuning.TrainValidationSplit;
import org.apache.spark.ml.tuning.TrainValidationSplitModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * What a Spark user does today: MLlib's own estimator over the grid of penalties, chosen by {@link
 * TrainValidationSplit}, in the same session and on the same features.
 *
 * <p>TrainValidationSplit cuts its rows itself; it is given the training and the validation rows
 * together and the share that the training rows are of them, so that its fits are as large as ours.
 */
final class MllibSearch {
  private static final StructType SCHEMA =
      new StructType()
          .add("label", DataTypes.DoubleType, false)
          .add("features", SQLDataTypes.VectorType(), false)
          .add("weight", DataTypes.DoubleType, false);

  private MllibSearch() {}

  /**
   * What was found.
   *
   * @param penalties the grid
   * @param losses the validation loss of each, on the rows that MLlib cut
   * @param penalty the one of least loss
   * @param upperObjective the loss, on our validation rows, of MLlib's model with that penalty
   *     fitted on our training rows; outside of {@code seconds}
   * @param seconds that TrainValidationSplit took, its rows cached before
   */
  record Found(
      double[] penalties, double[] losses, double penalty, double upperObjective, double seconds) {}

  /** Runs on the grid of the job file. */
  static Found run(JobContext context, PreparedData data) {
    JobConfig config = context.config();
    Dataset<Row> train = frame(context, data, data.tables().train());
    Dataset<Row> validation = frame(context, data, data.tables().validation());
    Dataset<Row> both = train.union(validation).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      both.count();
      long n = data.tables().train().rowCount();
      long m = data.tables().validation().rowCount();
      SearchConfig search = config.search();
      double[] penalties = PenaltySearch.penalties(search.points(), search.low(), search.high());
      boolean real = data.tables().labels().size() == 0;
      Estimator<?> estimator = real ? regression(config) : classifier(config);
      Evaluator evaluator =
          real
              ? new RegressionEvaluator().setMetricName("mse")
              : new MulticlassClassificationEvaluator().setMetricName("logLoss");
      // MLlib's linear regression divides its penalty by the deviation of the labels.
      double unit = real ? deviation(train) : 1;
      boolean isSparse = config.upper().variables().stream().anyMatch(Kind.SPARSITY::has);
      double fixedL2 = unit * config.model().l2();
      ParamMap[] grid =
          Arrays.stream(penalties)
              .mapToObj(
                  penalty ->
                      isSparse
                          ? point(estimator, penalty, fixedL2)
                          : point(estimator, 0, unit * penalty))
              .toArray(ParamMap[]::new);
      long start = System.nanoTime();
      TrainValidationSplitModel chosen =
          new TrainValidationSplit()
              .setEstimator(estimator)
              .setEvaluator(evaluator)
              .setEstimatorParamMaps(grid)
              .setTrainRatio((double) n / (n + m))
              .setSeed(config.seed())
              .fit(both);
      double seconds = (System.nanoTime() - start) / 1e9;
      // The mean of the squares is twice our loss.
      double share = real ? 0.5 : 1;
      double[] losses = chosen.validationMetrics().clone();
      int best = 0;
      for (int i = 0; i < losses.length; i++) {
        losses[i] *= share;
        best = losses[i] < losses[best] ? i : best;
      }
      Model<?> model = (Model<?>) estimator.fit(train, grid[best]);
      double loss = share * evaluator.evaluate(model.transform(validation));
      context
          .console()
          .line(
              String.format(
                  Locale.ROOT,
                  "MLlib's grid of %d penalties: best %.3g, F %.6f, %.1f s",
                  penalties.length,
                  penalties[best],
                  loss,
                  seconds));
      return new Found(penalties, losses, penalties[best], loss, seconds);
    } finally {
      both.unpersist(false);
    }
  }

  /** MLlib's params of an l1 penalty and an l2 penalty. */
  private static ParamMap point(Estimator<?> estimator, double l1, double l2) {
    double sum = l1 + l2;
    return new ParamMap()
        .put(((DoubleParam) estimator.getParam("regParam")).w(sum))
        .put(((DoubleParam) estimator.getParam("elasticNetParam")).w(sum > 0 ? l1 / sum : 0));
  }

  /** The deviation of the labels, as MLlib computes it. */
  private static double deviation(Dataset<Row> rows) {
    Row sums =
        rows.selectExpr("sum(weight)", "sum(weight * label)", "sum(weight * label * label)").head();
    double mean = sums.getDouble(1) / sums.getDouble(0);
    double variance = sums.getDouble(2) / sums.getDouble(0) - mean * mean;
    return variance > 0 ? Math.sqrt(variance) : 1;
  }

  private static LogisticRegression classifier(JobConfig config) {
    return new LogisticRegression()
        .setStandardization(false)
        .setFitIntercept(config.data().intercept())
        .setWeightCol("weight");
  }

  private static LinearRegression regression(JobConfig config) {
    return new LinearRegression()
        .setStandardization(false)
        .setFitIntercept(config.data().intercept())
        .setWeightCol("weight");
  }

  /**
   * The rows with the features of the blocks. Where these are sparse their mean stays in: an
   * intercept takes it up.
   */
  private static Dataset<Row> frame(JobContext context, PreparedData data, Table table) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
    Broadcast<Standardizer> standardizer = spark.broadcast(data.standardizer());
    Broadcast<Labels> labels = spark.broadcast(data.tables().labels());
    boolean sparse = data.sparse();
    JavaRDD<Row> rows =
        table
            .examples()
            .map(
                row ->
                    RowFactory.create(
                        labels.value().encode(row.label()),
                        features(standardizer.value(), row, sparse),
                        row.weight()));
    return context.spark().createDataFrame(rows, SCHEMA);
  }

  private static Vector features(Standardizer standardizer, Example row, boolean sparse) {
    return sparse
        ? standardizer.sparse(row.features())
        : Vectors.dense(standardizer.dense(row.features()));
  }
}
