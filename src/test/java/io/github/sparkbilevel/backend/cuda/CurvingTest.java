package io.github.sparkbilevel.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.sparkbilevel.backend.Accelerator;
import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.RowCurvature;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.block.Features;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Products with curvatures between them, behind a stand-in for the driver: see {@link StandIn}. */
class CurvingTest {
  private static final String GPU = "0";

  @TestFactory
  Stream<DynamicTest> onTheStandIn() {
    List<DynamicTest> tests = new ArrayList<>();
    for (int rows : new int[] {1, 130, 9000}) {
      add(tests, CudaProductsTest.features(rows, 30, true, 7));
      add(tests, CudaProductsTest.features(rows, 30, false, 7));
      add(tests, CudaSparseProductsTest.features(rows, 30, true));
      add(tests, CudaSparseProductsTest.features(rows, 30, false));
    }
    tests.add(DynamicTest.dynamicTest("curvatures cross once", this::curvaturesCrossTheBusOnce));
    return StandIn.tests(tests);
  }

  private static void add(List<DynamicTest> tests, Features features) {
    tests.add(
        DynamicTest.dynamicTest(
            "%s, %d rows".formatted(features.getClass().getSimpleName(), features.rows()),
            () -> agrees(features)));
  }

  /** Every fifth row has none. */
  private static RowCurvature curvature(int rows, int outputs, boolean isCentred) {
    double[] numbers = new Random(3).doubles((long) rows * outputs, 0.1, 1).toArray();
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i % rows % 5 == 4 ? 0 : numbers[i];
    }
    return new RowCurvature(new Object(), outputs, isCentred, () -> numbers);
  }

  private static double[] onGpu(
      CudaBackend cuda, double share, Features features, RowCurvature curvature, Shape shape) {
    double[] out = new double[shape.ld() * shape.k()];
    Accelerator.with(
        GPU,
        share,
        () -> {
          try (RowProducts rows = CudaProductsTest.open(cuda, features, shape.tile())) {
            for (int from = 0; from < features.rows(); from += shape.tile()) {
              rows.load(from, Math.min(shape.tile(), features.rows() - from));
              rows.addCurved(curvature, shape.directions(), shape.ld(), shape.k(), out, 0);
            }
          }
          return null;
        });
    return out;
  }

  /** Columns, their length, and the rows of a tile. */
  private record Shape(int k, int ld, int tile) {
    double[] directions() {
      return new Random(4).doubles((long) k * ld, -1, 1).toArray();
    }
  }

  /** By products of the CPU. */
  private static double[] expected(Features features, RowCurvature curvature, Shape shape) {
    int n = features.rows();
    int p = features.columns();
    double[] v = shape.directions();
    double[] z = new double[n * shape.k()];
    double[] out = new double[v.length];
    try (RowProducts rows = CudaProductsTest.open(DenseBackends.byName("jvm"), features, n)) {
      rows.load(0, n);
      rows.multiply(v, 0, shape.ld(), shape.k(), z);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < shape.k(); j++) {
          z[j * n + i] += shape.ld() > p ? v[j * shape.ld() + p] : 0;
        }
        for (int from = 0; from < shape.k(); from += curvature.outputs()) {
          curve(curvature, n, i, from, z);
        }
      }
      rows.addTransposed(z, shape.k(), out, 0, shape.ld());
    }
    for (int j = 0; j < shape.k() && shape.ld() > p; j++) {
      out[j * shape.ld() + p] = Arrays.stream(z, j * n, (j + 1) * n).sum();
    }
    return out;
  }

  private static void curve(RowCurvature curvature, int n, int row, int from, double[] z) {
    double[] w = curvature.numbers().get();
    double total = 0;
    double along = 0;
    for (int k = 0; k < curvature.outputs(); k++) {
      total += w[k * n + row];
      along += w[k * n + row] * z[(from + k) * n + row];
    }
    double mean = curvature.isCentred() && total > 0 ? along / total : 0;
    for (int k = 0; k < curvature.outputs(); k++) {
      z[(from + k) * n + row] = w[k * n + row] * (z[(from + k) * n + row] - mean);
    }
  }

  private static void assertClose(double[] expected, double[] got, boolean isSingle) {
    double most = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    assertArrayEquals(expected, got, (isSingle ? 1e-5 : 1e-12) * Math.max(most, 1));
  }

  /** Compares products of a block in one tile with those of the CPU. */
  static void requireAgreement(CudaBackend cuda, Features features) {
    int n = features.rows();
    for (boolean isCentred : new boolean[] {true, false}) {
      RowCurvature curvature = curvature(n, 10, isCentred);
      Shape shape = new Shape(20, features.columns() + 1, n);
      assertClose(
          expected(features, curvature, shape),
          onGpu(cuda, 0.5, features, curvature, shape),
          features.isSingle());
    }
  }

  private static void agrees(Features features) {
    StandIn standIn = StandIn.load();
    CudaBackend cuda = standIn.backend();
    int n = features.rows();
    int p = features.columns();
    for (int outputs : new int[] {1, 3, 10}) {
      for (boolean isCentred : new boolean[] {true, false}) {
        RowCurvature curvature = curvature(n, outputs, isCentred);
        for (Shape shape :
            List.of(new Shape(outputs, p, n), new Shape(2 * outputs, p + 1, Math.min(n, 77)))) {
          double[] expected = expected(features, curvature, shape);
          double[] got = onGpu(cuda, 0.5, features, curvature, shape);
          assertClose(expected, got, features.isSingle());
          assertArrayEquals(got, onGpu(cuda, 0.5, features, curvature, shape));
          cuda.release();
          // Less than a byte: neither rows nor curvatures fit, and those of each tile are copied.
          double[] copied = onGpu(cuda, 1e-15, features, curvature, shape);
          assertClose(expected, copied, features.isSingle());
          assertEquals(0, cuda.residentBytes());
        }
      }
    }
    cuda.release();
    assertEquals(0, standIn.counter("bytes"));
  }

  private void curvaturesCrossTheBusOnce() {
    StandIn standIn = StandIn.load();
    CudaBackend cuda = standIn.backend();
    int rows = 1000;
    int p = 20;
    Features features = CudaProductsTest.features(rows, p, true, 3);
    RowCurvature curvature = curvature(rows, 3, true);
    Shape shape = new Shape(3, p + 1, rows);
    long[] sent = new long[3];
    long[] back = new long[3];
    for (int pass = 0; pass < sent.length; pass++) {
      long before = standIn.counter("copiedToDevice");
      long beforeBack = standIn.counter("copiedToHost");
      onGpu(cuda, 0.5, features, curvature, shape);
      sent[pass] = standIn.counter("copiedToDevice") - before;
      back[pass] = standIn.counter("copiedToHost") - beforeBack;
    }
    long directions = 4L * 3 * (p + 1);
    long kept = features.bytes() + 4L * 3 * rows;
    assertArrayEquals(new long[] {kept + directions, directions, directions}, sent);
    assertArrayEquals(new long[] {2 * directions, 2 * directions, 2 * directions}, back);
    assertEquals(kept, cuda.residentBytes());
    cuda.release();
    assertEquals(0, standIn.counter("bytes"));
  }

  @Test
  void whoDoesNotCurveSaysSo() {
    Features features = CudaProductsTest.features(4, 3, true, 1);
    try (RowProducts rows = CudaProductsTest.open(DenseBackends.byName("jvm"), features, 4)) {
      rows.load(0, 4);
      RowCurvature curvature = curvature(4, 2, true);
      double[] v = new double[8];
      assertThrows(
          UnsupportedOperationException.class,
          () -> rows.addCurved(curvature, v, 3, 2, new double[8], 0));
      assertThrows(
          IllegalArgumentException.class,
          () -> rows.addCurved(curvature, v, 3, 1, new double[8], 0));
    }
  }
}
