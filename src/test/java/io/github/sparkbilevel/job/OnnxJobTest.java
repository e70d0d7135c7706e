package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.sparkbilevel.ml.ClassifierModel;
import io.github.sparkbilevel.ml.LinearRegressorModel;
import io.github.sparkbilevel.ml.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code model.onnx} of a job tells what {@code model/} does. */
class OnnxJobTest {
  private static final String CLEAN =
      """
      job = clean
      data {
        train { path = "datasets/digits.csv", label = target, limit = 300 }
        validation { rows = 80 }
        corrupt { kind = next-class, fraction = 0.4 }
      }
      solver { iterations = 1, training { plain = 1, warmup = 1 } }
      baselines = [cleaned]
      output.onnx = true
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

  private static float[][] rows(Path csv, int from, int to, int count) throws IOException {
    List<String> lines = Files.readAllLines(csv).subList(1, count + 1);
    float[][] rows = new float[count][];
    for (int i = 0; i < count; i++) {
      String[] cells = Arrays.copyOfRange(lines.get(i).split(","), from, to);
      rows[i] = new float[cells.length];
      for (int j = 0; j < cells.length; j++) {
        rows[i][j] = Float.parseFloat(cells[j]);
      }
    }
    return rows;
  }

  private static Vector vector(float[] row) {
    double[] values = new double[row.length];
    Arrays.setAll(values, j -> row[j]);
    return Vectors.dense(values);
  }

  private double[][] told(float[][] rows) throws Exception {
    return OnnxModel.read(folder.resolve("out/model.onnx")).run(rows);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{family = softmax}",
        "{family = mlp, hidden = [24]}",
        "{family = network, layers = [{conv = {channels = 4, window = 3, padding = 1}},"
            + " {group-norm = 2}, {activation = relu}, {pool = 2}, {dense = 16}]}"
      })
  void classifiersOfDigits(String model) throws Exception {
    jobs.run(CLEAN, "model=" + model).assertDone();
    ClassifierModel<?> saved = ClassifierModel.load(folder.resolve("out/model").toString());
    float[][] rows = rows(Path.of("datasets/digits.csv"), 0, 64, 100);
    double[][] told = told(rows);
    for (int i = 0; i < rows.length; i++) {
      assertArrayEquals(saved.predictProbability(vector(rows[i])).toArray(), told[i], 1e-5);
    }
  }

  @Test
  void regressions() throws Exception {
    jobs.write("train.csv", TuneSample.of("linear", 60, 1).csv());
    jobs.write("validation.csv", TuneSample.of("linear", 90, 2).csv());
    jobs.run(
            """
            job = tune
            model.family = linear
            data { train { path = train.csv }, validation { path = validation.csv } }
            baselines = []
            output { sensitivity = false, onnx = true }
            """)
        .assertDone();
    LinearRegressorModel saved = LinearRegressorModel.load(folder.resolve("out/model").toString());
    float[][] rows = rows(folder.resolve("train.csv"), 1, 1 + saved.numFeatures(), 20);
    double[][] told = told(rows);
    for (int i = 0; i < rows.length; i++) {
      assertEquals(saved.predict(vector(rows[i])), told[i][0], 1e-5);
    }
  }

  @Test
  void onlyWhereItIsAskedFor() {
    jobs.run(CLEAN, "output.onnx=false").assertDone();
    assertFalse(Files.exists(folder.resolve("out/model.onnx")));
  }
}
