package io.github.sparkbilevel.linalg;

/**
 * The factors of H ≈ B ⊗ A for a one-layer model: with rows weighted by s, A = Σ s āāᵀ / Σ s and B
 * = Σ s C / n, so that the product has the size of the data part of the Hessian.
 *
 * <p>Exact where the inputs of a row and the curvature of its outputs are independent.
 *
 * @param inputs A, q × q, column-major
 * @param outputs B, K × K, column-major
 */
public record KroneckerFactors(double[] inputs, double[] outputs) {}
