package io.github.sparkbilevel.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.Features;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every implementation against the triple loop, over shapes, precisions, offsets and tiles. */
@Tag("vectors")
class RowProductsTest {
  private static final int ROWS = 37;
  private static final int TILE = 16; // 16 + 16 + 5: the last tile is ragged
  private static final int[] WIDTHS = {1, 2, 3, 10, 20, 70};

  static Stream<String> backends() {
    return Stream.of("jvm", "netlib", "nd4j");
  }

  static Stream<Arguments> cases() {
    return backends()
        .flatMap(
            name ->
                Stream.of(1, 7, 64, 100)
                    .flatMap(
                        p -> Stream.of(true, false).map(single -> Arguments.of(name, p, single))));
  }

  @ParameterizedTest(name = "{0}, p = {1}, float32 = {2}")
  @MethodSource("cases")
  void denseAgreesWithTheTripleLoop(String name, int p, boolean single) {
    double[] a = Naive.values(11, ROWS, p);
    double tolerance = single ? 1e-5 : 1e-12;
    for (int k : WIDTHS) {
      try (RowProducts products =
          DenseBackends.open(Naive.dense(a, ROWS, p, single), k, TILE, name)) {
        checkProducts(products, a, p, k, tolerance);
      }
    }
  }

  @ParameterizedTest(name = "{0}, p = {1}, float32 = {2}")
  @MethodSource("cases")
  void gramAgreesAndIsSymmetric(String name, int p, boolean single) {
    double[] a = Naive.values(12, ROWS, p);
    try (RowProducts products =
        DenseBackends.open(Naive.dense(a, ROWS, p, single), p, TILE, name)) {
      checkGram(products, a, p, single ? 1e-5 : 1e-12);
    }
  }

  @Test
  void gramOfSeveralPanelsAgrees() {
    int p = 300;
    double[] a = Naive.values(13, ROWS, p);
    backends()
        .forEach(
            name -> {
              try (RowProducts products =
                  DenseBackends.open(Naive.dense(a, ROWS, p, false), p, TILE, name)) {
                checkGram(products, a, p, 1e-12);
              }
            });
  }

  @Test
  void sparseAgreesWithItsDenseMatrix() {
    for (int p : new int[] {1, 7, 64, 100}) {
      // 0.02 has fewer entries in a tile than features, 0.3 has more: both orders of loops run.
      for (double density : new double[] {0.0, 0.02, 0.3, 1.0}) {
        for (double[] shift : new double[][] {null, Naive.gaussian(3, p)}) {
          CsrFeatures sparse = Naive.sparse(21, ROWS, p, density, shift);
          double[] a = Naive.densify(sparse);
          for (int k : WIDTHS) {
            try (RowProducts products = DenseBackends.open(sparse, k, TILE)) {
              checkProducts(products, a, p, k, 1e-12);
            }
          }
          try (RowProducts products = DenseBackends.open(sparse, p, TILE)) {
            checkGram(products, a, p, 1e-11);
          }
        }
      }
    }
  }

  private static void checkProducts(
      RowProducts products, double[] a, int p, int k, double tolerance) {
    int ldc = p + 3;
    int offset = 5;
    double[] c = Naive.gaussian(31, offset + k * ldc);
    double[] cBefore = c.clone();
    double[] out = Naive.gaussian(32, offset + k * ldc);
    double[] expectedOut = out.clone();
    for (int from = 0; from < ROWS; from += TILE) {
      int n = Math.min(TILE, ROWS - from);
      products.load(from, n);
      assertEquals(n, products.count());
      double[] z = new double[n * k + 2];
      Arrays.fill(z, Double.NaN); // overwritten means: what was there does not matter
      double[] expectedZ = z.clone();
      products.multiply(c, offset, ldc, k, z);
      Naive.multiply(a, p, from, n, c, offset, ldc, k, expectedZ);
      assertClose(expectedZ, z, tolerance);

      double[] r = Naive.gaussian(33 + from, n * k);
      double[] rBefore = r.clone();
      products.addTransposed(r, k, out, offset, ldc);
      Naive.addTransposed(a, p, from, n, r, k, expectedOut, offset, ldc);
      assertArrayEquals(rBefore, r);
    }
    assertClose(expectedOut, out, tolerance);
    assertArrayEquals(cBefore, c);
  }

  private static void checkGram(RowProducts products, double[] a, int p, double tolerance) {
    int ld = p + 2;
    int offset = 4;
    double[] out = new double[offset + p * ld];
    double[] expected = out.clone();
    for (int from = 0; from < ROWS; from += TILE) {
      int n = Math.min(TILE, ROWS - from);
      double[] w = Naive.gaussian(41 + from, n);
      products.load(from, n);
      products.addGram(w, out, offset, ld);
      Naive.addGram(a, p, from, n, w, expected, offset, ld);
    }
    assertClose(expected, out, tolerance);
    for (int j = 0; j < p; j++) {
      for (int i = 0; i < j; i++) {
        assertEquals(out[offset + i + j * ld], out[offset + j + i * ld], "entry " + i + ", " + j);
      }
    }
  }

  @ParameterizedTest(name = "{0}, p = {1}, float32 = {2}")
  @MethodSource("cases")
  void operandsInFloat32GiveTheSame(String name, int p, boolean single) {
    double[] a = Naive.values(51, ROWS, p);
    for (int k : WIDTHS) {
      try (RowProducts products =
          DenseBackends.open(Naive.dense(a, ROWS, p, single), k, TILE, name)) {
        checkSingles(products, a, p, k);
      }
    }
  }

  @Test
  void operandsInFloat32GiveTheSameWithSparseRows() {
    CsrFeatures sparse = Naive.sparse(52, ROWS, 20, 0.3, Naive.gaussian(3, 20));
    try (RowProducts products = DenseBackends.open(sparse, 3, TILE)) {
      checkSingles(products, Naive.densify(sparse), 20, 3);
    }
  }

  private static void checkSingles(RowProducts products, double[] a, int p, int k) {
    int offset = 2;
    int ld = p + 1;
    double[] c = Naive.values(53, 1, offset + ld * k);
    double[] out = new double[offset + p * (k + 1)];
    double[] expectedOut = out.clone();
    for (int from = 0; from < ROWS; from += TILE) {
      int n = Math.min(TILE, ROWS - from);
      products.load(from, n);
      float[] z = new float[n * k + 1];
      Arrays.fill(z, Float.NaN);
      double[] expected = doubles(z);
      products.multiply(singles(c), offset, ld, k, z);
      Naive.multiply(a, p, from, n, c, offset, ld, k, expected);
      assertClose(expected, doubles(z), 1e-5);

      double[] r = Naive.values(54 + from, 1, n * k);
      float[] transposed = new float[offset + ld * k];
      Arrays.fill(transposed, offset, transposed.length, Float.NaN);
      double[] zeros = new double[transposed.length];
      for (int j = 0; j < k; j++) {
        zeros[offset + j * ld + p] = Double.NaN;
      }
      products.transpose(singles(r), k, transposed, offset, ld);
      Naive.addTransposed(a, p, from, n, r, k, zeros, offset, ld);
      assertClose(zeros, doubles(transposed), 1e-5);
      products.addTransposed(singles(r), k, out, offset, p);
      Naive.addTransposed(a, p, from, n, r, k, expectedOut, offset, p);
    }
    assertClose(expectedOut, out, 1e-5);
  }

  private static float[] singles(double[] values) {
    float[] singles = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      singles[i] = (float) values[i];
    }
    return singles;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }

  /** Relative to the largest number: single entries may cancel. */
  private static void assertClose(double[] expected, double[] got, double tolerance) {
    double scale = 1e-300;
    for (double x : expected) {
      scale = Double.isNaN(x) ? scale : Math.max(scale, Math.abs(x));
    }
    for (int i = 0; i < expected.length; i++) {
      if (Double.isNaN(expected[i])) {
        assertTrue(Double.isNaN(got[i]), "entry " + i + " was written, it lies past the result");
      } else {
        assertEquals(expected[i], got[i], tolerance * scale, "entry " + i);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void whatWasInScratchDoesNotMatter(String name) {
    double[] a = Naive.values(14, 8, 5);
    for (boolean single : new boolean[] {true, false}) {
      for (int k : new int[] {1, 3}) {
        try (RowProducts products = DenseBackends.open(Naive.dense(a, 8, 5, single), k, 8, name)) {
          products.load(0, 8);
          double[] bad = new double[8 * k];
          Arrays.fill(bad, Double.NaN);
          products.multiply(bad, 0, 5, k, new double[8 * k]);
          products.addTransposed(bad, k, new double[5 * k], 0, 5);
          double[] z = new double[8 * k];
          double[] expected = new double[8 * k];
          double[] c = Naive.gaussian(15, 5 * k);
          products.multiply(c, 0, 5, k, z);
          Naive.multiply(a, 5, 0, 8, c, 0, 5, k, expected);
          assertClose(expected, z, single ? 1e-5 : 1e-12);
          double[] out = new double[5 * k];
          double[] expectedOut = new double[5 * k];
          double[] r = Naive.gaussian(16, 8 * k);
          products.addTransposed(r, k, out, 0, 5);
          Naive.addTransposed(a, 5, 0, 8, r, k, expectedOut, 0, 5);
          assertClose(expectedOut, out, single ? 1e-5 : 1e-12);
        }
      }
    }
  }

  static Stream<Features> emptyInOneWay() {
    return Stream.of(
        DenseFeatures.ofFloats(3, 4, new float[12]),
        DenseFeatures.ofFloats(0, 4, new float[0]),
        DenseFeatures.ofDoubles(3, 0, new double[0]),
        new CsrFeatures(4, new int[] {0, 0, 0, 0}, new int[0], new double[0], null));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void emptyTilesAndShapesChangeNothing(String name) {
    emptyInOneWay()
        .forEach(
            features -> {
              int p = features.columns();
              try (RowProducts products = DenseBackends.open(features, 2, 4, name)) {
                products.load(0, p == 0 ? features.rows() : 0);
                double[] z = {9, 9, 9, 9, 9, 9, 9};
                products.multiply(new double[2 * p], 0, p, 2, z);
                assertEquals(9, z[2 * products.count()]);
                double[] out = {7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7};
                double[] before = out.clone();
                products.addTransposed(new double[2 * products.count()], 2, out, 0, p);
                products.addGram(new double[products.count()], out, 0, p);
                products.addTransposed(new float[2 * products.count()], 2, out, 0, p);
                assertArrayEquals(before, out);
                float[] singles = new float[7];
                Arrays.fill(singles, 9);
                products.multiply(new float[2 * p], 0, p, 2, singles);
                assertEquals(9, singles[2 * products.count()]);
                float[] transposed = new float[2 * p + 1];
                Arrays.fill(transposed, 7);
                products.transpose(new float[2 * products.count()], 2, transposed, 0, p);
                assertArrayEquals(new float[2 * p], Arrays.copyOf(transposed, 2 * p));
                assertEquals(7, transposed[2 * p]);
              }
            });
  }

  @ParameterizedTest
  @MethodSource("backends")
  void tilesMayBeLoadedInAnyOrderAndAgain(String name) {
    int p = 7;
    double[] a = Naive.values(17, ROWS, p);
    double[] c = Naive.gaussian(18, p);
    try (RowProducts products = DenseBackends.open(Naive.dense(a, ROWS, p, true), 1, TILE, name)) {
      double[] first = new double[TILE];
      products.load(3, TILE);
      products.multiply(c, 0, p, 1, first);
      products.load(20, 1);
      products.multiply(c, 0, p, 1, new double[1]);
      double[] again = new double[TILE];
      products.load(3, TILE);
      products.multiply(c, 0, p, 1, again);
      assertArrayEquals(first, again);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void misuseIsToldWithGotAndExpected(String name) {
    RowProducts products =
        DenseBackends.open(Naive.dense(Naive.values(1, 6, 3), 6, 3, true), 1, 4, name);
    assertThrows(
        IllegalStateException.class,
        () -> products.multiply(new double[3], 0, 3, 1, new double[6]));
    assertThrows(IllegalArgumentException.class, () -> products.load(0, 5));
    assertThrows(IllegalArgumentException.class, () -> products.load(4, 3));
    products.load(0, 4);
    assertThrows(
        IllegalArgumentException.class,
        () -> products.multiply(new double[3], 1, 3, 1, new double[4]));
    assertThrows(
        IllegalArgumentException.class,
        () -> products.addTransposed(new double[7], 2, new double[6], 0, 3));
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> products.addGram(new double[4], new double[9], 0, 2))
            .getMessage();
    assertTrue(message.contains("got out") && message.contains("expected"), message);
    products.close();
    products.close();
    assertThrows(IllegalStateException.class, () -> products.load(0, 1));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void threadsGetTheSameBits(String name) throws Exception {
    int p = 64;
    Features features = Naive.dense(Naive.values(19, ROWS, p), ROWS, p, true);
    double[] expected = pass(features, name);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<double[]>> tasks = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        tasks.add(() -> pass(features, name));
      }
      for (Future<double[]> future : threads.invokeAll(tasks)) {
        assertArrayEquals(expected, future.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static double[] pass(Features features, String name) {
    int p = features.columns();
    int k = 10;
    double[] out = new double[p * k + p * p];
    double[] c = Naive.gaussian(20, p * k);
    try (RowProducts products = DenseBackends.open(features, k, TILE, name)) {
      for (int from = 0; from < features.rows(); from += TILE) {
        int n = Math.min(TILE, features.rows() - from);
        double[] z = new double[n * k];
        products.load(from, n);
        products.multiply(c, 0, p, k, z);
        products.addTransposed(z, k, out, 0, p);
        products.addGram(Arrays.copyOf(z, n), out, p * k, p);
      }
    }
    return out;
  }
}
