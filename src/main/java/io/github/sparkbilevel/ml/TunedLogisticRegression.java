package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.ml.param.InputColumns;
import io.github.sparkbilevel.ml.prepare.LowerLevel;
import io.github.sparkbilevel.ml.score.StageReader;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.SquaredHingeLoss;
import io.github.sparkbilevel.settings.Stage;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Logistic regression with penalties that are tuned by the loss of validation rows: one penalty, or
 * one for each feature, class, coefficient or group of features, thousands at once.
 *
 * <p>Validation rows are marked by {@code validationIndicatorCol}, or drawn: a share of 1 − {@code
 * trainRatio}. Without {@code upperVariables} nothing is tuned, and the fit is that of Spark's
 * {@code LogisticRegression} with the same {@code regParam} and {@code standardization}. For two
 * classes {@code loss = squared-hinge} makes it a support vector classifier.
 *
 * <p>An evaluation costs 1 pass for each Newton step and 1 for each Hessian product; at most {@code
 * maxIter} of them. Nothing stays cached after a fit.
 *
 * <p>Labels are indices of classes, as StringIndexer makes them.
 */
public final class TunedLogisticRegression
    extends TuningParams<TunedLogisticRegressionModel, TunedLogisticRegression>
    implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  /** An estimator with a uid of its own. */
  public TunedLogisticRegression() {
    this(Identifiable.randomUID("tunedLogReg"));
  }

  /** An estimator with a given uid. */
  public TunedLogisticRegression(String uid) {
    super(uid, Stage.CLASSIFIER);
  }

  @Override
  TunedLogisticRegressionModel model(TuningRun run) {
    return new TunedLogisticRegressionModel(
        uid(),
        TrainedModel.classifier(
            (LinearModel) run.problem().model(), run.model().theta(), run.data()),
        Tuned.of(run));
  }

  @Override
  LowerLevel.Family family(PreparedTables tables) {
    int classes = tables.classes().size();
    int levels = tables.classes().levels().size();
    if (isSet(getParam("thresholds")) && getThresholds().length != levels) {
      throw new IllegalArgumentException(
          "thresholds has "
              + getThresholds().length
              + " numbers, expected one for each of the "
              + levels
              + " classes of "
              + tables.train().origin());
    }
    if (getFamily().equals("binomial") && classes != 2) {
      throw new IllegalArgumentException(
          "family = binomial, but "
              + tables.train().origin()
              + " has "
              + classes
              + " classes, expected 2; use multinomial");
    }
    if (getLoss().equals(SquaredHingeLoss.NAME) && classes != 2) {
      throw new IllegalArgumentException(
          "loss = squared-hinge, but %s has %d classes, expected 2; use cross-entropy"
              .formatted(tables.train().origin(), classes));
    }
    boolean binomial = classes == 2 && !getFamily().equals("multinomial");
    return binomial ? LowerLevel.Family.LOGISTIC : LowerLevel.Family.SOFTMAX;
  }

  /** Checks params and columns; adds the columns of the model. */
  @Override
  public StructType transformSchema(StructType schema) {
    checkInput(schema);
    DataType vector = SQLDataTypes.VectorType();
    StructType out =
        InputColumns.append(schema, "rawPredictionCol", getRawPredictionCol(), vector, false);
    out = InputColumns.append(out, "probabilityCol", getProbabilityCol(), vector, false);
    return InputColumns.append(
        out, "predictionCol", getPredictionCol(), DataTypes.DoubleType, false);
  }

  /** Reads what {@code write()} wrote. */
  public static MLReader<TunedLogisticRegression> read() {
    return new StageReader<>(TunedLogisticRegression.class);
  }

  /** Reads the estimator saved at a path. */
  public static TunedLogisticRegression load(String path) {
    return read().load(path);
  }

  @Override
  void checkParams() {
    super.checkParams();
    if (getLoss().equals(SquaredHingeLoss.NAME) && getFamily().equals("multinomial")) {
      throw new IllegalArgumentException(
          "loss = squared-hinge is for two classes, and family is multinomial; use binomial");
    }
  }

  public String getLoss() {
    return value("loss");
  }

  public TunedLogisticRegression setLoss(String value) {
    return with("loss", value);
  }

  public String getFamily() {
    return value("family");
  }

  public TunedLogisticRegression setFamily(String value) {
    return with("family", value);
  }

  public double[] getThresholds() {
    return value("thresholds");
  }

  public TunedLogisticRegression setThresholds(double[] value) {
    return with("thresholds", value);
  }

  public String getRawPredictionCol() {
    return value("rawPredictionCol");
  }

  public TunedLogisticRegression setRawPredictionCol(String value) {
    return with("rawPredictionCol", value);
  }

  public String getProbabilityCol() {
    return value("probabilityCol");
  }

  public TunedLogisticRegression setProbabilityCol(String value) {
    return with("probabilityCol", value);
  }
}
