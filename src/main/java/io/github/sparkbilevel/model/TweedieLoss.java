package io.github.sparkbilevel.model;

import io.github.sparkbilevel.linalg.Elementary;
import java.util.List;

/**
 * Half the unit deviance of Tweedie's family with the variance p^q and the logarithm as link: p =
 * e^z,
 *
 * <pre>
 *   q = 1, Poisson      ℓ = b ln(b/p) − b + p
 *   q = 2, gamma        ℓ = ln(p/b) + b/p − 1
 *   1 &lt; q &lt; 2           ℓ = b^(2−q) / ((1−q)(2−q)) − b p^(1−q) / (1−q) + p^(2−q) / (2−q)
 *   each                r = (p − b) p^(1−q)     C = ((2−q) p + (q−1) b) p^(1−q)
 * </pre>
 *
 * <p>It takes labels that are no whole numbers, also with q = 1: counts by exposure, weighed by
 * exposure, make the likelihood of counts.
 *
 * @param power q, from 1 to 2
 * @param start where training starts
 */
public record TweedieLoss(double power, double start) implements RealLoss {
  static final String POISSON = "poisson";
  static final String GAMMA = "gamma";
  static final String TWEEDIE = "tweedie";

  /** Checks q. */
  public TweedieLoss {
    if (!(power >= 1 && power <= 2)) {
      throw new IllegalArgumentException(
          "got the power %s of the loss tweedie, expected a number from 1 to 2, such as 1.5"
              .formatted(power));
    }
  }

  /** The name of the family, as Spark's {@code GeneralizedLinearRegression} has it. */
  public String family() {
    return power == 1 ? POISSON : power == 2 ? GAMMA : TWEEDIE;
  }

  @Override
  public String onnx(OnnxGraph graph, String z) {
    return graph.node("Exp", List.of(z));
  }

  @Override
  public String name() {
    return family().equals(TWEEDIE) ? TWEEDIE + " " + power : family();
  }

  @Override
  public double leastLabel() {
    return power == 2 ? Double.MIN_VALUE : 0;
  }

  @Override
  public double link(double z) {
    return Elementary.exp(z);
  }

  /** p^(1−q). */
  private double scale(double p) {
    return power == 1 ? 1 : power == 2 ? 1 / p : StrictMath.pow(p, 1 - power);
  }

  @Override
  public double value(double p, double b) {
    double log = power > 1 && power < 2 || b == 0 ? 0 : Elementary.log(b) - Elementary.log(p);
    if (power == 1) {
      return b * log - b + p;
    }
    if (power == 2) {
      return b / p - log - 1;
    }
    double ofLabel = StrictMath.pow(b, 2 - power) / ((1 - power) * (2 - power));
    return ofLabel + scale(p) * (p / (2 - power) - b / (1 - power));
  }

  @Override
  public double residual(double p, double b) {
    return (p - b) * scale(p);
  }

  @Override
  public double curvature(double p, double b) {
    return ((2 - power) * p + (power - 1) * b) * scale(p);
  }
}
