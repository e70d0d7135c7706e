package io.github.sparkbilevel.backend.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.block.DenseFeatures;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** Off-heap memory stays within its bounds, whatever the number of sessions. */
class OffHeapPoolTest {
  private static final int P = 50;
  private static final int TILE = 32;
  private static final int K = 4;

  // One session: the tile, C or the result (P × K), Z or R (TILE × K), float32.
  private static final long SESSION_BYTES = 4L * (P * TILE + P * K + TILE * K);

  private long before;

  @BeforeEach
  void loadNd4j() {
    DenseBackends.byName("nd4j");
    OffHeapPool.SHARED.clear();
    before = OffHeapArea.liveBytes();
  }

  @Test
  void sessionsOneAfterAnotherUseTheSameMemory() {
    OffHeapPool pool = new OffHeapPool(2, 1 << 20);
    for (int i = 0; i < 200; i++) {
      pass(pool);
    }
    assertEquals(SESSION_BYTES, OffHeapArea.liveBytes() - before);
    assertEquals(1, pool.idle());
    pool.clear();
    assertEquals(before, OffHeapArea.liveBytes());
  }

  @Test
  void onlySoManyWaitForTheNextSession() {
    OffHeapPool pool = new OffHeapPool(2, 1 << 20);
    List<RowProducts> open = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      open.add(opened(pool));
    }
    assertEquals(5 * SESSION_BYTES, OffHeapArea.liveBytes() - before);
    open.forEach(RowProducts::close);
    assertEquals(2, pool.idle());
    assertEquals(2 * SESSION_BYTES, OffHeapArea.liveBytes() - before);
    assertEquals(2 * SESSION_BYTES, pool.idleBytes());
    pool.clear();
  }

  @Test
  void whatIsTooLargeIsFreedAtOnce() {
    OffHeapPool pool = new OffHeapPool(2, SESSION_BYTES - 1);
    pass(pool);
    assertEquals(0, pool.idle());
    assertEquals(before, OffHeapArea.liveBytes());
  }

  @Test
  void precisionsDoNotMix() {
    OffHeapPool pool = new OffHeapPool(2, 1 << 20);
    OffHeapScratch single = pool.take(DataType.FLOAT);
    pool.give(single);
    assertEquals(DataType.DOUBLE, pool.take(DataType.DOUBLE).type);
    assertSame(single, pool.take(DataType.FLOAT));
  }

  @Test
  void nd4jIsHeldToOneThread() {
    assertEquals(1, Nd4j.factory().blas().getMaxThreads());
  }

  private static void pass(OffHeapPool pool) {
    opened(pool).close();
  }

  private static RowProducts opened(OffHeapPool pool) {
    DenseFeatures features = DenseFeatures.ofFloats(TILE, P, new float[TILE * P]);
    RowProducts products = new Nd4jProducts(features, TILE, pool);
    products.load(0, TILE);
    double[] z = new double[TILE * K];
    products.multiply(new double[P * K], 0, P, K, z);
    products.addTransposed(z, K, new double[P * K], 0, P);
    return products;
  }
}
