package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Tile.Numbers;

/**
 * A layer on the rows of a tile, and what it keeps of one computation for the next. With dots for
 * derivatives along a direction v of θ and ẋ of its input, and J for the derivative of y:
 *
 * <pre>
 *   forward   y = f(x; θ)
 *   jvp       ẏ = J_x ẋ + J_θ v
 *   vjp       dx = J_xᵀ dy,                     ∂/∂θ = J_θᵀ dy
 *   hvp       dẋ = J_xᵀ dẏ + (J_x)˙ᵀ dy,        Hv = J_θᵀ dẏ + (J_θ)˙ᵀ dy
 * </pre>
 *
 * after Pearlmutter, <em>Fast Exact Multiplication by the Hessian</em>, Neural Computation 1994.
 * The gradient of a block of parameters has the form Āᵀ D, with a row of Ā and of D for each row of
 * the tile; {@link Gradients} takes both and not their product, for the Kronecker factors are ĀᵀĀ
 * and DᵀD.
 *
 * <p>Order of calls for each tile: forward; then, any number of times, jvp and vjp; hvp after the
 * jvp along the same v. What is given is not changed, but by its owner at the next forward. What is
 * returned is overwritten by the next call of the same method. One thread only.
 *
 * @param <A> what holds numbers: a matrix has a column for each number of a row
 */
public interface Tape<A> {

  /** Takes the gradients of blocks of parameters, each block once in a {@link #vjp}. */
  @FunctionalInterface
  interface Gradients<A> {
    /**
     * Takes Āᵀ D.
     *
     * @param block where it lies in θ
     * @param x Ā; its constant belongs to the biases of the block
     * @param d D, overwritten later
     */
    void accept(ParameterBlock block, TileInput<A> x, A d);
  }

  /** y; the tape keeps θ and x. */
  A forward(Numbers<A> theta, TileInput<A> x);

  /**
   * Which steps of the y of the last forward are padding, of a layer that {@link Padding#TELLS}.
   *
   * @throws UnsupportedOperationException unless overridden
   */
  default StepMask mask() {
    throw new UnsupportedOperationException(
        "%s does not say which steps are padding; override its method mask"
            .formatted(getClass().getName()));
  }

  /**
   * ẏ, or null where it is 0; the tape keeps v and ẋ.
   *
   * @param xDot ẋ, or null where x does not move
   */
  A jvp(Numbers<A> v, A xDot);

  /**
   * Back from dy.
   *
   * @param dx overwritten; null where it is not wanted
   */
  void vjp(A dy, A dx, Gradients<A> gradients);

  /**
   * The terms of {@link #hvp} that come of (J_x)˙ and (J_θ)˙; none where these are 0.
   *
   * @param dxDot added to; null where it is not wanted
   */
  default void bend(A dy, A dxDot, Gradients<A> gradients) {}

  /**
   * Back from dy and dẏ.
   *
   * @param dx overwritten, as dẋ is; both are null where they are not wanted
   * @param gradients takes the parts of Hv
   */
  default void hvp(A dy, A dyDot, A dx, A dxDot, Gradients<A> gradients) {
    vjp(dyDot, dxDot, gradients);
    if (dx != null) {
      vjp(dy, dx, (block, x, d) -> {});
    }
    bend(dy, dxDot, gradients);
  }
}
