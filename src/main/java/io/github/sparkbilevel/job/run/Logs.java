package io.github.sparkbilevel.job.run;

import java.util.List;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.config.Configurator;

/** What Spark's own log shows beside the lines of a job. */
public final class Logs {

  /** The loggers that write a stack trace for an exception that is reported in one sentence. */
  private static final List<String> STACK_TRACES =
      List.of(
          "org.apache.hadoop.fs.FileSystem", // and the path with the password in it
          "org.apache.spark.executor.Executor",
          "org.apache.spark.scheduler.TaskSetManager",
          "org.apache.spark.scheduler.DAGScheduler",
          "org.apache.spark.sql.execution.datasources",
          "org.apache.spark.sql.execution.streaming.sinks.FileStreamSink",
          "org.apache.spark.internal.io",
          "org.apache.spark.network.server.TransportChannelHandler",
          "org.apache.spark.util.Utils",
          "org.apache.spark.util.SparkErrorUtils");

  /** Writes one too, but only while it starts; later it has warnings that matter. */
  private static final String CONTEXT = "org.apache.spark.SparkContext";

  private Logs() {}

  /** Leaves the failures of tasks to the one sentence that is reported in the end. */
  private static void hideStackTraces() {
    STACK_TRACES.forEach(name -> Configurator.setLevel(name, Level.OFF));
  }

  /** The same while the session starts. */
  public static void hideStackTracesOfStart() {
    hideStackTraces();
    Configurator.setLevel(CONTEXT, Level.OFF);
  }

  /** The same from when the session has started. */
  public static void hideStackTracesOfTasks() {
    hideStackTraces();
    Configurator.setLevel(CONTEXT, Level.WARN);
  }

  /** Silences everything, so that the last line on standard error stays the last. */
  public static void mute() {
    Configurator.setAllLevels(LogManager.ROOT_LOGGER_NAME, Level.OFF);
  }
}
