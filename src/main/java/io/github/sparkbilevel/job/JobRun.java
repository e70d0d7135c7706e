package io.github.sparkbilevel.job;

import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.output.OutputFolder;
import io.github.sparkbilevel.job.run.Console;
import io.github.sparkbilevel.job.run.Interruption;
import io.github.sparkbilevel.job.run.Job;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.Logs;
import io.github.sparkbilevel.job.run.MemoryWatch;
import io.github.sparkbilevel.job.run.Notices;
import io.github.sparkbilevel.job.run.RunResult;
import io.github.sparkbilevel.job.run.Tracking;
import io.github.sparkbilevel.spark.event.RunEvents;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.sql.SparkSession;
import scala.Tuple2;

/**
 * One run of a job, from the checked job file to the exit code. It owns the session and the output
 * folder: whatever happens, the session is closed, and the outputs are whole or gone.
 */
final class JobRun {
  /**
   * The system property that holds the id of the run, for the pattern of log lines: {@value}. Spark
   * refuses those of executors whose names begin with its own.
   */
  static final String ID_PROPERTY = "bilevel.run";

  private static final String SERIALIZER = "spark.serializer";
  private static final String EXECUTOR_OPTIONS = "spark.executor.defaultJavaOptions";

  private final String id = RunEvents.newId();
  private final JobConfig config;
  private final Console console;
  private final Sessions sessions;
  private final boolean verbose;

  JobRun(JobConfig config, Console console, Sessions sessions, boolean verbose) {
    this.config = config;
    this.console = console;
    this.sessions = sessions;
    this.verbose = verbose;
  }

  /** Runs the job and reports how it ended. */
  ExitCode run(Job job) {
    System.setProperty(ID_PROPERTY, id);
    SparkConf conf = new SparkConf();
    try (OutputFolder output =
            OutputFolder.open(config.output().path(), config.output().overwrite(), hadoop(conf));
        Interruption interruption = Interruption.watch(output, console);
        MemoryWatch memory = MemoryWatch.start()) {
      return run(job, conf, output, interruption, memory);
    } catch (Throwable e) {
      if (ShutdownHookManager.get().isShutdownInProgress()) {
        // Ctrl-C before there was anything to stop; what fails then fails because of it.
        console.last("interrupted: the job was stopped before it began");
        return ExitCode.INTERRUPTED;
      }
      return report(e, console, verbose);
    }
  }

  private ExitCode run(
      Job job, SparkConf conf, OutputFolder output, Interruption interruption, MemoryWatch memory) {
    SparkSession spark = null;
    Throwable failure = null;
    RunResult result = null;
    Tracking tracking = Tracking.NONE;
    Notices notices = new Notices(console);
    config.warnings().forEach(text -> notices.add(Notice.of(Notice.Code.KEY_WITHOUT_EFFECT, text)));
    long startNanos = startNanos();
    try {
      spark = session(conf);
      interruption.cancels(spark);
      memory.cancels(spark);
      tracking = Tracking.start(config, id, spark, output, console);
      double startup = (System.nanoTime() - startNanos) / 1e9;
      result =
          job.run(
              new JobContext(config, spark, output, interruption, notices, startNanos, startup));
      result.write(output);
      output.complete();
      output.commit();
    } catch (Throwable e) {
      failure = memory.cause(e);
    }
    if (interruption.fired()) {
      // The shutdown hook has the last word, and the session's own hook stops the session.
      tracking.killed();
      return ExitCode.INTERRUPTED;
    }
    output.close();
    if (spark != null) {
      sessions.close(spark);
    }
    if (failure != null) {
      tracking.failed(Failure.of(failure).sentence());
      return report(failure, console, verbose);
    }
    tracking.finished(result);
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    console.line(String.format(Locale.ROOT, "done in %.1f s: %s", seconds, output.shownTarget()));
    return ExitCode.DONE;
  }

  private SparkSession session(SparkConf conf) {
    if (!verbose) {
      Logs.hideStackTracesOfStart();
    }
    // spark-submit fills in the name of the class; a name of the user's own stays.
    if (conf.get("spark.app.name", Main.class.getName()).equals(Main.class.getName())) {
      conf.setAppName("spark-bilevel " + config.job());
    }
    conf.setIfMissing("spark.master", "local[*]");
    useJavaSerializer(conf);
    String options = "-D%s=%s %s".formatted(ID_PROPERTY, id, conf.get(EXECUTOR_OPTIONS, ""));
    conf.set(EXECUTOR_OPTIONS, options.strip());
    SparkSession spark = sessions.open(conf);
    spark.sparkContext().setLocalProperty(RunEvents.PROPERTY, id);
    console.line(
        "run %s: Spark application %s".formatted(id, spark.sparkContext().applicationId()));
    if (!verbose) {
      // Once more, for Spark may have set up logging when the session started.
      Logs.hideStackTracesOfTasks();
    }
    return spark;
  }

  /** Records go between driver and executors, and Kryo cannot write them; shuffles choose Kryo. */
  private void useJavaSerializer(SparkConf conf) {
    String java = JavaSerializer.class.getName();
    String chosen = conf.get(SERIALIZER, java);
    if (!chosen.equals(java)) {
      console.warn("%s = %s is not used; jobs set it to %s".formatted(SERIALIZER, chosen, java));
      conf.set(SERIALIZER, java);
    }
  }

  private static Configuration hadoop(SparkConf conf) {
    Configuration hadoop = new Configuration();
    for (Tuple2<String, String> entry : conf.getAllWithPrefix("spark.hadoop.")) {
      hadoop.set(entry._1(), entry._2());
    }
    return hadoop;
  }

  /** When the process started. */
  private static long startNanos() {
    long sinceStart =
        System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
    return System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(sinceStart);
  }

  /** Tells what failed: one sentence in the last line, after the stack trace if it is wanted. */
  static ExitCode report(Throwable thrown, Console console, boolean verbose) {
    Failure failure = Failure.of(thrown);
    if (verbose) {
      StringWriter trace = new StringWriter();
      thrown.printStackTrace(new PrintWriter(trace, true));
      console.line(trace.toString().stripTrailing());
    }
    console.line("error: " + failure.sentence());
    return failure.exit();
  }
}
