package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.CleaningSettings.WarmUp;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.NboSettings;
import io.github.sparkbilevel.bilevel.PenaltySearch;
import io.github.sparkbilevel.bilevel.TuningSettings;
import io.github.sparkbilevel.bilevel.TuningSettings.Algorithm;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.config.Keys;
import io.github.sparkbilevel.job.config.SearchConfig;
import io.github.sparkbilevel.job.config.UpperConfig.Bounds;
import io.github.sparkbilevel.ml.Tuner;
import io.github.sparkbilevel.ml.Tuner.Tuned;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.spark.DataRow.Part;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The job {@code tune}: fits a model and its hyperparameters together. */
final class TuneJob implements Job {
  private static final Logger LOG = LoggerFactory.getLogger(TuneJob.class);
  private static final Bounds PENALTY_BOUNDS = new Bounds(Math.log(1e-10), Math.log(1e4));
  private static final Bounds WEIGHT_BOUNDS = new Bounds(-10, 10);
  private static final double DRIVER_STEP = 0.2;
  private static final double ROW_STEP = 0.5;
  private static final int REFRESH = 10;

  @Override
  public void run(JobContext context) throws Exception {
    JobConfig config = context.config();
    Console console = context.console();
    long start = System.nanoTime();
    boolean single = config.solver().precision().equals("single");
    try (DataSet data = DataSet.load(context.spark(), config, 0, 1, single)) {
      data.warnings().forEach(console::warn);
      double loadSeconds = (System.nanoTime() - start) / 1e9;
      BilevelProblem problem = Problems.of(config, data);
      Curvature.Choice choice = Problems.curvature(config, problem, data.sparse());
      LOG.info("curvature {}: {}", choice.curvature().label(), choice.reason());
      console.line(describe(data, problem, choice));
      JavaSparkContext spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
      Tuner tuner =
          new Tuner(
              settings(config, problem, choice.curvature()),
              searches(config, problem, choice.curvature()),
              config.checkpoint().interval());
      int iterations = config.solver().iterations();
      try (CheckpointFolder unused = CheckpointFolder.open(context, problem);
          Tuned tuned =
              tuner.fit(
                  spark, data.blocks(), record -> History.show(console, record, iterations))) {
        console.endProgress();
        if (!tuned.result().status().isUsable()) {
          throw new NumericsException(
              "the outer loop ended early: " + tuned.result().status().advice());
        }
        MllibSearch.Found mllib =
            config.baselines().contains(Keys.MLLIB) ? MllibSearch.run(context, data) : null;
        new TuneOutputs(context, data, problem, choice, tuned, mllib, loadSeconds).write();
      }
    }
  }

  private static String describe(DataSet data, BilevelProblem problem, Curvature.Choice choice) {
    return String.format(
        Locale.ROOT,
        "%,d training rows x %,d features%s; %,d validation rows; %,d test rows; %,d"
            + " hyperparameters for %,d coefficients; curvature %s (%s)",
        data.blocks().rows().get(Part.TRAIN),
        data.tables().train().columns(),
        data.tables().labels().size() == 0 ? "" : ", " + data.tables().labels().size() + " classes",
        data.blocks().rows().get(Part.UPPER),
        data.blocks().rows().get(Part.TEST),
        problem.sharedSize(),
        problem.model().size(),
        choice.curvature().label(),
        choice.reason());
  }

  private static TuningSettings settings(
      JobConfig config, BilevelProblem problem, Curvature curvature) {
    var solver = config.solver();
    Bounds rows = config.upper().bounds().orElse(WEIGHT_BOUNDS);
    NboSettings nbo =
        new NboSettings(
            curvature,
            solver.products(),
            solver.iterations(),
            solver.damping(),
            solver.patience(),
            REFRESH,
            config.upper().step().orElse(ROW_STEP),
            rows.lower(),
            rows.upper(),
            null);
    double[][] bounds = bounds(config, problem);
    return new TuningSettings(
        problem,
        Problems.initialLambda(config, problem),
        bounds[0],
        bounds[1],
        Algorithm.valueOf(solver.algorithm().toUpperCase(Locale.ROOT)),
        config.upper().tolerance(),
        solver.sketch(),
        config.upper().step().orElse(DRIVER_STEP),
        nbo,
        new WarmUp(solver.tolerance(), solver.warmupPasses()),
        solver.backend());
  }

  /** The least and the greatest value of each entry of the driver's λ. */
  static double[][] bounds(JobConfig config, BilevelProblem problem) {
    Bounds rows = config.upper().bounds().orElse(WEIGHT_BOUNDS);
    Bounds penalties = config.upper().bounds().orElse(PENALTY_BOUNDS);
    double[] low = new double[problem.sharedSize()];
    double[] high = new double[problem.sharedSize()];
    int weights = problem.rows().size();
    Arrays.fill(low, 0, weights, rows.lower());
    Arrays.fill(high, 0, weights, rows.upper());
    Arrays.fill(low, weights, low.length, penalties.lower());
    Arrays.fill(high, weights, high.length, penalties.upper());
    return new double[][] {low, high};
  }

  private static Map<String, PenaltySearch> searches(
      JobConfig config, BilevelProblem problem, Curvature curvature) {
    SearchConfig search = config.search();
    String backend = config.solver().backend();
    Map<String, PenaltySearch> searches = new TreeMap<>();
    if (config.baselines().contains(Keys.GRID)) {
      searches.put(
          Keys.GRID,
          PenaltySearch.grid(
              problem,
              config.model().penalizeIntercept(),
              search.points(),
              search.low(),
              search.high(),
              curvature,
              backend));
    }
    if (config.baselines().contains(Keys.RANDOM)) {
      searches.put(
          Keys.RANDOM,
          PenaltySearch.random(
              problem,
              search.points(),
              search.low(),
              search.high(),
              curvature,
              backend,
              config.seed()));
    }
    return searches;
  }
}
