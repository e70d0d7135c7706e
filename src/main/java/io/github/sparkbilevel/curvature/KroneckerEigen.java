package io.github.sparkbilevel.curvature;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import io.github.sparkbilevel.linalg.KroneckerBasis;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The Kronecker factors B ⊗ A of every layer of a network in their eigenbases, from which inverses
 * under any penalty and damping are made for next to nothing.
 *
 * <p>With A = P Λ Pᵀ and B = Q Γ Qᵀ a layer's inverse maps R (q × k) to
 *
 * <pre>  P ((Pᵀ R Q) ∘ T) Qᵀ</pre>
 *
 * where T is 1/(λ_a γ_b + c̄ + δ) for {@link Damping#EXACT}, and 1/((λ_a + π√e)(γ_b + √e/π)) with e
 * = c̄ + δ and π² = (tr A / q) / (tr B / k) for {@link Damping#PER_FACTOR} (Martens and Grosse,
 * ICML 2015). With scales in place of λ_a γ_b it is the eigenvalue-corrected inverse (George et
 * al., NeurIPS 2018). c̄ is the mean penalty of the layer. Eigenvalues below 0 are rounding and
 * count as 0. No factorisation can fail: a direction that neither data nor penalty see gets the
 * largest entry's size.
 *
 * <p>Cost: no pass; about 9 (q³ + k³) multiplications once for each layer, 2 q k (q + k) for each
 * solve. Memory: 16 (q² + k²) bytes a layer, with the factors. Where A is diagonal, P = I, and what
 * has q² and q³ falls away.
 */
public final class KroneckerEigen {
  private static final BLAS BLAS_JAVA = JavaBLAS.getInstance();
  private static final double FLAT = 1e-12;

  /** How penalty and damping get between the factors. */
  public enum Damping {
    /** Added to the eigenvalues of the product. */
    EXACT,
    /** Split between the two factors. */
    PER_FACTOR
  }

  private final List<KroneckerBasis> layers;
  private final double[] scales;

  private KroneckerEigen(List<KroneckerBasis> layers, double[] scales) {
    this.layers = layers;
    this.scales = scales;
  }

  /** Decomposes the factors, or returns empty when they have entries that are not finite. */
  public static Optional<KroneckerEigen> of(List<KroneckerFactors> factors) {
    List<KroneckerBasis> layers = new ArrayList<>();
    for (KroneckerFactors layer : factors) {
      if (!Vectors.isFinite(layer.inputs()) || !Vectors.isFinite(layer.outputs())) {
        return Optional.empty();
      }
      layers.add(KroneckerBasis.of(layer));
    }
    return Optional.of(new KroneckerEigen(layers, null));
  }

  /** The bases, layer by layer. */
  public List<KroneckerBasis> layers() {
    return layers;
  }

  /** The diagonal of H in the bases, or null where it is that of the factors. */
  public double[] scales() {
    return scales;
  }

  /**
   * The same bases with other eigenvalues.
   *
   * @param newScales the diagonal of H in the bases, laid out as θ
   */
  public KroneckerEigen withScales(double[] newScales) {
    return new KroneckerEigen(layers, newScales);
  }

  /**
   * The inverse.
   *
   * @param penalty c, laid out as θ, or as several θ one after the other
   * @param damping δ ≥ 0
   */
  public Preconditioner inverse(double[] penalty, double damping, Damping kind) {
    int d = layers.stream().mapToInt(layer -> layer.height() * layer.width()).sum();
    double[] t = new double[d];
    int at = 0;
    for (KroneckerBasis layer : layers) {
      int size = layer.height() * layer.width();
      double mean = 0;
      for (int start = at; start < penalty.length; start += d) {
        for (int j = start; j < start + size; j++) {
          mean += penalty[j];
        }
      }
      fill(layer, mean / size / (penalty.length / d) + damping, kind, t, at);
      at += size;
    }
    return r -> solve(r, t);
  }

  private void fill(KroneckerBasis layer, double e, Damping kind, double[] t, int at) {
    int q = layer.height();
    int k = layer.width();
    double[] lambda = layer.inputs().values();
    double[] gamma = layer.outputs().values();
    double meanA = mean(lambda);
    double meanB = mean(gamma);
    double pi = meanA > 0 && meanB > 0 ? Math.sqrt(meanA / meanB) : 1;
    boolean split = kind == Damping.PER_FACTOR && scales == null;
    double largest = 0;
    for (int b = 0; b < k; b++) {
      for (int a = 0; a < q; a++) {
        double x = Math.max(0, lambda[a]);
        double y = Math.max(0, gamma[b]);
        int slot = at + b * q + a;
        double value =
            split
                ? (x + pi * Math.sqrt(e)) * (y + Math.sqrt(e) / pi)
                : (scales == null ? x * y : Math.max(0, scales[slot])) + e;
        t[slot] = value;
        largest = Math.max(largest, value);
      }
    }
    double flat = largest > 0 ? FLAT * largest : 0;
    for (int slot = at; slot < at + q * k; slot++) {
      t[slot] = t[slot] > flat ? 1 / t[slot] : largest > 0 ? 1 / largest : 1;
    }
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += Math.max(0, value);
    }
    return sum / values.length;
  }

  private double[] solve(double[] r, double[] t) {
    double[] x = new double[r.length];
    for (int start = 0; start < r.length; start += t.length) {
      int at = 0;
      for (KroneckerBasis layer : layers) {
        solveLayer(layer, r, start + at, t, at, x);
        at += layer.height() * layer.width();
      }
    }
    return x;
  }

  private static void solveLayer(
      KroneckerBasis layer, double[] r, int from, double[] t, int at, double[] x) {
    int q = layer.height();
    int k = layer.width();
    double[] v = layer.outputs().vectors();
    double[] first = new double[q * k];
    double[] second = new double[q * k];
    rotate("T", layer, r, from, first);
    BLAS_JAVA.dgemm("N", "N", q, k, k, 1.0, first, 0, q, v, 0, k, 0.0, second, 0, q);
    for (int j = 0; j < second.length; j++) {
      second[j] *= t[at + j];
    }
    rotate("N", layer, second, 0, first);
    BLAS_JAVA.dgemm("N", "T", q, k, k, 1.0, first, 0, q, v, 0, k, 0.0, x, from, q);
  }

  /** out = P R, or Pᵀ R. */
  private static void rotate(
      String transposed, KroneckerBasis layer, double[] r, int from, double[] out) {
    int q = layer.height();
    if (layer.inputs().isDiagonal()) {
      System.arraycopy(r, from, out, 0, out.length);
      return;
    }
    double[] p = layer.inputs().vectors();
    BLAS_JAVA.dgemm(transposed, "N", q, layer.width(), q, 1.0, p, 0, q, r, from, q, 0.0, out, 0, q);
  }
}
