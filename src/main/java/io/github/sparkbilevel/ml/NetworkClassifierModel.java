package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.ml.score.ModelFiles;
import io.github.sparkbilevel.ml.score.ModelParts;
import io.github.sparkbilevel.ml.score.Scorer;
import io.github.sparkbilevel.model.Layers;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.ParameterBlock;
import java.util.stream.IntStream;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;

/**
 * A trained network of any layers as a Spark ML stage that takes raw features.
 *
 * <p>With h units in a dense layer in front a dense row costs O(p · h) there and a sparse row O(nnz
 * · h); each further layer costs its number of parameters.
 */
public final class NetworkClassifierModel extends ClassifierModel<NetworkClassifierModel> {
  private static final long serialVersionUID = 1L;

  /** A model with a uid of its own. */
  public NetworkClassifierModel(ModelParts<Network> parts) {
    this(Identifiable.randomUID("networkClassifier"), parts);
  }

  /** A model with a given uid. */
  public NetworkClassifierModel(String uid, ModelParts<Network> parts) {
    super(uid, parts);
  }

  private NetworkClassifierModel(String uid, NetworkClassifierModel like, Scorer scorer) {
    super(uid, like, scorer);
  }

  @Override
  NetworkClassifierModel with(String uid, Scorer other) {
    return new NetworkClassifierModel(uid, this, other);
  }

  /**
   * Sizes of the layers: the features, and then the outputs of each block of parameters; a new
   * array.
   */
  public int[] layers() {
    return IntStream.concat(
            IntStream.of(numFeatures()),
            model().parameters().stream().mapToInt(ParameterBlock::outputs))
        .toArray();
  }

  /** The layers as {@code DataCleaner.setLayers} takes them, with that of the outputs. */
  public String architecture() {
    return Layers.write(model().layer().form());
  }

  /** Reads what {@link #write()} wrote. */
  public static MLReader<NetworkClassifierModel> read() {
    return new ModelFiles.Reader<>(
        NetworkClassifierModel.class, Network.class, NetworkClassifierModel::new);
  }

  /** Reads the model saved at a path. */
  public static NetworkClassifierModel load(String path) {
    return read().load(path);
  }
}
