package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.spark.TestSpark;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole jobs on names that want to be markup, with settings that nobody may read. */
class SecurityTest {
  private static final String HIDDEN = "hunter2";
  private static final Map<String, String> SECRETS =
      Map.of(
          "spark.hadoop.fs.s3a.secret.key", HIDDEN + "-key",
          "spark.hadoop.fs.azure.account.key.x.dfs.core.windows.net", HIDDEN + "-azure",
          "spark.ssl.keyPassword", HIDDEN + "-password",
          "spark.my.token", HIDDEN + "-token",
          "spark.executorEnv.AWS_SECRET_ACCESS_KEY", HIDDEN + "-environment");
  private static final String NASTY = "<script>alert('x')</script>\" onload=\"y";

  @TempDir Path folder;
  private JobRuns jobs;

  @BeforeEach
  void prepare() {
    TestSpark.stop();
    jobs = new JobRuns(folder);
    SECRETS.forEach(System::setProperty);
  }

  @AfterEach
  void clear() {
    SECRETS.keySet().forEach(System::clearProperty);
    jobs.close();
  }

  private static String cell(String text) {
    return '"' + text.replace("\"", "\"\"") + '"';
  }

  private String rows() {
    StringBuilder text = new StringBuilder(cell(NASTY) + ",b,label,group,id\n");
    List<String> lines = TuneSample.of("softmax", 260, 5).csv().lines().skip(1).toList();
    for (int i = 0; i < lines.size(); i++) {
      String[] cells = lines.get(i).split(",");
      String label = NASTY + cells[cells.length - 1];
      text.append(cells[0]).append(',').append(cells[1]).append(',').append(cell(label));
      text.append(',').append(cell(NASTY + i % 3)).append(',').append(cell(NASTY + i));
      text.append('\n');
    }
    return text.toString();
  }

  private static final String JOB =
      """
      job = clean
      data {
        train { path = "rows.csv", label = label, group = group, id = id }
        validation { rows = 60 }
        partitions = 2
      }
      solver.iterations = 2
      baselines = [noisy]
      output.format = csv
      """;

  private List<Path> written() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void noSettingIsToldAndNoNameIsMarkup() throws IOException {
    jobs.write("rows.csv", rows());
    JobRuns.Ended ended = jobs.run(JOB, "--verbose").assertDone();
    List<String> texts = new ArrayList<>(ended.lines());
    texts.add(ended.out());
    for (Path file : written()) {
      texts.add(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
    }
    assertTrue(texts.size() > 10);
    for (String text : texts) {
      assertFalse(text.contains(HIDDEN), text);
    }
    String page = jobs.read("out/report.html");
    assertFalse(page.toLowerCase(java.util.Locale.ROOT).contains("<script"), "markup from data");
    assertFalse(page.contains("\" onload="), "an attribute from data");
    assertTrue(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot; onload"));
  }

  @Test
  void aJobThatFailsDoesNotTellEither() throws IOException {
    String path = "data.train.path=nosuch://me:" + HIDDEN + "@bucket/rows.csv";
    JobRuns.Ended ended = jobs.run(JOB, path, "--verbose");
    assertTrue(ended.code() == 2 || ended.code() == 3, ended::lastLine);
    assertTrue(ended.lastLine().contains("nosuch://…@bucket"), ended::lastLine);
    for (String line : ended.lines()) {
      assertFalse(line.contains(HIDDEN), line);
    }
    assertEquals(List.of("job.conf"), jobs.names(""));
  }

  /** Hadoop tells the whole path in its log when nobody knows the host. */
  @Test
  void aHostThatNobodyKnowsIsToldWithoutThePassword() throws IOException {
    jobs.write("rows.csv", rows());
    for (String key : List.of("output.path", "checkpoint.path")) {
      String path = key + "=hdfs://me:" + HIDDEN + "@no-such-host.invalid/folder";
      JobRuns.Ended ended = jobs.run(JOB, path, "--verbose");
      assertEquals(2, ended.code(), ended::lastLine);
      assertTrue(ended.lastLine().contains("hdfs://…@no-such-host.invalid"), ended::lastLine);
      for (String line : ended.lines()) {
        assertFalse(line.contains(HIDDEN), line);
      }
    }
  }
}
