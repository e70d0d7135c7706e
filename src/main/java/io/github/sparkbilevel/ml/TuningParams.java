package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.DatasetRows;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.SplitSpec;
import io.github.sparkbilevel.data.TableSpec;
import io.github.sparkbilevel.spark.CheckpointPlan;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The params of the estimators that tune penalties.
 *
 * @param <M> the model
 * @param <E> the estimator itself, which its setters return
 */
public abstract class TuningParams<M extends Model<M>, E extends TuningParams<M, E>>
    extends BilevelParams<M, E> {
  private static final long serialVersionUID = 1L;

  private final Param<String> weightCol =
      new Param<>(
          this,
          "weightCol",
          "the column of the weights of rows, validation rows too; empty for 1; only their ratios"
              + " count, and rows of weight 0 are left out");
  private final Param<String> validationIndicatorCol =
      new Param<>(
          this,
          "validationIndicatorCol",
          "the column, true or false, that marks the validation rows; empty draws them by trainRatio");
  private final DoubleParam trainRatio =
      new DoubleParam(
          this,
          "trainRatio",
          "the share of the rows to train on where validation rows are drawn (in (0, 1))",
          Ranges.inside(0, 1));
  private final Param<String> predictionCol =
      new Param<>(this, "predictionCol", "the column for the prediction");
  private final DoubleParam tol =
      new DoubleParam(
          this,
          "tol",
          "the run ends when the validation loss has fallen by less than this share of itself over patience iterations (> 0)",
          Ranges.above(0));
  private final StringArrayParam featureGroups =
      new StringArrayParam(
          this,
          "featureGroups",
          "for l2-per-group the name of the group of each feature, in the order of the features");
  private final IntParam gridSize =
      new IntParam(
          this,
          "gridSize",
          "points of the grid, and trials of the random search (>= 2)",
          Ranges.atLeast(2));
  private final DoubleArrayParam gridRange =
      new DoubleArrayParam(
          this,
          "gridRange",
          "the least and the greatest penalty that grid and random search try (> 0)",
          Ranges.range());

  /** Takes the uid and sets the defaults. */
  TuningParams(String uid) {
    super(uid);
    setDefault(weightCol, "");
    setDefault(validationIndicatorCol, "");
    setDefault(trainRatio, 0.75);
    setDefault(predictionCol, "prediction");
    setDefault(tol, 1e-5);
    setDefault(featureGroups, new String[0]);
    setDefault(gridSize, 17);
    setDefault(gridRange, new double[] {1e-6, 1e2});
  }

  /** The family of the lower level for these rows. */
  abstract LowerLevel.Family family(PreparedTables tables);

  @Override
  public String[] variables() {
    return words(
        UpperVariable.L2,
        UpperVariable.L2_PER_CLASS,
        UpperVariable.L2_PER_FEATURE,
        UpperVariable.L2_PER_COEFFICIENT,
        UpperVariable.L2_PER_GROUP,
        UpperVariable.EXAMPLE_WEIGHTS,
        UpperVariable.GROUP_WEIGHTS);
  }

  @Override
  public String[] comparisons() {
    return new String[] {"grid", "random"};
  }

  @Override
  String defaultVariable() {
    return UpperVariable.L2_PER_FEATURE.label();
  }

  @Override
  int defaultIterations() {
    return 60;
  }

  @Override
  int defaultPatience() {
    return 5;
  }

  @Override
  String defaultPrecision() {
    return "double";
  }

  @Override
  String[] defaultBaselines() {
    return new String[0];
  }

  /**
   * Tunes on tables that were read and checked; frees their caches, also when it fails.
   *
   * @param listener told how the run goes
   */
  public TuningRun run(PreparedTables tables, RunListener listener) {
    return run(tables, listener, Resumption.plan(this, listener));
  }

  /**
   * The same with checkpoints that are another's to plan.
   *
   * @param plan where checkpoints go, and what they must be of; null for none
   */
  public TuningRun run(PreparedTables tables, RunListener listener, CheckpointPlan plan) {
    return new TuningSteps(this, listener, plan).run(tables, false);
  }

  /** The run of given rows. */
  TuningRun runOn(Dataset<?> given, boolean indices, boolean classification) {
    transformSchema(given.schema());
    Settings settings = new Settings(this);
    Dataset<Row> rows = given.toDF();
    TableSpec train = settings.table("the training data", getWeightCol(), "");
    SplitSpec validation = null;
    Dataset<Row> validationRows = null;
    if (!getValidationIndicatorCol().isEmpty()) {
      Column marked =
          functions.coalesce(
              functions
                  .col(DatasetRows.quote(getValidationIndicatorCol()))
                  .cast(DataTypes.BooleanType),
              functions.lit(false));
      validationRows = rows.filter(marked);
      rows = rows.filter(functions.not(marked));
      validation =
          SplitSpec.table(
              settings.table("the validation data", getWeightCol(), "").withGroup(null));
    } else if (getUpperVariables().length > 0) {
      validation = SplitSpec.fraction(1 - getTrainRatio());
    }
    PreparedTables tables =
        PreparedTables.load(
            given.sparkSession(),
            new PreparedTables.Request(train, validation, null, null, getSeed(), classification),
            new PreparedTables.Given(rows, validationRows, indices));
    return new TuningSteps(this, RunListener.LOG, Resumption.plan(this, RunListener.LOG))
        .run(tables, true);
  }

  /** Checks the params that concern tuning. */
  void checkParams() {
    Settings settings = new Settings(this);
    settings.check();
    if (settings.weights() != null && settings.penalty() == null) {
      throw new IllegalArgumentException(
          "upperVariables names no penalty to tune, expected one alone or after the weights, such"
              + " as l2-per-feature");
    }
    if (settings.penalty() == UpperVariable.L2_PER_GROUP && getFeatureGroups().length == 0) {
      throw new IllegalArgumentException(
          "featureGroups is empty, expected the group of each feature for l2-per-group");
    }
  }

  /** Checks the params and the columns that go in. */
  void checkInput(StructType schema) {
    checkParams();
    InputColumns columns = new Settings(this).columns(schema);
    columns.requireNumber("labelCol", getLabelCol());
    columns.requireNumber("weightCol", getWeightCol());
    if (!getValidationIndicatorCol().isEmpty()) {
      columns.requireIndicator("validationIndicatorCol", getValidationIndicatorCol());
    }
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
  public E setWeightCol(String value) {
    set(weightCol, value);
    return self();
  }

  /** The param {@code validationIndicatorCol}. */
  public Param<String> validationIndicatorCol() {
    return validationIndicatorCol;
  }

  /** The value of {@link #validationIndicatorCol()}. */
  public String getValidationIndicatorCol() {
    return getOrDefault(validationIndicatorCol);
  }

  /** Sets {@link #validationIndicatorCol()}. */
  public E setValidationIndicatorCol(String value) {
    set(validationIndicatorCol, value);
    return self();
  }

  /** The param {@code trainRatio}. */
  public DoubleParam trainRatio() {
    return trainRatio;
  }

  /** The value of {@link #trainRatio()}. */
  public double getTrainRatio() {
    return (double) getOrDefault(trainRatio);
  }

  /** Sets {@link #trainRatio()}. */
  public E setTrainRatio(double value) {
    set(trainRatio, value);
    return self();
  }

  /** The param {@code predictionCol}. */
  public Param<String> predictionCol() {
    return predictionCol;
  }

  /** The value of {@link #predictionCol()}. */
  public String getPredictionCol() {
    return getOrDefault(predictionCol);
  }

  /** Sets {@link #predictionCol()}. */
  public E setPredictionCol(String value) {
    set(predictionCol, value);
    return self();
  }

  /** The param {@code tol}. */
  public DoubleParam tol() {
    return tol;
  }

  /** The value of {@link #tol()}. */
  public double getTol() {
    return (double) getOrDefault(tol);
  }

  /** Sets {@link #tol()}. */
  public E setTol(double value) {
    set(tol, value);
    return self();
  }

  /** The param {@code featureGroups}. */
  public StringArrayParam featureGroups() {
    return featureGroups;
  }

  /** The value of {@link #featureGroups()}. */
  public String[] getFeatureGroups() {
    return getOrDefault(featureGroups).clone();
  }

  /** Sets {@link #featureGroups()}. */
  public E setFeatureGroups(String[] value) {
    set(featureGroups, value);
    return self();
  }

  /** The param {@code gridSize}. */
  public IntParam gridSize() {
    return gridSize;
  }

  /** The value of {@link #gridSize()}. */
  public int getGridSize() {
    return (int) getOrDefault(gridSize);
  }

  /** Sets {@link #gridSize()}. */
  public E setGridSize(int value) {
    set(gridSize, value);
    return self();
  }

  /** The param {@code gridRange}. */
  public DoubleArrayParam gridRange() {
    return gridRange;
  }

  /** The value of {@link #gridRange()}. */
  public double[] getGridRange() {
    return getOrDefault(gridRange).clone();
  }

  /** Sets {@link #gridRange()}. */
  public E setGridRange(double[] value) {
    set(gridRange, value);
    return self();
  }
}
