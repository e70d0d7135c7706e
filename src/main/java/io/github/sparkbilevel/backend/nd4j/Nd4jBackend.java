package io.github.sparkbilevel.backend.nd4j;

import io.github.sparkbilevel.backend.DenseBackend;
import io.github.sparkbilevel.backend.MatrixProducts;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.block.DenseFeatures;

/**
 * Dense products by ND4J on the CPU: the fastest for matrix × matrix where no tuned BLAS is
 * installed.
 *
 * <p>A tile is copied from the heap once per {@code load} and lies off-heap until the next; the
 * block stays on the heap, where Spark counts it. Off-heap memory is bounded: see {@link
 * OffHeapPool}.
 *
 * <p>Loading sets ND4J and its BLAS to one thread for the whole process, as Spark runs one task per
 * core; start executors with {@code OMP_NUM_THREADS=1} too, since OpenMP keeps a count per thread.
 * It also turns off ND4J's start-up report, unless {@code org.nd4j.log.initialization} is set; one
 * line at INFO by {@code org.nd4j.linalg.cpu.nativecpu.CpuNDArrayFactory} is left to the logging
 * set-up.
 */
public final class Nd4jBackend implements DenseBackend {
  /** {@value}. */
  public static final String NAME = "nd4j";

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
    if (!isAvailable()) {
      throw new IllegalStateException("backend nd4j is not available: " + unavailableReason());
    }
    return new Nd4jProducts(features, maxTileRows, OffHeapPool.SHARED);
  }

  @Override
  public MatrixProducts<float[]> singleMatrices() {
    return Nd4jMatrices.singles(OffHeapPool.SHARED);
  }

  @Override
  public MatrixProducts<double[]> doubleMatrices() {
    return Nd4jMatrices.doubles(OffHeapPool.SHARED);
  }

  // No ND4J type may appear in this class: it has to load where the jar is missing.
  private static final class Loaded {
    static final String REASON = load();

    private static String load() {
      try {
        return Nd4jRuntime.start();
      } catch (LinkageError | Exception e) {
        return reason(e);
      }
    }

    private static String reason(Throwable thrown) {
      Throwable root = thrown;
      while (root.getCause() != null && root.getCause() != root) {
        root = root.getCause();
      }
      return "ND4J does not load: "
          + root
          + "; try adding org.nd4j:nd4j-native with the classifier of this platform";
    }
  }
}
