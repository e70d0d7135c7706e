package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.Vectors;

/**
 * MA-SOBA: {@link Soba} whose λ follows a moving average of the directions.
 *
 * <p>Chen, Xiao and Balasubramanian, <em>Optimal Algorithms for Stochastic Bilevel Optimization
 * under Relaxed Smoothness Conditions</em>, JMLR 2024, algorithm 1: with w = −∇²_λθG(θ, λ) u of the
 * sample,
 *
 * <pre>
 *   h⁺ = (1 − α) h + α w,    λ⁺ = λ − γ_k h⁺
 * </pre>
 *
 * <p>θ and u as in SOBA, h from the first sample on. 1 pass an iteration; two gradients, 1 product.
 */
final class MaSoba extends Soba {
  private static final long serialVersionUID = 1L;
  private static final double SHARE_OF_NEW = 0.1;

  @Override
  protected int memorySize() {
    return 1;
  }

  @Override
  AlgorithmState upper(
      StepSizes sizes, AlgorithmState s, double[] theta, double[] u, double[] w, long k) {
    double share = k == 0 ? 1 : SHARE_OF_NEW;
    double[] before = s.memory(sizes.settings().steps().upper().memorySize(), w.length);
    double[] h = Vectors.plus(Vectors.scaled(1 - share, before), share, w);
    return sizes.upper(s, theta, u, h, k, h);
  }
}
