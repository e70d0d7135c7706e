package io.github.sparkbilevel.ml.prepare;

import io.github.sparkbilevel.data.Names;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.Table;
import io.github.sparkbilevel.model.Factors;
import io.github.sparkbilevel.model.FrozenLayers;
import io.github.sparkbilevel.model.Layers;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.Losses;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.model.TweedieLoss;
import io.github.sparkbilevel.settings.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * The lower-level model, before the data are known.
 *
 * @param family its outputs and loss
 * @param l2 half of this times the squared coefficients is the penalty where it is not tuned
 * @param intercept whether each output has an intercept; always so in a network
 * @param penalizeIntercept whether the penalty takes in the intercepts
 * @param layers those of {@link Family#NETWORK}, otherwise null
 * @param loss by name: of {@link Family#LINEAR}, or one of {@link Losses#OF_TWO_CLASSES} of {@link
 *     Family#LOGISTIC}; of others cross entropy
 */
public record LowerLevel(
    Family family,
    double l2,
    boolean intercept,
    boolean penalizeIntercept,
    Layered layers,
    String loss) {

  /** Outputs and loss. */
  public enum Family {
    /** A margin for each class, cross-entropy. */
    SOFTMAX,
    /** One margin for two classes, cross entropy or squared hinge. */
    LOGISTIC,
    /** One real output, half the squared error or a loss by name. */
    LINEAR,
    /** A margin for each of several labels of a row, the sum of their cross entropies. */
    MULTI_LABEL,
    /** A network with a margin for each class, cross-entropy. */
    NETWORK;

    /** The family of a word. */
    public static Family of(String word) {
      return Keys.NETWORKS.contains(word)
          ? NETWORK
          : valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
  }

  /**
   * The layers of a network but that of the outputs, which follows from the classes.
   *
   * @param form how they are written
   * @param exactHessian whether H is the Hessian and not the Gauss-Newton matrix
   * @param factors what makes the Kronecker factors
   * @param weights those from outside
   */
  public record Layered(
      List<Map<String, Object>> form, boolean exactHessian, Factors factors, WeightsFile weights) {

    /** The frozen layers, where there are some. */
    Optional<FrozenLayers> frozen(PreparedTables tables) {
      if (weights.frozen() == 0) {
        return Optional.empty();
      }
      Network network = of(new SoftmaxLoss(tables.classes().size()), tables.train());
      FrozenLayers frozen = FrozenLayers.of(network, weights.frozen());
      weights.requireFrozen(network, frozen.layers().size());
      return Optional.of(frozen);
    }

    /** The network for rows of a table, with weights from outside to start from. */
    Network of(Loss loss, Table train) {
      Configuration conf = train.session().sparkContext().hadoopConfiguration();
      return weights.into(of(loss, train.featureNames()), conf);
    }

    /** What layers of pictures in front take in: a picture, where features are called by pixels. */
    private Network of(Loss loss, List<String> features) {
      List<Map<String, Object>> layers = new ArrayList<>(form);
      List<Integer> picture = Names.picture(features);
      if (!picture.isEmpty() && Layers.beginWithPicture(form)) {
        layers.add(0, Layers.shape(picture));
      }
      return Network.of(loss, features.size(), layers)
          .withExactHessian(exactHessian)
          .with(factors.fisher())
          .with(factors.sharing());
    }
  }

  /** Whether the loss is half the squared error. */
  public boolean isLeastSquares() {
    return family == Family.LINEAR && Losses.of(loss) instanceof SquaredLoss;
  }

  /** Whether labels are counts. */
  public boolean isPoisson() {
    return family == Family.LINEAR && Losses.of(loss) instanceof TweedieLoss t && t.power() == 1;
  }

  /** Whether a label is a class. */
  public boolean classification() {
    return family != Family.LINEAR && family != Family.MULTI_LABEL;
  }
}
