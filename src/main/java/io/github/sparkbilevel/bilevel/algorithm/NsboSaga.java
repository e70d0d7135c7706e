package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.sampling.Draw;

/**
 * NSBO-SAGA: {@link NsboSgd} whose right-hand sides and hypergradient have the memory of SAGA.
 *
 * <p>Dong, Yang, Yao and Zhang, ICML 2025, algorithm 4 with the variance reduction of Defazio, Bach
 * and Lacoste-Julien, NeurIPS 2014. The sampled Hessians inside need no memory: what they multiply,
 * v and w, falls to nothing at the solution, and their noise with it.
 *
 * <p>1 + Q passes an iteration, one more where λ weighs rows, and one to fill the memory; two
 * gradients, 1 + 2Q products (four and 2 + 2Q where λ weighs rows).
 */
final class NsboSaga extends NsboSgd {
  private static final long serialVersionUID = 1L;

  @Override
  protected boolean remembers() {
    return true;
  }

  @Override
  double[] hypergradient(Samples on, double[] theta, double[] u, double[] lambda) {
    return on.sizes().problem().mixedProductNeedsPass()
        ? Vectors.scaled(
            -1, on.draw(Draw.gradient(theta, lambda).along(u).withUpper()).mixedProduct())
        : super.hypergradient(on, theta, u, lambda);
  }
}
