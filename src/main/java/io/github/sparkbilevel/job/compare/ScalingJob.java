package io.github.sparkbilevel.job.compare;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.clean.CleanJob;
import io.github.sparkbilevel.job.config.BenchmarkConfig;
import io.github.sparkbilevel.job.config.Folders;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.config.JobFile;
import io.github.sparkbilevel.job.output.OutputFolder;
import io.github.sparkbilevel.job.run.Console;
import io.github.sparkbilevel.job.run.Interruption;
import io.github.sparkbilevel.job.run.Job;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.Notices;
import io.github.sparkbilevel.job.run.RunResult;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * The job {@code benchmark} where it measures what the job {@code clean} costs: whole jobs on
 * made-up tables of several sizes, {@link ScalingLaw}s that fit what they took, and estimates for
 * clusters.
 *
 * <p>The cores of a session stay what they are. What fewer cores take is measured with fewer
 * partitions than cores, for each task has a partition, and a single one reads the table.
 */
public final class ScalingJob implements Job {
  private static final Console SILENT =
      new Console(
          new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), false);

  /** By which Spark cuts files into tasks. */
  private static final String LEAST_TASKS = "spark.sql.files.minPartitionNum";

  private static final int MOST_TRUSTED = 2000;
  private static final int LAUNCHED = 200;
  private static final int LAUNCHES = 3;

  @Override
  public RunResult run(JobContext context) throws Exception {
    BenchmarkConfig config = context.config().benchmark();
    int cores = context.spark().sparkContext().defaultParallelism();
    List<Workload> workloads = workloads(config, cores);
    Map<ScalingStep, double[][]> all = new EnumMap<>(ScalingStep.class);
    for (ScalingStep step : ScalingStep.values()) {
      all.put(step, new double[workloads.size()][config.repetitions()]);
    }
    // What is compiled in the first job is compiled for all.
    measure(context, workloads.get(0));
    for (int repetition = 0; repetition < config.repetitions(); repetition++) {
      for (int i = 0; i < workloads.size(); i++) {
        JsonNode summary = measure(context, workloads.get(i));
        for (ScalingStep step : ScalingStep.values()) {
          all.get(step)[i][repetition] = step.measured(summary);
        }
        context.console().progress(line(workloads.get(i), summary));
      }
    }
    Map<ScalingStep, double[]> seconds = new EnumMap<>(ScalingStep.class);
    Map<ScalingStep, ScalingLaw> laws = new EnumMap<>(ScalingStep.class);
    all.forEach(
        (step, times) -> {
          seconds.put(step, Arrays.stream(times).mapToDouble(ScalingJob::least).toArray());
          laws.put(step, ScalingLaw.fit(step, workloads, seconds.get(step)));
        });
    var measured = new ClusterEstimate.Measured(laws, launchSeconds(context.spark()));
    List<ClusterEstimate> estimates =
        config.cluster().executors().stream()
            .map(executors -> ClusterEstimate.of(measured, config, executors))
            .toList();
    return new ScalingOutputs(workloads, seconds, measured, estimates).write(context);
  }

  /** Seconds of a task that does nothing, of many that are launched one after the other. */
  private static double launchSeconds(SparkSession spark) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    double[] seconds = new double[LAUNCHES];
    for (int i = 0; i < LAUNCHES; i++) {
      long start = System.nanoTime();
      context.parallelize(List.<Integer>of(), LAUNCHED).count();
      seconds[i] = (System.nanoTime() - start) / 1e9 / LAUNCHED;
    }
    return least(seconds);
  }

  /**
   * What is measured. More classes tell operations from bytes; the features stay, for the fixed
   * cost of a job grows with its columns.
   */
  static List<Workload> workloads(BenchmarkConfig config, int cores) {
    BenchmarkConfig.Made made = config.made();
    int n = made.rows();
    int p = made.features();
    int k = made.classes();
    Set<Workload> all = new LinkedHashSet<>();
    all.add(new Workload(n, p, k, cores, cores));
    if (config.scaling().contains("rows")) {
      all.add(new Workload(n / 2, p, 2 * k, cores, cores));
      all.add(new Workload(n / 2, p, k, cores, cores));
      all.add(new Workload(n / 4, p, k, cores, cores));
    }
    if (config.scaling().contains("partitions")) {
      all.add(new Workload(n, p, k, 4 * cores, cores));
      all.add(new Workload(n, p, k, 16 * cores, cores));
    }
    if (config.scaling().contains("cores")) {
      for (int fewer = 1; fewer < cores; fewer *= 2) {
        all.add(new Workload(n, p, k, fewer, cores));
      }
    }
    return new ArrayList<>(all);
  }

  /** What a made-up table is called. */
  static String nameOf(Workload of) {
    return "made-%d-%d-%d".formatted(of.rows(), of.features(), of.classes());
  }

  /** The summary of a job that cleans such a table. */
  private static JsonNode measure(JobContext context, Workload of) throws Exception {
    SparkSession spark = context.spark();
    String table = context.output().path(nameOf(of)).toString();
    writeTable(spark, of, table);
    spark.conf().set(LEAST_TASKS, of.busyCores());
    JobConfig config = config(context, of, table);
    try (OutputFolder output =
            OutputFolder.open(
                config.output().path(), true, spark.sparkContext().hadoopConfiguration());
        Interruption interruption = Interruption.watch(output, SILENT)) {
      interruption.cancels(spark);
      JobContext own =
          new JobContext(
              config, spark, output, interruption, new Notices(SILENT), System.nanoTime(), 0);
      return new CleanJob().run(own).summary();
    } finally {
      spark.conf().unset(LEAST_TASKS);
    }
  }

  private static JobConfig config(JobContext context, Workload of, String table) {
    String text =
        """
        job = clean
        seed = %d
        data {
          train { path = "%s", format = parquet }
          validation.rows = %d
          partitions = %d
          corrupt.fraction = 0.3
        }
        solver { curvature = cg, products = 2, iterations = 3, warmupPasses = 2 }
        baselines = []
        output.path = "%s"
        """
            .formatted(
                context.config().seed(),
                table,
                Math.min(MOST_TRUSTED, of.rows() / 10),
                of.partitions(),
                context.output().path("cleaned"));
    return JobFile.parse(text, List.of(), new Folders(Path.of("").toAbsolutePath(), null));
  }

  /** Rows around the centres of their classes, unless they are there already. */
  private static void writeTable(SparkSession spark, Workload of, String path) throws IOException {
    var folder = new org.apache.hadoop.fs.Path(path);
    if (folder.getFileSystem(spark.sparkContext().hadoopConfiguration()).exists(folder)) {
      return;
    }
    Column[] columns = new Column[of.features() + 1];
    columns[0] = functions.col("label");
    for (int j = 0; j < of.features(); j++) {
      String value = "cast(1.5 * randn(%1$d) + sin(1 + %1$d * (label + 1.7)) as float)";
      columns[j + 1] = functions.expr(value.formatted(j)).as("x" + j);
    }
    spark
        .range(0, of.rows(), 1, of.cores())
        .select(functions.expr("cast(id %% %d as int)".formatted(of.classes())).as("label"))
        .select(columns)
        .write()
        .parquet(path);
  }

  /** What other programs do meanwhile only adds to it. */
  private static double least(double[] times) {
    return Arrays.stream(times).min().orElseThrow();
  }

  private static String line(Workload of, JsonNode summary) {
    StringBuilder line =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%,d rows x %,d features, %,d classes, %,d partitions:",
                of.rows(),
                of.features(),
                of.classes(),
                of.partitions()));
    for (ScalingStep step : ScalingStep.values()) {
      line.append(String.format(Locale.ROOT, " %s %.3f s", step.label(), step.measured(summary)));
    }
    return line.toString();
  }
}
