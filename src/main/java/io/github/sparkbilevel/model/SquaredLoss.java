package io.github.sparkbilevel.model;

/** Squared loss of one output: p = z, ℓ = ½(z − b)², r = z − b, C = 1. */
public record SquaredLoss() implements ErrorLoss {
  /** Its name. */
  public static final String NAME = "squared";

  @Override
  public String onnx(OnnxGraph graph, String z) {
    return z;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public double mostCurvatureOverStart() {
    return 1;
  }

  @Override
  public double value(double p, double label) {
    double error = p - label;
    return 0.5 * error * error;
  }

  @Override
  public double error(double loss) {
    return Math.sqrt(2 * loss);
  }

  @Override
  public double curvature(double p, double label) {
    return 1;
  }
}
