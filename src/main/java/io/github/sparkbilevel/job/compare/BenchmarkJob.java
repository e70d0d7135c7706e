package io.github.sparkbilevel.job.compare;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.bilevel.Adam;
import io.github.sparkbilevel.bilevel.Benchmark;
import io.github.sparkbilevel.bilevel.Benchmark.Curve;
import io.github.sparkbilevel.bilevel.BenchmarkSetting;
import io.github.sparkbilevel.bilevel.Contender;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Bounds;
import io.github.sparkbilevel.job.config.BenchmarkConfig;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.Refusals;
import io.github.sparkbilevel.job.run.RunResult;
import io.github.sparkbilevel.job.run.Summaries;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.prepare.Problems;
import io.github.sparkbilevel.ml.prepare.RunMemory;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.spark.SparkEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The job {@code benchmark}: algorithms side by side on one problem. */
public final class BenchmarkJob extends ProblemJob {
  /** Iterations of a run that nobody counts, so that the first to run does not pay for all. */
  private static final int REHEARSAL = 5;

  @Override
  String precision(JobConfig config) {
    return config.solver().precision();
  }

  @Override
  RunResult run(JobContext context, Posed posed) throws Exception {
    JobConfig config = context.config();
    BilevelProblem problem = posed.problem();
    Curvature.Choice choice =
        Refusals.asConfig(
            () -> {
              Curvature.Choice chosen = curvature(config, problem, posed.data());
              int sketch = config.solver().sketch();
              RunMemory.require(
                  posed.data(), new RunMemory.Loop(problem, chosen.curvature(), sketch, 0, 1));
              return chosen;
            });
    long began = System.nanoTime();
    List<Curve> curves = curves(context, setting(config, posed, choice), posed);
    double solve = (System.nanoTime() - began) / 1e9;
    ObjectNode summary = summary(context, posed.data(), choice, posed.engine());
    ObjectNode seconds = Summaries.seconds(context).put("load", posed.load()).put("solve", solve);
    summary.set("seconds", seconds);
    return new BenchmarkOutputs(curves, config.benchmark().targets(), config.benchmark().runs())
        .write(context, summary);
  }

  private static Curvature.Choice curvature(
      JobConfig config, BilevelProblem problem, PreparedData data) {
    String word = config.solver().curvature();
    int sketch = config.solver().sketch();
    return word.equals("auto")
        ? Curvature.chooseToSolve(problem, data.trainingRows(), sketch)
        : new Curvature.Choice(Problems.curvature(word, sketch, problem), "as chosen");
  }

  private static BenchmarkSetting setting(JobConfig config, Posed posed, Curvature.Choice choice) {
    BilevelProblem problem = posed.problem();
    double[] told =
        config.upper().bounds().stream().flatMap(List::stream).mapToDouble(b -> b).toArray();
    double[][] bounds = posed.upper().bounds(problem, told);
    BenchmarkConfig benchmark = config.benchmark();
    double target =
        benchmark.targets().stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
    return new BenchmarkSetting(
        problem,
        new BenchmarkSetting.Start(
            Problems.initialLambda(posed.upper(), problem), new Bounds(bounds[0], bounds[1])),
        new BenchmarkSetting.Solver(
            choice.curvature(),
            config.solver().products(),
            config.upper().step().orElse(Adam.DRIVER_STEP),
            config.solver().sketch(),
            config.solver().backend()),
        new BenchmarkSetting.Budget(benchmark.iterations(), benchmark.seconds(), target),
        new BenchmarkSetting.Searches(
            new double[] {config.search().low(), config.search().high()},
            config.model().penalizeIntercept()));
  }

  private static List<Curve> curves(JobContext context, BenchmarkSetting setting, Posed posed) {
    BenchmarkConfig config = context.config().benchmark();
    Benchmark benchmark =
        Refusals.asConfig(() -> new Benchmark(setting, posed.engine(), posed.rows()));
    Benchmark rehearsal = new Benchmark(setting.of(REHEARSAL), posed.engine(), posed.rows());
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
