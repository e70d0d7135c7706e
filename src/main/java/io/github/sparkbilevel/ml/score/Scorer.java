package io.github.sparkbilevel.ml.score;

import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.Mlp;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.ParameterBlock;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;

/**
 * The K outputs of a raw row under a trained model, which standardises and limits the row itself.
 *
 * <p>A linear model has one layer; in a network φ is applied between layers. The first layer costs
 * O(nnz · h₁) for a sparse row and O(p · h₁) for a dense one, every other its number of
 * coefficients, less those of units that are 0. A row allocates one number for each unit.
 */
public final class Scorer implements Serializable {
  private static final long serialVersionUID = 1L;

  private final LinearScorer[] layers;

  /** Null for a linear model. */
  private final Activation activation;

  /**
   * Copies its arguments.
   *
   * @param theta in the layout of the model
   * @param mean null, as is {@code scale}, for features taken as they are
   */
  public Scorer(Model model, double[] theta, double[] mean, double[] scale, double clip) {
    List<ParameterBlock> shapes = model.parameters();
    this.layers = new LinearScorer[shapes.size()];
    this.layers[0] = new LinearScorer(shapes.get(0), theta, mean, scale, clip);
    for (int l = 1; l < layers.length; l++) {
      layers[l] = new LinearScorer(shapes.get(l), theta, null, null, Double.POSITIVE_INFINITY);
    }
    this.activation = model instanceof Mlp network ? network.activation() : null;
  }

  /** The layer that takes the row. */
  public LinearScorer first() {
    return layers[0];
  }

  /** φ; null for a linear model. */
  public Activation activation() {
    return activation;
  }

  public double clip() {
    return first().clip();
  }

  /** The means or null; a copy. */
  public double[] mean() {
    return first().mean();
  }

  /** The scales or null; a copy. */
  public double[] scale() {
    return first().scale();
  }

  /** The K outputs of a raw row that has as many values as there are features; a new array. */
  public double[] outputs(Vector row) {
    double[] z = first().outputs(row);
    for (int l = 1; l < layers.length; l++) {
      activation.applyInPlace(z);
      z = layers[l].outputs(z);
    }
    return z;
  }

  /** θ in the layout of the model, which is that of the constructor. */
  public double[] theta(Model model) {
    double[] theta = new double[model.size()];
    for (LinearScorer layer : layers) {
      layer.parametersInto(theta);
    }
    return theta;
  }
}
