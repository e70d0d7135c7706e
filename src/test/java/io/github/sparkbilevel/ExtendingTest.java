package io.github.sparkbilevel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.bilevel.Contender;
import io.github.sparkbilevel.bilevel.InMemoryTuning;
import io.github.sparkbilevel.bilevel.TuningResult;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmResult;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Bounds;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmState;
import io.github.sparkbilevel.bilevel.algorithm.NamedAlgorithm;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.job.JobRuns;
import io.github.sparkbilevel.ml.LinearRegressorModel;
import io.github.sparkbilevel.ml.Models;
import io.github.sparkbilevel.ml.NetworkClassifierModel;
import io.github.sparkbilevel.ml.TunedLinearRegression;
import io.github.sparkbilevel.ml.score.ModelParts;
import io.github.sparkbilevel.ml.score.Scaling;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Losses;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import javax.tools.ToolProvider;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parts of docs/extending.md, compiled into a folder of their own and found from there. */
class ExtendingTest {
  private static final Pattern FILE =
      Pattern.compile("<!-- file: (\\S+) -->\n```(?:java)?\n(.*?)```\n", Pattern.DOTALL);
  private static final int FEATURES = 5;

  @TempDir static Path folder;
  private static URLClassLoader jar;

  private final ClassLoader before = Thread.currentThread().getContextClassLoader();

  @BeforeAll
  static void compile() throws IOException {
    List<String> command = new ArrayList<>(List.of("-proc:none", "-d", folder.toString()));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    Matcher files = FILE.matcher(Files.readString(Path.of("docs/extending.md")));
    while (files.find()) {
      Path file = folder.resolve(files.group(1));
      Files.createDirectories(file.getParent());
      Files.writeString(file, files.group(2));
      if (files.group(1).endsWith(".java")) {
        command.add(file.toString());
      }
    }
    int code =
        ToolProvider.getSystemJavaCompiler().run(null, null, null, command.toArray(String[]::new));
    assertEquals(0, code);
    jar = new URLClassLoader(new URL[] {folder.toUri().toURL()}, LocalSpark.class.getClassLoader());
  }

  @BeforeEach
  void putOnTheClassPath() {
    Thread.currentThread().setContextClassLoader(jar);
  }

  @AfterEach
  void takeAway() {
    Thread.currentThread().setContextClassLoader(before);
  }

  /** Counts whose mean is e^(.3 + .8 x_0); the other features have no part in it. */
  private static Block counts(int rows, long seed) {
    Random random = new Random(seed);
    double[] x = random.doubles((long) rows * FEATURES, -1, 1).toArray();
    double[] labels = new double[rows];
    for (int i = 0; i < rows; i++) {
      double left = random.nextDouble();
      double mean = Math.exp(0.3 + 0.8 * x[i * FEATURES]);
      double probability = Math.exp(-mean);
      while (left >= probability) {
        left -= probability;
        labels[i]++;
        probability *= mean / labels[i];
      }
    }
    long[] ids = LongStream.range(0, rows).toArray();
    return new Block(ids, DenseFeatures.ofDoubles(rows, FEATURES, x), labels);
  }

  private static LinearModel geometric() {
    return new LinearModel(Losses.of("geometric"), FEATURES, true);
  }

  @Test
  void lossOfAJarIsTunedLikeThoseOfTheLibrary() {
    TuningResult result =
        InMemoryTuning.of(geometric(), Sharing.PER_FEATURE).run(counts(400, 1), counts(2000, 2));
    assertTrue(
        result.best().upperObjective() < result.course().history().get(0).figures().upper().loss());
    for (int j = 1; j < FEATURES; j++) {
      assertTrue(result.lambda()[j] > result.lambda()[0], "noise is penalised more");
    }
    assertEquals(0.8, result.theta()[0], 0.1);
    assertEquals(0.3, result.theta()[FEATURES], 0.1);
  }

  @Test
  void penaltiesThatAreNoneAreRefused() {
    InMemoryTuning tuning = InMemoryTuning.of(geometric(), Sharing.ONE);
    assertThrows(IllegalArgumentException.class, () -> tuning.startingAt(0));
    assertThrows(IllegalArgumentException.class, () -> tuning.within(1, 10));
    assertThrows(IllegalArgumentException.class, () -> tuning.withEvaluations(0));
  }

  @Test
  void modelWithALossOfAJarLoadsWhereTheJarIs() throws IOException {
    LocalSpark.session();
    double[] theta = {0.8, 0, 0, 0, 0, 0.3};
    LinearRegressorModel model =
        new LinearRegressorModel(
            new ModelParts<>(geometric(), theta, Scaling.NONE, List.of(), List.of()));
    String path = folder.resolve("model").toString();
    model.write().save(path);
    LinearRegressorModel loaded = LinearRegressorModel.load(path);
    assertEquals("com.example.GeometricLoss", loaded.loss().getClass().getName());
    double mean = loaded.predict(Vectors.dense(1, 0, 0, 0, 0));
    assertEquals(Math.exp(1.1), mean, 1e-12);
    takeAway();
    var missing =
        assertThrows(IllegalArgumentException.class, () -> LinearRegressorModel.load(path));
    assertTrue(missing.getMessage().contains("com.example.GeometricLoss"), missing.getMessage());
  }

  /** As {@code spark-submit --jars} does, on the executors as on the driver. */
  @Test
  void networkWithALayerOfAJarCleansByAJobFileAndIsSavedAndLoaded(@TempDir Path work)
      throws IOException {
    Path file = work.resolve("parts.jar");
    var jarTool = java.util.spi.ToolProvider.findFirst("jar").orElseThrow();
    String[] create = {"cf", file.toString(), "-C", folder.toString(), "."};
    assertEquals(0, jarTool.run(System.out, System.err, create));
    TestSpark.session().sparkContext().addJar(file.toString());
    String job =
        """
        job = clean
        data {
          train { path = "datasets/digits.csv", label = target, limit = 200 }
          validation { rows = 60 }
          corrupt { kind = next-class, fraction = 0.3 }
        }
        model { family = network, l2 = 1e-3, layers = [
          {scale = 1}, {dense = 12}, {activation = tanh}, {residual = [{dense = 12}, {scale = 0.5}]}
        ] }
        solver { iterations = 1, training { plain = 2 } }
        baselines = []
        """;
    try (JobRuns jobs = JobRuns.inSharedSession(work)) {
      JobRuns.Ended ended = jobs.run(job, "output.onnx=true");
      ended.assertDone();
      // The layer does not say how it is written; the run is not lost for it.
      assertFalse(Files.exists(work.resolve("out/model.onnx")));
      assertTrue(
          ended.lines().stream().anyMatch(line -> line.contains("com.example.Scale")),
          () -> String.join("\n", ended.lines()));
      Dataset<Row> scores =
          TestSpark.session().read().parquet(work.resolve("out/scores").toString());
      assertEquals(200 - 60, scores.filter("quality > 0 and quality < 1").count());
      String path = work.resolve("out/model").toString();
      NetworkClassifierModel model = NetworkClassifierModel.load(path);
      assertArrayEquals(new int[] {64, 64, 12, 12, 12, 10}, model.layers());
      assertEquals(
          "[{\"scale\":1.0},{\"dense\":12},{\"activation\":\"tanh\"},"
              + "{\"residual\":[{\"dense\":12},{\"scale\":0.5}]},{\"dense\":10}]",
          model.architecture());
      Dataset<Row> judged =
          model.transform(
              TestSpark.session()
                  .createDataFrame(
                      Models.rows(3, 64, 1).stream().map(RowFactory::create).toList(),
                      new StructType().add("features", SQLDataTypes.VectorType())));
      assertEquals(3, judged.select("prediction").collectAsList().size());
      takeAway();
      assertThrows(IllegalArgumentException.class, () -> NetworkClassifierModel.load(path));
      jobs.run(job, "output.overwrite=true").assertFailed(2, "model.layers", "scale");
    }
  }

  @Test
  void algorithmOfAJarRunsByItsName() {
    Contender contender = Contender.ofSolver("soba-twice share=0.5");
    assertTrue(contender.isOfField());
    LinearModel model = new LinearModel(new SquaredLoss(), FEATURES, true);
    BilevelProblem problem = new BilevelProblem(model, Penalty.tuned(model, false));
    Block[] none = {};
    PartitionData rows =
        new PartitionData(new Block[] {counts(60, 1)}, new Block[] {counts(200, 2)}, none, none);
    LocalEngine engine = new LocalEngine(List.of(rows));
    NamedAlgorithm algorithm = NamedAlgorithm.of("com.example.SobaTwice");
    double[] lambda = {2};
    try (BlockOracle oracle = new BlockOracle(problem, engine, "auto", 60)) {
      AlgorithmResult result =
          algorithm
              .create()
              .run(
                  oracle,
                  AlgorithmState.start(problem, new double[model.size()], lambda),
                  algorithm.defaults(30, Bounds.of(-9, 9), 1),
                  iterate -> true);
      assertEquals(30, result.iterations());
      assertEquals(60, result.cost().passes());
      assertTrue(result.state().lambda()[0] < lambda[0]);
    }
  }

  @Test
  void lossWithoutABoundOfItsCurvatureIsNotForGradientSteps() {
    LinearModel model = geometric();
    BilevelProblem problem = new BilevelProblem(model, Penalty.tuned(model, false));
    NamedAlgorithm soba = NamedAlgorithm.of("soba");
    assertTrue(soba.create().objection(problem, soba.defaults(1, Bounds.of(-9, 9), 1)).isPresent());
  }

  @Test
  void nameThatNoJarHasIsRefused() {
    takeAway();
    assertThrows(IllegalArgumentException.class, () -> Losses.of("geometric"));
    assertThrows(IllegalArgumentException.class, () -> Contender.ofSolver("soba-twice"));
    TunedLinearRegression estimator = new TunedLinearRegression().setLoss("geometric");
    assertEquals("geometric", estimator.getLoss());
  }
}
