package io.github.sparkbilevel.job;

import io.github.sparkbilevel.data.FeatureGroups;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.config.Keys;
import io.github.sparkbilevel.job.config.KfacConfig;
import io.github.sparkbilevel.job.config.SolverConfig;
import io.github.sparkbilevel.job.config.TrainingConfig;
import io.github.sparkbilevel.job.config.UpperConfig;
import io.github.sparkbilevel.ml.BilevelParams;
import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.LowerLevel;
import io.github.sparkbilevel.ml.Preparation;
import io.github.sparkbilevel.ml.TunedLinearRegression;
import io.github.sparkbilevel.ml.TunedLogisticRegression;
import io.github.sparkbilevel.ml.TuningParams;
import io.github.sparkbilevel.ml.UpperLevel;
import io.github.sparkbilevel.ml.UpperVariable;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** The estimators that do what a job file says. */
final class Estimators {
  private Estimators() {}

  static DataCleaner cleaner(JobConfig config) {
    DataCleaner cleaner = new DataCleaner();
    set(cleaner, config);
    setNetwork(cleaner, config);
    return cleaner
        .setFamily(config.model().family())
        .setHeldOut(config.solver().heldOut())
        .setRefreshInterval(config.upper().refresh())
        .setBaselines(config.baselines().toArray(new String[0]));
  }

  /** An estimator that knows how networks are trained, and no more. */
  static DataCleaner network(JobConfig config) {
    DataCleaner cleaner = new DataCleaner().setSeed(config.seed());
    setNetwork(cleaner, config);
    return config.model().isNetwork() ? cleaner.setFamily(Keys.MLP) : cleaner;
  }

  private static void setNetwork(DataCleaner cleaner, JobConfig config) {
    TrainingConfig training = config.solver().training();
    KfacConfig kfac = config.solver().kfac();
    cleaner
        .setHiddenLayers(config.model().hidden().stream().mapToInt(Integer::intValue).toArray())
        .setActivation(config.model().activation())
        .setOptimizer(training.optimizer())
        .setLearningRate(training.step())
        .setBatchSize(training.batch())
        .setWarmupEpochs(training.warmup())
        .setEpochs(training.each())
        .setPlainEpochs(training.plain())
        .setFisher(kfac.fisher())
        .setFisherSamples(kfac.samples())
        .setFactorDecay(kfac.decay())
        .setFactorDamping(kfac.damping())
        .setFactorRefresh(kfac.refresh());
  }

  static TuningParams<?, ?> tuner(SparkSession spark, JobConfig config, PreparedTables tables) {
    if (config.model().family().equals(Keys.LINEAR)) {
      return tuning(
          spark, new TunedLinearRegression().setLoss(config.model().loss()), config, tables);
    }
    boolean binomial = config.model().family().equals("logistic");
    TunedLogisticRegression classifier =
        new TunedLogisticRegression().setFamily(binomial ? "binomial" : "multinomial");
    return tuning(spark, classifier, config, tables);
  }

  private static <E extends TuningParams<?, E>> E tuning(
      SparkSession spark, E tuner, JobConfig config, PreparedTables tables) {
    set(tuner, config);
    if (config.upper().variables().contains(Keys.L2_PER_GROUP)) {
      FeatureGroups groups = groups(spark, config, tables);
      String[] names = new String[groups.groupOf().length];
      for (int j = 0; j < names.length; j++) {
        names[j] = groups.names().get(groups.groupOf()[j]);
      }
      tuner.setFeatureGroups(names);
    }
    return tuner
        .setTol(config.upper().tolerance())
        .setGridSize(config.search().points())
        .setGridRange(new double[] {config.search().low(), config.search().high()})
        .setBaselines(
            config.baselines().stream()
                .filter(name -> !name.equals(Keys.MLLIB))
                .toArray(String[]::new));
  }

  private static void set(BilevelParams<?, ?> estimator, JobConfig config) {
    SolverConfig solver = config.solver();
    UpperConfig upper = config.upper();
    estimator.setSeed(config.seed());
    estimator.setRegParam(config.model().l2());
    estimator.setFitIntercept(config.data().intercept());
    estimator.setPenalizeIntercept(config.model().penalizeIntercept());
    estimator.setStandardization(config.data().standardize());
    estimator.setClip(config.data().clip().orElse(0));
    estimator.setUpperVariables(upper.variables().toArray(new String[0]));
    estimator.setInitialLambda(upper.initial().stream().mapToDouble(Double::doubleValue).toArray());
    upper
        .bounds()
        .ifPresent(
            bounds -> estimator.setLambdaBounds(new double[] {bounds.lower(), bounds.upper()}));
    estimator.setStepSize(upper.step().orElse(0));
    estimator.setAlgorithm(solver.algorithm());
    estimator.setMaxIter(solver.iterations());
    estimator.setPatience(solver.patience());
    estimator.setCurvature(solver.curvature());
    estimator.setProducts(solver.products());
    estimator.setSketchColumns(solver.sketch());
    estimator.setDamping(solver.damping());
    estimator.setWarmupPasses(solver.warmupPasses());
    estimator.setWarmupTol(solver.tolerance());
    estimator.setPrecision(solver.precision());
    estimator.setBackend(solver.backend());
    estimator.setDevice(solver.device());
    estimator.setNumPartitions(config.data().partitions().orElse(0));
    estimator.setMaxBlockSizeInMB(config.data().blockBytes() / (double) (1 << 20));
    estimator.setCheckpointInterval(config.checkpoint().interval());
  }

  /** The lower level of a job file. */
  static LowerLevel lower(JobConfig config) {
    return new LowerLevel(
        LowerLevel.Family.of(config.model().family()),
        config.model().l2(),
        config.data().intercept(),
        config.model().penalizeIntercept(),
        network(config).network(config.hypergradient().exactHessian()),
        config.model().loss());
  }

  /** The upper level of a job file. */
  static UpperLevel upper(SparkSession spark, JobConfig config, PreparedTables tables) {
    UpperConfig upper = config.upper();
    String weights = upper.weights().orElse(null);
    String penalty = upper.penalty().orElse(null);
    return new UpperLevel(
        weights == null ? null : UpperVariable.of(weights),
        penalty == null ? null : UpperVariable.of(penalty),
        weights == null ? 0 : upper.initialOf(weights),
        penalty == null ? 0 : upper.initialOf(penalty),
        Keys.L2_PER_GROUP.equals(penalty) ? groups(spark, config, tables) : null);
  }

  /** How the rows of a job become blocks, the trusted ones in one piece. */
  static Preparation preparation(JobConfig config, String precision) {
    return new Preparation(
        config.data().standardize(),
        config.data().clip().isPresent() ? config.data().clip().getAsDouble() : null,
        Preparation.layout(
            precision, LowerLevel.Family.of(config.model().family()), config.solver().backend()),
        config.data().blockBytes(),
        config.data().partitions().orElse(0),
        Preparation.Cut.NONE,
        Preparation.Centering.CENTERED,
        config.seed());
  }

  private static FeatureGroups groups(SparkSession spark, JobConfig config, PreparedTables tables) {
    List<String> features = tables.train().featureNames();
    return FeatureGroups.read(
        spark.sparkContext().hadoopConfiguration(),
        config.upper().groups().orElseThrow(),
        features);
  }
}
