package io.github.sparkbilevel.examples;

import io.github.sparkbilevel.ml.TunedLogisticRegression;
import io.github.sparkbilevel.ml.TunedLogisticRegressionModel;
import io.github.sparkbilevel.ml.TuningSummary;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import picocli.CommandLine.Option;

/**
 * Tunes inside a pipeline: labels that are text, pixel columns, a penalty for each pixel, and text
 * again; then hands the model over to Spark's own logistic regression.
 *
 * <p>400 digits to train on, 800 to validate, 597 to test.
 */
public final class TuneInPipeline implements Example {

  /**
   * What came out.
   *
   * @param validationLoss loss of the tuned model on the validation rows
   * @param gridLoss the least that one penalty for all reached
   * @param testAccuracy share of the test rows whose digit is predicted
   * @param agreement share of the test rows for which Spark's own model predicts the same
   * @param penalties the penalty of each pixel
   */
  record Figures(
      double validationLoss,
      double gridLoss,
      double testAccuracy,
      double agreement,
      Map<String, Double> penalties) {}

  private static final int TRAIN = 400;
  private static final int VALIDATION = 800;
  private static final int SHOWN = 5;

  @Option(names = "data")
  String data = Digits.FILE;

  @Option(names = "iterations")
  int iterations = 30;

  @Option(names = "grid")
  int grid = 9;

  /** Runs it: settings are data, iterations, and grid, the number of single penalties. */
  public static void main(String[] args) {
    Launcher.main(new TuneInPipeline(), args);
  }

  @Override
  public void check() {
    Example.requireWithin("iterations", iterations, 1, 1000);
    Example.requireWithin("grid", grid, 2, 1000);
  }

  @Override
  public void run(SparkSession spark, PrintStream out) {
    print(figures(spark), out);
  }

  private static void print(Figures figures, PrintStream out) {
    out.printf(
        Locale.ROOT,
        "validation loss, a penalty for each pixel: %.3f%n"
            + "validation loss, best single penalty:      %.3f%n"
            + "test accuracy: %.3f%n"
            + "Spark's own model predicts the same for %.0f %% of the test rows%n"
            + "largest penalties:%n",
        figures.validationLoss(),
        figures.gridLoss(),
        figures.testAccuracy(),
        100 * figures.agreement());
    largest(figures.penalties())
        .forEach(e -> out.printf(Locale.ROOT, "  %-10s %.3g%n", e.getKey(), e.getValue()));
  }

  Figures figures(SparkSession spark) {
    Dataset<Row> all =
        Digits.read(spark, data)
            .withColumn("digit", functions.expr("concat('digit ', int(truth))"))
            .withColumn("validation", functions.expr("id >= " + TRAIN));
    Dataset<Row> rows = all.filter("id < " + (TRAIN + VALIDATION));
    Dataset<Row> test = all.filter("id >= " + (TRAIN + VALIDATION));
    String[] pixels = Digits.pixels(all).toArray(new String[0]);
    // guide: pipeline
    StringIndexerModel indexer =
        new StringIndexer().setInputCol("digit").setOutputCol("label").fit(rows);
    VectorAssembler assembler = new VectorAssembler().setInputCols(pixels).setOutputCol("features");
    TunedLogisticRegression tuned =
        new TunedLogisticRegression()
            .setUpperVariables(new String[] {"l2-per-feature"})
            .setValidationIndicatorCol("validation") // or setTrainRatio(0.75), which draws them
            .setStandardization(false) // all pixels have the same scale
            .setBaselines(new String[] {"grid"})
            .setGridSize(grid)
            .setMaxIter(iterations);
    IndexToString names =
        new IndexToString()
            .setInputCol("prediction")
            .setOutputCol("predictedDigit")
            .setLabels(indexer.labelsArray()[0]);
    PipelineModel model =
        new Pipeline().setStages(new PipelineStage[] {indexer, assembler, tuned, names}).fit(rows);
    // guide: end
    // guide: convert
    TunedLogisticRegressionModel ours = (TunedLogisticRegressionModel) model.stages()[2];
    LogisticRegressionModel deployed = ours.toSpark(); // needs only Spark
    // guide: end
    TuningSummary summary = ours.summary();
    Dataset<Row> predicted = model.transform(test);
    Dataset<Row> bySpark =
        deployed.transform(predicted.drop("rawPrediction", "probability", "prediction"));
    return new Figures(
        summary.tuning().upperObjective(),
        summary.searches().get("grid").upperObjective(),
        share(predicted, "predictedDigit = digit"),
        share(
            predicted
                .select(functions.col("id"), functions.col("prediction").as("ours"))
                .join(bySpark.select("id", "prediction"), "id"),
            "ours = prediction"),
        ours.penalties());
  }

  private static double share(Dataset<Row> rows, String condition) {
    return rows.filter(condition).count() / (double) rows.count();
  }

  private static List<Map.Entry<String, Double>> largest(Map<String, Double> penalties) {
    return penalties.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .limit(SHOWN)
        .toList();
  }
}
