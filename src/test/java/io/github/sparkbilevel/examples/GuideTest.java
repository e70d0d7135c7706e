package io.github.sparkbilevel.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.ml.CleaningSummary;
import io.github.sparkbilevel.ml.ColumnAssembler;
import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.DataCleanerModel;
import io.github.sparkbilevel.ml.MultiLabelModel;
import io.github.sparkbilevel.ml.SmallRows;
import io.github.sparkbilevel.ml.TunedLinearRegression;
import io.github.sparkbilevel.ml.TunedLinearRegressionModel;
import io.github.sparkbilevel.ml.TunedLogisticRegression;
import io.github.sparkbilevel.ml.TunedMultiLabel;
import io.github.sparkbilevel.spark.event.IterationEnded;
import io.github.sparkbilevel.spark.event.RunEventListener;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.GeneralizedLinearRegressionModel;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java code of the documentation is code that runs: in the examples, or here. */
class GuideTest {
  private static final Pattern BLOCK =
      Pattern.compile("<!-- code: (\\S+) (\\S+) -->\n```java\n(.*?)```\n", Pattern.DOTALL);

  @TempDir Path folder;

  private static Dataset<Row> rows() {
    Dataset<Row> pixels = Digits.read(LocalSpark.session(), Digits.FILE).filter("truth < 4");
    return Digits.assembler(pixels)
        .transform(Digits.spoil(pixels, 300, 40))
        .filter("id < 1000")
        .cache();
  }

  @Test
  void listenersAreToldOfEveryIteration() throws Exception {
    SparkSession spark = LocalSpark.session();
    Dataset<Row> rows = rows();
    Dataset<Row> train = rows.filter("id >= 300 and id < 700");
    Dataset<Row> trusted = rows.filter("trusted");
    List<String> lines = new CopyOnWriteArrayList<>();
    // guide: listen
    RunEventListener listener =
        new RunEventListener() {
          @Override
          public void iterationEnded(IterationEnded event) {
            lines.add(
                "run %s, iteration %d: held-out loss %.4f after %d passes"
                    .formatted(
                        event.run(),
                        event.iteration(),
                        event.figures().heldOutObjective(),
                        event.cost().passes()));
          }
        };
    spark.sparkContext().addSparkListener(listener);
    DataCleanerModel model = new DataCleaner().setMaxIter(5).fit(train, trusted);
    // guide: end
    spark.sparkContext().listenerBus().waitUntilEmpty();
    spark.sparkContext().removeSparkListener(listener);
    rows.unpersist();
    assertEquals(model.summary().run().history().size(), lines.size(), lines::toString);
    assertTrue(
        lines.get(5).matches("run \\w+, iteration 5: held-out loss 0\\.\\d{4} after \\d+ passes"),
        lines::toString);
  }

  @Test
  void cleanersAreSavedAndJudgeRowsTheyHaveNotSeen() throws IOException {
    Dataset<Row> rows = rows();
    Dataset<Row> train = rows.filter("id >= 300 and id < 700");
    Dataset<Row> trusted = rows.filter("trusted");
    Dataset<Row> others = rows.filter("id >= 700");
    String path = folder.resolve("cleaner").toString();
    // guide: trusted
    DataCleanerModel model = new DataCleaner().setMaxIter(10).fit(train, trusted);
    Dataset<Row> judged = model.transform(others);
    judged.select("label", "weight", "quality", "flagged", "suggestedLabel").show(5);
    CleaningSummary summary = model.summary();
    System.out.println(summary.selected() + ", " + summary.noise().flagged() + " flagged");
    // guide: end
    // guide: save
    model.write().overwrite().save(path);
    DataCleanerModel again = DataCleanerModel.load(path);
    // guide: end
    assertTrue(judged.filter("flagged").count() > 0);
    assertEquals(
        judged.select("quality").collectAsList(),
        again.transform(others).select("quality").collectAsList());
    rows.unpersist();
  }

  @Test
  void estimatorsStandInCrossValidation() {
    Dataset<Row> all = rows();
    Dataset<Row> rows = all.filter("trusted");
    // guide: cross-validation
    TunedLogisticRegression tuned =
        new TunedLogisticRegression()
            .setBaselines(new String[0]) // the validator compares
            .setSensitivity(false)
            .setMaxIter(5);
    ParamMap[] grid = {
      new ParamMap().put(tuned.getParam("upperVariables"), new String[] {"l2"}),
      new ParamMap().put(tuned.getParam("upperVariables"), new String[] {"l2-per-feature"})
    };
    CrossValidatorModel chosen =
        new CrossValidator()
            .setEstimator(tuned)
            .setEstimatorParamMaps(grid)
            .setEvaluator(new MulticlassClassificationEvaluator().setMetricName("logLoss"))
            .setNumFolds(2)
            .setSeed(1)
            .fit(rows);
    // guide: end
    assertEquals(2, chosen.avgMetrics().length);
    assertTrue(chosen.avgMetrics()[0] < 0.5, () -> "" + chosen.avgMetrics()[0]);
    all.unpersist();
  }

  @Test
  void columnsOfAnyTypeBecomeFeatures() {
    Dataset<Row> all = rows();
    Dataset<Row> customers =
        all.selectExpr(
                "label",
                "trusted",
                "if(rand(1) < 0.1, null, 20 + 10 * label + 10 * rand(2)) as age",
                "element_at(array('Ulm', 'Bonn', 'Jena'), 1 + int(3 * rand(3))) as town",
                "concat('came late ', int(9 * rand(4)), ' times this year') as comment")
            .cache();
    // guide: columns
    ColumnAssembler columns =
        new ColumnAssembler()
            .setInputCols(new String[] {"age", "town", "comment"})
            .setKinds(new String[] {"comment=text"}); // others are guessed
    DataCleaner cleaner = new DataCleaner().setTrustedCol("trusted");
    PipelineModel model =
        new Pipeline().setStages(new PipelineStage[] {columns, cleaner}).fit(customers);
    Dataset<Row> judged = model.transform(customers);
    // guide: end
    assertEquals(customers.count(), judged.filter("quality between 0 and 1").count());
    customers.unpersist();
    all.unpersist();
  }

  @Test
  void countsAreTunedAndDeployed() throws IOException {
    Dataset<Row> all = SmallRows.table(200).selectExpr("*", "floor(2 * label) as visits").cache();
    Dataset<Row> rows = all.drop("label");
    String path = folder.resolve("visits").toString();
    // guide: losses
    TunedLinearRegression tuned =
        new TunedLinearRegression().setLabelCol("visits").setLoss("poisson").setMaxIter(5);
    TunedLinearRegressionModel model = tuned.fit(rows);
    GeneralizedLinearRegressionModel deployed = model.toSparkGeneralized(); // needs only Spark
    // guide: end
    model.write().save(path);
    TunedLinearRegressionModel loaded = TunedLinearRegressionModel.load(path);
    assertEquals("poisson", loaded.regressor().loss().name());
    for (Row row : rows.limit(20).collectAsList()) {
      Vector features = row.getAs("features");
      assertEquals(deployed.predict(features), model.predict(features), 1e-9);
      assertEquals(model.predict(features), loaded.predict(features), 0);
    }
    all.unpersist();
  }

  @Test
  void severalLabelsAreTunedTogether() {
    Dataset<Row> rows =
        SmallRows.table(120).selectExpr("*", "truth = 0 as wet", "int(target > 1) as cold").cache();
    // guide: labels
    TunedMultiLabel tuned =
        new TunedMultiLabel()
            .setLabelCols(new String[] {"wet", "cold"})
            .setUpperVariables(new String[] {"l2-per-class"});
    MultiLabelModel model = tuned.fit(rows);
    Map<String, Double> penalties = model.penalties(); // by label
    // guide: end
    assertEquals(List.of("wet", "cold"), List.copyOf(penalties.keySet()));
    rows.unpersist();
  }

  @Test
  void theDocumentationShowsCodeThatRuns() throws IOException {
    int count = 0;
    try (DirectoryStream<Path> pages = Files.newDirectoryStream(Path.of("docs"), "*.md")) {
      for (Path page : pages) {
        count += checkedBlocks(page);
      }
    }
    assertEquals(14, count);
  }

  /** Compares the code blocks of a page with their sources; returns how many there are. */
  private static int checkedBlocks(Path page) throws IOException {
    String text = Files.readString(page);
    Matcher blocks = BLOCK.matcher(text);
    StringBuilder expected = new StringBuilder();
    int count = 0;
    while (blocks.find()) {
      count++;
      String shown =
          "<!-- code: %s %s -->\n```java\n%s```\n"
              .formatted(
                  blocks.group(1), blocks.group(2), source(blocks.group(1), blocks.group(2)));
      blocks.appendReplacement(expected, Matcher.quoteReplacement(shown));
    }
    blocks.appendTail(expected);
    if (Boolean.getBoolean("update")) {
      Files.writeString(page, expected);
    }
    assertEquals(
        expected.toString(), Files.readString(page), "run this test with -Dupdate=true, once");
    // Whole files are compiled by ExtendingTest.
    int shown = text.split("(?<!\\.java -->\n)```java", -1).length - 1;
    assertEquals(count, shown, () -> "every block names its source in " + page);
    return count;
  }

  /** What stands between the markers of a class, moved to the left. */
  private static String source(String type, String name) throws IOException {
    String under = type.endsWith("Test") ? "src/test/java" : "src/main/java";
    Path file = Path.of(under, "io/github/sparkbilevel/examples", type + ".java");
    String text = Files.readString(file);
    String start = "// guide: " + name + "\n";
    int from = text.indexOf(start);
    assertTrue(from >= 0, () -> file + " has no marker of " + name);
    from += start.length();
    int to = text.lastIndexOf('\n', text.indexOf("// guide: end", from)) + 1;
    return text.substring(from, to).stripTrailing().stripIndent() + "\n";
  }
}
