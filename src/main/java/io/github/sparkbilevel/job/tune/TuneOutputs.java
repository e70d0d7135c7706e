package io.github.sparkbilevel.job.tune;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.job.output.OutputFolder;
import io.github.sparkbilevel.job.report.Page;
import io.github.sparkbilevel.job.report.PathLines;
import io.github.sparkbilevel.job.report.TunedPenalties;
import io.github.sparkbilevel.job.report.TuningPage;
import io.github.sparkbilevel.job.run.Csv;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.Progress;
import io.github.sparkbilevel.job.run.RunFacts;
import io.github.sparkbilevel.job.run.RunResult;
import io.github.sparkbilevel.job.run.SavedModel;
import io.github.sparkbilevel.job.run.Summaries;
import io.github.sparkbilevel.ml.TuningRun;
import io.github.sparkbilevel.settings.Keys;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes what a tuning job found, and makes its summary and its report.
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
  private static final Map<String, String> UNITS =
      Map.of(
          "l1", "penalties",
          "l2", "penalties",
          "group-lasso", "penalties",
          "feature", "features",
          "class", "classes",
          "coefficient", "coefficients",
          "group", "groups");

  RunResult write() throws IOException {
    Optional<PathOutputs> path =
        context.config().output().regularizationPath().map(points -> PathOutputs.of(run, points));
    long start = System.nanoTime();
    OutputFolder output = context.output();
    if (path.isPresent()) {
      path.get().write(output);
    }
    writeHyperparameters(output);
    SavedModel.write(context, run.trained());
    progress.history().finish(run.course().history());
    TuneSummary figures = new TuneSummary(run, mllib);
    ObjectNode summary = figures.of(context);
    path.ifPresent(found -> summary.set("regularizationPath", found.summary()));
    summary.set("seconds", seconds(start));
    context.console().line(figures.sentence());
    Page page =
        TuningPage.of(
            RunFacts.of(context, summary, "validation"),
            summary,
            progress.history().of(run.course().history()),
            new TuningPage.Outcome(
                figures.candidates(),
                penalties(),
                path.map(PathOutputs::lines).orElse(PathLines.NONE)));
    return RunResult.of(summary, page);
  }

  private ObjectNode seconds(long start) {
    ObjectNode seconds = Summaries.seconds(context, run, readSeconds);
    run.searches().forEach((name, found) -> seconds.put(name, found.last().seconds()));
    if (mllib != null) {
      seconds.put(Keys.MLLIB, mllib.seconds());
    }
    return seconds.put("write", (System.nanoTime() - start) / 1e9);
  }

  /**
   * A line for each entry of the driver's λ; the value is what λ stands for, such as σ(λ) for a
   * weight. Then, where it is known, how the validation loss depends on it.
   */
  private void writeHyperparameters(OutputFolder output) throws IOException {
    List<String> names = run.names();
    double[] lambda = run.result().lambda();
    try (BufferedWriter csv = Csv.open(output, "hyperparameters.csv")) {
      csv.write("name,lambda,value," + String.join(",", SensitivityFigures.COLUMNS) + "\n");
      SensitivityFigures figures = new SensitivityFigures(run.sensitivity().orElse(null), names);
      for (int j = 0; j < lambda.length; j++) {
        double value = run.upper().of(run.problem(), j).meaning(lambda[j]);
        csv.write(Csv.quoted(names.get(j)) + "," + lambda[j] + "," + value);
        csv.write("," + figures.cells(j) + "\n");
      }
    }
  }

  private TunedPenalties penalties() {
    List<IterationRecord> history = run.course().history();
    List<String> names = run.names();
    return new TunedPenalties(
        unit(context.config().upper().penalties()),
        names.subList(run.problem().weighingSize(), names.size()),
        penalties(run.result().lambda()),
        Arrays.stream(run.bounds()).map(this::penalties).toArray(double[][]::new),
        history.get(0).point().lambda().length > 0
            ? history.stream().map(record -> penalties(record.point().lambda())).toList()
            : List.of());
  }

  /** What each penalty is of, where they are all of the same. */
  private static String unit(List<String> penalties) {
    return penalties.size() > 1
        ? "penalties"
        : UNITS.getOrDefault(penalties.get(0).replaceFirst(".*-per-", ""), "entries");
  }

  /** The penalties' part of λ, which follows that of the weights. */
  private double[] penalties(double[] lambda) {
    int from = run.problem().weighingSize();
    return from == 0 ? lambda : Arrays.copyOfRange(lambda, from, lambda.length);
  }
}
