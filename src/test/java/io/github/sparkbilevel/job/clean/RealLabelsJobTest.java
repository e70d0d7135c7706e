package io.github.sparkbilevel.job.clean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.JobRuns;
import io.github.sparkbilevel.ml.LinearRegressorModel;
import io.github.sparkbilevel.model.HuberLoss;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.commons.math3.special.Erf;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The job {@code clean} on real labels. */
class RealLabelsJobTest {
  private static final int FEATURES = 4;

  /** Deviation of the errors of right labels. */
  private static final double SIGMA = 2;

  private static final String JOB =
      """
      job = clean
      model.family = linear
      data {
        train { path = train.csv, label = y }
        validation { rows = 60 }
        test { path = test.csv, label = y }
      }
      solver.iterations = 15
      """;

  @TempDir Path folder;
  private JobRuns jobs;

  @BeforeEach
  void open() {
    jobs = JobRuns.inSharedSession(folder);
    jobs.write("train.csv", table(600, 1));
    jobs.write("test.csv", table(400, 2));
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  private static String table(int rows, long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder("y,source,a,b,c,d\n");
    for (int i = 0; i < rows; i++) {
      double y = 40 + SIGMA * random.nextGaussian();
      StringBuilder cells = new StringBuilder();
      for (int j = 0; j < FEATURES; j++) {
        double x = random.nextGaussian();
        y += (j + 1) * x;
        cells.append(',').append(x);
      }
      text.append(y).append(i % 2 == 0 ? ",web" : ",zoo").append(cells).append('\n');
    }
    return text.toString();
  }

  private Dataset<Row> scores() {
    return TestSpark.session().read().parquet(jobs.path("out/scores").toString());
  }

  @ParameterizedTest
  @CsvSource({"units, 0.4, 2.54, .99, 6", "outliers, 0.3, 10, .94, 1.1"})
  void wrongLabelsAreFoundAndTheModelIsAsGoodAsWithoutThem(
      String kind, double fraction, double factor, double auroc, double timesBetter)
      throws IOException {
    jobs.run(
            JOB,
            "data.corrupt.kind=" + kind,
            "data.corrupt.fraction=" + fraction,
            "data.corrupt.factor=" + factor)
        .assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    double rmse = summary.at("/metrics/testRmse").asDouble();
    assertEquals(SIGMA, rmse, 0.1 * SIGMA);
    assertTrue(
        summary.at("/baselines/leastSquares/testRmse").asDouble() > timesBetter * rmse,
        summary::toPrettyString);
    for (String model : List.of("bilevel", "noisy", "trusted", "trustedRefit", "cleaned")) {
      assertTrue(summary.at("/baselines/" + model + "/heldOutMae").asDouble() > 0, model);
      assertFalse(summary.at("/baselines/" + model).has("calibratedLoss"));
    }
    assertTrue(summary.at("/detection/auroc").asDouble() > auroc, summary::toPrettyString);
    assertTrue(
        summary.at("/detection/weight/auroc").asDouble() > auroc - 0.02, summary::toPrettyString);
    assertTrue(summary.at("/detection/precision").asDouble() > 0.95, summary::toPrettyString);
    assertFalse(summary.has("recall"));
    assertFalse(summary.has("noise"));
    assertEquals(0, summary.get("classes").asInt());
    assertTrue(summary.get("lambda").has("trusted log-density"));
    double bad = summary.at("/detection/bad").asDouble();
    assertEquals(fraction * 540, bad, 50);
  }

  @Test
  void scoresModelAndCleanedRowsAgree() throws IOException {
    jobs.run(JOB, "data.corrupt.kind=units", "data.corrupt.fraction=0.3", "data.corrupt.factor=3")
        .assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    Dataset<Row> scores = scores();
    assertEquals(DataTypes.DoubleType, scores.schema().apply("label").dataType());
    assertEquals(DataTypes.DoubleType, scores.schema().apply("suggestedLabel").dataType());
    double scale = 0;
    for (Row row : scores.collectAsList()) {
      double error = Math.abs(row.<Double>getAs("label") - row.<Double>getAs("suggestedLabel"));
      double quality = row.getAs("quality");
      assertTrue(quality > 0 && quality <= 1, row::toString);
      if (quality > 0.01 && quality < 0.99) {
        double found = error / Math.sqrt(2) / Erf.erfcInv(quality);
        scale = scale == 0 ? found : scale;
        assertEquals(scale, found, 1e-6 * scale);
      }
      assertEquals(error > 3 * scale, row.<Boolean>getAs("flagged"), row::toString);
      double weight = row.getAs("weight");
      assertTrue(weight >= 0 && weight <= 1, row::toString);
    }
    assertEquals(SIGMA, scale, 0.15 * SIGMA);
    Dataset<Row> cleaned = TestSpark.session().read().parquet(jobs.path("out/cleaned").toString());
    assertEquals(scores.filter("not flagged").count(), cleaned.count());
    assertEquals(DataTypes.DoubleType, cleaned.schema().apply("label").dataType());
    assertEquals(summary.get("flagged").asLong(), scores.filter("flagged").count());
    LinearRegressorModel model = LinearRegressorModel.load(jobs.path("out/model").toString());
    assertTrue(model.loss() instanceof HuberLoss, model.loss().name());
    assertEquals(summary.at("/metrics/testRmse").asDouble(), rmse(model), 1e-4);
    assertTrue(jobs.read("out/report.html").contains("test RMSE"));
  }

  private double rmse(LinearRegressorModel model) {
    Dataset<Row> test =
        TestSpark.session()
            .read()
            .option("header", "true")
            .option("inferSchema", "true")
            .csv(jobs.path("test.csv").toString());
    return Math.sqrt(
        model
            .transform(
                new VectorAssembler()
                    .setInputCols(new String[] {"a", "b", "c", "d"})
                    .setOutputCol("features")
                    .transform(test))
            .selectExpr("avg((prediction - y) * (prediction - y))")
            .first()
            .getDouble(0));
  }

  @ParameterizedTest
  @CsvSource({
    "example-weights, data.corrupt.fraction=0.4",
    "group-weights, data.train.group=source",
    "'[weight-function, l2]', data.corrupt.fraction=0.4",
  })
  void otherVariablesWeighRealLabelsToo(String variable, String setting) throws IOException {
    jobs.run(
            JOB,
            "upper.variable=" + variable,
            setting,
            "data.corrupt.kind=units",
            "data.corrupt.factor=2.54",
            "output.format=csv",
            "output.cleaned=ids",
            "baselines=[]")
        .assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    assertEquals(SIGMA, summary.at("/metrics/testRmse").asDouble(), 0.25 * SIGMA);
  }

  @Test
  void withRightLabelsNothingIsLost() throws IOException {
    jobs.run(JOB).assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    double best = summary.at("/baselines/leastSquares/testRmse").asDouble();
    assertEquals(best, summary.at("/metrics/testRmse").asDouble(), 0.05 * best);
    assertTrue(summary.get("flagged").asInt() < 15, summary::toPrettyString);
    assertFalse(summary.has("detection"));
  }

  @ParameterizedTest
  @CsvSource({
    "data.corrupt.fraction=0.2, 2, data.corrupt.kind",
    "output.softLabels=true, 2, output.softLabels",
    "data.validation.rows=4, 3, trusted rows",
    "data.train.label=source, 3, finite number",
  })
  void badInputIsRefused(String override, int code, String named) {
    jobs.run(JOB, override, "data.test=null").assertFailed(code, named);
  }
}
