package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.sparkbilevel.ChildJvm;
import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.NumericsException;
import io.github.sparkbilevel.job.config.Folders;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.run.Job;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.RunResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
  private static final String JOB =
      """
      job = clean
      data.train.path = rows.csv
      data.validation.rows = 10
      output.path = "my out"
      """;

  @TempDir Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeEach
  void prepare() throws IOException {
    System.setProperty("spark.master", "local[1]");
    System.setProperty("spark.ui.enabled", "false");
    System.setProperty("spark.driver.host", "localhost");
    Files.writeString(folder.resolve("job.conf"), JOB);
  }

  @AfterEach
  void clear() {
    List.of("spark.master", "spark.ui.enabled", "spark.driver.host").forEach(System::clearProperty);
  }

  /** What a job does, but for its result. */
  private interface Body {
    void run(JobContext context) throws Exception;
  }

  private static Job job(Body body) {
    return context -> {
      body.run(context);
      return RunResult.of(Json.object());
    };
  }

  private int run(Body body, String... args) {
    return Main.run(
        args,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        new Host(
            Map.of("clean", () -> job(body), "hypergradient", () -> job(body)),
            new Folders(folder, folder),
            Sessions.OWN));
  }

  private List<String> errLines() {
    return err.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private String lastLine() {
    List<String> lines = errLines();
    return lines.get(lines.size() - 1);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static void mustNotRun(JobContext context) {
    throw new AssertionError("the job was started");
  }

  private static void write(JobContext context) throws IOException {
    context.output().writeText("summary.json", "{}");
    context.console().progress("half way");
  }

  /** Throws on an executor what a reader throws when a row is bad. */
  private static void failInTask(JobContext context) throws IOException {
    write(context);
    try (JavaSparkContext spark = new JavaSparkContext(context.spark().sparkContext())) {
      spark
          .parallelize(List.of(1, 2, 3), 1)
          .foreach(
              row -> {
                throw new DataException("row " + row + " holds NaN; expected a number, remove it");
              });
    }
  }

  private static void readMissing(JobContext context) {
    context.spark().read().parquet("/no/such/rows.parquet").count();
  }

  private static void readMissingTable(JobContext context) {
    context.spark().table("no_such_table").count();
  }

  private static void diverge(JobContext context) throws IOException {
    write(context);
    throw new NumericsException("the loss is not finite in iteration 3; try a larger model.l2");
  }

  private static void breakDown(JobContext context) {
    throw new IllegalStateException("a bug");
  }

  /** A thread that fetches a result for Spark dies, and the job waits for the result. */
  private static void waitForWhatNeverComes(JobContext context) throws IOException {
    write(context);
    new Thread(
            () -> {
              throw new OutOfMemoryError("Java heap space");
            })
        .start();
    JavaSparkContext.fromSparkContext(context.spark().sparkContext())
        .parallelize(List.of(1), 1)
        .foreach(row -> Thread.sleep(100_000));
  }

  @Test
  void aThreadThatIsOutOfMemoryEndsTheJob() throws IOException {
    long start = System.nanoTime();
    assertEquals(1, run(MainTest::waitForWhatNeverComes, "job.conf"));
    assertTrue(lastLine().startsWith("error: the memory did not suffice"), lastLine());
    assertTrue(System.nanoTime() - start < 80e9, "nobody waited");
    assertEquals(List.of("job.conf"), names());
  }

  @Test
  void helpAndVersionNeedNoJobFile() {
    assertEquals(0, run(MainTest::mustNotRun, "--help"));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("JOB_FILE"));
    assertEquals(0, run(MainTest::mustNotRun, "--version"));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("spark-bilevel "));
    assertEquals(List.of(), errLines());
  }

  @Test
  void theHelpOfTheScriptIsTheOneOfMain() throws IOException {
    Path page = Path.of("docs/usage.txt");
    assertEquals(0, run(MainTest::mustNotRun, "--help"));
    String help = out.toString(StandardCharsets.UTF_8);
    if (Boolean.getBoolean("update")) {
      Files.writeString(page, help);
    }
    assertEquals(help, Files.readString(page), "run the tests with -Dupdate=true, once");
  }

  @Test
  void theExamplesAreThoseOfTheirPackage() {
    Set<String> classes =
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.github.sparkbilevel.examples")
                .stream()
                .filter(c -> c.tryGetMethod("main", String[].class).isPresent())
                .map(JavaClass::getSimpleName)
                .collect(Collectors.toSet());
    assertEquals(Main.EXAMPLES, classes);
    assertEquals(2, run(MainTest::mustNotRun, "--example"));
    assertEquals(2, run(MainTest::mustNotRun, "--example", "Fish", "noise=40"));
    assertTrue(lastLine().contains("Fish"), lastLine());
  }

  @Test
  void theJobFilesOfTheRepositoryAreListed() throws IOException {
    Files.createDirectory(folder.resolve("spark-job"));
    Files.writeString(folder.resolve("spark-job/b.conf"), "\n#\n#  Finds it.\n# More.\njob = x\n");
    Files.writeString(folder.resolve("spark-job/a.conf"), "job = x");
    assertEquals(0, run(MainTest::mustNotRun, "--list"));
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(2, lines.size());
    assertTrue(lines.get(0).startsWith("spark-job/a.conf"), lines.get(0));
    assertTrue(lines.get(1).matches("spark-job/b\\.conf +Finds it\\."), lines.get(1));
  }

  @Test
  void aWrongCommandLineIsTwo() throws IOException {
    for (String[] args :
        new String[][] {
          {},
          {"none.conf"},
          {"job.conf", "--what"},
          {"job.conf", "seed"},
          {"job.conf", "sed=1"},
          {"job.conf", "job=bench"},
          {"job.conf", "solver.products=0"},
        }) {
      assertEquals(2, run(MainTest::mustNotRun, args), String.join(" ", args));
      assertTrue(lastLine().startsWith("error: "), lastLine());
    }
    assertEquals(7, errLines().size(), "one line each");
    assertEquals(List.of("job.conf"), names());
  }

  @Test
  void aJobThatIsNotThereIsTwo() throws IOException {
    assertEquals(2, run(MainTest::mustNotRun, "job.conf", "job=tune"));
    assertEquals(
        "error: job = tune is not in this version; try one of clean | hypergradient", lastLine());
    assertEquals(List.of("job.conf"), names());
  }

  @Test
  void anOutputThatExistsIsTwoBeforeAnyWork() throws IOException {
    Files.createDirectory(folder.resolve("my out"));
    assertEquals(2, run(MainTest::mustNotRun, "job.conf"));
    assertTrue(lastLine().contains("output.overwrite = true"), lastLine());
    assertEquals(List.of("job.conf", "my out"), names());
  }

  @Test
  void aJobThatEndsWellIsZeroAndItsOutputIsThere() throws IOException {
    assertEquals(0, run(MainTest::write, "job.conf", "seed=1"));
    assertEquals(List.of("job.conf", "my out"), names());
    assertTrue(Files.exists(folder.resolve("my out/summary.json")));
    assertTrue(lastLine().startsWith("done in "), lastLine());
    assertTrue(lastLine().endsWith(folder.resolve("my out").toString()), lastLine());
    assertTrue(SparkSession.getActiveSession().isEmpty(), "the session is stopped");
  }

  @Test
  void badDataIsThreeAlsoFromAnExecutor() throws IOException {
    assertEquals(3, run(MainTest::failInTask, "job.conf"));
    assertEquals("error: row 1 holds NaN; expected a number, remove it", lastLine());
    assertEquals(List.of("job.conf"), names());
    assertEquals(3, run(MainTest::readMissing, "job.conf"));
    assertTrue(lastLine().contains("/no/such/rows.parquet"), lastLine());
    assertEquals(3, run(MainTest::readMissingTable, "job.conf"));
    assertTrue(lastLine().contains("no_such_table"), lastLine());
    assertFalse(errLines().stream().anyMatch(line -> line.startsWith("\tat ")), "no stack trace");
  }

  @Test
  void divergenceIsFourAndABugIsOne() throws IOException {
    assertEquals(4, run(MainTest::diverge, "job.conf"));
    assertEquals("error: the loss is not finite in iteration 3; try a larger model.l2", lastLine());
    assertEquals(1, run(MainTest::breakDown, "job.conf"));
    assertTrue(lastLine().startsWith("error: IllegalStateException: a bug"), lastLine());
    assertEquals(List.of("job.conf"), names());
    assertEquals(1, run(MainTest::breakDown, "job.conf", "--verbose"));
    assertTrue(errLines().stream().anyMatch(line -> line.startsWith("\tat ")), "a stack trace");
    assertTrue(errLines().contains("solver.products = \"auto\""), "the whole job");
    assertTrue(lastLine().startsWith("error: "), lastLine());
  }

  /** Stands for a job that is in the middle of its work. */
  static final class Sleeper {
    public static void main(String[] args) {
      int code =
          Main.run(
              new String[] {"job.conf"},
              System.out,
              System.err,
              new Host(
                  Map.of("clean", () -> job(Sleeper::sleep)),
                  new Folders(Path.of("").toAbsolutePath(), null),
                  Sessions.OWN));
      System.exit(code);
    }

    private static void sleep(JobContext context) throws IOException {
      context.output().writeText("summary.json", "{}");
      System.out.println("ready");
      try (JavaSparkContext spark = new JavaSparkContext(context.spark().sparkContext())) {
        spark.parallelize(List.of(1), 1).foreach(row -> Thread.sleep(60_000));
      }
    }
  }

  @Test
  void anInterruptIsOneHundredThirtyAndLeavesNothing() throws Exception {
    // A build that runs in the background has its SIGINT ignored, and Java would inherit that.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.addAll(ChildJvm.command());
    command.addAll(
        List.of(
            "-Dspark.master=local[1]",
            "-Dspark.ui.enabled=false",
            "-Dspark.driver.host=localhost",
            "-cp",
            System.getProperty("java.class.path"),
            Sleeper.class.getName()));
    Path stderr = folder.resolve("stderr.txt");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(stderr.toFile())
            .start();
    try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
      String line = reader.readLine();
      assertEquals("ready", line, () -> read(stderr));
      new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
      assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it ends");
    } finally {
      process.destroyForcibly();
    }
    assertEquals(130, process.exitValue());
    List<String> lines = Files.readAllLines(stderr);
    assertTrue(lines.get(lines.size() - 1).startsWith("interrupted: "), String.join("\n", lines));
    assertEquals(List.of("job.conf", "stderr.txt"), names());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
