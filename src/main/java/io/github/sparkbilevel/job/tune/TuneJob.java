package io.github.sparkbilevel.job.tune;

import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.run.CheckpointFolder;
import io.github.sparkbilevel.job.run.Estimators;
import io.github.sparkbilevel.job.run.Job;
import io.github.sparkbilevel.job.run.JobCheckpoints;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.JobTables;
import io.github.sparkbilevel.job.run.Progress;
import io.github.sparkbilevel.job.run.Refusals;
import io.github.sparkbilevel.job.run.RunResult;
import io.github.sparkbilevel.ml.TuningParams;
import io.github.sparkbilevel.ml.TuningRun;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.spark.checkpoint.CheckpointPlan;

/**
 * The job {@code tune}: fits a model and its hyperparameters together, by {@link
 * io.github.sparkbilevel.ml.TunedLogisticRegression} or {@link
 * io.github.sparkbilevel.ml.TunedLinearRegression}.
 */
public final class TuneJob implements Job {

  @Override
  public RunResult run(JobContext context) throws Exception {
    try (Progress progress = new Progress(context, "validation")) {
      return tune(context, progress);
    }
  }

  private static RunResult tune(JobContext context, Progress progress) throws Exception {
    JobConfig config = context.config();
    CheckpointPlan plan = JobCheckpoints.plan(context, progress);
    long start = System.nanoTime();
    PreparedTables tables = JobTables.load(context);
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
      MllibSearch.Found mllib =
          config.baselines().contains(Keys.MLLIB) ? MllibSearch.run(context, run.data()) : null;
      context.output().afterCommit(run::removeCheckpoints);
      return new TuneOutputs(context, run, mllib, progress, readSeconds).write();
    }
  }
}
