package io.github.sparkbilevel.job.clean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.JobRuns;
import io.github.sparkbilevel.ml.LinearClassifierModel;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The job {@code clean}, from the job file to its outputs. */
class CleanJobTest {
  private static final int TRAIN = 200;
  private static final String DIGITS =
      """
      job = clean
      data {
        train { path = "datasets/digits.csv", label = target, limit = 300 }
        validation { rows = 60 }
        test { rows = 40 }
        corrupt { kind = uniform, fraction = 0.3 }
      }
      solver.iterations = 4
      solver.heldOut = 0.3333 # of 60 rows a fifth is too few to tell models apart
      """;

  private static final List<String> SUMMARY_KEYS =
      List.of(
          "job",
          "version",
          "seed",
          "rows",
          "features",
          "classes",
          "algorithm",
          "curvature",
          "iterations",
          "bestIteration",
          "passes",
          "seconds",
          "upperObjective",
          "metrics",
          "baselines",
          "selected");

  private static final List<String> HISTORY_KEYS =
      List.of(
          "iteration",
          "passes",
          "seconds",
          "upperObjective",
          "heldOutObjective",
          "lowerObjective",
          "lowerGradientNorm",
          "hypergradientNorm",
          "curvature",
          "products");

  private static final List<String> FIGURES =
      List.of("testAccuracy", "testLoss", "heldOutAccuracy", "heldOutLoss");

  @TempDir Path folder;
  private JobRuns jobs;

  @BeforeEach
  void open() {
    jobs = JobRuns.inSharedSession(folder);
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  private static void assertHas(JsonNode node, List<String> keys) {
    for (String key : keys) {
      assertTrue(node.has(key), "no " + key + " in " + new ArrayList<>(fieldNames(node)));
    }
  }

  private static Set<String> fieldNames(JsonNode node) {
    Set<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static Dataset<Row> table(Path path, String format) {
    return TestSpark.session()
        .read()
        .option("header", "true")
        .option("inferSchema", "true")
        .format(format)
        .load(path.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "weight-function | uniform | kfac-cg | parquet | 2",
        "example-weights | uniform | kfac-cg | csv | 1",
        "group-weights | by-group | cg | csv | 2",
        "[weight-function, l2] | next-class | cg | parquet | 2"
      })
  void writesAllThatIsPromised(
      String variable, String kind, String curvature, String format, int passesBesideProducts)
      throws IOException {
    jobs.run(
            DIGITS,
            "upper.variable=" + variable,
            "data.corrupt.kind=" + kind,
            "solver.curvature=" + curvature,
            "output.format=" + format)
        .assertDone();
    assertEquals(
        List.of("cleaned", "history.jsonl", "model", "report.html", "scores", "summary.json"),
        jobs.names("out"));
    assertEquals(List.of("job.conf", "out"), jobs.names("."));
    JsonNode summary = assertSummary(curvature);
    assertHistory(summary, curvature, passesBesideProducts);
    List<Row> scores = assertScores(summary, format);
    assertCleaned(scores, format);
    assertModel(scores, summary);
    assertReport();
  }

  private JsonNode assertSummary(String curvature) throws IOException {
    JsonNode summary = jobs.json("out/summary.json");
    assertHas(summary, SUMMARY_KEYS);
    assertEquals("clean", summary.get("job").asText());
    assertEquals(42, summary.get("seed").asLong());
    assertEquals(TRAIN, summary.get("rows").get("train").asInt());
    assertEquals(60, summary.get("rows").get("validation").asInt());
    assertEquals(40, summary.get("rows").get("test").asInt());
    assertEquals(64, summary.get("features").asInt());
    assertEquals(10, summary.get("classes").asInt());
    assertEquals("nbo", summary.get("algorithm").asText());
    assertEquals(curvature, summary.get("curvature").asText());
    assertHas(summary.get("seconds"), List.of("total", "startup", "load", "solve", "write"));
    assertHas(summary.get("metrics"), FIGURES);
    JsonNode baselines = summary.get("baselines");
    assertHas(baselines, List.of("noisy", "trusted", "confidentLearning", "cleaned"));
    String selected = summary.get("selected").asText();
    for (String name : fieldNames(baselines)) {
      assertHas(baselines.get(name), FIGURES);
      assertHas(baselines.get(name), List.of("auroc"));
    }
    // A plain model is selected only if it beats both of these; a noise model may come first.
    for (String name : List.of("bilevel", "cleaned")) {
      assertTrue(
          selected.equals("noiseModel")
              || baselines.get(selected).get("heldOutLoss").asDouble()
                  <= baselines.get(name).get("heldOutLoss").asDouble(),
          selected + " and " + name);
    }
    JsonNode detection = summary.get("detection");
    assertHas(
        detection, List.of("auroc", "averagePrecision", "f1", "precision", "recall", "flagged"));
    assertHas(detection.get("weight"), List.of("auroc", "averagePrecision"));
    assertTrue(detection.get("auroc").asDouble() > 0.8, detection.toString());
    return summary;
  }

  private void assertHistory(JsonNode summary, String curvature, int passesBesideProducts)
      throws IOException {
    List<JsonNode> history = jobs.jsonLines("out/history.jsonl");
    assertEquals(summary.get("iterations").asInt() + 1, history.size());
    assertEquals(5, history.size());
    assertEquals(0, history.get(0).get("passes").asInt());
    for (int k = 0; k < history.size(); k++) {
      JsonNode line = history.get(k);
      assertHas(line, HISTORY_KEYS);
      assertHas(line, List.of("testAccuracy", "testLoss"));
      assertEquals(k, line.get("iteration").asInt());
      assertEquals(curvature, line.get("curvature").asText());
      if (k > 0) {
        JsonNode before = history.get(k - 1);
        int passes = line.get("passes").asInt() - before.get("passes").asInt();
        int products = line.get("products").asInt();
        assertTrue(products <= 2, "products " + products);
        // Each halving of the Newton step costs a pass.
        int halvings = (int) Math.round(-Math.log(line.get("stepLength").asDouble()) / Math.log(2));
        assertEquals(passesBesideProducts + products + halvings, passes, line.toString());
        assertTrue(line.get("seconds").asDouble() >= before.get("seconds").asDouble());
      }
    }
    assertEquals(
        history.get(history.size() - 1).get("passes").asInt(), summary.get("passes").asInt());
  }

  private List<Row> assertScores(JsonNode summary, String format) {
    Dataset<Row> table = table(jobs.path("out/scores"), format);
    assertEquals(
        List.of("id", "label", "weight", "quality", "flagged", "suggestedLabel", "influence"),
        List.of(table.columns()));
    List<Row> scores = table.orderBy("id").collectAsList();
    assertEquals(TRAIN, scores.size());
    Set<Object> ids = new HashSet<>();
    int flagged = 0;
    for (Row score : scores) {
      assertTrue(ids.add(score.get(0)), "ids are unique");
      double weight = score.getDouble(2);
      double quality = score.getDouble(3);
      assertTrue(weight >= 0 && weight <= 1, "weight " + weight);
      assertTrue(quality >= 0 && quality <= 1, "quality " + quality);
      boolean disputed = !score.get(1).toString().equals(score.get(5).toString());
      assertEquals(disputed, score.getBoolean(4));
      flagged += disputed ? 1 : 0;
    }
    assertEquals(flagged, summary.get("detection").get("flagged").asInt());
    return scores;
  }

  private void assertCleaned(List<Row> scores, String format) throws IOException {
    Dataset<Row> cleaned = table(jobs.path("out/cleaned"), format);
    List<String> digits = JobRuns.dataset("digits.csv");
    List<String> columns = new ArrayList<>(List.of("id", "label"));
    columns.addAll(List.of(digits.get(0).split(",")).subList(0, 64));
    columns.add("weight");
    assertEquals(columns, List.of(cleaned.columns()));
    Map<Long, Row> scoreOf = new HashMap<>();
    scores.stream().filter(s -> !s.getBoolean(4)).forEach(s -> scoreOf.put(idOf(s), s));
    List<Row> rows = cleaned.collectAsList();
    assertEquals(scoreOf.size(), rows.size());
    for (Row row : rows) {
      Row score = scoreOf.remove(idOf(row));
      assertNotNull(score, "a row that was not flagged, once");
      assertEquals(score.get(1).toString(), row.get(1).toString());
      assertEquals(score.getDouble(2), row.getDouble(66));
      String[] raw = digits.get(1 + (int) idOf(row)).split(",");
      for (int j = 0; j < 64; j++) {
        assertEquals(Double.parseDouble(raw[j]), row.getDouble(2 + j), "as read");
      }
    }
  }

  private static long idOf(Row row) {
    return ((Number) row.get(0)).longValue();
  }

  /** The model gives the scores from raw features. */
  private void assertModel(List<Row> scores, JsonNode summary) throws IOException {
    TestSpark.session();
    LinearClassifierModel model = LinearClassifierModel.load(jobs.path("out/model").toString());
    assertEquals(64, model.numFeatures());
    List<String> digits = JobRuns.dataset("digits.csv");
    for (Row score : scores) {
      String[] cells = digits.get(1 + (int) idOf(score)).split(",");
      double[] raw = new double[64];
      for (int j = 0; j < 64; j++) {
        raw[j] = Double.parseDouble(cells[j]);
      }
      String label = score.get(1).toString();
      if (summary.at("/noise/model").equals(summary.get("selected"))) {
        assertPosterior(score, label, summary.get("noise"), model, Vectors.dense(raw));
      } else {
        assertEquals(score.getDouble(3), model.probabilityOf(Vectors.dense(raw), label), 1e-5);
        assertEquals(score.get(5).toString(), model.predictLabel(Vectors.dense(raw)));
      }
    }
  }

  /** Bayes' rule with the confusion matrix of the row's group, where there are groups. */
  private static void assertPosterior(
      Row score, String label, JsonNode noise, LinearClassifierModel model, Vector raw) {
    List<JsonNode> matrices = new ArrayList<>();
    noise.path("confusionByGroup").forEach(matrices::add);
    if (matrices.isEmpty()) {
      matrices.add(noise.get("confusion"));
    }
    // Scores do not tell the group: one of them has this posterior and this mode.
    boolean found = false;
    for (JsonNode confusion : matrices) {
      Map<String, Double> joint = new HashMap<>();
      for (JsonNode row : confusion) {
        String name = row.get("true").asText();
        joint.put(name, model.probabilityOf(raw, name) * row.at("/given/" + label).asDouble());
      }
      double sum = joint.values().stream().mapToDouble(Double::doubleValue).sum();
      String likeliest = Collections.max(joint.entrySet(), Map.Entry.comparingByValue()).getKey();
      found |=
          Math.abs(joint.get(label) / sum - score.getDouble(3)) < 1e-5
              && likeliest.equals(score.get(5).toString());
    }
    assertTrue(found, score::toString);
  }

  @Test
  void modelIsAStageOfAPipeline() throws IOException {
    jobs.run(DIGITS, "solver.iterations=1", "baselines=[]").assertDone();
    TestSpark.session();
    LinearClassifierModel model = LinearClassifierModel.load(jobs.path("out/model").toString());
    List<String> digits = JobRuns.dataset("digits.csv");
    VectorAssembler assembler =
        new VectorAssembler()
            .setInputCols(digits.get(0).substring(0, digits.get(0).lastIndexOf(',')).split(","))
            .setOutputCol("features");
    Dataset<Row> table = table(Path.of("datasets/digits.csv").toAbsolutePath(), "csv").limit(40);
    PipelineModel pipeline =
        new Pipeline().setStages(new PipelineStage[] {assembler, model}).fit(table);
    String saved = jobs.path("pipeline").toString();
    pipeline.write().save(saved);
    List<Row> predicted =
        PipelineModel.load(saved).transform(table).select("features", "prediction").collectAsList();
    assertEquals(40, predicted.size());
    for (Row row : predicted) {
      String expected = model.predictLabel(row.getAs(0));
      assertEquals(expected, model.labels().get((int) row.getDouble(1)));
    }
  }

  private void assertReport() throws IOException {
    String html = jobs.read("out/report.html");
    assertTrue(html.contains("<html"), "a page");
    Pattern outside =
        Pattern.compile(
            "(src|href|action|data)\\s*=\\s*[\"']?(https?:)?//|url\\(|@import|<script\\s+src");
    assertFalse(outside.matcher(html).find(), "it needs no network");
  }

  /** Whatever is written of the kept rows. Of the weight function too: SameBitsTest. */
  @Test
  void sameJobGivesTheSameBits() throws IOException {
    List<List<Row>> scores = new ArrayList<>();
    List<List<String>> history = new ArrayList<>();
    for (String out : List.of("none", "ids")) {
      jobs.run(
              DIGITS,
              "upper.variable=example-weights",
              "output.path=" + out,
              "output.cleaned=" + out,
              "solver.iterations=2",
              "baselines=[]")
          .assertDone();
      // One partition, so one file, whose rows lie by id.
      scores.add(table(jobs.path(out + "/scores"), "parquet").collectAsList());
      List<String> lines = new ArrayList<>();
      for (String line : jobs.read(out + "/history.jsonl").lines().toList()) {
        lines.add(line.replaceAll("\"seconds\": ?[^,]*,", ""));
      }
      history.add(lines);
    }
    assertEquals(history.get(0), history.get(1));
    assertEquals(scores.get(0), scores.get(1));
    assertEquals(
        scores.get(0).stream().map(row -> row.getLong(0)).sorted().toList(),
        scores.get(0).stream().map(row -> row.getLong(0)).toList());
    assertFalse(jobs.names("none").contains("cleaned"));
    Dataset<Row> kept = table(jobs.path("ids/scores"), "parquet").filter("not flagged");
    assertEquals(
        kept.select("id", "weight").collectAsList(),
        table(jobs.path("ids/cleaned"), "parquet").collectAsList());
  }

  /** Three kinds of animals, of which every fifth is mislabelled; ids, sources and the truth. */
  private String animals(String name, int from, int count, boolean spoiled) {
    String[] labels = {"cat", "dog", "owl, tawny"};
    Random random = new Random(from);
    StringBuilder csv = new StringBuilder("name,kind,real,source,length,height\n");
    for (int i = from; i < from + count; i++) {
      int c = random.nextInt(3);
      boolean wrong = spoiled && i % 5 == 0;
      csv.append("n").append(i).append(",\"").append(labels[wrong ? (c + 1) % 3 : c]);
      csv.append("\",\"").append(labels[c]).append("\",").append(i % 5 == 0 ? "web" : "zoo");
      csv.append(',').append(4 * c + random.nextGaussian());
      csv.append(',').append(-3 * c + random.nextGaussian()).append('\n');
    }
    return jobs.write(name, csv.toString());
  }

  private static final String ANIMALS =
      """
      job = clean
      data {
        train { path = train.csv, label = kind, id = name, truth = real, group = source }
        validation { path = trusted.csv }
      }
      solver.iterations = 5
      """;

  @ParameterizedTest
  @CsvSource({"weight-function, csv", "group-weights, parquet"})
  void namesOfRowsLabelsAndGroupsAreThoseOfTheFiles(String variable, String format)
      throws IOException {
    animals("train.csv", 0, 150, true);
    animals("trusted.csv", 1000, 30, false);
    jobs.run(ANIMALS, "upper.variable=" + variable, "output.format=" + format).assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    assertEquals(150, summary.get("rows").get("train").asInt());
    assertEquals(0, summary.get("rows").get("test").asInt());
    assertEquals(2, summary.get("features").asInt());
    assertEquals(30, summary.get("detection").get("bad").asInt());
    assertTrue(summary.get("detection").get("auroc").asDouble() > 0.9);
    assertFalse(jobs.jsonLines("out/history.jsonl").get(1).has("testAccuracy"), "no test set");
    assertTrue(fieldNames(summary.get("lambda")).containsAll(Set.of("web", "zoo")));
    assertTrue(
        summary.get("lambda").get("web").asDouble() < summary.get("lambda").get("zoo").asDouble(),
        "the worse source weighs less");

    List<Row> scores =
        TestSpark.session()
            .read()
            .option("header", "true")
            .option("escape", "\"")
            .format(format)
            .load(jobs.path("out/scores").toString())
            .collectAsList();
    Set<String> names = new TreeSet<>();
    Set<String> labels = new TreeSet<>();
    for (Row row : scores) {
      names.add(row.getString(0));
      labels.add(row.getString(1));
      labels.add(row.getString(5));
    }
    assertEquals(150, names.size());
    assertTrue(names.contains("n0") && names.contains("n149"));
    assertEquals(Set.of("cat", "dog", "owl, tawny"), labels);
    TestSpark.session();
    assertEquals(
        List.of("cat", "dog", "owl, tawny"),
        LinearClassifierModel.load(jobs.path("out/model").toString()).labels());
  }

  @Test
  void sparseRowsAreCleanedAndKeptAsVectors() throws IOException {
    Random random = new Random(5);
    for (String name : List.of("train.libsvm", "trusted.libsvm")) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 90; i++) {
        int c = random.nextInt(2);
        int label = name.startsWith("train") && i % 6 == 0 ? 1 - c : c;
        text.append(label)
            .append(' ')
            .append(1 + 2 * c)
            .append(':')
            .append(1 + random.nextDouble());
        text.append(' ').append(5 + random.nextInt(4)).append(":1\n");
      }
      jobs.write(name, text.toString());
    }
    jobs.run(
            "job = clean",
            "data.train.path=train.libsvm",
            "data.validation.path=trusted.libsvm",
            "model.family=logistic",
            "upper.variable=example-weights",
            "checkpoint.path=" + jobs.path("checkpoints"),
            "checkpoint.interval=2",
            "solver.iterations=4")
        .assertDone();
    assertEquals(List.of(), jobs.names("checkpoints"));
    Dataset<Row> cleaned = table(jobs.path("out/cleaned"), "parquet");
    assertEquals(
        table(jobs.path("out/scores"), "parquet").filter("not flagged").count(), cleaned.count());
    assertFalse(jobs.json("out/summary.json").has("detection"), "the truth is not known");
    assertEquals(8, jobs.json("out/summary.json").get("features").asInt());
  }

  @Test
  void tablesInParquetWithAVectorColumnAreCleaned() throws IOException {
    animals("train.csv", 0, 120, true);
    new VectorAssembler()
        .setInputCols(new String[] {"length", "height"})
        .setOutputCol("v")
        .transform(table(jobs.path("train.csv"), "csv"))
        .select("v", "kind")
        .write()
        .parquet(jobs.path("t.parquet").toString());
    jobs.run(
            "job = clean",
            "data.train.path=t.parquet",
            "data.train.label=kind",
            "data.train.features=[v]",
            "data.validation.rows=30",
            "solver.iterations=2",
            "baselines=[]")
        .assertDone();
    Dataset<Row> cleaned = table(jobs.path("out/cleaned"), "parquet");
    assertEquals(DataTypes.LongType, cleaned.schema().apply("id").dataType());
    assertEquals(List.of("id", "label", "features", "weight"), List.of(cleaned.columns()));
    assertEquals(Set.of("bilevel"), fieldNames(jobs.json("out/summary.json").get("baselines")));
  }

  // Bad input: the exit code, one sentence, and nothing left behind.

  private static final String TABLE =
      "id,label,x,y\na,0,1,2\nb,1,2,1\nc,0,3,5\nd,1,4,4\ne,0,5,1\nf,1,6,0\ng,0,1,7\nh,1,8,2\n";

  private static final String SMALL =
      """
      job = clean
      data.train { path = t.csv, id = id }
      data.validation { path = v.csv }
      solver.iterations = 2
      """;

  private void fails(int code, List<String> overrides, String... parts) throws IOException {
    if (!jobs.names(".").contains("v.csv")) {
      jobs.write("v.csv", TABLE.replaceAll("(?m)^([a-h]),", "v$1,"));
    }
    List<String> before = new ArrayList<>(jobs.names("."));
    before.remove("job.conf");
    jobs.run(SMALL, overrides.toArray(String[]::new)).assertFailed(code, parts);
    List<String> after = new ArrayList<>(jobs.names("."));
    after.remove("job.conf");
    assertEquals(before, after, "nothing is left");
  }

  private void trainFails(String csv, String... parts) throws IOException {
    jobs.write("t.csv", csv);
    fails(3, List.of(), parts);
  }

  @Test
  void goodSmallTableIsDoneAndAConstantFeatureIsKept() throws IOException {
    jobs.write("t.csv", TABLE.replaceAll("(?m),[0-9]$", ",7"));
    jobs.write("v.csv", TABLE.replaceAll("(?m)^([a-h]),", "v$1,"));
    jobs.run(SMALL).assertDone();
    assertEquals(2, jobs.json("out/summary.json").get("features").asInt());
    assertEquals(8, table(jobs.path("out/scores"), "parquet").count());
  }

  @Test
  void idsThatAreTrainedOnAndTrustedAreAWarning() throws IOException {
    jobs.write("t.csv", TABLE);
    jobs.write("v.csv", TABLE);
    JobRuns.Ended ended = jobs.run(SMALL).assertDone();
    assertTrue(
        ended.lines().stream().anyMatch(l -> l.startsWith("warning: ") && l.contains("8 ids")),
        String.join("\n", ended.lines()));
  }

  @Test
  void filesThatAreMissingEmptyOrOfAnotherFormatAreThree() throws IOException {
    fails(3, List.of("data.train.path=none.csv"), "none.csv", "does not exist");
    trainFails("", "empty");
    trainFails("id,label,x,y\n", "no rows");
    trainFails("0 1:2 2:3\n1 1:4\n", "libsvm", "format");
    jobs.write("t.csv", TABLE);
    jobs.write("v.csv", "id,label,x,y\n");
    fails(3, List.of(), "v.csv", "no rows");
  }

  @Test
  void rowsThatAreWrongAreThreeAndNamed() throws IOException {
    trainFails(TABLE + "i,0,1\n", "row 8", "3 cells");
    trainFails(TABLE + "i,0,1,Infinity\n", "'i'", "'y'", "finite");
    trainFails(TABLE + "i,0,-Infinity,2\n", "'i'", "'x'");
    trainFails(TABLE + "i,,1,2\n", "'i'", "label", "empty");
    trainFails(TABLE + "a,0,1,2\n", "duplicate", "'a'");
  }

  @Test
  void tablesThatDoNotFitAreThree() throws IOException {
    jobs.write("t.csv", TABLE);
    fails(3, List.of("data.train.label=lable"), "lable", "label");
    trainFails(TABLE.replace(",1,", ",0,").replace(",1\n", ",0\n"), "one class only");
    jobs.write("t.csv", TABLE);
    jobs.write("v.csv", TABLE + "i,zebra,1,2\n");
    fails(3, List.of(), "zebra");
    jobs.write("v.csv", "id,label,x\na,0,1\n");
    fails(3, List.of(), "1 feature", "missing: y");
    jobs.write("t.csv", TABLE + "i,2,1,2\n");
    jobs.write("v.csv", TABLE);
    fails(3, List.of("model.family=logistic"), "logistic");
  }

  @Test
  void moreTrustedRowsThanThereAreIsThree() throws IOException {
    jobs.write("t.csv", TABLE);
    jobs.run("job = clean", "data.train.path=t.csv", "data.validation.rows=9")
        .assertFailed(3, "8 rows", "9 of them", "data.validation");
    assertEquals(List.of("job.conf", "t.csv"), jobs.names("."));
  }

  @Test
  void keysThatAreWrongAreTwo() throws IOException {
    jobs.write("t.csv", TABLE);
    fails(
        2, List.of("solver.iteration=3"), "solver.iteration", "did you mean", "solver.iterations");
    fails(2, List.of("solver.products=0"), "solver.products", "0");
    fails(2, List.of("data.validation={path=null, rows=0}"), "data.validation.rows");
    fails(2, List.of("data.validation={rows=9}"), "data.validation.path", "data.validation.rows");
    fails(2, List.of("upper.variable=group-weights"), "group");
    fails(2, List.of("output.path=/proc/out"), "output.path");
    fails(2, List.of("output.path=t.csv"), "output.path", "file");
    jobs.write("t.libsvm", "0 1:1\n1 1:2\n");
    fails(2, List.of("data.train.path=t.libsvm"), "data.train.id");
  }

  @Test
  void outputThatExistsIsTwoAndStaysAsItIs() throws IOException {
    jobs.write("t.csv", TABLE);
    jobs.write("v.csv", TABLE);
    jobs.run(SMALL, "solver.iterations=1", "baselines=[]").assertDone();
    String summary = jobs.read("out/summary.json");
    fails(2, List.of(), "output.path", "output.overwrite");
    assertEquals(summary, jobs.read("out/summary.json"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"cg", "exact", "kfac-cg"})
  void numbersThatOverflowAreFour(String curvature) throws IOException {
    jobs.write("t.csv", TABLE.replaceAll("(?m),([0-9])$", ",$1e200"));
    jobs.write("v.csv", TABLE.replaceAll("(?m)^([a-h]),", "v$1,"));
    fails(
        4,
        List.of(
            "data.standardize=false",
            "solver.precision=double",
            "upper.variable=example-weights",
            "solver.curvature=" + curvature,
            "baselines=[]"),
        "finite");
  }
}
