package io.github.sparkbilevel.examples;

import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.DataCleanerModel;
import java.io.PrintStream;
import java.util.Locale;
import org.apache.spark.ml.classification.RandomForestClassifier;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import picocli.CommandLine.Option;

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

  private static final int TRAIN = 1100;

  @Option(names = "data")
  String data = Digits.FILE;

  @Option(names = "trusted")
  int trusted = 100;

  @Option(names = "noise")
  int noise = 40;

  @Option(names = "iterations")
  int iterations = 40;

  @Option(names = "trees")
  int trees = 40;

  /** Runs it: settings are data, trusted, noise, iterations and trees. */
  public static void main(String[] args) {
    Launcher.main(new CleanThenForest(), args);
  }

  @Override
  public void check() {
    Example.requireWithin("trusted", trusted, 30, 500);
    Example.requireWithin("noise", noise, 0, 90);
    Example.requireWithin("iterations", iterations, 1, 1000);
    Example.requireWithin("trees", trees, 1, 1000);
  }

  @Override
  public void run(SparkSession spark, PrintStream out) {
    print(figures(spark), out);
  }

  private void print(Figures figures, PrintStream out) {
    out.printf(
        Locale.ROOT,
        "kept %,d of %,d training rows, guided by %d trusted ones%n"
            + "test accuracy of the forest on all rows:       %.3f%n"
            + "test accuracy of the forest on the rows kept:  %.3f%n",
        figures.kept(),
        figures.train(),
        trusted,
        figures.noisyAccuracy(),
        figures.cleanAccuracy());
  }

  Figures figures(SparkSession spark) {
    Dataset<Row> pixels = Digits.read(spark, data);
    Dataset<Row> rows =
        Digits.assembler(pixels).transform(Digits.spoil(pixels, trusted, noise)).cache();
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
              .setMaxIter(iterations);
      DataCleanerModel model = cleaner.fit(train);
      // guide: end
      // guide: forest
      Dataset<Row> checked = train.filter("trusted");
      Dataset<Row> others = train.filter("not trusted");
      Dataset<Row> kept = model.cleaned(others); // not flagged, with a column weight
      Dataset<Row> forForest = kept.unionByName(checked.withColumn("weight", functions.lit(1.0)));
      RandomForestClassifier forest = new RandomForestClassifier().setNumTrees(trees).setSeed(1);
      RandomForestClassifier weighted =
          new RandomForestClassifier().setNumTrees(trees).setSeed(1).setWeightCol("weight");
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
