package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.bilevel.CleaningSettings.WarmUp;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.NboSettings;
import io.github.sparkbilevel.data.DatasetRows;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.data.NumericsException;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.SplitSpec;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.BuiltInVariable;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.spark.CheckpointPlan;
import io.github.sparkbilevel.spark.Device;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Finds the rows whose labels are wrong, guided by a small set of trusted rows, and fits a
 * classifier without them.
 *
 * <p>The trusted rows are given as a Dataset of their own, {@link #fit(Dataset, Dataset)}, or, in a
 * pipeline, marked by {@link #trustedCol()}. Labels are numbers or text; those that Spark's
 * StringIndexer made keep its names. The same rows with the same seed give the same bits, in any
 * partitions where {@link #idCol()} has whole numbers, otherwise in the same order.
 *
 * <p>Costs the passes that docs/architecture.md lists: 2 + T for each iteration of the weight
 * function, T = {@link #products()}. Nothing stays cached after a fit. {@code example-weights}
 * needs a checkpoint folder of the Spark context, where the learned weights stay.
 */
public final class DataCleaner extends NetworkParams<DataCleanerModel, DataCleaner>
    implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  /**
   * The most folds of the trusted rows, which take turns in making features and making F. The more
   * there are, the more the models that make features know of what the last one will know.
   */
  private static final int MOST_FOLDS = 5;

  /** Trusted rows for each fold, those held out counted; F over fewer rows is mostly luck. */
  private static final long ROWS_OF_FOLD = 20;

  private static final int LEAST_FOLDS = 2;

  /**
   * Where the slope of the trusted log-odds starts for networks: σ(2) for a row whose label the
   * trusted model finds one deviation likelier than that of the mean row. A network that was
   * trained on all labels alike has learned the wrong ones before λ can move.
   */
  private static final double TRUSTED_SLOPE = 2;

  private static final String[] FAMILIES = {"softmax", "logistic", "mlp"};

  private final Param<String> family =
      new Param<>(
          this,
          "family",
          "the classifier: softmax, logistic for two classes, or mlp for a network",
          Ranges.oneOf(FAMILIES));
  private final Param<String> trustedCol =
      new Param<>(
          this,
          "trustedCol",
          "the column, true or false, that marks the trusted rows; null is false; not used by"
              + " fit(train, trusted)");
  private final Param<String> truthCol =
      new Param<>(
          this,
          "truthCol",
          "the column of labels known to be right, to measure detection by; empty for none");
  private final Param<String> baseWeightCol =
      new Param<>(
          this,
          "baseWeightCol",
          "the column of fixed weights that the learned ones multiply, and that weigh trusted rows;"
              + " empty for 1; only their ratios count, and rows of weight 0 are left out");
  private final DoubleParam heldOut =
      new DoubleParam(
          this,
          "heldOut",
          "the share of the trusted rows held out to stop early and to choose the model by (in [0,"
              + " 0.9])",
          Ranges.within(0, 0.9));
  private final IntParam refreshInterval =
      new IntParam(
          this,
          "refreshInterval",
          "iterations after which the features of the weight function are made anew (>= 1)",
          Ranges.atLeast(1));
  private final Param<String> weightCol =
      new Param<>(this, "weightCol", "the column for the learned weight of a row, from 0 to 1");
  private final Param<String> qualityCol =
      new Param<>(
          this,
          "qualityCol",
          "the column for the probability that the cleaned model gives to the label of a row");
  private final Param<String> flaggedCol =
      new Param<>(
          this,
          "flaggedCol",
          "the column that says whether the cleaned model prefers another label");
  private final Param<String> suggestedLabelCol =
      new Param<>(
          this,
          "suggestedLabelCol",
          "the column for the label that the cleaned model prefers, of the type of the labels");

  /** An estimator with a uid of its own. */
  public DataCleaner() {
    this(Identifiable.randomUID("dataCleaner"));
  }

  /** An estimator with a given uid. */
  public DataCleaner(String uid) {
    super(uid);
    setDefault(family, "softmax");
    setDefault(clip(), 5.0);
    setDefault(trustedCol, "");
    setDefault(truthCol, "");
    setDefault(baseWeightCol, "");
    setDefault(heldOut, 0.2);
    setDefault(refreshInterval, 5);
    setDefault(weightCol, "weight");
    setDefault(qualityCol, "quality");
    setDefault(flaggedCol, "flagged");
    setDefault(suggestedLabelCol, "suggestedLabel");
  }

  @Override
  public String[] variables() {
    return words(BuiltInVariable.values());
  }

  @Override
  public String[] comparisons() {
    return new String[] {"noisy", "trusted", "confident-learning", "cleaned"};
  }

  @Override
  String defaultVariable() {
    return BuiltInVariable.WEIGHT_FUNCTION.label();
  }

  @Override
  int defaultIterations() {
    return 40;
  }

  @Override
  int defaultPatience() {
    return 10;
  }

  @Override
  String defaultPrecision() {
    return "single";
  }

  @Override
  String[] defaultBaselines() {
    return comparisons();
  }

  @Override
  boolean isNetwork() {
    return getFamily().equals("mlp");
  }

  @Override
  DataCleaner self() {
    return this;
  }

  /**
   * Learns from rows of which {@link #trustedCol()} marks the trusted ones.
   *
   * @throws IllegalArgumentException for params or columns that do not fit
   * @throws io.github.sparkbilevel.block.DataException for rows that do not fit
   * @throws NumericsException when the run diverges
   */
  @Override
  public DataCleanerModel fit(Dataset<?> rows) {
    if (getTrustedCol().isEmpty()) {
      throw new IllegalArgumentException(
          "trustedCol is not set, expected the column that marks the trusted rows; set it, or call"
              + " fit(train, trusted)");
    }
    transformSchema(rows.schema());
    Column trusted =
        functions.coalesce(
            functions.col(DatasetRows.quote(getTrustedCol())).cast(DataTypes.BooleanType),
            functions.lit(false));
    return fitBoth(rows.toDF().filter(functions.not(trusted)), rows.toDF().filter(trusted));
  }

  /**
   * Learns from training rows and trusted rows.
   *
   * @param trusted rows whose labels are right; of their columns those of the features, the label
   *     and the id are read, and that of the weights where they have it
   * @throws IllegalArgumentException for params or columns that do not fit
   * @throws io.github.sparkbilevel.block.DataException for rows that do not fit
   * @throws NumericsException when the run diverges
   */
  public DataCleanerModel fit(Dataset<?> train, Dataset<?> trusted) {
    columns(train.schema());
    InputColumns columns = new InputColumns(trusted.schema());
    columns.requireVector("featuresCol", getFeaturesCol());
    columns.requireScalar("labelCol", getLabelCol());
    columns.requireScalar("idCol", getIdCol());
    return fitBoth(train.toDF(), trusted.toDF());
  }

  private DataCleanerModel fitBoth(Dataset<Row> train, Dataset<Row> trusted) {
    SparkSession spark = train.sparkSession();
    if (new Settings(this).weights() == BuiltInVariable.EXAMPLE_WEIGHTS
        && spark.sparkContext().getCheckpointDir().isEmpty()) {
      throw new IllegalStateException(
          "example-weights keeps a weight for each row in a checkpoint folder, found none; call"
              + " spark.sparkContext().setCheckpointDir(folder) first");
    }
    Settings settings = new Settings(this);
    if (settings.weights() == BuiltInVariable.EXAMPLE_WEIGHTS && getIdCol().isEmpty()) {
      RunListener.LOG.notice(
          Notice.of(
              Notice.Code.KEY_WITHOUT_EFFECT,
              "example-weights without idCol: the model cannot tell rows apart and gives each its"
                  + " quality in place of its learned weight; set idCol"));
    }
    PreparedTables tables =
        PreparedTables.load(
            spark,
            new PreparedTables.Request(
                settings.table("the training data", getBaseWeightCol(), getTruthCol()),
                SplitSpec.table(
                    settings
                        .table("the trusted data", getBaseWeightCol(), "")
                        .withGroup(null)
                        .withOptionalWeight()),
                null,
                null,
                getSeed(),
                true),
            new PreparedTables.Given(train, trusted, false));
    try (CleaningRun run = run(tables, RunListener.LOG)) {
      DataCleanerModel model = DataCleanerModel.of(uid(), run, this);
      run.removeCheckpoints();
      return copyValues(model, ParamMap.empty()).setParent(this);
    }
  }

  /**
   * Learns from tables that were read and checked; frees their caches, also when it fails.
   *
   * @param listener told how the run goes
   */
  public CleaningRun run(PreparedTables tables, RunListener listener) {
    return run(tables, listener, Resumption.plan(this, listener));
  }

  /**
   * The same with checkpoints that are another's to plan.
   *
   * @param checkpoints where checkpoints go, and what they must be of; null for none
   */
  public CleaningRun run(PreparedTables tables, RunListener listener, CheckpointPlan checkpoints) {
    long start = System.nanoTime();
    tables.notices().forEach(listener::notice);
    PreparedData data = prepare(tables);
    data.notices().forEach(listener::notice);
    new TrustedClasses(tables).notices().forEach(listener::notice);
    try {
      CleaningPlan plan = plan(data);
      double load = (System.nanoTime() - start) / 1e9;
      listener.prepared(data, plan.settings().problem(), plan.curvature());
      return CleaningRun.of(data, plan, new CleaningRun.Course(null, checkpoints, load, listener))
          .requireUsable();
    } catch (Throwable e) {
      data.close();
      throw e;
    }
  }

  /** The rows as blocks; frees the caches of the tables, also when it fails. */
  PreparedData prepare(PreparedTables tables) {
    try {
      checkParams();
      if (getFamily().equals("logistic")) {
        tables.classes().requireTwo(tables.train().origin());
      }
      new TrustedClasses(tables).requireTwo();
    } catch (RuntimeException e) {
      tables.close();
      throw e;
    }
    Settings params = new Settings(this);
    boolean rotates = params.weights() == BuiltInVariable.WEIGHT_FUNCTION;
    return PreparedData.of(
        tables,
        params.preparation(
            new Preparation.Cut(getHeldOut(), rotates ? folds(tables) : 1),
            Preparation.Centering.CENTERED));
  }

  /** A network is not fitted but trained, for every fold, so that it has to do with two. */
  private int folds(PreparedTables tables) {
    long folds = isNetwork() ? 0 : tables.validation().rowCount() / ROWS_OF_FOLD;
    return (int) Math.max(LEAST_FOLDS, Math.min(MOST_FOLDS, folds));
  }

  /** What is to be done with the rows. */
  CleaningPlan plan(PreparedData data) {
    Settings params = new Settings(this);
    UpperLevel upper = params.upper(null);
    BilevelProblem problem =
        Problems.of(
            params.lower(LowerLevel.Family.of(getFamily()), network(false)),
            upper,
            data,
            new TrustedClasses(data.tables()).judged());
    Curvature.Choice choice = params.curvature(problem, data.sparse(), false);
    return new CleaningPlan(
        upper,
        choice,
        settings(params, upper, problem, data, choice.curvature()),
        getCheckpointInterval(),
        Device.of(getDevice()));
  }

  private CleaningSettings settings(
      Settings params,
      UpperLevel upper,
      BilevelProblem problem,
      PreparedData data,
      Curvature curvature) {
    boolean rotates = upper.weights() == BuiltInVariable.WEIGHT_FUNCTION;
    double[] bounds = params.bounds(BuiltInVariable.L2);
    return new CleaningSettings(
        problem,
        getRegParam(),
        initialLambda(upper, problem),
        params
            .nbo(
                curvature,
                factorRefreshInUse(),
                rotates
                    ? new NboSettings.Rotation(folds(data.tables()), getRefreshInterval())
                    : null)
            .with(iterationTraining(), factors()),
        params.driverStep(),
        bounds[0],
        bounds[1],
        new WarmUp(getWarmupTol(), getWarmupPasses()),
        chosenBaselines(),
        getBackend(),
        data.sparse(),
        getSeed(),
        networks());
  }

  /** λ at the start, with {@link #TRUSTED_SLOPE} for networks. */
  private double[] initialLambda(UpperLevel upper, BilevelProblem problem) {
    double[] lambda = Problems.initialLambda(upper, problem);
    if (isNetwork() && upper.weights() == BuiltInVariable.WEIGHT_FUNCTION) {
      lambda[WeightFunction.TRUSTED] = TRUSTED_SLOPE;
    }
    return lambda;
  }

  private Set<Baseline> chosenBaselines() {
    Set<Baseline> baselines = EnumSet.noneOf(Baseline.class);
    for (String name : getBaselines()) {
      baselines.add(Baseline.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_')));
    }
    return baselines;
  }

  private void checkParams() {
    Settings settings = new Settings(this);
    settings.check();
    if (settings.weights() == null) {
      throw new IllegalArgumentException(
          "upperVariables names no weights to find wrong labels by, expected weight-function,"
              + " example-weights or group-weights, alone or before a penalty");
    }
    if (!List.of(variables()).containsAll(List.of(getUpperVariables()))) {
      throw new IllegalArgumentException(
          "upperVariables = %s names a variable that the cleaner does not know, expected some of %s"
              .formatted(List.of(getUpperVariables()), List.of(variables())));
    }
    if (isNetwork() && !getFitIntercept()) {
      throw new IllegalArgumentException(
          "fitIntercept = false, but every layer of a network has a bias; expected true");
    }
    if (settings.penalty() == BuiltInVariable.L2_PER_GROUP) {
      throw new IllegalArgumentException(
          "upperVariables names l2-per-group, which only tuning knows; try l2-per-feature");
    }
  }

  /** Checks params and columns; adds the columns of the model. */
  @Override
  public StructType transformSchema(StructType schema) {
    columns(schema);
    if (!getTrustedCol().isEmpty()) {
      new InputColumns(schema).requireIndicator("trustedCol", getTrustedCol());
    }
    return CleanedColumns.append(
        schema,
        getLabelCol(),
        getWeightCol(),
        getQualityCol(),
        getFlaggedCol(),
        getSuggestedLabelCol());
  }

  private void columns(StructType schema) {
    checkParams();
    InputColumns columns = new Settings(this).columns(schema);
    columns.requireScalar("labelCol", getLabelCol());
    columns.requireNumber("baseWeightCol", getBaseWeightCol());
    columns.requireScalar("truthCol", getTruthCol());
  }

  @Override
  public DataCleaner copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  /** Reads what {@code write()} wrote. */
  public static MLReader<DataCleaner> read() {
    return new StageReader<>(DataCleaner.class);
  }

  /** Reads the estimator saved at a path. */
  public static DataCleaner load(String path) {
    return read().load(path);
  }

  /** The param {@code family}. */
  public Param<String> family() {
    return family;
  }

  /** The value of {@link #family()}. */
  public String getFamily() {
    return getOrDefault(family);
  }

  /** Sets {@link #family()}. */
  public DataCleaner setFamily(String value) {
    set(family, value);
    return this;
  }

  /** The param {@code trustedCol}. */
  public Param<String> trustedCol() {
    return trustedCol;
  }

  /** The value of {@link #trustedCol()}. */
  public String getTrustedCol() {
    return getOrDefault(trustedCol);
  }

  /** Sets {@link #trustedCol()}. */
  public DataCleaner setTrustedCol(String value) {
    set(trustedCol, value);
    return this;
  }

  /** The param {@code truthCol}. */
  public Param<String> truthCol() {
    return truthCol;
  }

  /** The value of {@link #truthCol()}. */
  public String getTruthCol() {
    return getOrDefault(truthCol);
  }

  /** Sets {@link #truthCol()}. */
  public DataCleaner setTruthCol(String value) {
    set(truthCol, value);
    return this;
  }

  /** The param {@code baseWeightCol}. */
  public Param<String> baseWeightCol() {
    return baseWeightCol;
  }

  /** The value of {@link #baseWeightCol()}. */
  public String getBaseWeightCol() {
    return getOrDefault(baseWeightCol);
  }

  /** Sets {@link #baseWeightCol()}. */
  public DataCleaner setBaseWeightCol(String value) {
    set(baseWeightCol, value);
    return this;
  }

  /** The param {@code heldOut}. */
  public DoubleParam heldOut() {
    return heldOut;
  }

  /** The value of {@link #heldOut()}. */
  public double getHeldOut() {
    return (double) getOrDefault(heldOut);
  }

  /** Sets {@link #heldOut()}. */
  public DataCleaner setHeldOut(double value) {
    set(heldOut, value);
    return this;
  }

  /** The param {@code refreshInterval}. */
  public IntParam refreshInterval() {
    return refreshInterval;
  }

  /** The value of {@link #refreshInterval()}. */
  public int getRefreshInterval() {
    return (int) getOrDefault(refreshInterval);
  }

  /** Sets {@link #refreshInterval()}. */
  public DataCleaner setRefreshInterval(int value) {
    set(refreshInterval, value);
    return this;
  }

  /** The param {@code weightCol}. */
  public Param<String> weightCol() {
    return weightCol;
  }

  /** The value of {@link #weightCol()}. */
  public String getWeightCol() {
    return getOrDefault(weightCol);
  }

  /** Sets {@link #weightCol()}. */
  public DataCleaner setWeightCol(String value) {
    set(weightCol, value);
    return this;
  }

  /** The param {@code qualityCol}. */
  public Param<String> qualityCol() {
    return qualityCol;
  }

  /** The value of {@link #qualityCol()}. */
  public String getQualityCol() {
    return getOrDefault(qualityCol);
  }

  /** Sets {@link #qualityCol()}. */
  public DataCleaner setQualityCol(String value) {
    set(qualityCol, value);
    return this;
  }

  /** The param {@code flaggedCol}. */
  public Param<String> flaggedCol() {
    return flaggedCol;
  }

  /** The value of {@link #flaggedCol()}. */
  public String getFlaggedCol() {
    return getOrDefault(flaggedCol);
  }

  /** Sets {@link #flaggedCol()}. */
  public DataCleaner setFlaggedCol(String value) {
    set(flaggedCol, value);
    return this;
  }

  /** The param {@code suggestedLabelCol}. */
  public Param<String> suggestedLabelCol() {
    return suggestedLabelCol;
  }

  /** The value of {@link #suggestedLabelCol()}. */
  public String getSuggestedLabelCol() {
    return getOrDefault(suggestedLabelCol);
  }

  /** Sets {@link #suggestedLabelCol()}. */
  public DataCleaner setSuggestedLabelCol(String value) {
    set(suggestedLabelCol, value);
    return this;
  }
}
