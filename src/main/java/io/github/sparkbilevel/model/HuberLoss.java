package io.github.sparkbilevel.model;

/**
 * Huber's loss made smooth: about half the squared error where the error is less than δ, and δ
 * times its absolute value where it is greater. With e = (z − b) / δ and h = √(1 + e²),
 *
 * <pre>
 *   ℓ = δ² (h − 1)     r = δ e / h     C = 1 / h³
 * </pre>
 *
 * <p>Hypergradients need second derivatives, which Huber's own loss does not have at ±δ
 * (Charbonnier et al., IEEE Transactions on Image Processing, 1997).
 *
 * @param delta δ, in the unit of the labels
 * @param start where training starts
 */
public record HuberLoss(double delta, double start) implements ErrorLoss {

  /** Checks δ. */
  public HuberLoss {
    Losses.requirePositive("threshold of the loss huber", delta);
  }

  @Override
  public String onnx(OnnxGraph graph, String z) {
    return z;
  }

  @Override
  public String name() {
    return "huber " + delta;
  }

  private double root(double p, double label) {
    double e = (p - label) / delta;
    return Math.sqrt(1 + e * e);
  }

  /** h − 1 = e² / (h + 1), which cancels nothing. */
  @Override
  public double value(double p, double label) {
    return (p - label) * (p - label) / (root(p, label) + 1);
  }

  /** From h = 1 + ℓ/δ², so that δ √(h² − 1) = √(ℓ (2 + ℓ/δ²)), which cancels nothing. */
  @Override
  public double error(double loss) {
    return Math.sqrt(loss) * Math.sqrt(2 + loss / (delta * delta));
  }

  @Override
  public double residual(double p, double label) {
    return (p - label) / root(p, label);
  }

  @Override
  public double curvature(double p, double label) {
    double h = root(p, label);
    return 1 / (h * h * h);
  }
}
