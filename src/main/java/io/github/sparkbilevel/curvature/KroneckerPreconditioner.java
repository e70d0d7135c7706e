package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.Cholesky;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.SymmetricEigen;
import io.github.sparkbilevel.linalg.Vectors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The inverse of B ⊗ A + diag(c) + δI, for one layer, exact up to a diagonal c that differs between
 * outputs.
 *
 * <p>With B = Q Γ Qᵀ the system falls apart in the basis of Q: for each eigenvalue γ_k
 *
 * <pre>  (γ_k A + diag(c̄) + δI) y_k = (R Q)_k,   V = Y Qᵀ</pre>
 *
 * so that K Cholesky factors of order q do what an eigendecomposition of A would, and the
 * unpenalised intercept (c = 0) is kept apart from the penalised coefficients. Equal eigenvalues
 * share a factor. c̄ is the mean over outputs. Where γ_k A + diag(c̄) is singular — the common
 * shift of softmax intercepts — a flat diagonal gets a pivot of the size of the others, and the
 * damping of that factor alone is raised until it can be factored.
 *
 * <p>Cost: no pass; K q³/3 multiplications once, 2 K q² for each solve. Memory 8 K q² bytes.
 */
public final class KroneckerPreconditioner implements Preconditioner {
  private static final double SAME_EIGENVALUE = 1e-3;
  private static final double FIRST_DAMPING = 1e-10;
  private static final double FLAT = 1e-12;

  private final int q;
  private final int outputs;
  private final double[] basis;
  private final Cholesky[] factors;

  private KroneckerPreconditioner(int q, int outputs, double[] basis, Cholesky[] factors) {
    this.q = q;
    this.outputs = outputs;
    this.basis = basis;
    this.factors = factors;
  }

  /**
   * Factors the approximation, or returns empty when A or B has entries that are not finite, or is
   * so far from semidefinite that no damping helps.
   *
   * @param kronecker A (q × q) and B (K × K)
   * @param penalty c, of length q·K, or of several models of that length one after the other
   * @param damping δ ≥ 0
   */
  public static Optional<KroneckerPreconditioner> factor(
      KroneckerFactors kronecker, double[] penalty, double damping) {
    if (!Vectors.isFinite(kronecker.inputs()) || !Vectors.isFinite(kronecker.outputs())) {
      return Optional.empty();
    }
    int outputs = (int) Math.round(Math.sqrt(kronecker.outputs().length));
    int q = (int) Math.round(Math.sqrt(kronecker.inputs().length));
    SymmetricEigen eigen = SymmetricEigen.of(kronecker.outputs(), outputs);
    double[] diagonal = new double[q];
    for (int j = 0; j < penalty.length; j++) {
      diagonal[j % q] += penalty[j] * q / penalty.length + (j < q ? damping : 0);
    }
    double top = Math.max(eigen.values()[outputs - 1], 0);
    Map<Long, Optional<Cholesky>> byEigenvalue = new HashMap<>();
    Cholesky[] factors = new Cholesky[outputs];
    for (int k = 0; k < outputs; k++) {
      double gamma = Math.max(eigen.values()[k], 0);
      long key = top == 0 ? 0 : Math.round(Math.log(gamma / top + 1e-9) / SAME_EIGENVALUE);
      Optional<Cholesky> factor =
          byEigenvalue.computeIfAbsent(
              key, unused -> factor(kronecker.inputs(), q, gamma, diagonal));
      if (factor.isEmpty()) {
        return Optional.empty();
      }
      factors[k] = factor.get();
    }
    return Optional.of(new KroneckerPreconditioner(q, outputs, eigen.vectors(), factors));
  }

  private static Optional<Cholesky> factor(double[] a, int q, double gamma, double[] diagonal) {
    double[] matrix = new double[q * q];
    double trace = 0;
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] = gamma * a[i];
    }
    for (int j = 0; j < q; j++) {
      matrix[j + j * q] += diagonal[j];
      trace += matrix[j + j * q];
    }
    double scale = trace > 0 ? trace / q : 1;
    for (int j = 0; j < q; j++) {
      if (matrix[j + j * q] <= FLAT * scale) {
        // H does not see this direction; a small pivot would magnify rounding into steps along it.
        matrix[j + j * q] += scale;
      }
    }
    for (double extra = FIRST_DAMPING; extra <= 1; extra *= 100) {
      for (int j = 0; j < q; j++) {
        matrix[j + j * q] += extra * scale;
      }
      Optional<Cholesky> factor = Cholesky.factor(matrix, q);
      if (factor.isPresent()) {
        return factor;
      }
    }
    return Optional.empty();
  }

  @Override
  public double[] solve(double[] r) {
    double[] result = new double[r.length];
    double[] rotated = new double[q * outputs];
    for (int model = 0; model < r.length; model += rotated.length) {
      Arrays.fill(rotated, 0);
      addRotated(r, model, true, rotated, 0);
      for (int k = 0; k < outputs; k++) {
        factors[k].solveInPlace(rotated, k * q);
      }
      addRotated(rotated, 0, false, result, model);
    }
    return result;
  }

  /** out += R Q, or R Qᵀ, for R = r as a q × K matrix. */
  private void addRotated(double[] r, int at, boolean forward, double[] out, int outAt) {
    for (int k = 0; k < outputs; k++) {
      for (int l = 0; l < outputs; l++) {
        double factor = forward ? basis[l + k * outputs] : basis[k + l * outputs];
        for (int j = 0; j < q; j++) {
          out[outAt + k * q + j] += factor * r[at + l * q + j];
        }
      }
    }
  }
}
