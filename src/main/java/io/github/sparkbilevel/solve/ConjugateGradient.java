package io.github.sparkbilevel.solve;

import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Preconditioned conjugate gradients for several right-hand sides that share one operator.
 *
 * <p>Each column runs its own recurrence, from zero; one product of the operator serves all columns
 * of an iteration, so that the cost is the number of products whatever the number of columns. A
 * column that is done, or that meets curvature that is not positive, keeps its iterate while the
 * others go on.
 *
 * <pre>
 *   z = M⁻¹ r,  ρ = ⟨r, z⟩,  p = z + (ρ/ρ₋) p,  α = ρ / ⟨p, Hp⟩,  x += α p,  r −= α Hp
 * </pre>
 *
 * <p>With a preconditioner that is not linear, p = z + (⟨r − r₋, z⟩/ρ₋) p (Golub and Ye, SIAM J.
 * Sci. Comput. 1999): the same where it is, but for rounding.
 *
 * @param maxProducts the most products, at least 1
 * @param tolerance a column is done when ‖r‖ ≤ tolerance · ‖b‖
 */
public record ConjugateGradient(int maxProducts, double tolerance) {

  /** Checks that the solver can stop and can act. */
  public ConjugateGradient {
    if (maxProducts < 1 || !(tolerance >= 0)) {
      throw new IllegalArgumentException(
          "got maxProducts %d and tolerance %s, expected at least 1 and ≥ 0"
              .formatted(maxProducts, tolerance));
    }
  }

  /**
   * The outcome.
   *
   * @param columns an approximate solution for each right-hand side
   * @param status the worst of the columns' ends
   * @param products products of the operator that were spent
   * @param residuals ‖r‖ / ‖b‖ of each column
   * @param remainders r = b − H x of each column, by the recurrence
   */
  public record Solution(
      double[][] columns, Status status, int products, double[] residuals, double[][] remainders) {

    /**
     * The outcome where nothing could be solved: zeros.
     *
     * @param size length of the solutions
     */
    public static Solution unsolved(int size, double[][] rightHandSides, Status status) {
      int columns = rightHandSides.length;
      return new Solution(
          new double[columns][size], status, 0, new double[columns], rightHandSides);
    }

    /** The same with the products that were spent before. */
    public Solution after(int spent) {
      return new Solution(columns, status, spent + products, residuals, remainders);
    }
  }

  /** Solves H x = b for each right-hand side; none of the arguments is changed. */
  public Solution solve(LinearOperator h, double[][] rightHandSides, Preconditioner m) {
    double[] tolerances = new double[rightHandSides.length];
    Arrays.fill(tolerances, tolerance);
    return solve(h, rightHandSides, tolerances, m);
  }

  /**
   * Solves each to a tolerance of its own, in place of {@link #tolerance()}.
   *
   * @param tolerances one for each right-hand side, relative to it
   */
  public Solution solve(
      LinearOperator h, double[][] rightHandSides, double[] tolerances, Preconditioner m) {
    int columns = rightHandSides.length;
    Column[] all = new Column[columns];
    for (int c = 0; c < columns; c++) {
      all[c] = new Column(rightHandSides[c], tolerances[c]);
    }
    int products = 0;
    while (products < maxProducts) {
      Column[] active = activeOf(all, m);
      if (active.length == 0) {
        break;
      }
      double[][] directions = new double[active.length][];
      for (int c = 0; c < active.length; c++) {
        directions[c] = active[c].p;
      }
      double[][] images = h.applyAll(directions);
      products++;
      for (int c = 0; c < active.length; c++) {
        active[c].advance(images[c]);
      }
    }
    double[][] x = new double[columns][];
    double[] residuals = new double[columns];
    double[][] remainders = new double[columns][];
    Status worst = Status.CONVERGED;
    for (int c = 0; c < columns; c++) {
      x[c] = all[c].x;
      remainders[c] = all[c].r;
      residuals[c] = all[c].norm == 0 ? 0 : Vectors.norm(all[c].r) / all[c].norm;
      Status status = all[c].status == null ? Status.BUDGET_SPENT : all[c].status;
      worst = status.compareTo(worst) > 0 ? status : worst;
    }
    return new Solution(x, worst, products, residuals, remainders);
  }

  private static Column[] activeOf(Column[] all, Preconditioner m) {
    List<Column> active = new ArrayList<>();
    for (Column column : all) {
      if (column.status == null && column.prepare(m)) {
        active.add(column);
      }
    }
    return active.toArray(Column[]::new);
  }

  private static final class Column {
    private final double[] x;
    private final double[] r;
    private final double norm;
    private final double target;
    private double[] before;
    private double[] p;
    private double rho;
    private Status status;

    Column(double[] b, double tolerance) {
      x = new double[b.length];
      r = b.clone();
      norm = Vectors.norm(b);
      target = tolerance * norm;
      if (!Double.isFinite(norm)) {
        status = Status.NOT_FINITE;
      } else if (norm == 0) {
        status = Status.CONVERGED;
      }
    }

    /** Makes the next search direction; false when the column is done. */
    boolean prepare(Preconditioner m) {
      double[] z = m.solve(r);
      double next = Vectors.dot(r, z);
      if (!(next > 0) || Double.isInfinite(next)) {
        status = Double.isFinite(next) ? Status.BREAKDOWN : Status.NOT_FINITE;
        return false;
      }
      if (p == null) {
        p = z;
      } else {
        double beta = (before == null ? next : next - Vectors.dot(before, z)) / rho;
        for (int i = 0; i < p.length; i++) {
          p[i] = z[i] + beta * p[i];
        }
      }
      rho = next;
      if (!m.isLinear()) {
        before = r.clone();
      }
      return true;
    }

    void advance(double[] image) {
      double curvature = Vectors.dot(p, image);
      if (!Double.isFinite(curvature)) {
        status = Status.NOT_FINITE;
        return;
      }
      if (curvature <= 0) {
        status = Status.NEGATIVE_CURVATURE;
        return;
      }
      double alpha = rho / curvature;
      Vectors.addTo(x, alpha, p);
      Vectors.addTo(r, -alpha, image);
      if (Vectors.norm(r) <= target) {
        status = Status.CONVERGED;
      }
    }
  }
}
