package io.github.sparkbilevel.bilevel;

import java.util.List;
import java.util.stream.IntStream;

/**
 * How the upper objective depends on each penalty near the λ that was chosen, and how well the rows
 * that judge λ know it.
 *
 * <p>These rows are in parts: the folds, or ten parts of the validation rows. With x_b of part b,
 * its share w_b of the weight and the mean x̄ = Σ w_b x_b over B parts, a standard error is the
 * root of B/(B − 1) Σ w_b² (x_b − x̄)².
 *
 * @param parts B
 * @param slopes ∂Φ/∂λ_j of each penalty: by how much the loss changes when the penalty grows by a
 *     factor e, to first order
 * @param tenth change of Φ where a penalty is a tenth of what was chosen and the others stay; empty
 *     with more than {@value #MOST_MOVED} penalties. NaN where the lower level could not be solved
 * @param tenfold the same where it is ten times what was chosen
 */
public record Sensitivity(
    int parts, List<Estimate> slopes, List<Estimate> tenth, List<Estimate> tenfold) {

  /** More penalties are not moved one by one. */
  public static final int MOST_MOVED = 12;

  /** A mean over all parts, and its standard error. */
  public record Estimate(double value, double standardError) {
    static final Estimate UNKNOWN = new Estimate(Double.NaN, Double.NaN);

    /**
     * The error from what is known of each part.
     *
     * @param shares of the parts, with the sum 1
     */
    static Estimate of(double value, double[] ofParts, double[] shares) {
      double mean = 0;
      for (int b = 0; b < shares.length; b++) {
        mean += shares[b] * ofParts[b];
      }
      double squares = 0;
      for (int b = 0; b < shares.length; b++) {
        double deviation = shares[b] * (ofParts[b] - mean);
        squares += deviation * deviation;
      }
      int count = shares.length;
      return new Estimate(value, Math.sqrt(squares * count / (count - 1)));
    }

    /** Whether the value is not 0 by more than its standard error. */
    boolean isClear() {
      return Math.abs(value) > standardError;
    }
  }

  /**
   * The penalties that matter: a tenth of the penalty or ten times of it changes Φ by more than the
   * standard error of the change. Of the others the rows cannot tell. None where penalties were not
   * moved.
   *
   * @return indices, rising
   */
  public List<Integer> relevant() {
    return IntStream.range(0, tenth.size())
        .filter(j -> tenth.get(j).isClear() || tenfold.get(j).isClear())
        .boxed()
        .toList();
  }
}
