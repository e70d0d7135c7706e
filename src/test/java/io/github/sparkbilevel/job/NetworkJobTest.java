package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.data.Safetensors;
import io.github.sparkbilevel.ml.NetworkClassifierModel;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The jobs {@code clean} and {@code hypergradient} with a network for the lower level. */
class NetworkJobTest {
  private static final String DIGITS =
      """
      job = clean
      data {
        train { path = "datasets/digits.csv", label = target, limit = 400 }
        validation { rows = 80 }
        test { rows = 60 }
        corrupt { kind = next-class, fraction = 0.4 }
      }
      model { family = mlp, hidden = [24], l2 = 1e-3 }
      solver { iterations = 3, training { plain = 3 } }
      """;

  /** A smooth network of 75 parameters, and a λ that its local minimum follows. */
  private static final String SMALL =
      """
      job = hypergradient
      data {
        train { path = "datasets/digits.csv", label = target, limit = 150, features = [pixel_1_2, pixel_2_3, pixel_3_4, pixel_4_3, pixel_5_4] }
        validation { fraction = 0.3 }
      }
      model { family = mlp, hidden = [5], activation = tanh, l2 = 0.05 }
      upper { variable = l2-per-layer, initial = -3 }
      hypergradient { methods = [exact, cg], tolerance = 1e-9 }
      """;

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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[weight-function, l2-per-layer] | next-class | kfac-cg | [noisy, trusted, cleaned]",
        "example-weights | uniform | cg | [cleaned]",
        "weight-function | next-class | sampled-cg | []",
        "group-weights | by-group | ekfac-cg | auto",
      })
  void cleansWithEachKindOfWeights(String variable, String kind, String curvature, String baselines)
      throws IOException {
    jobs.run(
            DIGITS,
            "upper.variable=" + variable,
            "data.corrupt.kind=" + kind,
            "data.corrupt.fraction=0.4",
            "solver.curvature=" + curvature,
            "baselines=" + baselines)
        .assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    assertEquals(curvature, summary.get("curvature").asText());
    // Ten classes: chance is .1; labels of which .4 are wrong make at most .6 of a model of them.
    double accuracy = summary.at("/metrics/testAccuracy").asDouble();
    assertTrue(accuracy > 0.6, () -> "test accuracy " + accuracy);
    // Chance is .5; 80 trusted rows of ten classes and three iterations are few.
    double auroc = summary.at("/detection/auroc").asDouble();
    assertTrue(auroc > 0.75, () -> "AUROC " + auroc);
    List<JsonNode> history = jobs.jsonLines("out/history.jsonl");
    assertEquals(4, history.size());
    // Stochastic training takes a pass for each epoch; Newton steps would take hundreds.
    int warmUp = summary.at("/passesByPhase/warmUp").asInt();
    assertTrue(warmUp > 2 && warmUp < 40, "passes before λ moves: " + warmUp);
    int products = history.get(1).get("products").asInt();
    assertEquals(5, products);
    NetworkClassifierModel model =
        NetworkClassifierModel.load(folder.resolve("out/model").toString());
    assertEquals(10, model.numClasses());
    assertEquals(64, model.numFeatures());
  }

  @Test
  void theSameSeedGivesTheSameBitsAndTheSavedModelIsTheOneThatWasMeasured() throws IOException {
    String[] settings = {"solver.iterations=2", "baselines=[cleaned]", "output.overwrite=true"};
    jobs.run(DIGITS, settings).assertDone();
    String first = scores();
    jobs.run(DIGITS, settings).assertDone();
    assertEquals(first, scores());
    assertSavedModelIsMeasured();
  }

  private void assertSavedModelIsMeasured() throws IOException {
    NetworkClassifierModel model =
        NetworkClassifierModel.load(folder.resolve("out/model").toString());
    Dataset<Row> scores =
        TestSpark.session().read().parquet(folder.resolve("out/scores").toString());
    Dataset<Row> digits =
        TestSpark.session()
            .read()
            .option("header", "true")
            .option("inferSchema", "true")
            .csv(Path.of("datasets/digits.csv").toString());
    List<String> features = new ArrayList<>(List.of(digits.columns()));
    features.remove("target");
    // Rows are numbered in the order of the file, which one partition keeps.
    Dataset<Row> numbered =
        digits
            .coalesce(1)
            .withColumn("id", functions.monotonically_increasing_id())
            .join(scores.select("id", "quality", "label"), "id");
    Dataset<Row> judged =
        model.transform(
            new VectorAssembler()
                .setInputCols(features.toArray(String[]::new))
                .setOutputCol("features")
                .transform(numbered));
    for (Row row : judged.select("probability", "label", "quality").collectAsList()) {
      int k = model.labels().indexOf(String.valueOf(row.get(1)));
      double p = ((org.apache.spark.ml.linalg.Vector) row.get(0)).apply(k);
      assertEquals(p, row.getDouble(2), 1e-5);
    }
    assertEquals(260, judged.count());
  }

  private static final String[] PIXELS = {
    "model.family=network",
    "model.layers=[{conv = {channels = 4, window = 3}}, {pool = 2}, {activation = relu}]"
  };

  /** The columns of digits are called pixel_0_0 to pixel_7_7. */
  @Test
  void aConvolutionTakesPixelsByTheirNames() throws IOException {
    jobs.run(DIGITS, PIXELS[0], PIXELS[1], "solver.iterations=1", "baselines=[]").assertDone();
    assertSavedModelIsMeasured();
    JsonNode summary = jobs.json("out/summary.json");
    assertTrue(
        summary.at("/detection/auroc").asDouble() > 0.7, summary.get("detection").toString());
  }

  @Test
  void picturesMoveWhileANetworkIsTrained() throws IOException {
    String[] few = {"solver.iterations=1", "solver.training.plain=2", "baselines=[]"};
    String[] moves = {"solver.training.shift=1", "solver.training.flip=true"};
    jobs.run(DIGITS, PIXELS[0], PIXELS[1], few[0], few[1], few[2], moves[0], moves[1]).assertDone();
    assertSavedModelIsMeasured();
    double moved = jobs.json("out/summary.json").at("/metrics/testLoss").asDouble();
    jobs.run(DIGITS, PIXELS[0], PIXELS[1], few[0], few[1], few[2], "output.overwrite=true")
        .assertDone();
    assertNotEquals(moved, jobs.json("out/summary.json").at("/metrics/testLoss").asDouble());
  }

  @Test
  void theHypergradientThroughAConvolutionIsThatOfADenseSolve() throws IOException {
    jobs.run(
            SMALL.replaceFirst(", features = [^}]*", " "),
            "model.family=network",
            "model.layers=[{conv = {channels = 2, window = 3}}, {activation = tanh}, {mean ="
                + " true}]",
            "hypergradient.methods=[exact, cg, kfac-cg]",
            "hypergradient.tolerance=1e-7")
        .assertDone();
    JsonNode methods = jobs.json("out/summary.json").get("methods");
    assertTrue(methods.at("/cg/relativeError").asDouble() < 1e-6, methods.toString());
    assertTrue(methods.at("/kfac-cg/relativeError").asDouble() < 1e-6, methods.toString());
  }

  /** The first convolution comes from another job and stays; the saved model takes raw rows. */
  @Test
  void frozenLayersStayAsAnotherJobTrainedThem() throws IOException {
    String layers =
        "model.layers=[{conv = {channels = 4, window = 3}}, {pool = 2}, {activation = relu},"
            + " {dense = 8}, {activation = relu}]";
    String[] first = {"solver.iterations=1", "solver.training.plain=1", "baselines=[]"};
    jobs.run(DIGITS, PIXELS[0], layers, first[0], first[1], first[2], "output.weights=true")
        .assertDone();
    Files.copy(folder.resolve("out/weights.safetensors"), folder.resolve("given.safetensors"));
    Map<String, double[]> given = tensors("given.safetensors");
    jobs.run(
            DIGITS,
            PIXELS[0],
            layers,
            "model.weights=given.safetensors",
            "model.frozen=3",
            "baselines=[trusted]",
            "output.weights=true",
            "output.overwrite=true")
        .assertDone();
    Map<String, double[]> trained = tensors("out/weights.safetensors");
    assertEquals(given.keySet(), trained.keySet());
    assertArrayEquals(given.get("layer1.weight"), trained.get("layer1.weight"));
    assertArrayEquals(given.get("layer1.bias"), trained.get("layer1.bias"));
    assertFalse(Arrays.equals(given.get("layer2.weight"), trained.get("layer2.weight")));
    assertSavedModelIsMeasured();
    JsonNode summary = jobs.json("out/summary.json");
    assertTrue(summary.at("/metrics/testAccuracy").asDouble() > 0.6);
  }

  private Map<String, double[]> tensors(String file) throws IOException {
    Map<String, double[]> tensors = new TreeMap<>();
    try (Safetensors in = Safetensors.open(folder.resolve(file).toString(), new Configuration())) {
      in.names().forEach(name -> tensors.put(name, in.numbers(name)));
    }
    return tensors;
  }

  @Test
  void theHypergradientBehindFrozenLayersIsThatOfADenseSolve() throws IOException {
    Random random = new Random(2);
    write(
        "given.safetensors",
        tensor(random, "layer1.weight", 6, 64),
        tensor(random, "layer1.bias", 6),
        tensor(random, "layer2.weight", 4, 6),
        tensor(random, "layer2.bias", 4));
    jobs.run(
            SMALL.replaceFirst(", features = [^}]*", " "),
            "model={family = mlp, hidden = [6, 4], activation = tanh, l2 = 0.05}",
            "model.weights=given.safetensors",
            "model.frozen=2")
        .assertDone();
    JsonNode methods = jobs.json("out/summary.json").get("methods");
    assertTrue(methods.at("/cg/relativeError").asDouble() < 1e-6, methods.toString());
    assertEquals(3, jobs.read("out/hypergradient.csv").lines().count());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | model.frozen=1 | seed=42",
        "2 | model.weightNames={layer1 = a} | seed=42",
        "2 | model.family=softmax | model.weights=cut.safetensors",
        "3 | model.weights=none.safetensors | seed=42",
        "3 | model.weights=cut.safetensors | seed=42",
        "3 | model.weights=other.safetensors | seed=42",
        "2 | model.weights=first.safetensors | model.frozen=3",
        "2 | model.weights=second.safetensors | model.frozen=1",
        "2 | model.weights=first.safetensors | model.weightNames={layer7 = a}",
        "3 | model.weights=first.safetensors | model.weightNames={layer1 = a}",
      })
  void wrongWeightsAreRefused(int exit, String first, String second) throws IOException {
    jobs.write("cut.safetensors", "12345");
    double[] numbers = new double[24 * 64];
    Safetensors.Tensor weight = new Safetensors.Tensor("layer1.weight", List.of(24, 64), numbers);
    Safetensors.Tensor bias = new Safetensors.Tensor("layer1.bias", List.of(24), new double[24]);
    write("first.safetensors", weight, bias);
    write("other.safetensors", new Safetensors.Tensor("layer1.weight", List.of(64, 24), numbers));
    write(
        "second.safetensors",
        new Safetensors.Tensor("layer2.weight", List.of(10, 24), new double[240]),
        new Safetensors.Tensor("layer2.bias", List.of(10), new double[10]));
    jobs.run(DIGITS, first, second).assertFailed(exit);
  }

  private static Safetensors.Tensor tensor(Random random, String name, Integer... shape) {
    int size = Stream.of(shape).reduce(1, (a, b) -> a * b);
    double[] numbers = random.doubles(size, -0.5, 0.5).toArray();
    return new Safetensors.Tensor(name, List.of(shape), numbers);
  }

  private void write(String file, Safetensors.Tensor... tensors) throws IOException {
    try (OutputStream out = Files.newOutputStream(folder.resolve(file))) {
      Safetensors.write(out, List.of(tensors));
    }
  }

  private String scores() {
    return TestSpark.session()
        .read()
        .parquet(folder.resolve("out/scores").toString())
        .orderBy("id")
        .collectAsList()
        .toString();
  }

  @Test
  void theHypergradientIsTheDifferenceQuotientOfItsObjective() throws IOException {
    jobs.run(SMALL).assertDone();
    List<String> lines = jobs.read("out/hypergradient.csv").lines().toList();
    assertEquals("name,value", lines.get(0));
    assertEquals(3, lines.size());
    assertTrue(lines.get(1).startsWith("layer 1,"), lines.get(1));
    double sum = 0;
    for (String line : lines.subList(1, 3)) {
      sum += Double.parseDouble(line.substring(line.indexOf(',') + 1));
    }
    JsonNode methods = jobs.json("out/summary.json").get("methods");
    assertTrue(methods.at("/cg/relativeError").asDouble() < 1e-7, methods.toString());
    double step = 1e-3;
    double quotient = (objective(-3 + step) - objective(-3 - step)) / (2 * step);
    double difference = Math.abs(sum - quotient) / Math.abs(quotient);
    assertTrue(difference < 1e-4, "gradient " + sum + ", difference quotient " + quotient);
  }

  private double objective(double lambda) throws IOException {
    jobs.run(
            SMALL,
            String.format(Locale.ROOT, "upper.initial=%.6f", lambda),
            "output.overwrite=true")
        .assertDone();
    return jobs.json("out/summary.json").get("upperObjective").asDouble();
  }

  @Test
  void errorsAreMeasuredAfterFewProducts() throws IOException {
    jobs.run(
            SMALL,
            "upper.variable=weight-function",
            "upper.initial=0",
            "hypergradient.hessian=gauss-newton",
            "hypergradient.methods=[exact, cg, kfac-cg, ekfac-cg, kfac, neumann, identity]",
            "hypergradient.products=[1, 5]",
            "hypergradient.mostProducts=100",
            "hypergradient.tolerance=1e-6")
        .assertDone();
    JsonNode methods = jobs.json("out/summary.json").get("methods");
    assertEquals(0, methods.at("/exact/afterProducts/1/relativeError").asDouble(), 1e-12);
    for (String method : List.of("cg", "kfac-cg", "ekfac-cg")) {
      assertTrue(methods.at("/" + method + "/relativeError").asDouble() < 1e-6, method);
      double one = methods.at("/" + method + "/afterProducts/1/relativeError").asDouble();
      double five = methods.at("/" + method + "/afterProducts/5/relativeError").asDouble();
      assertTrue(five < one, method + " " + one + " " + five);
    }
  }

  @Test
  void whatDoesNotFitIsRefusedBeforeAnyWork() {
    jobs.run(DIGITS, "solver.curvature=kfac-cg", "model.hidden=[5000]")
        .assertFailed(2, "solver.curvature = kfac-cg", "MiB", "5,000", "cg");
    jobs.run(DIGITS, "solver.curvature=exact", "model.hidden=[256]")
        .assertFailed(2, "solver.curvature = exact", "kfac-cg");
    jobs.run(DIGITS, "model.hidden=[2000000000]")
        .assertFailed(2, "parameters", "MiB", "narrower layers");
    jobs.run(DIGITS, "model.family=network", "model.layers=[{residual = [{dense = 3}]}]")
        .assertFailed(2, "layer 1 of model.layers", "[64]", "[3]");
    jobs.run(SMALL, "model.family=network", "model.layers=[{residual = [{danse = 5}]}]")
        .assertFailed(2, "layer 1 of model.layers", "danse", "--jars");
    jobs.run(DIGITS, "model.family=network", "model.preset=lenet", PIXELS[1])
        .assertFailed(2, "model.layers", "model.preset");
    jobs.run(DIGITS, "model.family=network", "model.preset=lenet", "model.shape=[9, 9, 1]")
        .assertFailed(2, "[9, 9, 1]", "64");
    jobs.run(DIGITS, "model.family=network", "model.preset=transformer-block")
        .assertFailed(2, "attention", "model.shape");
    jobs.run(SMALL, PIXELS).assertFailed(2, "conv", "model.shape");
    jobs.run(DIGITS, PIXELS[0], "model.layers=[{dense = 8}]", "solver.training.shift=1")
        .assertFailed(2, "[64]", "model.shape");
    jobs.run(SMALL, "hypergradient.methods=[cg, exact]", "model.hidden=[256, 64]")
        .assertFailed(2, "hypergradient.methods = exact", "4,096");
    assertTrue(java.nio.file.Files.notExists(folder.resolve("out")));
  }
}
