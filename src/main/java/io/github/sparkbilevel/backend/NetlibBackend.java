package io.github.sparkbilevel.backend;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.NativeBLAS;
import io.github.sparkbilevel.block.DenseFeatures;

/**
 * Dense products by the BLAS that Spark ML uses: a native library when the machine has one, else
 * Java with or without the Vector API.
 *
 * <p>It reads the rows of the block in place; only the small operands of float32 products are
 * copied. A native BLAS with threads of its own has to be held to one by {@code
 * OPENBLAS_NUM_THREADS=1}.
 */
public final class NetlibBackend implements DenseBackend {
  /** {@value}. */
  public static final String NAME = "netlib";

  private static final int GEMV_COLUMNS = 64;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean isAvailable() {
    return unavailableReason().isEmpty();
  }

  @Override
  public String unavailableReason() {
    return Loaded.REASON;
  }

  @Override
  public RowProducts open(DenseFeatures features, int maxTileRows) {
    if (Loaded.FOUND == null) {
      throw new IllegalStateException("backend netlib is not available: " + Loaded.REASON);
    }
    return features.isSingle()
        ? new NetlibSingleProducts(Loaded.FOUND, features, maxTileRows)
        : new NetlibDoubleProducts(Loaded.FOUND, features, maxTileRows);
  }

  /**
   * Up to how many columns a product is computed as matrix × vector, column by column.
   *
   * <p>Measured on tiles in the cache, 784 columns, float32: the Vector API's gemv does 27, 39 and
   * 33 GFLOP/s for 2, 10 and 50 columns, its gemm 5, 17 and 21. A native gemm has no such weakness.
   */
  static int gemvColumns(BLAS blas) {
    return blas instanceof NativeBLAS ? 1 : GEMV_COLUMNS;
  }

  private static final class Loaded {
    static final BLAS FOUND;
    static final String REASON;

    static {
      BLAS found = null;
      String reason = "";
      try {
        found = BLAS.getInstance();
      } catch (LinkageError | RuntimeException e) {
        reason = "dev.ludovic.netlib does not load: " + e;
      }
      FOUND = found;
      REASON = reason;
    }
  }
}
