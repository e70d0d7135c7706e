package io.github.sparkbilevel.job.compare;

import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.run.Estimators;
import io.github.sparkbilevel.job.run.Job;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.JobTables;
import io.github.sparkbilevel.job.run.Refusals;
import io.github.sparkbilevel.job.run.RunResult;
import io.github.sparkbilevel.ml.prepare.Preparation;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.prepare.Problems;
import io.github.sparkbilevel.ml.prepare.UpperLevel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;

/** A job on one problem, which is put and not solved for a user. */
abstract class ProblemJob implements Job {

  /**
   * A problem at hand.
   *
   * @param load seconds that reading the rows took
   */
  record Posed(
      UpperLevel upper,
      PreparedData data,
      BilevelProblem problem,
      SparkEngine engine,
      double load) {

    /** n, the number of training rows. */
    long rows() {
      return data.blocks().rows().get(Part.TRAIN);
    }
  }

  /** That of the features. */
  abstract String precision(JobConfig config);

  /** Does the work; the caller frees the rows and the engine. */
  abstract RunResult run(JobContext context, Posed posed) throws Exception;

  private PreparedData prepared(JobConfig config, PreparedTables tables) {
    Preparation how = Estimators.preparation(config, precision(config));
    return PreparedData.of(tables, how, Optional.ofNullable(Estimators.lower(config).layers()));
  }

  @Override
  public final RunResult run(JobContext context) throws Exception {
    JobConfig config = context.config();
    long start = System.nanoTime();
    PreparedTables tables = JobTables.load(context);
    tables.notices().forEach(context.notices()::add);
    UpperLevel upper;
    try {
      upper = Estimators.upper(context.spark(), config, tables);
    } catch (RuntimeException e) {
      tables.close();
      throw e;
    }
    try (PreparedData data = Refusals.asConfig(() -> prepared(config, tables))) {
      double load = (System.nanoTime() - start) / 1e9;
      data.notices().forEach(context.notices()::add);
      BilevelProblem problem =
          Refusals.asConfig(() -> Problems.of(Estimators.lower(config), upper, data));
      JavaSparkContext spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
      try (SparkEngine engine =
          new SparkEngine(spark, data.blocks(), config.checkpoint().interval())) {
        Refusals.asConfig(() -> Estimators.placement(config).place(engine, problem.model()));
        return run(context, new Posed(upper, data, problem, engine, load));
      }
    }
  }
}
