package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.ml.PreparedData;
import io.github.sparkbilevel.ml.TuningParams;
import io.github.sparkbilevel.ml.TuningRun;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.spark.CheckpointPlan;
import io.github.sparkbilevel.spark.DataRow.Part;
import java.util.Locale;

/**
 * The job {@code tune}: fits a model and its hyperparameters together, by {@link
 * io.github.sparkbilevel.ml.TunedLogisticRegression} or {@link
 * io.github.sparkbilevel.ml.TunedLinearRegression}.
 */
final class TuneJob implements Job {

  @Override
  public void run(JobContext context) throws Exception {
    try (Progress progress = new Progress(context, TuneJob::describe)) {
      tune(context, progress);
    }
  }

  private static void tune(JobContext context, Progress progress) throws Exception {
    JobConfig config = context.config();
    CheckpointPlan plan = JobCheckpoints.plan(context, progress);
    long start = System.nanoTime();
    PreparedTables tables = JobTables.load(context.spark(), config);
    TuningParams<?, ?> tuner;
    try {
      tuner = Estimators.tuner(context.spark(), config, tables);
    } catch (RuntimeException e) {
      tables.close();
      throw e;
    }
    double readSeconds = (System.nanoTime() - start) / 1e9;
    try (CheckpointFolder unused = CheckpointFolder.open(context);
        TuningRun run = Refusals.asConfig(() -> tuner.run(tables, progress, plan))) {
      context.console().endProgress();
      MllibSearch.Found mllib =
          config.baselines().contains(Keys.MLLIB) ? MllibSearch.run(context, run.data()) : null;
      new TuneOutputs(context, run, mllib, progress, readSeconds).write();
      context.output().afterCommit(run::removeCheckpoints);
    }
  }

  private static String describe(
      PreparedData data, BilevelProblem problem, Curvature.Choice choice) {
    return String.format(
        Locale.ROOT,
        "%,d training rows x %,d features%s; %,d validation rows; %,d test rows; %,d"
            + " hyperparameters for %,d coefficients; curvature %s (%s)",
        data.blocks().rows().get(Part.TRAIN),
        data.tables().train().columns(),
        data.tables().labels().size() == 0 ? "" : ", " + data.tables().labels().size() + " classes",
        data.blocks().rows().get(Part.UPPER),
        data.blocks().rows().get(Part.TEST),
        problem.sharedSize(),
        problem.model().size(),
        choice.curvature().label(),
        choice.reason());
  }
}
