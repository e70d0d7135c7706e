package io.github.sparkbilevel.ml.prepare;

import io.github.sparkbilevel.data.Names;
import io.github.sparkbilevel.model.Fisher;
import io.github.sparkbilevel.model.Layers;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.Losses;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.Sharing;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.model.TweedieLoss;
import io.github.sparkbilevel.settings.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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
   * @param fisher what makes the Kronecker factors
   * @param sharing how positions do
   */
  public record Layered(
      List<Map<String, Object>> form, boolean exactHessian, Fisher fisher, Sharing sharing) {

    /** What layers of pictures in front take in: a picture, where features are called by pixels. */
    Network of(Loss loss, List<String> features) {
      List<Map<String, Object>> layers = new ArrayList<>(form);
      List<Integer> picture = Names.picture(features);
      if (!picture.isEmpty() && Layers.beginWithPicture(form)) {
        layers.add(0, Layers.shape(picture));
      }
      return Network.of(loss, features.size(), layers)
          .withExactHessian(exactHessian)
          .with(fisher)
          .with(sharing);
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
