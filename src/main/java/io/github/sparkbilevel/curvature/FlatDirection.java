package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import java.util.Arrays;

/**
 * A direction e along which H is singular, and the projection that removes it. A residual along e
 * is rounding and nothing else, which M⁻¹ magnifies until it dominates the search directions.
 *
 * @param e the direction
 */
record FlatDirection(double[] e) {

  double[] without(double[] x) {
    return Vectors.plus(x, -Vectors.dot(e, x) / Vectors.dot(e, e), e);
  }

  double[][] without(double[][] columns) {
    double[][] result = new double[columns.length][];
    Arrays.setAll(result, c -> without(columns[c]));
    return result;
  }

  /** P H, with P the projection. */
  LinearOperator without(LinearOperator h) {
    return LinearOperator.of(h.size(), columns -> without(h.applyAll(columns)));
  }

  /** P M⁻¹ P. */
  Preconditioner without(Preconditioner m) {
    return new Preconditioner() {
      @Override
      public double[] solve(double[] r) {
        return without(m.solve(without(r)));
      }

      @Override
      public boolean isLinear() {
        return m.isLinear();
      }
    };
  }
}
