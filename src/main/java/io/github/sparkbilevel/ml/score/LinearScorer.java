package io.github.sparkbilevel.ml.score;

import io.github.sparkbilevel.model.ParameterBlock;
import java.io.Serializable;
import org.apache.spark.ml.linalg.DenseMatrix;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/**
 * The outputs z of a layer of K units for a raw row x: z = c + Σ_j C_j · t_j(x_j), where t is a
 * {@link Scaling}.
 *
 * <p>With z₀ = c + Σ_j C_j · t_j(0), the outputs of a row of zeros, summed once,
 *
 * <pre>z = z₀ + Σ_{j : x_j ≠ 0} C_j · (t_j(x_j) − t_j(0)),</pre>
 *
 * which costs O(nnz · K) for a sparse row. Dense rows are summed by the first form, in O(p · K):
 * where means are large against deviations, z₀ is a large number to be taken away again.
 */
public final class LinearScorer implements Serializable {
  private static final long serialVersionUID = 1L;

  private final ParameterBlock layer;

  /** Feature after feature, each with its K coefficients: a non-zero touches one run of memory. */
  private final double[] coefficients;

  private final double[] intercepts;
  private final Scaling scaling;
  private final double[] atZero;

  /**
   * Copies its arguments.
   *
   * @param layer where the parameters lie in {@code theta}
   */
  LinearScorer(ParameterBlock layer, double[] theta, Scaling scaling) {
    this.layer = layer;
    this.scaling = scaling;
    int outputs = layer.outputs();
    this.coefficients = new double[Math.multiplyExact(layer.inputs(), outputs)];
    this.intercepts = new double[outputs];
    for (int k = 0; k < outputs; k++) {
      int column = layer.at() + k * layer.height();
      for (int j = 0; j < layer.inputs(); j++) {
        coefficients[j * outputs + k] = theta[column + j];
      }
      if (layer.bias()) {
        intercepts[k] = theta[column + layer.inputs()];
      }
    }
    this.atZero = intercepts.clone();
    for (int j = 0; j < layer.inputs(); j++) {
      addTo(atZero, j, scaling.of(j, 0));
    }
  }

  /** The K outputs of a raw row that has as many values as there are features. */
  double[] outputs(Vector row) {
    if (row instanceof SparseVector sparse) {
      double[] z = atZero.clone();
      int[] indices = sparse.indices();
      double[] values = sparse.values();
      for (int i = 0; i < values.length; i++) {
        int j = indices[i];
        addTo(z, j, scaling.fromZero(j, values[i]));
      }
      return z;
    }
    double[] dense = ((DenseVector) row).values();
    double[] z = intercepts.clone();
    for (int j = 0; j < dense.length; j++) {
      addTo(z, j, scaling.of(j, dense[j]));
    }
    return z;
  }

  /** K × p coefficients, of raw features when there is no clip, otherwise of standardised ones. */
  public Matrix coefficientMatrix() {
    double[] values = coefficients.clone();
    int outputs = layer.outputs();
    double[] scale = scaling.scale();
    if (!scaling.clips() && scale != null) {
      for (int j = 0; j < layer.inputs(); j++) {
        for (int k = 0; k < outputs; k++) {
          values[j * outputs + k] *= scale[j];
        }
      }
    }
    return new DenseMatrix(outputs, layer.inputs(), values);
  }

  /** The K intercepts that belong to {@link #coefficientMatrix()}. */
  public Vector interceptVector() {
    return new DenseVector(scaling.clips() ? intercepts.clone() : atZero.clone());
  }

  /** The parameters of the layer as they lie in θ; a new array. */
  double[] parameters() {
    int outputs = layer.outputs();
    double[] theta = new double[layer.size()];
    for (int k = 0; k < outputs; k++) {
      int column = k * layer.height();
      for (int j = 0; j < layer.inputs(); j++) {
        theta[column + j] = coefficients[j * outputs + k];
      }
      if (layer.bias()) {
        theta[column + layer.inputs()] = intercepts[k];
      }
    }
    return theta;
  }

  private void addTo(double[] z, int j, double value) {
    if (value == 0) {
      return;
    }
    int at = j * z.length;
    for (int k = 0; k < z.length; k++) {
      z[k] += value * coefficients[at + k];
    }
  }
}
