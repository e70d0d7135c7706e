package io.github.sparkbilevel.ml.prepare;

import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.Fisher;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.Mlp;
import io.github.sparkbilevel.model.SquaredLoss;
import java.util.List;
import java.util.Locale;

/**
 * The lower-level model, before the data are known.
 *
 * @param family its outputs and loss
 * @param l2 half of this times the squared coefficients is the penalty where it is not tuned
 * @param intercept whether each output has an intercept; always so in a network
 * @param penalizeIntercept whether the penalty takes in the intercepts
 * @param network the layers of {@link Family#MLP}, otherwise null
 * @param loss of {@link Family#LINEAR}, by name
 */
public record LowerLevel(
    Family family,
    double l2,
    boolean intercept,
    boolean penalizeIntercept,
    Network network,
    String loss) {

  /** The loss of {@link Family#LINEAR}, unless told otherwise. */
  public static final String SQUARED = SquaredLoss.NAME;

  /** Outputs and loss. */
  public enum Family {
    /** A margin for each class, cross-entropy. */
    SOFTMAX,
    /** One margin for two classes, logistic loss. */
    LOGISTIC,
    /** One real output, half the squared error or a loss by name. */
    LINEAR,
    /** A network of dense layers with a margin for each class, cross-entropy. */
    MLP;

    /** The family of a word. */
    public static Family of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  /**
   * The layers of a network.
   *
   * @param hidden widths of the hidden layers, from the first on
   * @param activation of the hidden layers
   * @param exactHessian whether H is the Hessian and not the Gauss-Newton matrix
   * @param fisher what makes the Kronecker factors
   */
  public record Network(
      List<Integer> hidden, Activation activation, boolean exactHessian, Fisher fisher) {

    Mlp of(Loss loss, int features) {
      return new Mlp(loss, features, hidden, activation, exactHessian, fisher);
    }
  }

  /** Whether the loss is half the squared error. */
  public boolean isLeastSquares() {
    return family == Family.LINEAR && loss.equals(SQUARED);
  }

  /** Whether labels are classes and not numbers. */
  public boolean classification() {
    return family != Family.LINEAR;
  }
}
