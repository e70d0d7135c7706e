package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.data.LocalSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.VectorSlicer;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Models that an earlier build saved can still be loaded, and say what they said then.
 *
 * <p>They lie in {@code src/test/resources/saved/FORMAT}, with their predictions in {@code
 * predictions.csv}; those whose format did not change since lie in the folder of the older one.
 * {@code -Dupdate=true} adds those of the current format that are missing; what is there stays as
 * the build that saved it left it.
 */
class SavedModelsTest {
  private static final Path FOLDER = Path.of("src", "test", "resources", "saved");

  /** What is saved in a format that is not that of the version before, by format. */
  private static final Map<Integer, List<String>> SAVED =
      Map.of(
          1,
          List.of("classifier", "cleaner", "network", "pipeline", "regressor"),
          2,
          List.of("cleaner"),
          3,
          List.of("cleaner", "network"),
          4,
          List.of("cleaner"),
          CleanerFiles.FORMAT_VERSION,
          List.of("cleaner"));

  private static final int SHOWN = 20;

  /** Another machine may round e^x differently. */
  private static final double CLOSE = 1e-12;

  private static final Map<String, List<String>> COLUMNS =
      Map.of(
          "cleaner", List.of("weight", "quality", "flagged", "suggestedLabel"),
          "classifier", List.of("rawPrediction", "probability", "prediction"),
          "regressor", List.of("prediction"),
          "network", List.of("rawPrediction", "probability", "prediction"),
          "pipeline", List.of("probability", "prediction"));

  @BeforeAll
  static void update() throws IOException {
    LocalSpark.session();
    if (!Boolean.getBoolean("update")) {
      return;
    }
    int format = Collections.max(SAVED.keySet());
    Path folder = FOLDER.resolve(Integer.toString(format));
    List<String> added = new ArrayList<>();
    for (String name : SAVED.get(format)) {
      if (!Files.exists(folder.resolve(name))) {
        made(name).save(folder.resolve(name).toString());
        added.add(name);
      }
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".crc")).toList()) {
        Files.delete(file);
      }
    }
    List<String> lines = new ArrayList<>();
    for (String name : added) {
      for (double[] row : predictions(format, name)) {
        lines.add(
            name + "," + String.join(",", Arrays.stream(row).mapToObj(Double::toString).toList()));
      }
    }
    Files.write(
        folder.resolve("predictions.csv"),
        lines,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private static MLWritable made(String name) {
    Dataset<Row> rows = SmallRows.table(120);
    return switch (name) {
      case "cleaner" -> SmallRows.cleaner().setGroupCol("source").fit(rows);
      case "classifier" -> SmallRows.classifier().fit(rows);
      case "regressor" -> SmallRows.regressor().fit(rows);
      case "network" -> new NetworkClassifierModel(Models.threeClassNetwork().network());
      default ->
          new Pipeline()
              .setStages(
                  new PipelineStage[] {
                    new VectorSlicer()
                        .setInputCol("features")
                        .setOutputCol("first")
                        .setIndices(new int[] {0, 1}),
                    SmallRows.classifier().setFeaturesCol("first")
                  })
              .fit(rows);
    };
  }

  private static Transformer load(int format, String name) {
    String path = FOLDER.resolve(Integer.toString(format)).resolve(name).toString();
    return switch (name) {
      case "cleaner" -> DataCleanerModel.load(path);
      case "classifier" -> TunedLogisticRegressionModel.load(path);
      case "regressor" -> TunedLinearRegressionModel.load(path);
      case "network" -> NetworkClassifierModel.load(path);
      default -> PipelineModel.load(path);
    };
  }

  /** What a model says of the first rows, as numbers. */
  private static List<double[]> predictions(int format, String name) {
    Dataset<Row> said = load(format, name).transform(SmallRows.table(SHOWN)).orderBy("id");
    return said.collectAsList().stream().map(row -> numbers(row, COLUMNS.get(name))).toList();
  }

  private static double[] numbers(Row row, List<String> columns) {
    List<Double> numbers = new ArrayList<>();
    for (String column : columns) {
      Object value = row.getAs(column);
      if (value instanceof Vector vector) {
        Arrays.stream(vector.toArray()).forEach(numbers::add);
      } else if (value instanceof Boolean is) {
        numbers.add(is ? 1.0 : 0.0);
      } else {
        numbers.add((Double) value);
      }
    }
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  static Set<Integer> formats() {
    return SAVED.keySet();
  }

  @ParameterizedTest
  @MethodSource("formats")
  void modelsSayWhatTheySaidWhenTheyWereSaved(int format) throws IOException {
    List<String> lines =
        Files.readAllLines(FOLDER.resolve(Integer.toString(format)).resolve("predictions.csv"));
    assertEquals(SAVED.get(format).size() * SHOWN, lines.size());
    for (String name : SAVED.get(format)) {
      List<double[]> found = predictions(format, name);
      List<String> expected = lines.stream().filter(line -> line.startsWith(name + ",")).toList();
      for (int i = 0; i < SHOWN; i++) {
        String[] cells = expected.get(i).split(",");
        assertEquals(cells.length - 1, found.get(i).length, name);
        for (int j = 1; j < cells.length; j++) {
          double number = Double.parseDouble(cells[j]);
          assertEquals(number, found.get(i)[j - 1], CLOSE * Math.max(1, Math.abs(number)), name);
        }
      }
    }
  }

  @Test
  void summariesAndPenaltiesAreSavedToo() {
    DataCleanerModel older = (DataCleanerModel) load(1, "cleaner");
    assertEquals(
        List.of("constant", "trusted log-odds", "current log-odds", "web", "zoo"),
        List.copyOf(older.summary().lambda().keySet()));
    DataCleanerModel cleaner = (DataCleanerModel) load(CleanerFiles.FORMAT_VERSION, "cleaner");
    assertEquals(
        List.of("constant", "trusted log-odds", "current log-odds", "start log-odds", "web", "zoo"),
        List.copyOf(cleaner.summary().lambda().keySet()));
    for (DataCleanerModel model : List.of(older, cleaner)) {
      CleaningSummary summary = model.summary();
      assertEquals(96, summary.run().rows().train());
      assertEquals(24, summary.run().rows().validation());
      assertEquals(3, summary.run().solver().bestIteration());
      assertTrue(summary.run().cost().passesByPhase().warmUp() > 0);
      assertTrue(summary.run().cost().seconds().solve() > 0);
      assertTrue(summary.noise().flagged() > 0);
      assertTrue(summary.models().containsKey(summary.selected()));
      IterationRecord last = summary.run().history().get(3);
      assertEquals(6, last.spent().passes());
      assertEquals(summary.lambda().size(), last.point().lambda().length);
      assertTrue(last.figures().upper().rows() > 0 && last.figures().heldOut().rows() > 0);
      assertEquals(1, last.step().stepLength());
    }
    TunedLogisticRegressionModel classifier = (TunedLogisticRegressionModel) load(1, "classifier");
    assertEquals(SmallRows.FEATURES, classifier.penalties().size());
    assertEquals(
        120,
        classifier.summary().run().rows().train() + classifier.summary().run().rows().validation());
    assertTrue(classifier.summary().run().cost().passesByPhase().outer() > 0);
    assertTrue(classifier.summary().tuning().evaluations() > 0);
    assertEquals(0, classifier.summary().dropped().count());
    TunedLinearRegressionModel regressor = (TunedLinearRegressionModel) load(1, "regressor");
    assertEquals(SmallRows.FEATURES, regressor.lambda().length);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void theFolderIsSmall(int format) throws IOException {
    try (Stream<Path> files = Files.walk(FOLDER.resolve(Integer.toString(format)))) {
      long bytes = files.filter(Files::isRegularFile).mapToLong(SavedModelsTest::size).sum();
      assertTrue(bytes < 100_000, "bytes: " + bytes);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
