package io.github.sparkbilevel.job;

import io.github.sparkbilevel.job.config.Folders;
import io.github.sparkbilevel.job.run.Job;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a run is given by the process that it runs in.
 *
 * @param jobs the jobs by the names that job files have for them
 * @param folders where relative paths begin
 * @param sessions where Spark sessions come from
 */
record Host(Map<String, Supplier<Job>> jobs, Folders folders, Sessions sessions) {

  /** A process that runs one job, with a session of its own. */
  static Host ofProcess() {
    return new Host(Jobs.all(), Folders.ofProcess(), Sessions.OWN);
  }
}
