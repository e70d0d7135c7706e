package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.output.OutputFolder;
import io.github.sparkbilevel.job.report.TuningPage;
import io.github.sparkbilevel.ml.Tuner.Tuned;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.problem.BilevelProblem;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes what a tuning job found: hyperparameters, model, history, summary and report.
 *
 * @param mllib what MLlib's grid found, or null
 * @param loadSeconds spent on reading and partitioning
 */
record TuneOutputs(
    JobContext context,
    DataSet data,
    BilevelProblem problem,
    Curvature.Choice curvature,
    Tuned tuned,
    MllibSearch.Found mllib,
    double loadSeconds) {

  void write() throws IOException {
    long start = System.nanoTime();
    OutputFolder output = context.output();
    writeHyperparameters(output);
    TuneSummary before = summary(0);
    TrainedModel.of((LinearModel) problem.model(), before.selected().theta(), data)
        .write()
        .save(output.path("model").toString());
    output.writeText(
        "history.jsonl",
        History.lines(
            tuned.result().history(), curvature.curvature(), problem.model().loss().classes() > 0));
    TuneSummary summary = summary((System.nanoTime() - start) / 1e9);
    output.writeText("report.html", TuningPage.html(new TuneReport(summary).build()));
    output.writeText(OutputFolder.SUMMARY, Json.pretty(summary.asMap()));
    context.console().line(summary.sentence());
  }

  private TuneSummary summary(double writeSeconds) {
    return new TuneSummary(
        context, data, problem, curvature, tuned, mllib, loadSeconds, writeSeconds);
  }

  /** A line for each entry of the driver's λ; the value of a weight is σ(λ), of a penalty e^λ. */
  private void writeHyperparameters(OutputFolder output) throws IOException {
    List<String> names = Problems.names(problem, context.config(), data);
    double[] lambda = tuned.result().lambda();
    int weights = problem.rows().size();
    try (BufferedWriter csv =
        new BufferedWriter(
            new OutputStreamWriter(output.create("hyperparameters.csv"), StandardCharsets.UTF_8))) {
      csv.write("name,lambda,value\n");
      for (int j = 0; j < lambda.length; j++) {
        double value = j < weights ? 1 / (1 + Math.exp(-lambda[j])) : Math.exp(lambda[j]);
        csv.write(Csv.quoted(names.get(j)) + "," + lambda[j] + "," + value + "\n");
      }
    }
  }
}
