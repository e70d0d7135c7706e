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
 * @param factors what makes the Kronecker factors
 * @param start what it starts from
 */
public record Network(Loss loss, Layer layer, boolean exactHessian, Factors factors, Start start)
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
    return new Network(
        loss, layer, false, new Factors(new Fisher.Exact(), Sharing.EXPAND), Start.RANDOM);
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
    return new Network(loss, layer, exact, factors, start);
  }

  @Override
  public Network withHessian() {
    return layer.isSmooth() ? withExactHessian(true) : this;
  }

  /** The same network with other Kronecker factors of what positions share. */
  public Network with(Sharing other) {
    return new Network(loss, layer, exactHessian, new Factors(fisher(), other), start);
  }

  /** The same network with other Kronecker factors. */
  public Network with(Fisher other) {
    return new Network(loss, layer, exactHessian, new Factors(other, sharing()), start);
  }

  /** The same network with given parameters to start from. */
  public Network with(Start other) {
    return new Network(loss, layer, exactHessian, factors, other);
  }

  @Override
  public Fisher fisher() {
    return factors.fisher();
  }

  @Override
  public Sharing sharing() {
    return factors.sharing();
  }

  @Override
  public double[] initial(long seed) {
    double[] theta = Model.super.initial(seed);
    start.write(theta);
    return theta;
  }
}
