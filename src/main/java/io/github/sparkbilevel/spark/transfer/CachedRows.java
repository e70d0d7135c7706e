package io.github.sparkbilevel.spark.transfer;

import org.apache.spark.api.java.JavaRDD;

/** Rows that are cached no longer. */
public final class CachedRows {
  private CachedRows() {}

  /**
   * Unpersists, also on a thread that is interrupted: Spark's own call throws there before it has
   * forgotten the rows. The thread stays interrupted.
   */
  public static void unpersist(JavaRDD<?> rows) {
    boolean interrupted = Thread.interrupted();
    try {
      rows.unpersist(false);
    } catch (Exception e) {
      // Spark does not declare it.
      if (!(e instanceof InterruptedException)) {
        throw e;
      }
      interrupted = true;
      rows.unpersist(false);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
