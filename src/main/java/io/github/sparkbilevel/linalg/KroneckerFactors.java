package io.github.sparkbilevel.linalg;

/**
 * The factors of H ≈ B ⊗ A for one layer: with rows weighted by s, A = Σ s āāᵀ / Σ s and B = Σ s C
 * / n, so that the product has the size of the data part of the Hessian. C is the curvature of the
 * loss in the layer's outputs.
 *
 * <p>Exact where the inputs of a row and the curvature of its outputs are independent.
 *
 * @param inputs A, q × q, column-major; its diagonal where it is diagonal
 * @param outputs B, K × K, column-major
 * @param height q
 */
public record KroneckerFactors(double[] inputs, double[] outputs, int height) {

  /** With all of A. */
  public KroneckerFactors(double[] inputs, double[] outputs) {
    this(inputs, outputs, (int) Math.round(Math.sqrt(inputs.length)));
  }

  /** The eigenvalues and eigenvectors of A. */
  SymmetricEigen ofInputs() {
    return height > 1 && inputs.length == height
        ? SymmetricEigen.ofDiagonal(inputs)
        : SymmetricEigen.of(inputs, height);
  }
}
