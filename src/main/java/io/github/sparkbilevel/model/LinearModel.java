package io.github.sparkbilevel.model;

import java.io.Serializable;

/**
 * A one-layer model: outputs z = Cᵀa + c, parameters θ of length d.
 *
 * <p>θ is column-major: output after output, each with its {@code features} coefficients and then,
 * where there is one, its intercept. The intercept acts as the coefficient of a feature that is
 * always 1.
 *
 * @param loss the loss of a row
 * @param features p, the number of features
 * @param intercept whether each output has an intercept
 */
public record LinearModel(Loss loss, int features, boolean intercept) implements Serializable {

  /** K, the number of outputs. */
  public int outputs() {
    return loss.outputs();
  }

  /** q, parameters of one output. */
  public int columnLength() {
    return features + (intercept ? 1 : 0);
  }

  /** d, the number of parameters. */
  public int size() {
    return Math.multiplyExact(outputs(), columnLength());
  }

  /** Whether a parameter is an intercept. */
  public boolean isIntercept(int parameter) {
    return intercept && parameter % columnLength() == features;
  }

  /**
   * Whether adding a number to all intercepts changes no prediction: then the Hessian of an
   * unpenalised intercept is singular along that direction.
   */
  public boolean hasFreeInterceptShift() {
    return intercept && loss instanceof SoftmaxLoss;
  }
}
