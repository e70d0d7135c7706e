package io.github.sparkbilevel.linalg;

import java.util.function.UnaryOperator;

/**
 * A symmetric linear map on vectors of one length, known only by its products.
 *
 * <p>Arguments are not changed; results are fresh arrays. One call of {@link #applyAll} is one unit
 * of cost however many columns it takes, so solvers hand over all their columns at once.
 */
public interface LinearOperator {

  /** The map on vectors of that length with these products. */
  static LinearOperator of(int size, UnaryOperator<double[][]> products) {
    return new LinearOperator() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public double[][] applyAll(double[][] columns) {
        return products.apply(columns);
      }
    };
  }

  /** Length of the vectors. */
  int size();

  /** The products with each of the columns, in their order. */
  double[][] applyAll(double[][] columns);

  /** The product with one column. */
  default double[] apply(double[] column) {
    return applyAll(new double[][] {column})[0];
  }
}
