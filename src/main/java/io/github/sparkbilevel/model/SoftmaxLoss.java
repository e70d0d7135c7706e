package io.github.sparkbilevel.model;

/**
 * Cross entropy of softmax outputs: p = softmax(z), ℓ = −log p_b, r = p − e_b, C = diag(p) − ppᵀ.
 *
 * @param classes K ≥ 2
 */
public record SoftmaxLoss(int classes) implements Loss {

  /** Checks the number of classes. */
  public SoftmaxLoss {
    if (classes < 2) {
      throw new IllegalArgumentException("got " + classes + " classes, expected 2 or more");
    }
  }

  @Override
  public int outputs() {
    return classes;
  }

  @Override
  public double evaluate(double[] z, int zAt, int stride, double label, double[] p, int pAt) {
    double max = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < classes; k++) {
      max = Math.max(max, z[zAt + k * stride]);
    }
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      double e = Math.exp(z[zAt + k * stride] - max);
      p[pAt + k] = e;
      sum += e;
    }
    for (int k = 0; k < classes; k++) {
      p[pAt + k] /= sum;
    }
    return Math.log(sum) - (z[zAt + ((int) label) * stride] - max);
  }

  @Override
  public void residual(
      double[] p, int pAt, double label, double scale, double[] out, int outAt, int stride) {
    for (int k = 0; k < classes; k++) {
      out[outAt + k * stride] = scale * p[pAt + k];
    }
    out[outAt + ((int) label) * stride] -= scale;
  }

  @Override
  public void curvatureInPlace(double[] p, int pAt, double scale, double[] t, int tAt, int stride) {
    double mean = 0;
    for (int k = 0; k < classes; k++) {
      mean += p[pAt + k] * t[tAt + k * stride];
    }
    for (int k = 0; k < classes; k++) {
      t[tAt + k * stride] = scale * p[pAt + k] * (t[tAt + k * stride] - mean);
    }
  }

  @Override
  public double directional(double[] p, int pAt, double label, double[] t, int tAt, int stride) {
    double sum = -t[tAt + ((int) label) * stride];
    for (int k = 0; k < classes; k++) {
      sum += p[pAt + k] * t[tAt + k * stride];
    }
    return sum;
  }

  @Override
  public double curvature(double[] p, int pAt, int k, int l) {
    return (k == l ? p[pAt + k] : 0) - p[pAt + k] * p[pAt + l];
  }

  @Override
  public double predict(double[] p, int pAt) {
    int best = 0;
    for (int k = 1; k < classes; k++) {
      if (p[pAt + k] > p[pAt + best]) {
        best = k;
      }
    }
    return best;
  }

  @Override
  public double probability(double[] p, int pAt, double label) {
    return p[pAt + (int) label];
  }

  @Override
  public int rootColumns() {
    return classes;
  }

  /** √p_k (e_k − p). */
  @Override
  public void curvatureRoot(
      double[] p, int pAt, int k, double scale, double[] out, int outAt, int stride) {
    double factor = scale * Math.sqrt(p[pAt + k]);
    for (int l = 0; l < classes; l++) {
      out[outAt + l * stride] = factor * ((l == k ? 1 : 0) - p[pAt + l]);
    }
  }

  @Override
  public void drawnResidual(
      double[] p, int pAt, double u, double w, double scale, double[] out, int outAt, int stride) {
    int label = 0;
    double sum = p[pAt];
    while (label < classes - 1 && u >= sum) {
      sum += p[pAt + ++label];
    }
    residual(p, pAt, label, scale, out, outAt, stride);
  }
}
