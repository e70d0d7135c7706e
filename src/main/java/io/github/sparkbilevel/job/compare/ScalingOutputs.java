package io.github.sparkbilevel.job.compare;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.config.BenchmarkConfig;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.report.RunDescription;
import io.github.sparkbilevel.job.report.ScalingPage;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.RunFacts;
import io.github.sparkbilevel.job.run.RunResult;
import io.github.sparkbilevel.job.run.Summaries;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.apache.hadoop.fs.FileSystem;

/**
 * What was measured of the job {@code clean}, the laws that fit it, and what follows for clusters,
 * in the shapes of the outputs.
 *
 * @param seconds of each step, in the order of the workloads
 */
record ScalingOutputs(
    List<Workload> workloads,
    Map<ScalingStep, double[]> seconds,
    ClusterEstimate.Measured measured,
    List<ClusterEstimate> estimates) {

  /** Prints the laws and the estimates, removes the made-up tables, and makes the report. */
  RunResult write(JobContext context) throws IOException {
    FileSystem files =
        context
            .output()
            .target()
            .getFileSystem(context.spark().sparkContext().hadoopConfiguration());
    for (Workload of : workloads) {
      files.delete(context.output().path(ScalingJob.nameOf(of)), true);
    }
    ObjectNode summary = Summaries.of(context);
    summary.set("scaling", Json.tree(context.config().benchmark().scaling()));
    summary.set("measurements", measurements());
    summary.set("laws", ofLaws());
    summary.put("launchSecondsOfTask", measured.launch());
    BenchmarkConfig.Cluster cluster = context.config().benchmark().cluster();
    summary
        .putObject("cluster")
        .put("rows", cluster.rows())
        .put("features", estimates.get(0).workload().features())
        .put("classes", estimates.get(0).workload().classes())
        .put("networkMbps", cluster.networkMbps());
    summary.set("estimates", estimated());
    summary.set("seconds", Summaries.seconds(context));
    context.console().result(text(cluster));
    RunDescription run =
        new RunDescription(
            "What cleaning costs",
            RunFacts.facts(context, summary),
            Json.array(),
            context.config().resolvedText());
    return RunResult.of(summary, ScalingPage.of(run, summary));
  }

  private ArrayNode measurements() {
    ArrayNode rows = Json.array();
    for (int i = 0; i < workloads.size(); i++) {
      Workload of = workloads.get(i);
      int at = i;
      ObjectNode row = rows.addObject().setAll(Json.<ObjectNode>tree(of));
      row.put("cores", of.busyCores());
      row.set("seconds", bySteps(step -> seconds.get(step)[at]));
      row.set("fitted", bySteps(step -> measured.laws().get(step).seconds(of)));
    }
    return rows;
  }

  private static ObjectNode bySteps(ToDoubleFunction<ScalingStep> figure) {
    ObjectNode figures = Json.object();
    for (ScalingStep step : ScalingStep.values()) {
      figures.put(step.label(), figure.applyAsDouble(step));
    }
    return figures;
  }

  private ObjectNode ofLaws() {
    ObjectNode all = Json.object();
    measured
        .laws()
        .forEach(
            (step, law) ->
                all.putObject(step.label())
                    .put("constant", law.coefficients()[0])
                    .put("perByte", law.coefficients()[1])
                    .put("perFlop", law.coefficients()[2])
                    .put("perPartition", law.coefficients()[3])
                    .put("relativeError", law.error())
                    .put("largestError", law.worst()));
    return all;
  }

  private ArrayNode estimated() {
    ArrayNode rows = Json.array();
    for (ClusterEstimate estimate : estimates) {
      ObjectNode row =
          rows.addObject()
              .put("executors", estimate.executors())
              .put("cores", estimate.workload().cores())
              .put("partitions", estimate.workload().partitions());
      ObjectNode times = bySteps(estimate::seconds).put("job", estimate.secondsOfJob());
      row.set("seconds", times);
      row.put("launchSecondsOfPass", estimate.launchSeconds(ScalingStep.PASS))
          .put("networkSecondsOfPass", estimate.networkSecondsOfPass())
          .put("driverBytesOfPass", estimate.driverBytesOfPass());
    }
    return rows;
  }

  private String text(BenchmarkConfig.Cluster cluster) {
    StringBuilder text = new StringBuilder();
    text.append("step        constant s  s per GB  s per Gflop  s per partition");
    text.append("  error\n");
    measured
        .laws()
        .forEach(
            (step, law) ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "%-10s  %10.3f  %8.3f  %11.4f  %15.4f  %4.0f %%%n",
                        step.label(),
                        law.coefficients()[0],
                        1e9 * law.coefficients()[1],
                        1e9 * law.coefficients()[2],
                        law.coefficients()[3],
                        100 * law.error())));
    text.append(
        String.format(
            Locale.ROOT,
            "seconds of a core, and %.2f ms to launch a task%n%nestimates for %,d rows x %,d features, %,d classes, %,.0f Mbit/s%n",
            1e3 * measured.launch(),
            cluster.rows(),
            estimates.get(0).workload().features(),
            estimates.get(0).workload().classes(),
            cluster.networkMbps()));
    text.append("executors   cores  partitions      load    pass  iteration  ranking     write");
    text.append("       job\n");
    for (ClusterEstimate estimate : estimates) {
      text.append(
          String.format(
              Locale.ROOT,
              "%9d  %6d  %10d  %6.1f s  %4.2f s  %7.2f s  %5.1f s  %6.1f s  %6.1f s%n",
              estimate.executors(),
              estimate.workload().cores(),
              estimate.workload().partitions(),
              estimate.seconds(ScalingStep.LOAD),
              estimate.seconds(ScalingStep.PASS),
              estimate.seconds(ScalingStep.ITERATION),
              estimate.seconds(ScalingStep.RANKING),
              estimate.seconds(ScalingStep.WRITE),
              estimate.secondsOfJob()));
    }
    return text.toString();
  }
}
