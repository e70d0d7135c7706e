package io.github.sparkbilevel.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A network of dense layers: z_1 = W_1ᵀ ā, z_l = W_lᵀ (φ(z_{l−1}), 1), outputs z = z_L.
 *
 * <p>θ holds the layers from the first to the last, each as {@link ParameterBlock} says: output
 * after output, its coefficients and then its bias. With no hidden layer it is the layout of {@link
 * LinearModel}.
 *
 * <p>H is the Gauss-Newton matrix Σ s Jᵀ C J, positive semidefinite everywhere; the Hessian, which
 * may have negative curvature, where it is asked for.
 *
 * @param loss the loss of a row
 * @param features p
 * @param hidden widths of the hidden layers, from the first on
 * @param activation φ
 * @param exactHessian whether H is to be the Hessian; the bend of relu counts as 0 everywhere
 * @param fisher what makes the Kronecker factors
 */
public record Mlp(
    Loss loss,
    int features,
    List<Integer> hidden,
    Activation activation,
    boolean exactHessian,
    Fisher fisher)
    implements Model {

  /** The most parameters; of vectors of that size the driver and every executor hold several. */
  public static final int MOST_PARAMETERS = 1 << 27;

  /** Checks the widths. */
  public Mlp {
    hidden = List.copyOf(hidden);
    for (int width : hidden) {
      if (width < 1) {
        throw new IllegalArgumentException(
            "got hidden layers of " + hidden + " units, expected 1 or more in each");
      }
    }
    double parameters = 0;
    double inputs = features;
    for (int width : hidden) {
      parameters += (inputs + 1) * width;
      inputs = width;
    }
    parameters += (inputs + 1) * loss.outputs();
    if (parameters > MOST_PARAMETERS) {
      throw new IllegalArgumentException(
          "got hidden layers of %s units over %,d features, a network of %,.0f parameters, each copy of which takes %,.0f MiB; expected at most %,d parameters; use narrower layers"
              .formatted(hidden, features, parameters, parameters / (1 << 17), MOST_PARAMETERS));
    }
  }

  /** A network with the Gauss-Newton matrix and factors from the exact Fisher matrix. */
  public static Mlp of(Loss loss, int features, List<Integer> hidden, Activation activation) {
    return new Mlp(loss, features, hidden, activation, false, new Fisher.Exact());
  }

  /** The same network with the Hessian for H, or with the Gauss-Newton matrix. */
  public Mlp withExactHessian(boolean exact) {
    return new Mlp(loss, features, hidden, activation, exact, fisher);
  }

  @Override
  public Mlp withHessian() {
    return activation.isSmooth() ? withExactHessian(true) : this;
  }

  /** The same network with other Kronecker factors. */
  public Mlp with(Fisher other) {
    return new Mlp(loss, features, hidden, activation, exactHessian, other);
  }

  @Override
  public Stack layer() {
    List<Layer> layers = new ArrayList<>();
    int inputs = features;
    for (int width : hidden) {
      layers.add(Dense.of(inputs, width).before(activation));
      layers.add(new ActivationLayer(RowShape.vector(width), activation));
      inputs = width;
    }
    layers.add(Dense.of(inputs, outputs()));
    return new Stack(layers);
  }
}
