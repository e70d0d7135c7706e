package io.github.sparkbilevel.model;

/**
 * A loss of real labels that knows σ, the scale of the errors of right labels. It is the loss that
 * it is made of; what it adds is how surely a label is right.
 *
 * @param loss what is minimised
 * @param scale σ, in the unit of the labels
 */
public record ScaledLoss(ErrorLoss loss, double scale) implements RealLoss {
  /** Degrees of freedom: right labels may have errors of many deviations, and seldom do. */
  private static final double FREEDOM = 3;

  /** Beyond this, an error says no more; it keeps one row from stretching the scale. */
  private static final double LEAST = -10;

  /** Checks σ. */
  public ScaledLoss {
    Losses.requirePositive("scale of the errors", scale);
  }

  /**
   * The logarithm of Student's density of the error, over that of no error:
   *
   * <pre>
   *   −½ (ν + 1) ln(1 + e² / ν),   e = |p − b| / σ,   ν = 3,
   * </pre>
   *
   * and {@value #LEAST} where that is less. Near the prediction it is flat: of labels that lie
   * within the noise, none is righter than the others.
   */
  @Override
  public double logOdds(double value) {
    double e = loss.error(value) / scale;
    return Math.max(LEAST, -0.5 * (FREEDOM + 1) * Math.log1p(e * e / FREEDOM));
  }

  @Override
  public String name() {
    return loss.name();
  }

  @Override
  public double start() {
    return loss.start();
  }

  @Override
  public double mostCurvatureOverStart() {
    return loss.mostCurvatureOverStart();
  }

  @Override
  public double link(double z) {
    return loss.link(z);
  }

  @Override
  public double value(double p, double label) {
    return loss.value(p, label);
  }

  @Override
  public double residual(double p, double label) {
    return loss.residual(p, label);
  }

  @Override
  public double curvature(double p, double label) {
    return loss.curvature(p, label);
  }
}
