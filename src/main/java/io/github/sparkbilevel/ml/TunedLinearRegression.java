package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.ml.param.InputColumns;
import io.github.sparkbilevel.ml.prepare.LowerLevel;
import io.github.sparkbilevel.ml.score.StageReader;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Losses;
import io.github.sparkbilevel.settings.Stage;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Linear regression with penalties that are tuned by the loss of validation rows: one penalty, or
 * one for each feature, class, coefficient or group of features, thousands at once.
 *
 * <p>Validation rows are marked by {@code validationIndicatorCol}, or drawn: a share of 1 − {@code
 * trainRatio}. Without {@code upperVariables} nothing is tuned, and the fit is that of Spark's
 * {@code LinearRegression} with the same {@code regParam} and {@code standardization}; with the
 * losses poisson and gamma, an intercept and without {@code standardization} that of {@code
 * GeneralizedLinearRegression} with the same {@code regParam}.
 *
 * <p>An evaluation costs 1 pass for each Newton step and 1 for each Hessian product; at most {@code
 * maxIter} of them. Nothing stays cached after a fit.
 */
public final class TunedLinearRegression
    extends TuningParams<TunedLinearRegressionModel, TunedLinearRegression>
    implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  /** An estimator with a uid of its own. */
  public TunedLinearRegression() {
    this(Identifiable.randomUID("tunedLinReg"));
  }

  /** An estimator with a given uid. */
  public TunedLinearRegression(String uid) {
    super(uid, Stage.REGRESSOR);
  }

  @Override
  TunedLinearRegressionModel model(TuningRun run) {
    return new TunedLinearRegressionModel(
        uid(),
        TrainedModel.regressor(
            (LinearModel) run.problem().model(), run.model().theta(), run.data()),
        Tuned.of(run));
  }

  @Override
  LowerLevel.Family family(PreparedTables tables) {
    return LowerLevel.Family.LINEAR;
  }

  /** Checks params and columns; adds the prediction. */
  @Override
  public StructType transformSchema(StructType schema) {
    checkInput(schema);
    return InputColumns.append(
        schema,
        "predictionCol",
        DataTypes.createStructField(getPredictionCol(), DataTypes.DoubleType, false));
  }

  @Override
  void checkParams() {
    super.checkParams();
    Losses.of(getLoss());
  }

  public String getLoss() {
    return value("loss");
  }

  public TunedLinearRegression setLoss(String value) {
    return with("loss", value);
  }

  /** Reads what {@code write()} wrote. */
  public static MLReader<TunedLinearRegression> read() {
    return new StageReader<>(TunedLinearRegression.class);
  }

  /** Reads the estimator saved at a path. */
  public static TunedLinearRegression load(String path) {
    return read().load(path);
  }
}
