package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.output.RowWriter;
import io.github.sparkbilevel.ml.CleaningRun;
import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.PreparedData;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.spark.CheckpointPlan;
import io.github.sparkbilevel.spark.DataRow.Part;
import java.util.Locale;

/**
 * The job {@code clean}: finds the training rows whose labels are wrong, and fits a model without
 * them, by a {@link DataCleaner}.
 */
final class CleanJob implements Job {

  @Override
  public RunResult run(JobContext context) throws Exception {
    JobConfig config = context.config();
    requireWritable(config);
    DataCleaner cleaner = Estimators.cleaner(config);
    try (Progress progress = new Progress(context, CleanJob::describe)) {
      return clean(context, cleaner, progress);
    }
  }

  private static RunResult clean(JobContext context, DataCleaner cleaner, Progress progress)
      throws Exception {
    CheckpointPlan plan = JobCheckpoints.plan(context, progress);
    long start = System.nanoTime();
    PreparedTables tables = JobTables.load(context.spark(), context.config());
    double readSeconds = (System.nanoTime() - start) / 1e9;
    try (CheckpointFolder unused = CheckpointFolder.open(context);
        CleaningRun run = Refusals.asConfig(() -> cleaner.run(tables, progress, plan))) {
      context.console().endProgress();
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

  private static String describe(
      PreparedData data, BilevelProblem problem, Curvature.Choice choice) {
    return String.format(
        Locale.ROOT,
        "%,d training rows x %,d features, %d classes; %,d trusted rows, %,d of them held out;"
            + " %,d test rows; curvature %s (%s)",
        data.blocks().rows().get(Part.TRAIN),
        data.tables().train().columns(),
        data.tables().classes().size(),
        data.blocks().rows().get(Part.UPPER) + data.blocks().rows().get(Part.HELD_OUT),
        data.blocks().rows().get(Part.HELD_OUT),
        data.blocks().rows().get(Part.TEST),
        choice.curvature().label(),
        choice.reason());
  }
}
