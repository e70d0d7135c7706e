package io.github.sparkbilevel.job.run;

import io.github.sparkbilevel.data.FeatureGroups;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.config.UpperConfig;
import io.github.sparkbilevel.ml.BilevelParams;
import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.TunedLinearRegression;
import io.github.sparkbilevel.ml.TunedLogisticRegression;
import io.github.sparkbilevel.ml.TunedMultiLabel;
import io.github.sparkbilevel.ml.TuningParams;
import io.github.sparkbilevel.ml.prepare.LowerLevel;
import io.github.sparkbilevel.ml.prepare.Preparation;
import io.github.sparkbilevel.ml.prepare.UpperLevel;
import io.github.sparkbilevel.problem.UpperVariables;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.settings.NetworkSettings;
import io.github.sparkbilevel.settings.ProblemSettings;
import io.github.sparkbilevel.settings.RunSettings;
import io.github.sparkbilevel.spark.Device;
import io.github.sparkbilevel.spark.Placement;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** The estimators that do what a job file says. */
public final class Estimators {
  private Estimators() {}

  public static DataCleaner cleaner(JobConfig config) {
    DataCleaner cleaner = new DataCleaner();
    take(cleaner, config);
    return cleaner;
  }

  /** An estimator that knows how networks are trained, and no more. */
  public static DataCleaner network(JobConfig config) {
    DataCleaner cleaner = new DataCleaner().setSeed(config.seed());
    cleaner.take(NetworkSettings.all(), config::get);
    cleaner.take(ProblemSettings.ofNetworks(), config::get);
    cleaner.take(ProblemSettings.ofWeights(), config::get);
    return config.model().isNetwork() ? cleaner.setFamily(config.model().family()) : cleaner;
  }

  public static TuningParams<?, ?> tuner(
      SparkSession spark, JobConfig config, PreparedTables tables) {
    if (config.model().family().equals(Keys.LINEAR)) {
      return tuning(
          spark, new TunedLinearRegression().setLoss(config.model().loss()), config, tables);
    }
    if (config.model().family().equals(Keys.MULTI_LABEL)) {
      return tuning(
          spark,
          new TunedMultiLabel().setLabelCols(tables.labelColumns().toArray(new String[0])),
          config,
          tables);
    }
    boolean binomial = config.model().family().equals("logistic");
    TunedLogisticRegression classifier =
        new TunedLogisticRegression().setFamily(binomial ? "binomial" : "multinomial");
    return tuning(spark, classifier, config, tables);
  }

  private static <E extends TuningParams<?, E>> E tuning(
      SparkSession spark, E tuner, JobConfig config, PreparedTables tables) {
    take(tuner, config);
    if (config.upper().takesFeatureGroups()) {
      FeatureGroups groups = groups(spark, config, tables);
      String[] names = new String[groups.groupOf().length];
      for (int j = 0; j < names.length; j++) {
        names[j] = groups.names().get(groups.groupOf()[j]);
      }
      tuner.setFeatureGroups(names);
    }
    return tuner;
  }

  /** Gives an estimator what the job file says; rows and checkpoints are the job's own. */
  private static void take(BilevelParams<?, ?> estimator, JobConfig config) {
    estimator.take(
        estimator.settings().stream()
            .filter(setting -> setting.path() != null && !setting.path().startsWith("data.train."))
            .filter(setting -> setting != RunSettings.CHECKPOINT_PATH)
            .toList(),
        setting -> setting == RunSettings.BASELINES ? ofEstimators(config) : config.get(setting));
  }

  private static List<String> ofEstimators(JobConfig config) {
    return config.baselines().stream().filter(name -> !name.equals(Keys.MLLIB)).toList();
  }

  /** The lower level of a job file. */
  public static LowerLevel lower(JobConfig config) {
    return new LowerLevel(
        LowerLevel.Family.of(config.model().family()),
        config.model().l2(),
        config.data().intercept(),
        config.model().penalizeIntercept(),
        network(config).layers(config.hypergradient().exactHessian()),
        config.model().loss());
  }

  /** The upper level of a job file. */
  public static UpperLevel upper(SparkSession spark, JobConfig config, PreparedTables tables) {
    UpperConfig upper = config.upper();
    return new UpperLevel(
        upper.variables().stream()
            .map(name -> new UpperLevel.Start(UpperVariables.named(name), upper.initialOf(name)))
            .toList(),
        upper.takesFeatureGroups() ? groups(spark, config, tables) : null);
  }

  /** Where the products of a job are computed. */
  public static Placement placement(JobConfig config) {
    return new Placement(
        Device.of(config.solver().device()),
        config.solver().backend(),
        config.solver().deviceMemory());
  }

  /** How the rows of a job become blocks, the trusted ones in one piece. */
  public static Preparation preparation(JobConfig config, String precision) {
    return new Preparation(
        config.data().standardize(),
        config.data().clip().orElse(null),
        Preparation.layout(
            precision, LowerLevel.Family.of(config.model().family()), placement(config)),
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
