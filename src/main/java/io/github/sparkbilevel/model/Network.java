package io.github.sparkbilevel.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A loss on top of any layer.
 *
 * <p>H is the Gauss-Newton matrix Σ s Jᵀ C J, positive semidefinite everywhere; the Hessian, which
 * may have negative curvature, where it is asked for.
 *
 * @param loss the loss of a row
 * @param layer what makes the outputs
 * @param exactHessian whether H is to be the Hessian; the bend of relu counts as 0 everywhere
 * @param fisher what makes the Kronecker factors
 * @param sharing how positions do
 */
public record Network(Loss loss, Layer layer, boolean exactHessian, Fisher fisher, Sharing sharing)
    implements Model {

  /** Checks the number of outputs. */
  public Network {
    if (layer.out().size() != loss.outputs()) {
      throw new IllegalArgumentException(
          "got layers with %d outputs, expected %d for the %s loss"
              .formatted(layer.out().size(), loss.outputs(), loss.name()));
    }
  }

  /** A network with the Gauss-Newton matrix and factors from the exact Fisher matrix. */
  public static Network of(Loss loss, Layer layer) {
    return new Network(loss, layer, false, new Fisher.Exact(), Sharing.EXPAND);
  }

  /**
   * The same of the layers of a form, with a dense layer behind them that has the outputs of the
   * loss.
   *
   * @param features p, the number of features
   */
  public static Network of(Loss loss, int features, List<Map<String, Object>> form) {
    RowShape in = RowShape.vector(features);
    List<Layer> layers = new ArrayList<>(Layers.of(in, form));
    int width = layers.isEmpty() ? features : layers.get(layers.size() - 1).out().size();
    layers.add(Dense.of(width, loss.outputs()));
    return of(loss, new Stack(layers));
  }

  /** The same of dense layers of these widths, each with an activation behind it. */
  public static Network dense(
      Loss loss, int features, List<Integer> widths, Activation activation) {
    return of(loss, features, Layers.dense(widths, activation.label()));
  }

  /** The same network with the Hessian for H, or with the Gauss-Newton matrix. */
  public Network withExactHessian(boolean exact) {
    return new Network(loss, layer, exact, fisher, sharing);
  }

  @Override
  public Network withHessian() {
    return layer.isSmooth() ? withExactHessian(true) : this;
  }

  /** The same network with other Kronecker factors of what positions share. */
  public Network with(Sharing other) {
    return new Network(loss, layer, exactHessian, fisher, other);
  }

  /** The same network with other Kronecker factors. */
  public Network with(Fisher other) {
    return new Network(loss, layer, exactHessian, other, sharing);
  }
}
