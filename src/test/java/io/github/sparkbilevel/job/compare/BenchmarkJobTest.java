package io.github.sparkbilevel.job.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.bilevel.Contender;
import io.github.sparkbilevel.job.JobRuns;
import io.github.sparkbilevel.job.TuneSample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job {@code benchmark}, from the job file to its outputs. */
class BenchmarkJobTest {
  private static final String JOB =
      """
      job = benchmark
      data {
        train { path = train.csv }
        validation { path = validation.csv }
        test { path = test.csv }
      }
      model { family = linear, l2 = 0.1 }
      upper { variable = l2-per-feature }
      benchmark { repetitions = 2, seconds = 30 }
      """;

  @TempDir Path folder;
  private JobRuns jobs;

  @BeforeEach
  void open() {
    jobs = JobRuns.inSharedSession(folder);
    jobs.write("train.csv", TuneSample.of("linear", 60, 1).csv());
    jobs.write("validation.csv", TuneSample.of("linear", 40, 2).csv());
    jobs.write("test.csv", TuneSample.of("linear", 40, 3).csv());
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  @Test
  void algorithmsAreJudgedAlikeFromOneStart() throws IOException {
    jobs.run(
            JOB,
            "benchmark.runs=lbfgs, nbo T=3, soba share=0.5, saba share=0.5, aid-cg, grid points=4",
            "benchmark.iterations=30",
            "benchmark.targets=[1e9, 0]")
        .assertDone();
    assertEquals(List.of("report.html", "results.csv", "summary.json"), jobs.names("out"));
    JsonNode summary = jobs.json("out/summary.json");
    JsonNode runs = summary.get("runs");
    assertEquals(6, runs.size());
    double lbfgs = runs.at("/lbfgs/leastUpperObjective/median").asDouble();
    double nbo = runs.at("/nbo T=3/leastUpperObjective/median").asDouble();
    double grid = runs.at("/grid points=4/leastUpperObjective/median").asDouble();
    assertTrue(lbfgs <= nbo + 1e-6 && lbfgs <= grid + 1e-6, runs.toString());
    for (JsonNode run : runs) {
      assertEquals(2, run.at("/targets/1.0E9/reached").asInt());
      assertEquals(0, run.at("/targets/0.0/reached").asInt());
    }
    assertStarts();
  }

  /** Every run but the searches has its first point at the same λ, before any pass. */
  private void assertStarts() throws IOException {
    List<String> lines = jobs.read("out/results.csv").lines().toList();
    assertTrue(lines.get(0).startsWith("run,algorithm,seed,iteration,seconds,passes,rows"));
    Map<String, String> start = new HashMap<>();
    long before = -1;
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",");
      if (cells[1].equals("grid")) {
        continue;
      }
      if (cells[3].equals("0")) {
        start.merge(cells[1], cells[9], (a, b) -> a.equals(b) ? a : a + " and " + b);
        before = Long.parseLong(cells[5]);
      } else {
        assertTrue(Long.parseLong(cells[5]) > before, line);
        before = Long.parseLong(cells[5]);
        assertTrue(Long.parseLong(cells[6]) > 0, line);
      }
      assertTrue(!cells[10].isEmpty(), line);
    }
    assertEquals(5, start.size());
    double expected = Double.parseDouble(start.get("soba"));
    start.forEach(
        (name, value) ->
            assertEquals(expected, Double.parseDouble(value), 1e-6 * Math.abs(expected), name));
  }

  @Test
  void whatDoesNotApplySaysSo() throws IOException {
    jobs.run(
            JOB,
            "benchmark.runs=[nbo, grid]",
            "benchmark.repetitions=1",
            "benchmark.iterations=3",
            "data.train.group=source",
            "upper.variable=group-weights")
        .assertDone();
    JsonNode runs = jobs.json("out/summary.json").get("runs");
    assertTrue(runs.at("/grid/objection").asText().contains("penalties"), runs.toString());
    assertTrue(runs.at("/nbo/leastUpperObjective/median").asDouble() > 0, runs.toString());
    assertTrue(jobs.read("out/report.html").contains("What does not apply"));
  }

  /** The laws are tested for themselves: here is what a job does with them. */
  @Test
  void theCostOfCleaningIsMeasuredOnMadeUpRows() throws IOException {
    JobRuns.Ended ended =
        jobs.run(
            "job = benchmark, benchmark.scaling = [cores]",
            "benchmark.made.rows=1000",
            "benchmark.made.features=3",
            "benchmark.repetitions=1",
            "data.intercept=false",
            "benchmark.cluster.executors=[1, 100]");
    ended.assertDone();
    assertEquals(List.of("report.html", "summary.json"), jobs.names("out"));
    assertTrue(ended.out().contains("estimates for 1,000,000,000 rows"), ended.out());
    JsonNode summary = jobs.json("out/summary.json");
    assertEquals(2, summary.get("measurements").size());
    for (JsonNode measured : summary.get("measurements")) {
      measured.get("seconds").forEach(step -> assertTrue(step.asDouble() > 0, measured.toString()));
    }
    assertEquals(5, summary.get("laws").size());
    assertEquals(2, summary.get("estimates").size());
    assertTrue(summary.at("/estimates/1/seconds/job").asDouble() > 0, summary.toString());
    assertEquals(1, summary.get("notices").size(), "data.intercept has no effect");
  }

  @Test
  void everyAlgorithmCanBeNamed() {
    for (String name : Contender.algorithms()) {
      assertEquals(name, Contender.of(name).algorithm());
    }
    assertEquals(19, Contender.algorithms().size());
  }
}
