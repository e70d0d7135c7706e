package io.github.sparkbilevel.model;

import io.github.sparkbilevel.TestProblems.Rows;

/**
 * The known answers for networks: rows one at a time, loops over units, and derivatives by complex
 * or central differences of the value. Shares no line with the code under test.
 */
final class MlpReference {
  private final Network model;
  private final Rows rows;
  private final Activation activation;

  MlpReference(Network model, Rows rows) {
    this.model = model;
    this.activation =
        ((Stack) model.layer())
            .layers().stream()
                .filter(ActivationLayer.class::isInstance)
                .map(layer -> ((ActivationLayer) layer).function())
                .findFirst()
                .orElse(Activation.IDENTITY);
    this.rows = rows;
  }

  private double activate(double z) {
    return switch (activation) {
      case RELU -> Math.max(0, z);
      case TANH -> Math.tanh(z);
      case GELU -> z / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z)));
      case IDENTITY -> z;
    };
  }

  /** The outputs of a row. */
  double[] outputs(double[] theta, int row) {
    double[] x = rows.x()[row];
    int at = 0;
    for (ParameterBlock block : model.parameters()) {
      boolean last = block.equals(model.last());
      double[] z = new double[block.outputs()];
      for (int o = 0; o < z.length; o++) {
        for (double value : x) {
          z[o] += theta[at++] * value;
        }
        z[o] += theta[at++];
        z[o] = last ? z[o] : activate(z[o]);
      }
      x = z;
    }
    return x;
  }

  /** ℓ of a row. */
  double loss(double[] theta, int row) {
    double[] z = outputs(theta, row);
    double label = rows.labels()[row];
    if (model.loss() instanceof SquaredLoss) {
      return (z[0] - label) * (z[0] - label) / 2;
    }
    if (model.loss() instanceof LogisticLoss) {
      return Math.log1p(Math.exp(z[0])) - label * z[0];
    }
    double sum = 0;
    for (double value : z) {
      sum += Math.exp(value);
    }
    return Math.log(sum) - z[(int) label];
  }

  /** Σ s ℓ. */
  double value(double[] theta, double[] s) {
    double sum = 0;
    for (int i = 0; i < rows.count(); i++) {
      sum += s[i] * loss(theta, i);
    }
    return sum;
  }

  /** J of a row by central differences of fourth order, K × d. */
  double[][] jacobian(double[] theta, int row) {
    double h = 1e-3;
    double[][] jacobian = new double[model.outputs()][theta.length];
    for (int j = 0; j < theta.length; j++) {
      double[][] z = new double[5][];
      for (int t = -2; t <= 2; t++) {
        double[] moved = theta.clone();
        moved[j] += t * h;
        z[t + 2] = outputs(moved, row);
      }
      for (int k = 0; k < jacobian.length; k++) {
        jacobian[k][j] = (8 * (z[3][k] - z[1][k]) - (z[4][k] - z[0][k])) / (12 * h);
      }
    }
    return jacobian;
  }

  /** C of a row at its outputs. */
  double[][] curvature(double[] theta, int row) {
    double[] z = outputs(theta, row);
    int k = z.length;
    double[][] c = new double[k][k];
    if (model.loss() instanceof SquaredLoss) {
      c[0][0] = 1;
    } else if (model.loss() instanceof LogisticLoss) {
      double p = 1 / (1 + Math.exp(-z[0]));
      c[0][0] = p * (1 - p);
    } else {
      double sum = 0;
      for (double value : z) {
        sum += Math.exp(value);
      }
      for (int a = 0; a < k; a++) {
        for (int b = 0; b < k; b++) {
          double pa = Math.exp(z[a]) / sum;
          c[a][b] = (a == b ? pa : 0) - pa * Math.exp(z[b]) / sum;
        }
      }
    }
    return c;
  }

  /** Σ s Jᵀ C J, d × d. */
  double[][] gaussNewton(double[] theta, double[] s) {
    int d = theta.length;
    double[][] h = new double[d][d];
    for (int i = 0; i < rows.count(); i++) {
      double[][] j = jacobian(theta, i);
      double[][] c = curvature(theta, i);
      for (int a = 0; a < j.length; a++) {
        for (int b = 0; b < j.length; b++) {
          for (int row = 0; row < d; row++) {
            for (int column = 0; column < d; column++) {
              h[row][column] += s[i] * j[a][row] * c[a][b] * j[b][column];
            }
          }
        }
      }
    }
    return h;
  }
}
