package io.github.sparkbilevel.model;

/** Squared loss of one output: p = z, ℓ = ½(z − b)², r = z − b, C = 1. */
public record SquaredLoss() implements Loss {

  @Override
  public int outputs() {
    return 1;
  }

  @Override
  public int classes() {
    return 0;
  }

  @Override
  public double evaluate(double[] z, int zAt, int stride, double label, double[] p, int pAt) {
    p[pAt] = z[zAt];
    double error = z[zAt] - label;
    return 0.5 * error * error;
  }

  @Override
  public void residual(
      double[] p, int pAt, double label, double scale, double[] out, int outAt, int stride) {
    out[outAt] = scale * (p[pAt] - label);
  }

  @Override
  public void curvatureInPlace(double[] p, int pAt, double scale, double[] t, int tAt, int stride) {
    t[tAt] *= scale;
  }

  @Override
  public double directional(double[] p, int pAt, double label, double[] t, int tAt, int stride) {
    return (p[pAt] - label) * t[tAt];
  }

  @Override
  public double curvature(double[] p, int pAt, int k, int l) {
    return 1;
  }

  @Override
  public double predict(double[] p, int pAt) {
    return p[pAt];
  }

  @Override
  public double probability(double[] p, int pAt, double label) {
    double error = p[pAt] - label;
    return Math.exp(-0.5 * error * error);
  }

  @Override
  public int rootColumns() {
    return 1;
  }

  @Override
  public void curvatureRoot(
      double[] p, int pAt, int k, double scale, double[] out, int outAt, int stride) {
    out[outAt] = scale;
  }

  /** A standard normal number by Box and Muller: ℓ is −log of the density of N(p, 1). */
  @Override
  public void drawnResidual(
      double[] p, int pAt, double u, double w, double scale, double[] out, int outAt, int stride) {
    out[outAt] = scale * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * w);
  }
}
