package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparkbilevel.ChildJvm;
import io.github.sparkbilevel.backend.cuda.StandIn;
import io.github.sparkbilevel.spark.gpu.GpuSlot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Whole jobs on GPUs that a stand-in for the driver makes up, and without a driver. */
class GpuJobTest {
  /** Rounding in another order, over a whole job. */
  private static final double TOLERANCE = 1e-5;

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> onTheStandIn() {
    return StandIn.tests(
        List.of(
            DynamicTest.dynamicTest("jobs and passes", this::jobsGiveTheResultsOfTheCpu),
            DynamicTest.dynamicTest("failures", this::failuresAreTold)));
  }

  /** What the process said, a line for each word that prints one. */
  private List<String> run(Optional<Path> driver, String... words) throws Exception {
    Path script = folder.resolve("discover.sh");
    Files.writeString(script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"0\"]}'\n");
    assertTrue(script.toFile().setExecutable(true));
    List<String> command = ChildJvm.command();
    command.add("-D%s=1".formatted(GpuSlot.DRIVER_AMOUNT));
    command.add("-D%s=%s".formatted(GpuSlot.DRIVER_SCRIPT, script));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            GpuRun.class.getName(),
            folder.toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("LD_LIBRARY_PATH");
    driver.ifPresent(path -> builder.environment().put("LD_LIBRARY_PATH", path.toString()));
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    List<String> lines = said.lines().filter(line -> line.matches("[a-z]+(:[a-z]+)?: .*")).toList();
    assertTrue(!lines.isEmpty(), said);
    return lines;
  }

  /** One process for all, since its start takes longer than most of them. */
  private void jobsGiveTheResultsOfTheCpu() throws Exception {
    writeSparseRows();
    List<String> names =
        List.of(
            "clean", "tune", "network", "hypergradient", "sparse", "sparsenetwork", "sparsetune");
    List<String> words = new ArrayList<>();
    for (String name : names) {
      words.add(name + ":cpu");
      words.add(name + ":gpu");
    }
    int jobs = words.size();
    words.add("passes:DOUBLE_ROWS");
    words.add("passes:SPARSE_ROWS");
    List<String> lines = run(Optional.of(StandIn.folder()), words.toArray(String[]::new));
    assertEquals(jobs + 10, lines.size(), lines::toString);
    for (int i = 0; i < jobs; i++) {
      String line = lines.get(i);
      assertTrue(line.startsWith(words.get(i) + ": 0, "), line);
      assertTrue(line.contains(", 0 bytes left"), line);
      assertEquals(i % 2 == 0, line.contains(" 0 launches"), line);
    }
    for (String name : names) {
      assertClose(numbers(name + "-cpu"), numbers(name + "-gpu"));
    }
    assertRowsCrossInTheFirstPassAlone(lines.subList(jobs, jobs + 5));
    assertSparseRowsDoSoToo(lines.subList(jobs + 5, jobs + 10));
  }

  /** 400 rows of 3 classes, each of which has two features of its class and four others of 120. */
  private void writeSparseRows() throws IOException {
    Random random = new Random(5);
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      int label = random.nextInt(3);
      TreeSet<Integer> features = new TreeSet<>(List.of(1 + label * 2 + random.nextInt(4)));
      while (features.size() < 6) {
        features.add(1 + random.nextInt(120));
      }
      rows.append(label);
      for (int feature : features) {
        rows.append(String.format(Locale.ROOT, " %d:%.3f", feature, 0.5 + random.nextDouble()));
      }
      rows.append('\n');
    }
    Files.writeString(folder.resolve("sparse.libsvm"), rows);
  }

  /** The numbers of a job's history, or of its hypergradient, and what it arrived at. */
  private double[] numbers(String output) throws IOException {
    List<Double> numbers = new ArrayList<>();
    Path history = folder.resolve(output).resolve("history.jsonl");
    if (Files.exists(history)) {
      for (String line : Files.readAllLines(history)) {
        JsonNode iteration = new ObjectMapper().readTree(line);
        for (String name : List.of("upperObjective", "lowerObjective", "hypergradientNorm")) {
          numbers.add(iteration.get(name).doubleValue());
        }
      }
    } else {
      for (String line : Files.readAllLines(folder.resolve(output).resolve("hypergradient.csv"))) {
        if (!line.startsWith("name")) {
          numbers.add(Double.parseDouble(line.substring(line.lastIndexOf(',') + 1)));
        }
      }
    }
    JsonNode summary =
        new ObjectMapper().readTree(folder.resolve(output).resolve("summary.json").toFile());
    numbers.add(summary.get("upperObjective").doubleValue());
    assertTrue(numbers.size() > 3, output);
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static void assertClose(double[] expected, double[] got) {
    assertEquals(expected.length, got.length);
    for (int i = 0; i < got.length; i++) {
      double tolerance = TOLERANCE * Math.max(Math.abs(expected[i]), 1e-3);
      assertEquals(expected[i], got[i], tolerance, "number " + i);
    }
  }

  private static void assertRowsCrossInTheFirstPassAlone(List<String> lines) {
    long rows = 8 * numbersOf(lines.get(1))[0];
    assertEquals(rows, sentAtFirst(lines));
    assertTrue(numbersOf(lines.get(2))[0] >= rows, lines::toString);
  }

  /** Each number crosses once by rows and once by columns, 12 bytes with its index. */
  private static void assertSparseRowsDoSoToo(List<String> lines) {
    long numbers = 24 * numbersOf(lines.get(1))[0];
    long rows = sentAtFirst(lines);
    assertTrue(rows > numbers && rows < 2 * numbers, lines::toString);
    assertTrue(numbersOf(lines.get(2))[0] >= rows, lines::toString);
  }

  /** Bytes that the first of four passes sends more than the others, which send the same. */
  private static long sentAtFirst(List<String> lines) {
    long[] sent = numbersOf(lines.get(0));
    assertTrue(lines.get(0).startsWith("sent:"), lines::toString);
    assertEquals(List.of(sent[1], sent[1]), List.of(sent[2], sent[3]));
    long[] products = numbersOf(lines.get(3));
    // 120 rows of 3 classes: their curvatures cross with the first product, and nothing of the
    // rows' size with the others. Directions, 6 x 3, go to each block, and sums come back.
    assertEquals(8 * 120 * 3, products[0] - products[2]);
    assertEquals(0, products[2] % (8 * 6 * 3));
    for (int other : new int[] {1, 3, 4, 5}) {
      assertEquals(products[2], products[other]);
    }
    assertEquals("left: 0", lines.get(4));
    return sent[0] - sent[1];
  }

  private static long[] numbersOf(String line) {
    return Arrays.stream(line.split(" ")).skip(1).mapToLong(Long::parseLong).toArray();
  }

  private void failuresAreTold() throws Exception {
    List<String> lines =
        run(
            Optional.of(StandIn.folder()),
            "fail:module:1",
            "hypergradient:gpu",
            "fail:full:3",
            "tune:gpu",
            "repair",
            "convolution:gpu",
            "fail:launch:20",
            "clean:gpu");
    assertFailed(lines.get(0), 1, "CUDA_ERROR_INVALID_PTX (218)", "solver.device = cpu");
    assertFailed(lines.get(1), 1, "CUDA_ERROR_OUT_OF_MEMORY (2)", "solver.deviceMemory");
    assertFailed(lines.get(2), 2, "dense layer", "device = cpu");
    assertFailed(lines.get(3), 1, "CUDA_ERROR_LAUNCH_FAILED (719)", "executor");
  }

  private static void assertFailed(String line, int code, String... parts) {
    assertTrue(line.contains(": %d, ".formatted(code)), line);
    assertTrue(line.contains("error: "), line);
    for (String part : parts) {
      assertTrue(line.contains(part), () -> "no \"" + part + "\" in: " + line);
    }
  }

  @Test
  void withoutADriverGpusAreRefusedAndAutoIsTheCpu() throws Exception {
    List<String> lines = run(Optional.empty(), "tune:gpu", "tune:auto");
    assertFailed(lines.get(0), 2, "libcuda.so.1", "solver.device = gpu");
    assertTrue(lines.get(1).startsWith("tune:auto: 0, 0 launches"), lines.get(1));
  }
}
