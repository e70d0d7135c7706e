package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.sparkbilevel.spark.TestSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot fit is refused in a sentence before the run begins, and nothing is written. */
class MemoryJobTest {
  private static final String LIMIT = "spark.driver.maxResultSize";
  private static final String DATA =
      """
      data.train { path = rows.csv, label = label }
      data.validation.rows = 20
      solver.iterations = 2
      baselines = []
      """;

  @TempDir Path folder;
  private JobRuns jobs;

  @BeforeEach
  void rows() {
    TestSpark.stop(); // whose limits are others
    jobs = new JobRuns(folder);
    int features = 60;
    StringBuilder rows = new StringBuilder("label");
    for (int j = 0; j < features; j++) {
      rows.append(",x").append(j);
    }
    for (int i = 0; i < 120; i++) {
      rows.append('\n').append(i % 3);
      for (int j = 0; j < features; j++) {
        rows.append(',').append((i * 7 + j * 13) % 11 + (i % 3 == j % 3 ? 5 : 0));
      }
    }
    jobs.write("rows.csv", rows.append('\n').toString());
  }

  @AfterEach
  void close() {
    System.clearProperty(LIMIT);
    jobs.close();
  }

  @Test
  void sumsThatSparkWouldNotTakeAreTwo() {
    System.setProperty(LIMIT, "2m");
    jobs.run("job = clean\n" + DATA + "solver.curvature = exact\ndata.partitions = 16\n")
        .assertFailed(
            2,
            "an evaluation sends",
            "each of 16 partitions",
            LIMIT + " allows 2 MiB",
            "data.partitions");
    assertFalse(Files.exists(folder.resolve("out")));
    jobs.run("job = clean\n" + DATA + "solver.curvature = exact\ndata.partitions = 2\n")
        .assertDone();
  }

  @Test
  void theOtherJobsRefuseAsWell() {
    System.setProperty(LIMIT, "2m");
    String wide = DATA.replace("baselines = []\n", "") + "data.partitions = 16\n";
    jobs.run("job = tune\n" + wide + "solver.curvature = exact\n")
        .assertFailed(2, "an evaluation sends", LIMIT);
    String plain = wide.replace("solver.iterations = 2\n", "");
    jobs.run(
            "job = hypergradient\nupper.variable = l2\n"
                + plain
                + "hypergradient.methods = [exact, cg]\n")
        .assertFailed(2, "an evaluation sends", LIMIT);
    jobs.run(
            "job = benchmark\nupper.variable = l2\nsolver.curvature = exact\n"
                + "benchmark.runs = [nbo]\n"
                + plain)
        .assertFailed(2, "an evaluation sends", LIMIT);
  }
}
