package io.github.sparkbilevel.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.sparkbilevel.backend.Accelerator;
import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.block.CsrFeatures;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The kernels for sparse rows behind a stand-in for the driver: see {@link StandIn}. */
class CudaSparseProductsTest {
  private static final String GPU = "0";
  private static final double TOLERANCE = 1e-12;

  @TestFactory
  Stream<DynamicTest> onTheStandIn() {
    List<DynamicTest> tests = new ArrayList<>();
    for (int rows : new int[] {1, 5, 200, 3000}) {
      for (int p : new int[] {1, 31, 150}) {
        for (boolean shifted : new boolean[] {true, false}) {
          tests.add(
              DynamicTest.dynamicTest(
                  "%d x %d, shifted = %s".formatted(rows, p, shifted),
                  () -> agrees(features(rows, p, shifted))));
        }
      }
    }
    tests.add(DynamicTest.dynamicTest("zeros alone", () -> agrees(zeros(true))));
    tests.add(DynamicTest.dynamicTest("zeros, no shift", () -> agrees(zeros(false))));
    tests.add(DynamicTest.dynamicTest("rows cross once", this::rowsCrossTheBusOnce));
    tests.add(DynamicTest.dynamicTest("rows of once", this::rowsOfOnceAreNotKept));
    return StandIn.tests(tests);
  }

  /**
   * The first column is full, which makes it several pieces where there are rows enough; the last
   * one and every seventh row are empty.
   */
  static CsrFeatures features(int rows, int p, boolean shifted) {
    Random random = new Random(11);
    int[] starts = new int[rows + 1];
    List<Integer> indices = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j + 1 < p && i % 7 != 6; j++) {
        if (j == 0 || random.nextInt(10) == 0) {
          indices.add(j);
        }
      }
      starts[i + 1] = indices.size();
    }
    return new CsrFeatures(
        p,
        starts,
        indices.stream().mapToInt(Integer::intValue).toArray(),
        random.doubles(indices.size(), -1, 1).toArray(),
        shifted ? random.doubles(p, -1, 1).toArray() : null);
  }

  private static CsrFeatures zeros(boolean shifted) {
    double[] shift = shifted ? new double[] {1, 2, 3} : null;
    return new CsrFeatures(3, new int[] {0, 0, 0, 0}, new int[0], new double[0], shift);
  }

  private static double[] onGpu(
      CudaBackend cuda, double share, CsrFeatures features, int tile, int k) {
    return Accelerator.with(GPU, share, () -> CudaProductsTest.products(cuda, features, tile, k));
  }

  /** Compares every product of a block in one tile with those of the CPU. */
  static void requireAgreement(CudaBackend cuda, String gpu, CsrFeatures features, int k) {
    int rows = features.rows();
    double[] expected = CudaProductsTest.products(DenseBackends.byName("jvm"), features, rows, k);
    double[] got = Accelerator.with(gpu, () -> CudaProductsTest.products(cuda, features, rows, k));
    assertArrayEquals(expected, got, TOLERANCE, "%d rows, k = %d".formatted(rows, k));
  }

  private void agrees(CsrFeatures features) {
    StandIn standIn = StandIn.load();
    CudaBackend cuda = standIn.backend();
    for (int k : new int[] {1, 3, 10, 33}) {
      for (int tile : new int[] {features.rows(), 96}) {
        double[] expected =
            CudaProductsTest.products(DenseBackends.byName("jvm"), features, tile, k);
        double[] resident = onGpu(cuda, 0.5, features, tile, k);
        assertArrayEquals(expected, resident, TOLERANCE, "k = " + k);
        assertArrayEquals(resident, onGpu(cuda, 0.5, features, tile, k));
      }
    }
    cuda.release();
    // Less than a byte: nothing fits, every tile is copied.
    double[] expected = CudaProductsTest.products(DenseBackends.byName("jvm"), features, 96, 3);
    assertArrayEquals(expected, onGpu(cuda, 1e-15, features, 96, 3), TOLERANCE);
    assertEquals(0, cuda.residentBytes());
    cuda.release();
    assertEquals(0, standIn.counter("bytes"));
    assertEquals(0, standIn.counter("pinned"));
    assertEquals(0, standIn.counter("streams"));
  }

  private void rowsCrossTheBusOnce() {
    StandIn standIn = StandIn.load();
    CudaBackend cuda = standIn.backend();
    int rows = 3000;
    int p = 40;
    int k = 3;
    CsrFeatures features = features(rows, p, true);
    long[] sent = new long[3];
    long[] back = new long[3];
    for (int pass = 0; pass < sent.length; pass++) {
      long before = standIn.counter("copiedToDevice");
      long beforeBack = standIn.counter("copiedToHost");
      Accelerator.with(
          GPU,
          () -> {
            try (RowProducts products = cuda.open(features, rows)) {
              products.load(0, rows);
              double[] z = new double[rows * k];
              products.multiply(new double[p * k], 0, p, k, z);
              products.gather(z, k, new double[p * k], 0, p);
            }
            return null;
          });
      sent[pass] = standIn.counter("copiedToDevice") - before;
      back[pass] = standIn.counter("copiedToHost") - beforeBack;
    }
    long operands = 8L * (p * k + rows * k);
    int nonZeros = features.values().length;
    long pieces = nonZeros / SparseLayout.PIECE + p;
    long block = 24L * nonZeros + 4L * (rows + 1) + 4L * (p + 1) + 4 * (pieces + 1);
    assertArrayEquals(new long[] {operands + block, operands, operands}, sent);
    assertArrayEquals(new long[] {operands, operands, operands}, back);
    assertEquals(block, cuda.residentBytes());
    cuda.release();
    assertEquals(0, standIn.counter("bytes"));
  }

  private void rowsOfOnceAreNotKept() {
    CudaBackend cuda = StandIn.load().backend();
    CsrFeatures batch = features(64, 9, false);
    double[] c = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    double[] expected = new double[64];
    double[] z = new double[64];
    try (RowProducts products = DenseBackends.byName("jvm").open(batch, 64)) {
      products.load(0, 64);
      products.multiply(c, 0, 9, 1, expected);
    }
    Accelerator.with(
        GPU,
        () -> {
          try (RowProducts products = cuda.openOnce(batch, 64)) {
            products.load(0, 64);
            products.multiply(c, 0, 9, 1, z);
          }
          return null;
        });
    assertArrayEquals(expected, z, TOLERANCE);
    assertEquals(0, cuda.residentBytes());
    cuda.release();
  }
}
