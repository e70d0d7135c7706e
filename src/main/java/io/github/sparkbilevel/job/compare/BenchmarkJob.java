package io.github.sparkbilevel.job.compare;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.bilevel.Adam;
import io.github.sparkbilevel.bilevel.Benchmark;
import io.github.sparkbilevel.bilevel.Benchmark.Curve;
import io.github.sparkbilevel.bilevel.Contender;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.job.config.BenchmarkConfig;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.run.Estimators;
import io.github.sparkbilevel.job.run.Job;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.JobTables;
import io.github.sparkbilevel.job.run.Refusals;
import io.github.sparkbilevel.job.run.RunResult;
import io.github.sparkbilevel.job.run.Summaries;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.prepare.Problems;
import io.github.sparkbilevel.ml.prepare.RunMemory;
import io.github.sparkbilevel.ml.prepare.UpperLevel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.spark.Device;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;

/** The job {@code benchmark}: algorithms side by side on one problem. */
public final class BenchmarkJob implements Job {
  /** Iterations of a run that nobody counts, so that the first to run does not pay for all. */
  private static final int REHEARSAL = 5;

  @Override
  public RunResult run(JobContext context) throws Exception {
    JobConfig config = context.config();
    long start = System.nanoTime();
    PreparedTables tables = JobTables.load(context.spark(), config);
    tables.notices().forEach(context.notices()::add);
    UpperLevel upper;
    try {
      upper = Estimators.upper(context.spark(), config, tables);
    } catch (RuntimeException e) {
      tables.close();
      throw e;
    }
    try (PreparedData data =
        PreparedData.of(tables, Estimators.preparation(config, config.solver().precision()))) {
      double load = (System.nanoTime() - start) / 1e9;
      data.notices().forEach(context.notices()::add);
      BilevelProblem problem =
          Refusals.asConfig(() -> Problems.of(Estimators.lower(config), upper, data));
      Curvature.Choice choice =
          Refusals.asConfig(
              () -> {
                Curvature.Choice chosen = curvature(config, problem, data);
                RunMemory.require(data, problem, chosen.curvature(), config.solver().sketch(), 0);
                return chosen;
              });
      JavaSparkContext spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
      try (SparkEngine engine =
          new SparkEngine(spark, data.blocks(), config.checkpoint().interval())) {
        place(config, engine);
        long rows = data.blocks().rows().get(Part.TRAIN);
        long began = System.nanoTime();
        List<Curve> curves = curves(context, setting(config, upper, problem, choice), engine, rows);
        double solve = (System.nanoTime() - began) / 1e9;
        ObjectNode summary = summary(context, data, choice, engine);
        summary.set("seconds", Summaries.seconds(context).put("load", load).put("solve", solve));
        return new BenchmarkOutputs(curves, config.benchmark().targets(), config.benchmark().runs())
            .write(context, summary);
      }
    }
  }

  /** Has the engine compute where the job file says. */
  static void place(JobConfig config, SparkEngine engine) {
    Refusals.asConfig(
        () -> Device.of(config.solver().device()).place(engine, config.solver().backend()));
  }

  private static Curvature.Choice curvature(
      JobConfig config, BilevelProblem problem, PreparedData data) {
    String word = config.solver().curvature();
    int sketch = config.solver().sketch();
    return word.equals("auto")
        ? Curvature.chooseToSolve(problem, data.sparse(), sketch)
        : new Curvature.Choice(Problems.curvature(word, sketch, problem), "as chosen");
  }

  private static Benchmark.Setting setting(
      JobConfig config, UpperLevel upper, BilevelProblem problem, Curvature.Choice choice) {
    double[] lambda = Problems.initialLambda(upper, problem);
    double[] told =
        config.upper().bounds().stream().flatMap(List::stream).mapToDouble(b -> b).toArray();
    double[][] bounds = upper.bounds(problem, told);
    BenchmarkConfig benchmark = config.benchmark();
    double target =
        benchmark.targets().stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
    return new Benchmark.Setting(
        problem,
        lambda,
        bounds[0],
        bounds[1],
        config.model().penalizeIntercept(),
        choice.curvature(),
        new Benchmark.Setting.Nbo(
            config.solver().products(),
            config.upper().step().orElse(Adam.DRIVER_STEP),
            config.solver().sketch(),
            config.solver().backend()),
        new Benchmark.Budget(
            benchmark.iterations(),
            benchmark.seconds(),
            target,
            new double[] {config.search().low(), config.search().high()}));
  }

  private static List<Curve> curves(
      JobContext context, Benchmark.Setting setting, SparkEngine engine, long rows) {
    BenchmarkConfig config = context.config().benchmark();
    Benchmark benchmark = Refusals.asConfig(() -> new Benchmark(setting, engine, rows));
    Benchmark rehearsal = new Benchmark(setting.of(REHEARSAL), engine, rows);
    List<Curve> curves = new ArrayList<>();
    for (Contender contender : config.runs()) {
      rehearsal.run(contender, context.config().seed());
    }
    for (int repetition = 0; repetition < config.repetitions(); repetition++) {
      for (Contender contender : config.runs()) {
        Curve curve = benchmark.run(contender, context.config().seed() + repetition);
        context.console().line(line(curve));
        curves.add(curve);
      }
    }
    return curves;
  }

  private static String line(Curve curve) {
    if (curve.objection() != null) {
      return curve.contender().text() + " does not apply: " + curve.objection();
    }
    Benchmark.Point last = curve.points().get(curve.points().size() - 1);
    return String.format(
        Locale.ROOT,
        "%-28s seed %d  %,d iterations  %,d passes  %.2f s  least upper objective %.6f",
        curve.contender().text(),
        curve.seed(),
        last.iteration(),
        last.cost().passes(),
        last.seconds(),
        curve.least());
  }

  private static ObjectNode summary(
      JobContext context, PreparedData data, Curvature.Choice choice, SparkEngine engine) {
    ObjectNode summary = Summaries.of(context, data);
    summary.set("variables", Json.tree(context.config().upper().variables()));
    summary
        .put("curvature", choice.curvature().label())
        .put("curvatureReason", choice.reason())
        .set("ledger", Summaries.ledger(engine.ledger()));
    return summary;
  }
}
