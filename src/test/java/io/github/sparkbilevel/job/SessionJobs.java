package io.github.sparkbilevel.job;

import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.job.config.Folders;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.config.JobFile;
import io.github.sparkbilevel.job.output.OutputFolder;
import io.github.sparkbilevel.job.run.Console;
import io.github.sparkbilevel.job.run.Estimators;
import io.github.sparkbilevel.job.run.Interruption;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.JobTables;
import io.github.sparkbilevel.job.run.Notices;
import io.github.sparkbilevel.ml.CleaningRun;
import io.github.sparkbilevel.ml.TuningRun;
import io.github.sparkbilevel.ml.prepare.RunListener;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/**
 * Jobs in a session that is there already and stays: many small ones cost little. What a job file
 * says goes the way of the jobs; failures come out as they were thrown.
 */
public final class SessionJobs {
  private static final RunListener SILENT =
      new RunListener() {
        @Override
        public void notice(io.github.sparkbilevel.data.Notice notice) {
          // Notices have tests of their own.
        }
      };

  private SessionJobs() {}

  private static JobConfig config(Path file) {
    return JobFile.load(file.toString(), List.of(), Folders.ofProcess());
  }

  /** The run of a job {@code clean}, without its outputs; the caller closes it. */
  public static CleaningRun clean(SparkSession spark, Path file) {
    JobConfig config = config(file);
    PreparedTables tables = JobTables.load(spark, config);
    return Estimators.cleaner(config).run(tables, SILENT, null);
  }

  /** The run of a job {@code tune}, without its outputs; the caller closes it. */
  public static TuningRun tune(SparkSession spark, Path file) {
    JobConfig config = config(file);
    PreparedTables tables = JobTables.load(spark, config);
    try {
      return Estimators.tuner(spark, config, tables).run(tables, SILENT, null);
    } catch (RuntimeException e) {
      tables.close();
      throw e;
    }
  }

  /** Runs a job as a whole and writes its outputs. */
  public static void run(SparkSession spark, Path file) throws Exception {
    JobConfig config = config(file);
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Console console = Console.ofProcess(nowhere, nowhere);
    try (OutputFolder output =
            OutputFolder.open(
                config.output().path(), config.output().overwrite(), new Configuration());
        Interruption interruption = Interruption.watch(output, console)) {
      Jobs.all()
          .get(config.job())
          .get()
          .run(
              new JobContext(
                  config, spark, output, interruption, new Notices(console), System.nanoTime(), 0))
          .write(output);
      output.commit();
    }
  }
}
