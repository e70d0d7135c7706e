package io.github.sparkbilevel.job;

/** What a job file can ask for. */
@FunctionalInterface
public interface Job {

  /**
   * Does the work and writes the outputs into the context's folder, which the caller commits when
   * this returns.
   */
  void run(JobContext context) throws Exception;
}
