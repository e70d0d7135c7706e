package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.data.ParquetFixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Paths and folders from the command line: exit codes, sentences and notices. */
class PathJobTest {
  private static final String JOB =
      """
      job = clean
      data { train { path = rows }, validation { rows = 30 } }
      solver.iterations = 1
      baselines = []
      """;

  @TempDir Path folder;

  private static String rows(long from) {
    return "select id % 2 as label, id * 1D as x, sin(id) as y from range("
        + from
        + ", "
        + (from + 60)
        + ")";
  }

  @Test
  void noticesReachTheSummary() throws Exception {
    ParquetFixtures.sql(folder, "rows/year=2020/p.parquet", rows(0));
    ParquetFixtures.sql(folder, "rows/year=2021/p.parquet", rows(60));
    Files.writeString(folder.resolve("rows/_notes.txt"), "notes");
    try (JobRuns jobs = JobRuns.inSharedSession(folder)) {
      jobs.run(JOB).assertDone();
      Map<String, Integer> counts = new HashMap<>();
      for (JsonNode notice : jobs.json("out/summary.json").get("notices")) {
        counts.put(notice.get("code").asText(), notice.get("count").asInt());
      }
      assertEquals(1, counts.get("partition-columns"));
      assertEquals(1, counts.get("files-ignored"));
    }
  }

  @Test
  void wrongPathsEndWithOneSentence() throws Exception {
    ParquetFixtures.sql(folder, "delta/p.parquet", rows(0));
    Files.createDirectories(folder.resolve("delta/_delta_log"));
    ParquetFixtures.sql(folder, "mixed/a.parquet", rows(0));
    ParquetFixtures.sql(folder, "mixed/b.parquet", "select 1 as label, 1D as x");
    ParquetFixtures.sql(folder, "_rows.parquet", rows(0));
    Files.writeString(folder.resolve("a:b.csv"), "label,x\n0,1\n");
    try (JobRuns jobs = JobRuns.inSharedSession(folder)) {
      for (List<String> wrong :
          List.of(
              List.of("delta", "Delta table"),
              List.of("mixed", "'y'"),
              List.of("_rows.parquet", "rename"),
              List.of("\"a:b.csv\"", "colon"),
              List.of("\"https://host/rows.csv\"", "download"),
              List.of("\"s3a://bucket/rows\"", "hadoop-aws"))) {
        JobRuns.Ended ended = jobs.run(JOB, "data.train.path=" + wrong.get(0));
        ended.assertFailed(3, wrong.get(1));
        assertFalse(
            ended.lines().stream().anyMatch(line -> line.contains("WARN")), ended.lastLine());
      }
    }
  }
}
