package io.github.sparkbilevel.job.run;

import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.job.config.CheckpointConfig;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.ml.Version;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.spark.checkpoint.CheckpointPlan;
import io.github.sparkbilevel.spark.checkpoint.SparkCheckpoints;
import java.util.Map;
import java.util.TreeMap;

/** The checkpoints of a job, as its file says. */
public final class JobCheckpoints {
  private JobCheckpoints() {}

  /**
   * The plan, or null without {@code checkpoint.path}. A checkpoint of other keys or of another
   * version is refused here, before any row is read.
   */
  public static CheckpointPlan plan(JobContext context, Progress progress) {
    CheckpointConfig checkpoint = context.config().checkpoint();
    if (checkpoint.path().isEmpty()) {
      return null;
    }
    CheckpointPlan plan = plan(context, checkpoint, progress);
    Refusals.asConfig(
        () -> {
          SparkCheckpoints.requireUsable(
              plan, context.spark().sparkContext().hadoopConfiguration());
          return plan;
        });
    return plan;
  }

  private static CheckpointPlan plan(
      JobContext context, CheckpointConfig checkpoint, Progress progress) {
    return new CheckpointPlan(
        checkpoint.path().get(),
        checkpoint.interval(),
        checkpoint.resume(),
        identity(context.config()),
        new CheckpointPlan.Words(
            "checkpoint.path",
            "data.partitions",
            "or set checkpoint.resume = false to begin anew, or another checkpoint.path"),
        listener(context, progress));
  }

  /**
   * Every key of the job that its numbers depend on. Where rows lie does not count, for what they
   * are does; and the limit of the iterations may be another one.
   */
  static CheckpointPlan.Identity identity(JobConfig config) {
    Map<String, String> configuration = new TreeMap<>();
    for (String line : config.resolvedText().lines().toList()) {
      String[] pair = line.split(" = ", 2);
      if (!isFree(pair[0])) {
        configuration.put(pair[0], pair[1]);
      }
    }
    return new CheckpointPlan.Identity(
        Version.current(), configuration, Keys.ITERATIONS, config.solver().iterations());
  }

  private static boolean isFree(String key) {
    return key.startsWith("output.")
        || key.startsWith("checkpoint.")
        || key.startsWith("mlflow.")
        || key.startsWith("review.")
        || key.equals(Keys.ITERATIONS)
        || key.matches("data\\.(train|validation|test)\\.path");
  }

  private static CheckpointPlan.Listener listener(JobContext context, Progress progress) {
    Interruption interruption = context.interruption();
    return new CheckpointPlan.Listener() {
      @Override
      public void resumed(int iteration) {
        interruption.canGoOnAfter(iteration);
        context.console().line("goes on after iteration " + iteration);
      }

      @Override
      public void saved(int iteration) {
        interruption.canGoOnAfter(iteration);
      }

      @Override
      public void warn(String sentence) {
        progress.notice(Notice.of(Notice.Code.CHECKPOINT, sentence));
      }

      @Override
      public boolean isEnding() {
        return interruption.fired();
      }

      @Override
      public void beforeEnd(Runnable save) {
        interruption.spare(save);
      }
    };
  }
}
