package io.github.sparkbilevel.job;

import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.output.OutputFolder;
import io.github.sparkbilevel.job.report.TuningPage;
import io.github.sparkbilevel.ml.TuningRun;
import io.github.sparkbilevel.ml.UpperLevel;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes what a tuning job found: hyperparameters, model, history, summary and report.
 *
 * @param mllib what MLlib's grid found, or null
 * @param progress what was told of the run on its way
 * @param readSeconds spent on reading
 */
record TuneOutputs(
    JobContext context,
    TuningRun run,
    MllibSearch.Found mllib,
    Progress progress,
    double readSeconds) {

  void write() throws IOException {
    long start = System.nanoTime();
    OutputFolder output = context.output();
    writeHyperparameters(output);
    run.trained().write().save(output.path("model").toString());
    progress.history().finish(run.result().history());
    TuneSummary summary =
        new TuneSummary(context, run, mllib, readSeconds, (System.nanoTime() - start) / 1e9);
    output.writeText("report.html", TuningPage.html(new TuneReport(summary).build()));
    output.writeText(OutputFolder.SUMMARY, Json.pretty(summary.asMap()));
    context.console().line(summary.sentence());
  }

  /**
   * A line for each entry of the driver's λ; the value is what λ stands for, such as σ(λ) for a
   * weight.
   */
  private void writeHyperparameters(OutputFolder output) throws IOException {
    List<String> names = run.names();
    double[] lambda = run.result().lambda();
    int weights = run.problem().weighingSize();
    try (BufferedWriter csv =
        new BufferedWriter(
            new OutputStreamWriter(output.create("hyperparameters.csv"), StandardCharsets.UTF_8))) {
      csv.write("name,lambda,value\n");
      for (int j = 0; j < lambda.length; j++) {
        UpperLevel upper = run.upper();
        double value = (j < weights ? upper.weights() : upper.penalty()).meaning(lambda[j]);
        csv.write(Csv.quoted(names.get(j)) + "," + lambda[j] + "," + value + "\n");
      }
    }
  }
}
