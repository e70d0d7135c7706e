package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.ml.score.ModelFiles;
import io.github.sparkbilevel.ml.score.ModelParts;
import io.github.sparkbilevel.ml.score.Scorer;
import io.github.sparkbilevel.model.LinearModel;
import java.util.List;
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

  /**
   * What a model is made of.
   *
   * <p>The arrays are not copied here; the model copies them.
   *
   * @param model loss, number of features and whether there are intercepts; not the squared loss
   * @param theta θ in the layout of {@link LinearModel}, for standardised features
   * @param mean what is taken from each raw feature; null, as is {@code scale}, for features taken
   *     as they are
   * @param scale what each feature is then multiplied by; 0 for a constant feature
   * @param clip limit of the absolute standardised value; infinite for none
   * @param labels the label of each class, all different
   * @param featureNames the name of each feature, or an empty list for features without names
   */
  public record Parts(
      LinearModel model,
      double[] theta,
      double[] mean,
      double[] scale,
      double clip,
      List<String> labels,
      List<String> featureNames) {

    /** Checks that the parts fit together. */
    public Parts {
      if (model.loss().classes() < 2) {
        throw new IllegalArgumentException(
            "got a model with the "
                + model.loss().name()
                + " loss, expected one of classes, such as softmax or logistic");
      }
      labels = List.copyOf(labels);
      featureNames = List.copyOf(featureNames);
      ModelParts.requireFit(model, theta, mean, scale, clip, featureNames);
      ModelParts.requireLabels(labels, model);
    }
  }

  /** A model with a uid of its own. */
  public LinearClassifierModel(Parts parts) {
    this(Identifiable.randomUID("linearClassifier"), parts);
  }

  /** A model with a given uid. */
  public LinearClassifierModel(String uid, Parts parts) {
    super(
        uid,
        parts.model(),
        new Scorer(parts.model(), parts.theta(), parts.mean(), parts.scale(), parts.clip()),
        parts.labels(),
        parts.featureNames());
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
        LinearClassifierModel.class,
        LinearModel.class,
        (uid, stored) ->
            new LinearClassifierModel(
                uid,
                new Parts(
                    stored.model(),
                    stored.theta(),
                    stored.mean(),
                    stored.scale(),
                    stored.clip(),
                    stored.labels(),
                    stored.featureNames())));
  }

  /** Reads the model saved at a path. */
  public static LinearClassifierModel load(String path) {
    return read().load(path);
  }
}
