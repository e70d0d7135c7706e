package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.ml.score.ModelFiles;
import io.github.sparkbilevel.ml.score.ModelParts;
import io.github.sparkbilevel.ml.score.Scorer;
import io.github.sparkbilevel.ml.score.Summaries;
import io.github.sparkbilevel.model.Mlp;
import io.github.sparkbilevel.model.ParameterBlock;
import io.github.sparkbilevel.model.SoftmaxLoss;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;

/**
 * A trained network of dense layers with softmax outputs as a Spark ML stage that takes raw
 * features.
 *
 * <p>With h units in the first hidden layer a dense row costs O(p · h) there and a sparse row O(nnz
 * · h); each further layer costs its number of parameters.
 */
public final class NetworkClassifierModel extends ClassifierModel<NetworkClassifierModel> {
  private static final long serialVersionUID = 1L;

  /**
   * What a model is made of.
   *
   * <p>The arrays are not copied here; the model copies them.
   *
   * @param model the softmax loss, number of features, widths of the hidden layers and activation
   * @param theta θ in the layout of {@link Mlp}, for standardised features
   * @param mean what is taken from each raw feature; null, as is {@code scale}, for features taken
   *     as they are
   * @param scale what each feature is then multiplied by; 0 for a constant feature
   * @param clip limit of the absolute standardised value; infinite for none
   * @param labels the label of each class, all different
   * @param featureNames the name of each feature, or an empty list for features without names
   */
  public record Parts(
      Mlp model,
      double[] theta,
      double[] mean,
      double[] scale,
      double clip,
      List<String> labels,
      List<String> featureNames) {

    /** Checks that the parts fit together. */
    public Parts {
      if (!model.loss().name().equals(SoftmaxLoss.NAME)) {
        throw new IllegalArgumentException(
            "got a network with the "
                + model.loss().name()
                + " loss, expected softmax, which serves two classes as well");
      }
      labels = List.copyOf(labels);
      featureNames = List.copyOf(featureNames);
      ModelParts.requireFit(model, theta, mean, scale, clip, featureNames);
      ModelParts.requireLabels(labels, model);
    }
  }

  /** A model with a uid of its own. */
  public NetworkClassifierModel(Parts parts) {
    this(Identifiable.randomUID("networkClassifier"), parts);
  }

  /** A model with a given uid. */
  public NetworkClassifierModel(String uid, Parts parts) {
    super(
        uid,
        parts.model(),
        new Scorer(parts.model(), parts.theta(), parts.mean(), parts.scale(), parts.clip()),
        parts.labels(),
        parts.featureNames());
  }

  private NetworkClassifierModel(String uid, NetworkClassifierModel like, Scorer scorer) {
    super(uid, like, scorer);
  }

  @Override
  NetworkClassifierModel with(String uid, Scorer other) {
    return new NetworkClassifierModel(uid, this, other);
  }

  /**
   * Sizes of the layers: the features, the units of each hidden layer, the classes; a new array.
   */
  public int[] layers() {
    return IntStream.concat(
            IntStream.of(numFeatures()),
            model().parameters().stream().mapToInt(ParameterBlock::outputs))
        .toArray();
  }

  /** What a hidden unit makes of its argument: relu, tanh, gelu or identity. */
  public String activation() {
    return Summaries.word(scorer().activation());
  }

  /** Reads what {@link #write()} wrote. */
  public static MLReader<NetworkClassifierModel> read() {
    return new ModelFiles.Reader<>(
        NetworkClassifierModel.class,
        Mlp.class,
        (uid, stored) ->
            new NetworkClassifierModel(
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
  public static NetworkClassifierModel load(String path) {
    return read().load(path);
  }
}
