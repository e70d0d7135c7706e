package io.github.sparkbilevel.backend.nd4j;

import org.nd4j.common.config.ND4JSystemProperties;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** Starts ND4J quietly, with one thread, and checks what it computes. */
final class Nd4jRuntime {
  private Nd4jRuntime() {}

  /**
   * Starts ND4J.
   *
   * @return empty, or one sentence on what is wrong
   */
  static String start() {
    if (System.getProperty(ND4JSystemProperties.LOG_INITIALIZATION) == null) {
      System.setProperty(ND4JSystemProperties.LOG_INITIALIZATION, "false");
    }
    OpenBlasKernels.choose();
    // In this order: NativeOpsHolder reads settings that the class Nd4j fills.
    Nd4j.factory().blas().setMaxThreads(1);
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
    OffHeapPool pool = new OffHeapPool(1, 1 << 20);
    String wrong = SelfCheck.products(Nd4jMatrices.singles(pool), Nd4jMatrices.doubles(pool));
    pool.clear();
    return wrong;
  }
}
