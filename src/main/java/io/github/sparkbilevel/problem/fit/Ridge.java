package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.linalg.Cholesky;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.pass.PassEngine;

/**
 * The penalty of plain models: ½ l2 ‖θ‖² without intercepts, or the same with directions in which
 * coefficients cost less, because another model looks along them.
 *
 * <p>The coefficients of an output are θ_k = w_k + Σ_j a_kj v_j with the directions v_j, and ½ l2
 * (‖w_k‖² + ‖a_k‖²) is paid for the cheapest such pair. Its minimum is
 *
 * <pre>
 *   ½ l2 θ_kᵀ (I + VᵀV)⁻¹ θ_k = ½ l2 (‖θ_k‖² − (Vθ_k)ᵀ (I + VVᵀ)⁻¹ Vθ_k)      V: the v_j as rows
 * </pre>
 *
 * <p>This is ridge regression on the features x and the outputs Vx of the other model: a model of
 * few rows says how that one errs, and the features correct what is left. It stays linear in x.
 */
public final class Ridge {
  private final Penalty all;
  private final double l2;
  private final int columnLength;
  private final double[][] directions;
  private final Cholesky inner;

  private Ridge(Penalty all, double l2, int columnLength, double[][] directions) {
    this.all = all;
    this.l2 = l2;
    this.columnLength = columnLength;
    this.directions = directions;
    this.inner = directions.length == 0 ? null : inner(directions);
  }

  /** ½ l2 ‖θ‖², l2 ≥ 0. */
  public static Ridge of(Model model, double l2) {
    return new Ridge(Penalty.fixed(model, l2, false), l2, model.size(), new double[0][]);
  }

  /**
   * The same with the directions of another model's outputs, from which their mean is taken. Their
   * squares come to as much, over the trusted rows, as those of the features; costs 1 pass.
   *
   * @param theta parameters of the other model
   */
  public static Ridge along(LinearModel model, double l2, double[] theta, PassEngine engine) {
    double[] sums = engine.run(new NormsPass(model, theta), null, false).sums();
    return sums[1] > 0 ? along(model, l2, theta, Math.sqrt(sums[0] / sums[1])) : of(model, l2);
  }

  private static Ridge along(LinearModel model, double l2, double[] theta, double scale) {
    int q = model.columnLength();
    int outputs = model.outputs();
    double[][] directions = new double[outputs][];
    double[] mean = new double[model.features()];
    for (int k = 0; k < outputs; k++) {
      directions[k] = Vectors.slice(theta, k * q, model.features());
      Vectors.addTo(mean, outputs > 1 ? 1.0 / outputs : 0, directions[k]);
    }
    for (int k = 0; k < outputs; k++) {
      directions[k] = Vectors.scaled(scale, Vectors.plus(directions[k], -1, mean));
    }
    return new Ridge(Penalty.fixed(model, l2, false), l2, q, directions);
  }

  /** I + VVᵀ. */
  private static Cholesky inner(double[][] directions) {
    int n = directions.length;
    double[] matrix = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        matrix[i + j * n] = Vectors.dot(directions[i], directions[j]) + (i == j ? 1 : 0);
      }
    }
    return Cholesky.factor(matrix, n)
        .orElseThrow(() -> new IllegalArgumentException("got directions that are not finite"));
  }

  /** What each coefficient costs where no direction is cheaper. */
  double[] strengths() {
    return all.strengths(new double[0]);
  }

  double value(double[] theta) {
    double[] product = new double[theta.length];
    addProduct(theta, product);
    return 0.5 * Vectors.dot(theta, product);
  }

  /** out += the penalty's Hessian times v. */
  void addProduct(double[] v, double[] out) {
    all.addPenaltyProduct(v, new double[0], out);
    for (int at = 0; inner != null && at < v.length; at += columnLength) {
      double[] a = new double[directions.length];
      for (int j = 0; j < a.length; j++) {
        a[j] = dot(directions[j], v, at);
      }
      double[] cheaper = inner.solve(a);
      for (int j = 0; j < a.length; j++) {
        addTo(out, at, -l2 * cheaper[j], directions[j]);
      }
    }
  }

  private static double dot(double[] direction, double[] v, int at) {
    double sum = 0;
    for (int i = 0; i < direction.length; i++) {
      sum += direction[i] * v[at + i];
    }
    return sum;
  }

  private static void addTo(double[] out, int at, double a, double[] direction) {
    for (int i = 0; i < direction.length; i++) {
      out[at + i] += a * direction[i];
    }
  }
}
