package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.ml.score.ModelFiles;
import io.github.sparkbilevel.ml.score.ModelParts;
import io.github.sparkbilevel.ml.score.Scorer;
import io.github.sparkbilevel.model.LinearModel;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;

/**
 * A trained linear classifier, softmax or logistic, as a Spark ML stage that takes raw features.
 *
 * <p>A dense row costs O(p · K), a sparse row O(nnz · K).
 */
public final class LinearClassifierModel extends ClassifierModel<LinearClassifierModel> {
  private static final long serialVersionUID = 1L;

  /** A model with a uid of its own. */
  public LinearClassifierModel(ModelParts<LinearModel> parts) {
    this(Identifiable.randomUID("linearClassifier"), parts);
  }

  /** A model with a given uid. */
  public LinearClassifierModel(String uid, ModelParts<LinearModel> parts) {
    super(uid, parts);
  }

  private LinearClassifierModel(String uid, LinearClassifierModel like, Scorer scorer) {
    super(uid, like, scorer);
  }

  @Override
  LinearClassifierModel with(String uid, Scorer other) {
    return new LinearClassifierModel(uid, this, other);
  }

  /**
   * The coefficients, a row per output: K × p, and 1 × p for the logistic family.
   *
   * <p>Of <em>raw</em> features when {@link #clip()} is infinite. Otherwise of standardised
   * features, since a model that limits them is not linear in the raw ones.
   */
  public Matrix coefficientMatrix() {
    return scorer().first().coefficientMatrix();
  }

  /**
   * The intercepts that belong to {@link #coefficientMatrix()}, one per output.
   *
   * <p>For raw features they hold what centring takes away, so they are not 0 in a standardised
   * model that was trained without intercepts.
   */
  public Vector interceptVector() {
    return scorer().first().interceptVector();
  }

  /** Reads what {@link #write()} wrote. */
  public static MLReader<LinearClassifierModel> read() {
    return new ModelFiles.Reader<>(
        LinearClassifierModel.class, LinearModel.class, LinearClassifierModel::new);
  }

  /** Reads the model saved at a path. */
  public static LinearClassifierModel load(String path) {
    return read().load(path);
  }
}
