package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.ml.score.ExportedFiles;
import io.github.sparkbilevel.ml.score.ModelFiles;
import io.github.sparkbilevel.ml.score.ModelParts;
import io.github.sparkbilevel.ml.score.RawColumns;
import io.github.sparkbilevel.ml.score.RawFeatures;
import io.github.sparkbilevel.ml.score.Scorer;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.model.TileColumn;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.RegressionModel;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * A trained linear regression as a Spark ML stage that takes raw features: it standardises and
 * limits them itself.
 *
 * <p>Columns and params are those of Spark's own regression models; {@code prediction} holds the
 * predicted value. A row with a value that is not a number gets a prediction that is not one.
 *
 * <p>A dense row costs O(p), a sparse row O(nnz). The model does not change once built, except for
 * its params.
 */
public final class LinearRegressorModel extends RegressionModel<Vector, LinearRegressorModel>
    implements PortableModel, RawColumns.Taker {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final LinearModel model;
  private final Scorer scorer;
  private final RawFeatures inputs;

  /** Null where the model was trained on vectors or numbers as they are. */
  private transient RawColumns columns;

  /** A model with a uid of its own. */
  public LinearRegressorModel(ModelParts<LinearModel> parts) {
    this(Identifiable.randomUID("linearRegressor"), parts);
  }

  /** A model with a given uid. */
  public LinearRegressorModel(String uid, ModelParts<LinearModel> parts) {
    this(
        EarlyUid.of(uid),
        ofRealLabels(parts.model()),
        parts.scorer(),
        new RawFeatures(parts.model().features(), parts.featureNames()));
  }

  private static LinearModel ofRealLabels(LinearModel model) {
    if (model.loss().classes() > 0 || model.outputs() != 1) {
      throw new IllegalArgumentException(
          "got a model with the "
              + model.loss().name()
              + " loss, expected a loss of one real label; classes want a LinearClassifierModel");
    }
    return model;
  }

  private LinearRegressorModel(EarlyUid uid, LinearModel model, Scorer scorer, RawFeatures inputs) {
    this.uid = uid.arrive();
    this.model = model;
    this.scorer = scorer;
    this.inputs = inputs;
  }

  @Override
  public String uid() {
    return EarlyUid.orWaiting(uid);
  }

  @Override
  public void takeColumns(RawColumns other) {
    columns = other;
  }

  /** Adds the prediction; where a saved model knows how, rows may lack the features. */
  @Override
  public Dataset<Row> transform(Dataset<?> rows) {
    return super.transform(RawColumns.features(columns, rows, getFeaturesCol()));
  }

  @Override
  public int numFeatures() {
    return model.features();
  }

  /** A model of the same features with other parameters. */
  LinearRegressorModel with(String otherUid, Scorer other) {
    LinearRegressorModel like =
        new LinearRegressorModel(EarlyUid.of(otherUid), model, other, inputs);
    like.columns = columns;
    return like;
  }

  LinearModel model() {
    return model;
  }

  Scorer scorer() {
    return scorer;
  }

  /** The name of each feature; empty when the features have no names. */
  public List<String> featureNames() {
    return inputs.names();
  }

  /**
   * The p coefficients.
   *
   * <p>Of <em>raw</em> features when {@link #clip()} is infinite. Otherwise of standardised
   * features, since a model that limits them is not linear in the raw ones.
   */
  public Vector coefficients() {
    return Vectors.dense(scorer.first().coefficientMatrix().toArray());
  }

  /**
   * The intercept that belongs to {@link #coefficients()}.
   *
   * <p>For raw features it holds what centring takes away, so it is not 0 in a standardised model
   * that was trained without one.
   */
  public double intercept() {
    return scorer.first().interceptVector().apply(0);
  }

  /** The limit of the absolute standardised value; infinite for none. */
  public double clip() {
    return scorer.scaling().clip();
  }

  /** The predicted value for a raw row. */
  @Override
  public double predict(Vector features) {
    inputs.requireFits(features);
    double[] z = scorer.outputs(features);
    double[] prediction = new double[1];
    OutputTile tile = OutputTile.ofRow(prediction, 0);
    TileColumn label = TileColumn.of(0);
    model.loss().evaluate(OutputTile.ofRow(z, 0), label, tile, TileColumn.of(new double[1]));
    return model.loss().predict(tile, 0);
  }

  /** The loss that the model was trained with. */
  public Loss loss() {
    return model.loss();
  }

  /** Adds the prediction column. */
  @Override
  public StructType transformSchema(StructType schema) {
    StructType in = RawColumns.schema(columns, schema, getFeaturesCol());
    StructType out = super.transformSchema(in);
    inputs.requireFits(in, getFeaturesCol());
    return out;
  }

  @Override
  public LinearRegressorModel copy(ParamMap extra) {
    return copyValues(with(uid(), scorer), extra).setParent(parent());
  }

  private ModelParts<?> parts() {
    return new ModelParts<>(model, scorer.theta(), scorer.scaling(), List.of(), featureNames());
  }

  @Override
  public MLWriter write() {
    return new ModelFiles.Writer(this, parts(), columns);
  }

  @Override
  public void writeOnnx(String path) {
    ExportedFiles.writeOnnx(parts(), path);
  }

  @Override
  public void writeWeights(String path) {
    ExportedFiles.writeWeights(parts(), path);
  }

  /** Reads what {@link #write()} wrote. */
  public static MLReader<LinearRegressorModel> read() {
    return new ModelFiles.Reader<>(
        LinearRegressorModel.class, LinearModel.class, LinearRegressorModel::new);
  }

  /** Reads the model saved at a path. */
  public static LinearRegressorModel load(String path) {
    return read().load(path);
  }

  @Override
  public String toString() {
    return "LinearRegressorModel: uid=" + uid() + ", numFeatures=" + numFeatures();
  }
}
