package io.github.sparkbilevel.ml.score;

import io.github.sparkbilevel.model.ParameterBlock;
import java.io.Serializable;
import org.apache.spark.ml.linalg.DenseMatrix;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/**
 * The outputs z of a layer of K units for a raw row x: z = c + Σ_j C_j · t_j(x_j), where t
 * standardises and limits.
 *
 * <p>t_j(x) = (x − mean_j) · scale_j within ±clip. With z₀ = c + Σ_j C_j · t_j(0), the outputs of a
 * row of zeros, summed once,
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
  private final double[] mean;
  private final double[] scale;
  private final double clip;
  private final double[] atZero;

  /**
   * Copies its arguments.
   *
   * @param layer where the parameters lie in {@code theta}
   * @param mean null, as is {@code scale}, for features taken as they are
   */
  LinearScorer(ParameterBlock layer, double[] theta, double[] mean, double[] scale, double clip) {
    this.layer = layer;
    this.mean = mean == null ? null : mean.clone();
    this.scale = scale == null ? null : scale.clone();
    this.clip = clip;
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
      addTo(atZero, j, transformed(j, 0));
    }
  }

  /** Whether standardised values are limited, so that the outputs are not linear in x. */
  boolean clips() {
    return clip < Double.POSITIVE_INFINITY;
  }

  double clip() {
    return clip;
  }

  /** The means or null; a copy. */
  double[] mean() {
    return mean == null ? null : mean.clone();
  }

  /** The scales or null; a copy. */
  double[] scale() {
    return scale == null ? null : scale.clone();
  }

  /** The K outputs of a raw row that has as many values as there are features. */
  double[] outputs(Vector row) {
    if (row instanceof SparseVector sparse) {
      double[] z = atZero.clone();
      int[] indices = sparse.indices();
      double[] values = sparse.values();
      for (int i = 0; i < values.length; i++) {
        int j = indices[i];
        addTo(z, j, clips() ? transformed(j, values[i]) - transformed(j, 0) : scaled(j, values[i]));
      }
      return z;
    }
    return outputs(((DenseVector) row).values());
  }

  /** The K outputs of a dense raw row; a new array. */
  double[] outputs(double[] row) {
    double[] z = intercepts.clone();
    for (int j = 0; j < row.length; j++) {
      addTo(z, j, transformed(j, row[j]));
    }
    return z;
  }

  /** K × p coefficients, of raw features when there is no clip, otherwise of standardised ones. */
  public Matrix coefficientMatrix() {
    double[] values = coefficients.clone();
    int outputs = layer.outputs();
    if (!clips() && scale != null) {
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
    return new DenseVector(clips() ? intercepts.clone() : atZero.clone());
  }

  /** Writes the parameters of the layer to where they lie in θ. */
  void parametersInto(double[] theta) {
    int outputs = layer.outputs();
    for (int k = 0; k < outputs; k++) {
      int column = layer.at() + k * layer.height();
      for (int j = 0; j < layer.inputs(); j++) {
        theta[column + j] = coefficients[j * outputs + k];
      }
      if (layer.bias()) {
        theta[column + layer.inputs()] = intercepts[k];
      }
    }
  }

  private double transformed(int j, double value) {
    return mean == null ? value : Math.max(-clip, Math.min(clip, (value - mean[j]) * scale[j]));
  }

  private double scaled(int j, double value) {
    return scale == null ? value : value * scale[j];
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
