package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.DatasetRows;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.SplitSpec;
import io.github.sparkbilevel.data.TableSpec;
import io.github.sparkbilevel.ml.param.InputColumns;
import io.github.sparkbilevel.ml.prepare.LowerLevel;
import io.github.sparkbilevel.ml.prepare.RunListener;
import io.github.sparkbilevel.settings.Stage;
import io.github.sparkbilevel.spark.checkpoint.CheckpointPlan;
import java.util.List;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.ParamMap;
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

  TuningParams(String uid, Stage stage) {
    super(uid, stage);
  }

  /** The family of the lower level for these rows. */
  abstract LowerLevel.Family family(PreparedTables tables);

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

  /** The model of a run of this estimator, which may be closed afterwards. */
  abstract M model(TuningRun run);

  /**
   * Tunes.
   *
   * @throws IllegalArgumentException for params or columns that do not fit
   * @throws io.github.sparkbilevel.block.DataException for rows that do not fit
   * @throws io.github.sparkbilevel.data.NumericsException when the run diverges
   */
  @Override
  public M fit(Dataset<?> rows) {
    try (TuningRun run = runOn(rows)) {
      M model = model(run);
      run.removeCheckpoints();
      return copyValues(model, ParamMap.empty()).setParent(this);
    }
  }

  @Override
  @SuppressWarnings("unchecked")
  public E copy(ParamMap extra) {
    return (E) defaultCopy(extra);
  }

  /** The run of given rows. */
  private TuningRun runOn(Dataset<?> given) {
    boolean classes = stage() == Stage.CLASSIFIER;
    transformSchema(given.schema());
    Settings settings = new Settings(this);
    Dataset<Row> rows = given.toDF();
    TableSpec train = settings.table("the training data", getWeightCol(), "");
    if (!getFoldCol().isEmpty()) {
      train = train.withGroup(getFoldCol());
    }
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
    } else if (getUpperVariables().length > 0 && !isFolded()) {
      validation = SplitSpec.fraction(1 - getTrainRatio());
    }
    PreparedTables tables =
        PreparedTables.load(
            given.sparkSession(),
            new PreparedTables.Request(train, validation, null, null, getSeed(), classes),
            new PreparedTables.Given(rows, validationRows, null, classes));
    return new TuningSteps(this, RunListener.LOG, Resumption.plan(this, RunListener.LOG))
        .run(tables, true);
  }

  private boolean isFolded() {
    return getNumFolds() > 0 || !getFoldCol().isEmpty();
  }

  /** Checks the params that concern tuning. */
  void checkParams() {
    Settings settings = new Settings(this);
    settings.check();
    if (getElasticNetParam() > 0 && getUpperVariables().length > 0) {
      throw new IllegalArgumentException(
          "elasticNetParam = %s is for penalties that are not tuned, got upperVariables = %s; leave one of them out, or tune [l1, l2]"
              .formatted(getElasticNetParam(), List.of(getUpperVariables())));
    }
    if (isFolded() && !getValidationIndicatorCol().isEmpty()) {
      throw new IllegalArgumentException(
          "numFolds and foldCol take the training rows in turn as validation rows, and validationIndicatorCol = %s marks others; keep one of them"
              .formatted(getValidationIndicatorCol()));
    }
    if (settings.needsFeatureGroups() && getFeatureGroups().length == 0) {
      throw new IllegalArgumentException(
          "featureGroups is empty, expected the group of each feature for %s"
              .formatted(String.join(", ", getUpperVariables())));
    }
  }

  /** Checks the columns of the labels. */
  void checkLabels(InputColumns columns) {
    columns.requireNumber("labelCol", getLabelCol());
  }

  /** Checks the params and the columns that go in. */
  void checkInput(StructType schema) {
    checkParams();
    InputColumns columns = new Settings(this).columns(schema);
    checkLabels(columns);
    columns.requireNumber("weightCol", getWeightCol());
    if (!getValidationIndicatorCol().isEmpty()) {
      columns.requireIndicator("validationIndicatorCol", getValidationIndicatorCol());
    }
  }

  public String getWeightCol() {
    return value("weightCol");
  }

  public E setWeightCol(String value) {
    return with("weightCol", value);
  }

  public String getValidationIndicatorCol() {
    return value("validationIndicatorCol");
  }

  public E setValidationIndicatorCol(String value) {
    return with("validationIndicatorCol", value);
  }

  public int getNumFolds() {
    return value("numFolds");
  }

  public E setNumFolds(int value) {
    return with("numFolds", value);
  }

  public String getFoldCol() {
    return value("foldCol");
  }

  public E setFoldCol(String value) {
    return with("foldCol", value);
  }

  public double getTrainRatio() {
    return value("trainRatio");
  }

  public E setTrainRatio(double value) {
    return with("trainRatio", value);
  }

  public String getPredictionCol() {
    return value("predictionCol");
  }

  public E setPredictionCol(String value) {
    return with("predictionCol", value);
  }

  public double getTol() {
    return value("tol");
  }

  public E setTol(double value) {
    return with("tol", value);
  }

  public double getElasticNetParam() {
    return value("elasticNetParam");
  }

  public E setElasticNetParam(double value) {
    return with("elasticNetParam", value);
  }

  public String[] getFeatureGroups() {
    return value("featureGroups");
  }

  public E setFeatureGroups(String[] value) {
    return with("featureGroups", value);
  }

  public String getRefit() {
    return value("refit");
  }

  public E setRefit(String value) {
    return with("refit", value);
  }

  public boolean getSensitivity() {
    return value("sensitivity");
  }

  public E setSensitivity(boolean value) {
    return with("sensitivity", value);
  }

  public int getGridSize() {
    return value("gridSize");
  }

  public E setGridSize(int value) {
    return with("gridSize", value);
  }

  public double[] getGridRange() {
    return value("gridRange");
  }

  public E setGridRange(double[] value) {
    return with("gridRange", value);
  }
}
