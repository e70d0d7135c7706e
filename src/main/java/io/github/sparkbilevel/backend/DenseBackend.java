package io.github.sparkbilevel.backend;

import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.Features;

/**
 * A way to compute products with rows; found by {@link java.util.ServiceLoader}.
 *
 * <p>Implementations are thread-safe; what they open belongs to one thread. All of them give the
 * same answers up to rounding in the storage precision.
 */
public interface DenseBackend {

  /** Short lower-case name for logs and settings, such as {@code jvm}. */
  String name();

  /**
   * Whether the native parts load on this machine; when false, {@link #unavailableReason()} says
   * why not.
   */
  boolean isAvailable();

  /** One sentence on why the backend is not available; empty when it is. */
  String unavailableReason();

  /**
   * Whether it computes on the {@link Accelerator} of the thread; it must be given one then, and
   * {@link #isAvailable()} speaks of this machine, which may be a driver that has none.
   */
  default boolean isAccelerated() {
    return false;
  }

  /** Whether its products have {@link RowProducts#addCurved}, for blocks with features. */
  default boolean curves() {
    return false;
  }

  /**
   * Opens products with the rows of a block.
   *
   * @param maxTileRows the most rows a tile will have
   */
  RowProducts open(DenseFeatures features, int maxTileRows);

  /**
   * Opens products with rows that are multiplied this once, such as a batch drawn from a block: a
   * backend that keeps rows elsewhere does not keep them.
   *
   * @param maxTileRows the most rows a tile will have
   */
  default RowProducts openOnce(DenseFeatures features, int maxTileRows) {
    return open(features, maxTileRows);
  }

  /**
   * Opens products with the sparse rows of a block; the same for all backends, unless it computes
   * on accelerators.
   *
   * @param maxTileRows the most rows a tile will have
   * @throws IllegalArgumentException when it computes on accelerators and has none of its own
   */
  default RowProducts open(CsrFeatures features, int maxTileRows) {
    if (isAccelerated()) {
      throw new IllegalArgumentException(
          "got sparse rows for backend %s, expected dense rows: compute on the CPU by device = cpu"
              .formatted(name()));
    }
    return new CsrProducts(features, maxTileRows);
  }

  /**
   * Opens products with sparse rows that are multiplied this once; see {@link
   * #openOnce(DenseFeatures, int)}.
   *
   * @param maxTileRows the most rows a tile will have
   */
  default RowProducts openOnce(CsrFeatures features, int maxTileRows) {
    return open(features, maxTileRows);
  }

  /**
   * Rows of a tile for products with {@code columns} columns; by the caches of a CPU unless the
   * backend has reasons of its own.
   */
  default int tileRows(Features features, int columns) {
    return DenseBackends.tileRows(features, columns);
  }

  /**
   * Frees what it keeps on accelerators for blocks that nobody multiplies at the moment; called on
   * every machine when a run ends.
   */
  default void release() {}

  /** Products of float32 matrices on the heap; by netlib unless the backend has its own. */
  default MatrixProducts<float[]> singleMatrices() {
    return NetlibMatrices.singles();
  }

  /** Products of float64 matrices on the heap; by netlib unless the backend has its own. */
  default MatrixProducts<double[]> doubleMatrices() {
    return NetlibMatrices.doubles();
  }
}
