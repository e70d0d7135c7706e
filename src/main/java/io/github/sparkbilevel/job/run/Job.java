package io.github.sparkbilevel.job.run;

/** What a job file can ask for. */
@FunctionalInterface
public interface Job {

  /**
   * Does the work and writes the outputs into the context's folder, but for those that are made
   * from the result; the caller writes these and commits the folder.
   */
  RunResult run(JobContext context) throws Exception;
}
