package io.github.sparkbilevel.model;

/**
 * Binary logistic loss of one output: p = σ(z), ℓ = log(1 + e^z) − b z for b in {0, 1}, r = p − b,
 * C = p(1 − p).
 */
public record LogisticLoss() implements Loss {

  @Override
  public int outputs() {
    return 1;
  }

  @Override
  public int classes() {
    return 2;
  }

  @Override
  public double evaluate(double[] z, int zAt, int stride, double label, double[] p, int pAt) {
    double margin = z[zAt];
    double e = Math.exp(-Math.abs(margin));
    p[pAt] = margin >= 0 ? 1 / (1 + e) : e / (1 + e);
    return Math.log1p(e) + Math.max(margin, 0) - label * margin;
  }

  @Override
  public void residual(
      double[] p, int pAt, double label, double scale, double[] out, int outAt, int stride) {
    out[outAt] = scale * (p[pAt] - label);
  }

  @Override
  public void curvatureInPlace(double[] p, int pAt, double scale, double[] t, int tAt, int stride) {
    t[tAt] *= scale * p[pAt] * (1 - p[pAt]);
  }

  @Override
  public double directional(double[] p, int pAt, double label, double[] t, int tAt, int stride) {
    return (p[pAt] - label) * t[tAt];
  }

  @Override
  public double curvature(double[] p, int pAt, int k, int l) {
    return p[pAt] * (1 - p[pAt]);
  }

  @Override
  public double predict(double[] p, int pAt) {
    return p[pAt] > 0.5 ? 1 : 0;
  }

  @Override
  public double probability(double[] p, int pAt, double label) {
    return label == 1 ? p[pAt] : 1 - p[pAt];
  }

  @Override
  public int rootColumns() {
    return 1;
  }

  @Override
  public void curvatureRoot(
      double[] p, int pAt, int k, double scale, double[] out, int outAt, int stride) {
    out[outAt] = scale * Math.sqrt(p[pAt] * (1 - p[pAt]));
  }

  @Override
  public void drawnResidual(
      double[] p, int pAt, double u, double w, double scale, double[] out, int outAt, int stride) {
    residual(p, pAt, u < p[pAt] ? 1 : 0, scale, out, outAt, stride);
  }
}
