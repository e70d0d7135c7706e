package io.github.sparkbilevel.problem.pass;

/**
 * What passes did, in the units that papers count.
 *
 * @param gradients gradients of G or F in θ, over all rows or over a sample
 * @param products Hessian products: columns multiplied, over all rows or over a sample
 * @param rows rows that entered a loss, gradient or product: training and trusted rows, a row
 *     counting once for each pass that reads it; rows that are only reported on do not count
 */
public record Work(long gradients, long products, long rows) {

  /** Nothing. */
  public static final Work NONE = new Work(0, 0, 0);

  /** The sum. */
  public Work plus(Work other) {
    return new Work(gradients + other.gradients, products + other.products, rows + other.rows);
  }
}
