package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.DataCleanerModel;
import io.github.sparkbilevel.ml.LinearClassifierModel;
import io.github.sparkbilevel.ml.LinearRegressorModel;
import io.github.sparkbilevel.ml.TunedLinearRegression;
import io.github.sparkbilevel.ml.TunedLinearRegressionModel;
import io.github.sparkbilevel.ml.TunedLogisticRegression;
import io.github.sparkbilevel.ml.TunedLogisticRegressionModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same rows through a job and through an estimator give the same bits. */
class SameBitsTest {
  private static final String[] FEATURES = {"a", "b", "c"};
  private static final int ROWS = 240;
  private static final int TRUSTED = 40;

  @TempDir Path folder;
  private JobRuns jobs;

  @BeforeEach
  void rows() {
    jobs = JobRuns.inSharedSession(folder);
    Random random = new Random(9);
    String header = "id,label,target,source,a,b,c\n";
    StringBuilder train = new StringBuilder(header);
    StringBuilder trusted = new StringBuilder(header);
    for (int i = 0; i < ROWS; i++) {
      double a = random.nextGaussian();
      double b = 5 + 3 * random.nextGaussian();
      double c = random.nextGaussian() / 7;
      int label = a > 0.4 ? 2 : b > 5 ? 1 : 0;
      boolean wrong = i >= TRUSTED && random.nextInt(4) == 0;
      double target = a - b / 3 + random.nextGaussian();
      (i < TRUSTED ? trusted : train)
          .append(
              "%d,%d,%s,%s,%s,%s,%s%n"
                  .formatted(
                      3 * i,
                      wrong ? (label + 1) % 3 : label,
                      target,
                      wrong ? "web" : "zoo",
                      a,
                      b,
                      c));
    }
    jobs.write("train.csv", train.toString());
    jobs.write("trusted.csv", trusted.toString());
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  /** The rows of a file as a Dataset, by way of Parquet. */
  private Dataset<Row> read(String name) {
    SparkSession spark = LocalSpark.session();
    String parquet = folder.resolve(name + ".parquet").toString();
    if (!Files.exists(Path.of(parquet))) {
      spark
          .read()
          .option("header", true)
          .option("inferSchema", true)
          .csv(folder.resolve(name + ".csv").toString())
          .repartition(3)
          .write()
          .parquet(parquet);
    }
    return new VectorAssembler()
        .setInputCols(FEATURES)
        .setOutputCol("features")
        .transform(spark.read().parquet(parquet));
  }

  private static String data(String label) {
    return "data { train { path = train.csv, id = id, label = "
        + label
        + ", features = [a, b, c] } }\n";
  }

  @ParameterizedTest
  @ValueSource(strings = {"weight-function", "example-weights", "group-weights"})
  void clean(String variable) throws IOException {
    boolean grouped = variable.equals("group-weights");
    String job =
        "job = clean\n"
            + data("label")
            + "data.validation { path = trusted.csv, id = id, label = label, features = [a, b, c] }\n"
            + "upper.variable = "
            + variable
            + "\nsolver.iterations = 5\nbaselines = [noisy]\noutput.format = parquet\n";
    jobs.run(grouped ? job + "data.train.group = source\n" : job).assertDone();

    LocalSpark.session().sparkContext().setCheckpointDir(folder.resolve("kept").toString());
    DataCleanerModel model =
        new DataCleaner()
            .setIdCol("id")
            .setGroupCol(grouped ? "source" : "")
            .setUpperVariables(new String[] {variable})
            .setMaxIter(5)
            .setBaselines(new String[] {"noisy"})
            .fit(read("train"), read("trusted"));
    LocalSpark.session().sparkContext().setCheckpointDir(null);
    assertSame(
        LinearClassifierModel.load(path("out/model")), (LinearClassifierModel) model.classifier());

    JsonNode summary = jobs.json("out/summary.json");
    assertEquals(
        summary.get("bestIteration").asInt(), model.summary().run().solver().bestIteration());
    assertEquals(summary.get("selected").asText(), model.summary().selected());
    List<JsonNode> history = jobs.jsonLines("out/history.jsonl");
    assertEquals(history.size(), model.summary().run().history().size());
    for (int i = 0; i < history.size(); i++) {
      assertEquals(
          history.get(i).get("upperObjective").asDouble(),
          model.summary().run().history().get(i).figures().upper().loss());
    }
    List<Row> expected = scores(LocalSpark.session().read().parquet(path("out/scores")));
    List<Row> found = scores(model.transform(read("train")));
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < found.size(); i++) {
      assertEquals(expected.get(i).getLong(0), found.get(i).getLong(0));
      // Weights by id and by source are the learned ones; others are computed again, from features
      // in double precision.
      double close = variable.equals("example-weights") ? 0 : grouped ? 1e-15 : 1e-5;
      assertEquals(expected.get(i).getDouble(1), found.get(i).getDouble(1), close);
      assertEquals(expected.get(i).getDouble(2), found.get(i).getDouble(2), 1e-5);
    }
  }

  private static List<Row> scores(Dataset<Row> rows) {
    return rows.selectExpr("cast(id as long) as id", "weight", "quality")
        .orderBy("id")
        .collectAsList();
  }

  @Test
  void tuneAClassifier() throws IOException {
    jobs.run(
            "job = tune\n"
                + data("label")
                + "data.validation.fraction = 0.25\nmodel.family = softmax\n"
                + "upper.variable = l2-per-feature\nsolver.iterations = 6\n")
        .assertDone();
    TunedLogisticRegressionModel model =
        new TunedLogisticRegression().setIdCol("id").setMaxIter(6).fit(read("train"));
    assertSame(LinearClassifierModel.load(path("out/model")), model.classifier());
    assertArrayEquals(lambda(), model.lambda());
  }

  @Test
  void tuneARegression() throws IOException {
    jobs.run(
            "job = tune\n"
                + data("target")
                + "data.validation { path = trusted.csv, id = id, label = target,"
                + " features = [a, b, c] }\n"
                + "model.family = linear\nupper.variable = l2-per-feature\n"
                + "solver.iterations = 6\n")
        .assertDone();
    Dataset<Row> both =
        read("train")
            .selectExpr("*", "false as valid")
            .union(read("trusted").selectExpr("*", "true as valid"));
    TunedLinearRegressionModel model =
        new TunedLinearRegression()
            .setIdCol("id")
            .setLabelCol("target")
            .setValidationIndicatorCol("valid")
            .setMaxIter(6)
            .fit(both);
    LinearRegressorModel job = LinearRegressorModel.load(path("out/model"));
    assertEquals(job.coefficients(), model.coefficients());
    assertEquals(job.intercept(), model.intercept());
    assertArrayEquals(lambda(), model.lambda());
  }

  private double[] lambda() throws IOException {
    List<String> lines = jobs.read("out/hyperparameters.csv").lines().toList();
    assertTrue(lines.get(0).startsWith("name,lambda,"), lines.get(0));
    return lines.stream()
        .skip(1)
        .mapToDouble(line -> Double.parseDouble(line.split(",")[1]))
        .toArray();
  }

  private static void assertSame(LinearClassifierModel job, LinearClassifierModel model) {
    assertEquals(job.labels(), model.labels());
    assertEquals(job.clip(), model.clip());
    assertEquals(job.coefficientMatrix(), model.coefficientMatrix());
    assertEquals(job.interceptVector(), model.interceptVector());
  }

  private String path(String name) {
    return jobs.path(name).toString();
  }
}
