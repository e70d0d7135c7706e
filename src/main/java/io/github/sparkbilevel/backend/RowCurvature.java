package io.github.sparkbilevel.backend;

import java.util.function.Supplier;

/**
 * The weighted curvatures C of the K outputs of each row of a block, made of K numbers W a row: C t
 * = W ∘ t; or, where they are centred, C t = W ∘ (t − ⟨W, t⟩ / ΣW), which is diag(W) − W Wᵀ / ΣW.
 *
 * @param key what W belongs to: who keeps W knows it by this object, and drops it when that dies
 * @param outputs K
 * @param isCentred which of the two
 * @param numbers W, rows × K column-major; asked for where it is not kept
 */
public record RowCurvature(
    Object key, int outputs, boolean isCentred, Supplier<double[]> numbers) {}
