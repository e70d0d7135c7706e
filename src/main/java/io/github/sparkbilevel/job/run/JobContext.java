package io.github.sparkbilevel.job.run;

import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.output.OutputFolder;
import org.apache.spark.sql.SparkSession;

/**
 * What a job works with.
 *
 * @param config the job, checked
 * @param spark the session; the caller stops it
 * @param output where the outputs go; the caller commits or removes it
 * @param interruption what happens when the process is told to end
 * @param notices what the run has told the user so far
 * @param startNanos when the process started, on the clock of {@link System#nanoTime()}
 * @param startupSeconds how long it took from then until the session was there
 */
public record JobContext(
    JobConfig config,
    SparkSession spark,
    OutputFolder output,
    Interruption interruption,
    Notices notices,
    long startNanos,
    double startupSeconds) {

  /** What the job tells the person who started it. */
  public Console console() {
    return interruption.console();
  }

  /** Seconds since the process started. */
  public double totalSeconds() {
    return (System.nanoTime() - startNanos) / 1e9;
  }
}
