package io.github.sparkbilevel.model;

import io.github.sparkbilevel.linalg.Elementary;

/**
 * The loss of the quantile at τ, made smooth: with e = (z − b) / h,
 *
 * <pre>
 *   ℓ = τ (b − z) + h ln(1 + e^e)     r = σ(e) − τ     C = σ(e) (1 − σ(e)) / h
 * </pre>
 *
 * <p>As h goes to 0, ℓ becomes the loss of quantile regression, max(τ (b − z), (τ − 1) (b − z)),
 * which it exceeds by h ln 2 at most. It is that loss convolved with the logistic density of scale
 * h (Fernandes, Guerre and Horta, Smoothing quantile regressions, Journal of Business and Economic
 * Statistics, 2021).
 *
 * @param quantile τ, between 0 and 1
 * @param smoothing h, in the unit of the labels
 * @param start where training starts
 */
public record QuantileLoss(double quantile, double smoothing, double start) implements RealLoss {

  /** Checks τ and h. */
  public QuantileLoss {
    if (!(quantile > 0 && quantile < 1)) {
      throw new IllegalArgumentException(
          "got the quantile " + quantile + ", expected a number between 0 and 1, such as 0.9");
    }
    Losses.requirePositive("smoothing of the loss quantile", smoothing);
  }

  @Override
  public String onnx(OnnxGraph graph, String z) {
    return z;
  }

  @Override
  public String name() {
    return "quantile " + quantile + " " + smoothing;
  }

  /** e^−|e|. */
  private double decay(double p, double label) {
    return Elementary.exp(-Math.abs(p - label) / smoothing);
  }

  @Override
  public double value(double p, double label) {
    double x = decay(p, label);
    double u = 1 + x;
    // ln(1 + x) but for terms of second order in the rounding of u.
    double log1p = Elementary.log(u) + (x - (u - 1)) / u;
    double error = p - label;
    return (error >= 0 ? 1 - quantile : -quantile) * error + smoothing * log1p;
  }

  @Override
  public double residual(double p, double label) {
    double x = decay(p, label);
    return (p >= label ? 1 : x) / (1 + x) - quantile;
  }

  @Override
  public double curvature(double p, double label) {
    double x = decay(p, label);
    return x / ((1 + x) * (1 + x) * smoothing);
  }
}
