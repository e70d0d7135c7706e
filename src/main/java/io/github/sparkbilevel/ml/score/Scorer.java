package io.github.sparkbilevel.ml.score;

import io.github.sparkbilevel.backend.JvmBackend;
import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.model.Dense;
import io.github.sparkbilevel.model.Layer;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.Stack;
import io.github.sparkbilevel.model.TileInput;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;

/**
 * The K outputs of a raw row under a trained model, which scales the row itself.
 *
 * <p>A dense layer in front costs O(nnz · h₁) for a sparse row and O(p · h₁) for a dense one; the
 * layers behind it, or all where another one is in front, cost their number of coefficients.
 */
public final class Scorer implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Scaling scaling;

  /** The dense layer in front; null where there is another. */
  private final LinearScorer first;

  /** The other layers; null where there are none. */
  private final Layer rest;

  /** Their parameters. */
  private final double[] restTheta;

  /**
   * Copies its arguments.
   *
   * @param theta in the layout of the model
   */
  public Scorer(Model model, double[] theta, Scaling scaling) {
    List<Layer> layers =
        model.layer() instanceof Stack stack ? stack.layers() : List.of(model.layer());
    this.scaling = scaling;
    this.first =
        layers.get(0) instanceof Dense dense
            ? new LinearScorer(dense.weights(), theta, scaling)
            : null;
    List<Layer> others = first == null ? layers : layers.subList(1, layers.size());
    this.rest = others.isEmpty() ? null : new Stack(others);
    int from = first == null ? 0 : layers.get(0).size();
    this.restTheta = Arrays.copyOfRange(theta, from, theta.length);
  }

  /** The dense layer in front, which is the whole of a linear model. */
  public LinearScorer first() {
    return first;
  }

  /** What is done to raw features. */
  public Scaling scaling() {
    return scaling;
  }

  /** The K outputs of a raw row that has as many values as there are features; a new array. */
  public double[] outputs(Vector row) {
    double[] x = first == null ? scaling.of(row) : first.outputs(row);
    if (rest == null) {
      return x;
    }
    Tile<double[]> tile = Tile.doubles(JvmBackend.NAME, 1);
    tile.load(1);
    return rest.tape(tile, 0)
        .forward(tile.numbers(restTheta, 0, restTheta.length), TileInput.of(tile, x, x.length));
  }

  /** θ in the layout of the model. */
  public double[] theta() {
    double[] head = first == null ? new double[0] : first.parameters();
    double[] theta = Arrays.copyOf(head, head.length + restTheta.length);
    System.arraycopy(restTheta, 0, theta, head.length, restTheta.length);
    return theta;
  }
}
