package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.LocalSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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

/**
 * Models that an earlier build saved can still be loaded, and say what they said then.
 *
 * <p>They lie in {@code src/test/resources/saved/FORMAT}, with their predictions in {@code
 * predictions.csv}. {@code -Dupdate=true} adds those of the current format that are missing; what
 * is there stays as the build that saved it left it.
 */
class SavedModelsTest {
  private static final Path FOLDER =
      Path.of("src", "test", "resources", "saved", Integer.toString(CleanerFiles.FORMAT_VERSION));
  private static final Path PREDICTIONS = FOLDER.resolve("predictions.csv");
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
    List<String> added = new ArrayList<>();
    for (String name : COLUMNS.keySet().stream().sorted().toList()) {
      if (!Files.exists(FOLDER.resolve(name))) {
        made(name).save(FOLDER.resolve(name).toString());
        added.add(name);
      }
    }
    try (Stream<Path> files = Files.walk(FOLDER)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".crc")).toList()) {
        Files.delete(file);
      }
    }
    List<String> lines = new ArrayList<>();
    for (String name : added) {
      for (double[] row : predictions(name)) {
        lines.add(
            name + "," + String.join(",", Arrays.stream(row).mapToObj(Double::toString).toList()));
      }
    }
    Files.write(PREDICTIONS, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
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

  private static Transformer load(String name) {
    String path = FOLDER.resolve(name).toString();
    return switch (name) {
      case "cleaner" -> DataCleanerModel.load(path);
      case "classifier" -> TunedLogisticRegressionModel.load(path);
      case "regressor" -> TunedLinearRegressionModel.load(path);
      case "network" -> NetworkClassifierModel.load(path);
      default -> PipelineModel.load(path);
    };
  }

  /** What a model says of the first rows, as numbers. */
  private static List<double[]> predictions(String name) {
    Dataset<Row> said = load(name).transform(SmallRows.table(SHOWN)).orderBy("id");
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

  @Test
  void modelsSayWhatTheySaidWhenTheyWereSaved() throws IOException {
    List<String> lines = Files.readAllLines(PREDICTIONS);
    assertEquals(COLUMNS.size() * SHOWN, lines.size());
    for (String name : COLUMNS.keySet()) {
      List<double[]> found = predictions(name);
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
    DataCleanerModel cleaner = (DataCleanerModel) load("cleaner");
    assertEquals(
        List.of("constant", "trusted log-odds", "current log-odds", "web", "zoo"),
        List.copyOf(cleaner.summary().lambda().keySet()));
    assertEquals(96, cleaner.summary().trainRows());
    assertEquals(24, cleaner.summary().trustedRows());
    assertEquals(4, cleaner.summary().history().size());
    assertTrue(cleaner.summary().models().containsKey(cleaner.summary().selected()));
    TunedLogisticRegressionModel classifier = (TunedLogisticRegressionModel) load("classifier");
    assertEquals(SmallRows.FEATURES, classifier.penalties().size());
    assertEquals(120, classifier.summary().trainRows() + classifier.summary().validationRows());
    assertTrue(classifier.summary().passes() > 0);
    TunedLinearRegressionModel regressor = (TunedLinearRegressionModel) load("regressor");
    assertEquals(SmallRows.FEATURES, regressor.lambda().length);
  }

  @Test
  void theFolderIsSmall() throws IOException {
    try (Stream<Path> files = Files.walk(FOLDER)) {
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
