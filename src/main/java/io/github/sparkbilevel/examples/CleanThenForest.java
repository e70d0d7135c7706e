package io.github.sparkbilevel.examples;

import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.DataCleanerModel;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.ml.classification.RandomForestClassifier;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Cleans, then trains another model: MLlib's random forest on the digits that {@link DataCleaner}
 * keeps, each with its learned weight, beside the same forest on all of them.
 *
 * <p>Of 1,000 training rows 40 % have the label of the next digit; 100 rows are trusted.
 */
public final class CleanThenForest implements Example {

  /**
   * What came out.
   *
   * @param kept training rows that were kept, without the trusted ones
   * @param train training rows, without the trusted ones
   * @param noisyAccuracy test accuracy of the forest on all rows as they are
   * @param cleanAccuracy test accuracy of the forest on the rows kept and the trusted ones
   */
  record Figures(long kept, long train, double noisyAccuracy, double cleanAccuracy) {}

  /** What is asked for. */
  record Settings(String data, int trusted, int noise, int iterations, int trees) {}

  private static final int TRAIN = 1100;

  /** Runs it: settings are data, trusted, noise, iterations and trees. */
  public static void main(String[] args) {
    Launcher.main(new CleanThenForest(), args);
  }

  @Override
  public Map<String, String> defaults() {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("data", Digits.FILE);
    defaults.put("trusted", "100");
    defaults.put("noise", "40");
    defaults.put("iterations", "40");
    defaults.put("trees", "40");
    return defaults;
  }

  @Override
  public Work prepare(Arguments arguments) {
    Settings settings =
        new Settings(
            arguments.text("data"),
            arguments.number("trusted", 30, 500),
            arguments.number("noise", 0, 90),
            arguments.number("iterations", 1, 1000),
            arguments.number("trees", 1, 1000));
    return (spark, out) -> print(settings, figures(spark, settings), out);
  }

  private static void print(Settings settings, Figures figures, PrintStream out) {
    out.printf(
        Locale.ROOT,
        "kept %,d of %,d training rows, guided by %d trusted ones%n"
            + "test accuracy of the forest on all rows:       %.3f%n"
            + "test accuracy of the forest on the rows kept:  %.3f%n",
        figures.kept(),
        figures.train(),
        settings.trusted(),
        figures.noisyAccuracy(),
        figures.cleanAccuracy());
  }

  static Figures figures(SparkSession spark, Settings settings) {
    Dataset<Row> pixels = Digits.read(spark, settings.data());
    Dataset<Row> rows =
        Digits.assembler(pixels)
            .transform(Digits.spoil(pixels, settings.trusted(), settings.noise()))
            .cache();
    try {
      Dataset<Row> train = rows.filter("id < " + TRAIN);
      Dataset<Row> test = rows.filter("id >= " + TRAIN);
      // guide: clean
      DataCleaner cleaner =
          new DataCleaner()
              .setFeaturesCol("features")
              .setLabelCol("label")
              .setTrustedCol("trusted") // true in the rows that were checked
              .setIdCol("id")
              .setMaxIter(settings.iterations());
      DataCleanerModel model = cleaner.fit(train);
      // guide: end
      // guide: forest
      Dataset<Row> checked = train.filter("trusted");
      Dataset<Row> others = train.filter("not trusted");
      Dataset<Row> kept = model.cleaned(others); // not flagged, with a column weight
      Dataset<Row> forForest = kept.unionByName(checked.withColumn("weight", functions.lit(1.0)));
      RandomForestClassifier forest =
          new RandomForestClassifier().setNumTrees(settings.trees()).setSeed(1);
      RandomForestClassifier weighted =
          new RandomForestClassifier()
              .setNumTrees(settings.trees())
              .setSeed(1)
              .setWeightCol("weight");
      // guide: end
      Dataset<Row> truth = test.withColumn("label", functions.col("truth"));
      MulticlassClassificationEvaluator accuracy =
          new MulticlassClassificationEvaluator().setMetricName("accuracy");
      return new Figures(
          kept.count(),
          others.count(),
          accuracy.evaluate(forest.fit(train).transform(truth)),
          accuracy.evaluate(weighted.fit(forForest).transform(truth)));
    } finally {
      rows.unpersist();
    }
  }
}
