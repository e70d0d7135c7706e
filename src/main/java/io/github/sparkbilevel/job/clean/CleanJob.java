package io.github.sparkbilevel.job.clean;

import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.job.config.ConfigException;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.output.RowWriter;
import io.github.sparkbilevel.job.run.CheckpointFolder;
import io.github.sparkbilevel.job.run.Estimators;
import io.github.sparkbilevel.job.run.Job;
import io.github.sparkbilevel.job.run.JobCheckpoints;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.JobTables;
import io.github.sparkbilevel.job.run.Progress;
import io.github.sparkbilevel.job.run.Refusals;
import io.github.sparkbilevel.job.run.RunResult;
import io.github.sparkbilevel.ml.CleaningRun;
import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.spark.checkpoint.CheckpointPlan;

/**
 * The job {@code clean}: finds the training rows whose labels are wrong, and fits a model without
 * them, by a {@link DataCleaner}.
 */
public final class CleanJob implements Job {

  @Override
  public RunResult run(JobContext context) throws Exception {
    JobConfig config = context.config();
    requireWritable(config);
    DataCleaner cleaner = Estimators.cleaner(config);
    try (Progress progress = new Progress(context, "trusted")) {
      return clean(context, cleaner, progress);
    }
  }

  private static RunResult clean(JobContext context, DataCleaner cleaner, Progress progress)
      throws Exception {
    CheckpointPlan plan = JobCheckpoints.plan(context, progress);
    long start = System.nanoTime();
    PreparedTables tables = JobTables.load(context);
    double readSeconds = (System.nanoTime() - start) / 1e9;
    try (CheckpointFolder unused = CheckpointFolder.open(context);
        CleaningRun run = Refusals.asConfig(() -> cleaner.run(tables, progress, plan))) {
      context.output().afterCommit(run::removeCheckpoints);
      return new CleanOutputs(context, run, progress, readSeconds).write();
    }
  }

  /** Output formats that cannot hold the tables are refused before any work. */
  private static void requireWritable(JobConfig config) {
    try {
      RowWriter.requireFits("scores", CleanOutputs.SCORES, config.output().format());
    } catch (IllegalArgumentException unknown) {
      throw new ConfigException(unknown.getMessage(), unknown);
    }
  }
}
