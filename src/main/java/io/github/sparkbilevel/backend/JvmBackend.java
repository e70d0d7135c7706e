package io.github.sparkbilevel.backend;

import io.github.sparkbilevel.block.DenseFeatures;

/**
 * Dense products in plain Java: the reference that the other backends are tested against, and the
 * one that is always there.
 *
 * <p>All sums are float64, also for float32 rows.
 */
public final class JvmBackend implements DenseBackend {
  /** {@value}. */
  public static final String NAME = "jvm";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean isAvailable() {
    return true;
  }

  @Override
  public String unavailableReason() {
    return "";
  }

  @Override
  public RowProducts open(DenseFeatures features, int maxTileRows) {
    return new JvmProducts(features, maxTileRows);
  }
}
