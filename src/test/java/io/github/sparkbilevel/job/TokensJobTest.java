package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.data.Safetensors;
import io.github.sparkbilevel.ml.NetworkClassifierModel;
import io.github.sparkbilevel.ml.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.ml.linalg.Vectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jobs {@code clean} and {@code hypergradient} with texts of tokens, some of them padding. */
class TokensJobTest {
  private static final String[] FEW = {
    "data.validation.rows=80",
    "data.test.rows=60",
    "solver.iterations=1",
    "solver.training.plain=1",
    "solver.training.warmup=1",
    "baselines=[trusted]",
    "output.weights=true",
    "output.onnx=true",
    "output.overwrite=true"
  };

  @TempDir Path folder;
  private JobRuns jobs;
  private String texts;

  @BeforeEach
  void open() throws IOException {
    jobs = JobRuns.inSharedSession(folder);
    String job = Files.readString(Path.of("spark-job/clean-tokens.conf"));
    texts = job.replace("range(2200)", "range(300)").replace("out/clean-tokens", "out");
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  private static String[] few(String... more) {
    String[] all = Arrays.copyOf(FEW, FEW.length + more.length);
    System.arraycopy(more, 0, all, FEW.length, more.length);
    return all;
  }

  private Map<String, double[]> tensors(String file) throws IOException {
    Map<String, double[]> tensors = new TreeMap<>();
    try (Safetensors in = Safetensors.open(folder.resolve(file).toString(), new Configuration())) {
      in.names().forEach(name -> tensors.put(name, in.numbers(name)));
    }
    return tensors;
  }

  /** Rows of 12 tokens. */
  private static float[][] rows() {
    float[][] rows = new float[20][12];
    for (int i = 0; i < rows.length; i++) {
      for (int t = 0; t < 12; t++) {
        rows[i][t] = t < 1 + i % 12 ? (7 * i + t * t) % 40 : -1;
      }
    }
    return rows;
  }

  private void assertModelIsTheFilesBesideIt() throws Exception {
    NetworkClassifierModel saved =
        NetworkClassifierModel.load(folder.resolve("out/model").toString());
    assertEquals(12, saved.numFeatures());
    float[][] rows = rows();
    double[][] told = OnnxModel.read(folder.resolve("out/model.onnx")).run(rows);
    for (int i = 0; i < rows.length; i++) {
      double[] row = new double[12];
      for (int t = 0; t < 12; t++) {
        row[t] = rows[i][t];
      }
      double[] expected = saved.predictProbability(Vectors.dense(row)).toArray();
      assertArrayEquals(expected, told[i], 1e-5);
    }
    assertEquals(40 * 16, tensors("out/weights.safetensors").get("layer1.weight").length);
  }

  @Test
  void tokensMayBeFrozenAsAnotherJobTrainedThem() throws Exception {
    jobs.run(texts, few()).assertDone();
    assertModelIsTheFilesBesideIt();
    Files.copy(folder.resolve("out/weights.safetensors"), folder.resolve("given.safetensors"));
    Map<String, double[]> given = tensors("given.safetensors");
    jobs.run(texts, few("model.weights=given.safetensors", "model.frozen=1")).assertDone();
    Map<String, double[]> trained = tensors("out/weights.safetensors");
    assertEquals(given.keySet(), trained.keySet());
    assertArrayEquals(given.get("layer1.weight"), trained.get("layer1.weight"));
    assertFalse(Arrays.equals(given.get("layer3.weight"), trained.get("layer3.weight")));
  }

  /** Without attention, whose queries and keys may be turned together: there H is singular. */
  @Test
  void theHypergradientThroughTokensIsThatOfADenseSolve() throws IOException {
    String data = texts.substring(texts.indexOf("data {"), texts.indexOf("  # An experiment"));
    String job =
        "job = hypergradient\n"
            + data.replace("test { rows = 500 }", "")
            + """
            }
            model {
              family = network
              l2 = 0.05
              layers = [
                {embedding = {vocabulary = 40, width = 2, positions = true}}
                {activation = tanh}, {mean = true}
              ]
            }
            upper { variable = l2-per-layer, initial = -7 }
            hypergradient { methods = [exact, cg, kfac-cg, ekfac-cg], tolerance = 1e-7 }
            """;
    jobs.run(job, "data.validation.rows=100").assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    assertTrue(summary.get("hypergradientNorm").asDouble() > 0.01, summary.toString());
    JsonNode methods = summary.get("methods");
    for (String method : new String[] {"cg", "kfac-cg", "ekfac-cg"}) {
      double error = methods.at("/" + method + "/relativeError").asDouble(1);
      assertTrue(error < 1e-6, method + " " + methods);
    }
  }

  @Test
  void wrongTokensAndStandardisedOnesAreRefused() {
    jobs.run(texts.replace("array_repeat(-1", "array_repeat(-2"), FEW)
        .assertFailed(3, "-2", "step", "id", "to 39", "vocabulary");
    jobs.run(texts, few("data.standardize=true"))
        .assertFailed(2, "data.standardize", "embedding", "false");
  }
}
