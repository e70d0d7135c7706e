package io.github.sparkbilevel.problem.oracle;

import java.io.Serializable;

/**
 * A step of the λ_i beside the rows, taken where the row is:
 *
 * <pre>  λ_i⁺ = clamp(λ_i − length · clip(h_i / scale, ±clip), low, high)</pre>
 *
 * with h_i = n ∂Φ/∂λ_i / w_i, w_i the base weight. The scale is a figure of the pass before, so
 * that the step needs no other row.
 *
 * @param length step length in λ
 * @param scale what h_i is measured against, in its units; positive
 * @param clip the largest multiple of the scale that counts
 * @param low the least λ_i
 * @param high the greatest λ_i
 */
public record RowStep(double length, double scale, double clip, double low, double high)
    implements Serializable {

  /** Checks the figures. */
  public RowStep {
    if (!(length >= 0) || !(scale > 0) || !(clip > 0) || !(low < high)) {
      throw new IllegalArgumentException(
          "got length %s, scale %s, clip %s, bounds [%s, %s]; expected length ≥ 0, scale and clip > 0, low < high"
              .formatted(length, scale, clip, low, high));
    }
  }

  /** λ_i⁺. */
  double apply(double lambda, double h) {
    double direction = Math.max(-clip, Math.min(clip, h / scale));
    return Math.max(low, Math.min(high, lambda - length * direction));
  }
}
