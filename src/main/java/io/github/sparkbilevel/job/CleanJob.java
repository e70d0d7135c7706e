package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.bilevel.CleaningSettings.WarmUp;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.NboSettings;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.config.Keys;
import io.github.sparkbilevel.job.config.UpperConfig.Bounds;
import io.github.sparkbilevel.job.data.RowWriter;
import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.DataCleaner.Cleaned;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.solve.Status;
import io.github.sparkbilevel.spark.DataRow.Part;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The job {@code clean}: finds the training rows whose labels are wrong, and fits a model without
 * them.
 */
final class CleanJob implements Job {
  private static final Logger LOG = LoggerFactory.getLogger(CleanJob.class);

  /** Folds of the trusted rows that take turns in making features and making F. */
  private static final int ROTATION_FOLDS = 2;

  private static final double DRIVER_STEP = 0.2;
  private static final double ROW_STEP = 0.5;
  private static final Bounds DRIVER_BOUNDS = new Bounds(Math.log(1e-10), Math.log(1e4));
  private static final Bounds ROW_BOUNDS = new Bounds(-10, 10);
  private static final int FACTOR_REFRESH = 20;

  @Override
  public void run(JobContext context) throws Exception {
    JobConfig config = context.config();
    Console console = context.console();
    requireWritable(config);
    long start = System.nanoTime();
    int folds =
        config.upper().weights().orElse("").equals(Keys.WEIGHT_FUNCTION) ? ROTATION_FOLDS : 1;
    boolean single = config.solver().precision().equals("single");
    try (DataSet data =
        DataSet.load(context.spark(), config, config.solver().heldOut(), folds, single)) {
      data.warnings().forEach(console::warn);
      double loadSeconds = (System.nanoTime() - start) / 1e9;
      BilevelProblem problem = Problems.of(config, data);
      Curvature.Choice choice = Problems.curvature(config, problem, data.sparse());
      LOG.info("curvature {}: {}", choice.curvature().label(), choice.reason());
      console.line(describe(data, choice));
      CleaningSettings settings = settings(config, problem, data, choice.curvature());
      JavaSparkContext spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
      DataCleaner cleaner = new DataCleaner(settings, config.checkpoint().interval());
      int iterations = config.solver().iterations();
      try (CheckpointFolder unused = CheckpointFolder.open(context, problem);
          Cleaned cleaned =
              cleaner.fit(
                  spark, data.blocks(), record -> History.show(console, record, iterations))) {
        console.endProgress();
        requireFinite(cleaned.result().status());
        new CleanOutputs(context, data, problem, choice, cleaned, loadSeconds).write();
      }
    }
  }

  /** Output formats that cannot hold the tables are refused before any work. */
  private static void requireWritable(JobConfig config) {
    try {
      RowWriter.requireFits("scores", CleanOutputs.SCORES, config.output().format());
    } catch (IllegalArgumentException unknown) {
      throw new ConfigException(unknown.getMessage(), unknown);
    }
  }

  private static String describe(DataSet data, Curvature.Choice choice) {
    return String.format(
        Locale.ROOT,
        "%,d training rows x %,d features, %d classes; %,d trusted rows, %,d of them held out;"
            + " %,d test rows; curvature %s (%s)",
        data.blocks().rows().get(Part.TRAIN),
        data.tables().train().columns(),
        data.tables().classes().size(),
        data.blocks().rows().get(Part.UPPER) + data.blocks().rows().get(Part.HELD_OUT),
        data.blocks().rows().get(Part.HELD_OUT),
        data.blocks().rows().get(Part.TEST),
        choice.curvature().label(),
        choice.reason());
  }

  private static CleaningSettings settings(
      JobConfig config, BilevelProblem problem, DataSet data, Curvature curvature) {
    var solver = config.solver();
    Bounds driver = config.upper().bounds().orElse(DRIVER_BOUNDS);
    Bounds rows = config.upper().bounds().orElse(ROW_BOUNDS);
    boolean rotates = config.upper().weights().orElse("").equals(Keys.WEIGHT_FUNCTION);
    NboSettings nbo =
        new NboSettings(
            curvature,
            solver.products(),
            solver.iterations(),
            solver.damping(),
            solver.patience(),
            FACTOR_REFRESH,
            config.upper().step().orElse(ROW_STEP),
            rows.lower(),
            rows.upper(),
            rotates ? new NboSettings.Rotation(ROTATION_FOLDS, config.upper().refresh()) : null);
    return new CleaningSettings(
        problem,
        config.model().l2(),
        Problems.initialLambda(config, problem),
        nbo,
        config.upper().step().orElse(DRIVER_STEP),
        driver.lower(),
        driver.upper(),
        new WarmUp(solver.tolerance(), solver.warmupPasses()),
        baselines(config.baselines()),
        solver.backend(),
        data.sparse(),
        config.seed());
  }

  private static Set<Baseline> baselines(List<String> names) {
    Set<Baseline> baselines = EnumSet.noneOf(Baseline.class);
    for (String name : names) {
      baselines.add(Baseline.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_')));
    }
    return baselines;
  }

  private static void requireFinite(Status status) {
    if (!status.isUsable()) {
      throw new NumericsException("the outer loop ended early: " + status.advice());
    }
  }
}
