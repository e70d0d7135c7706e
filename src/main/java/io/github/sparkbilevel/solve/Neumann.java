package io.github.sparkbilevel.solve;

import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Vectors;

/**
 * The truncated Neumann series H⁻¹ b ≈ η Σ_{j ≤ T} (I − ηH)^j b, by the recurrence x += η (b − Hx).
 *
 * <p>With T = 0 it is the identity, scaled. It converges for η < 2/‖H‖ at the rate of gradient
 * descent; it is here to be compared with. Cost: T products, whatever the number of columns.
 *
 * @param products T ≥ 0
 * @param step η > 0; {@link #step} finds one
 */
public record Neumann(int products, double step) {

  /** Power steps of {@link #step(LinearOperator, double[])}. */
  public static final int POWER_STEPS = 5;

  private static final double SAFETY = 0.8;

  /** Checks the figures. */
  public Neumann {
    if (products < 0 || !(step > 0)) {
      throw new IllegalArgumentException(
          "got %d products and step %s, expected ≥ 0 and > 0".formatted(products, step));
    }
  }

  /** 0.8/‖H‖, with ‖H‖ by {@value #POWER_STEPS} products of the power method; 1 where H is 0. */
  public static double step(LinearOperator h, double[] start) {
    double[] x = start.clone();
    double norm = 0;
    for (int i = 0; i < POWER_STEPS; i++) {
      double length = Vectors.norm(x);
      if (!(length > 0) || Double.isInfinite(length)) {
        break;
      }
      x = h.apply(Vectors.scaled(1 / length, x));
      norm = Vectors.norm(x);
    }
    return norm > 0 && Double.isFinite(norm) ? SAFETY / norm : 1;
  }

  /** Sums the series for each right-hand side; none of the arguments is changed. */
  public ConjugateGradient.Solution solve(LinearOperator h, double[][] rightHandSides) {
    int columns = rightHandSides.length;
    double[][] x = new double[columns][];
    double[][] remainders = new double[columns][];
    for (int c = 0; c < columns; c++) {
      x[c] = Vectors.scaled(step, rightHandSides[c]);
    }
    for (int t = 0; t < products; t++) {
      double[][] images = h.applyAll(x);
      for (int c = 0; c < columns; c++) {
        remainders[c] = Vectors.plus(rightHandSides[c], -1, images[c]);
        Vectors.addTo(x[c], step, remainders[c]);
      }
    }
    double[] residuals = new double[columns];
    Status status = Status.BUDGET_SPENT;
    for (int c = 0; c < columns; c++) {
      if (remainders[c] == null) {
        remainders[c] = rightHandSides[c].clone();
      }
      double norm = Vectors.norm(rightHandSides[c]);
      residuals[c] = norm == 0 ? 0 : Vectors.norm(remainders[c]) / norm;
      if (!Vectors.isFinite(x[c])) {
        status = Status.NOT_FINITE;
      }
    }
    return new ConjugateGradient.Solution(x, status, products, residuals, remainders);
  }
}
