package io.github.sparkbilevel.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.sparkbilevel.block.PanelFeatures;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Products with rows in panels. */
@Tag("vectors")
class PanelKernelsTest {
  private static float[] floats(Random random, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 32, 1",
    "2, 64, 2",
    "3, 32, 3",
    "5, 96, 4",
    "20, 128, 5",
    "7, 64, 13",
    "64, 64, 5",
    "200, 32, 3"
  })
  void vectorsGiveTheBitsOfTheLoops(int p, int stride, int k) {
    Random random = new Random(7);
    int at = 5;
    float[] a = floats(random, at + p * stride);
    var operand = new PanelKernels.Operand(floats(random, p * k), p, k);
    float[] z = floats(random, stride * k);
    float[] other = z.clone();
    new ScalarPanelKernels().multiply(a, at, stride, operand, z);
    new VectorPanelKernels().multiply(a, at, stride, operand, other);
    assertArrayEquals(z, other, 0);
    float[] parts = floats(random, p * k * PanelKernels.PARTS);
    float[] vectors = parts.clone();
    new ScalarPanelKernels().addTransposed(a, at, stride, z, new PanelKernels.Operand(parts, p, k));
    new VectorPanelKernels()
        .addTransposed(a, at, stride, z, new PanelKernels.Operand(vectors, p, k));
    assertArrayEquals(parts, vectors, 0);
  }

  @Test
  void precisionsChangeAlikeByVectors() {
    double[] numbers = new Random(3).doubles(37).toArray();
    float[] narrow = new float[40];
    float[] narrowByVectors = new float[40];
    for (int i = 0; i < 37; i++) {
      narrow[i + 2] = (float) numbers[i];
    }
    int done = VectorPrecision.narrow(numbers, 0, narrowByVectors, 2, 37);
    for (int i = 0; i < done; i++) {
      assertEquals(narrow[i + 2], narrowByVectors[i + 2], 0);
    }
    double[] wide = new double[40];
    done = VectorPrecision.widen(narrow, 2, wide, 1, 37);
    for (int i = 0; i < done; i++) {
      assertEquals(narrow[i + 2], wide[i + 1], 0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 31, 32, 33, 1024, 1025, 2500})
  void rowsComeBackAsTheyWere(int rows) {
    int p = 3;
    PanelFeatures panels =
        PanelFeatures.of(rows, p, i -> new double[] {10 * i, 10 * i + 1, 10 * i + 2});
    double[] row = new double[p];
    for (int i = 0; i < rows; i++) {
      panels.copyRow(i, row);
      assertArrayEquals(new double[] {10 * i, 10 * i + 1, 10 * i + 2}, row);
    }
  }

  @ParameterizedTest
  @CsvSource({"40, 5, 1", "1025, 3, 7", "9000, 4, 2", "70, 900, 3"})
  void productsAreThoseOfTheTripleLoop(int n, int p, int k) {
    Random random = new Random(5);
    double[] a = random.doubles((long) n * p, -1, 1).map(x -> (float) x).toArray();
    double[] c = random.doubles((long) p * k, -1, 1).toArray();
    double[] r = random.doubles((long) n * k, -1, 1).toArray();
    PanelFeatures panels = PanelFeatures.of(n, p, i -> Arrays.copyOfRange(a, i * p, (i + 1) * p));
    double[] z = new double[n * k];
    double[] expectedSums = new double[p * k];
    double[] sums = new double[p * k];
    int tile = DenseBackends.tileRows(panels, k);
    try (RowProducts products = DenseBackends.open(panels, k, tile)) {
      for (int from = 0; from < n; from += tile) {
        int count = Math.min(tile, n - from);
        products.load(from, count);
        double[] part = new double[count * k];
        products.multiply(c, 0, p, k, part);
        double[] residual = new double[count * k];
        for (int j = 0; j < k; j++) {
          System.arraycopy(part, j * count, z, j * n + from, count);
          System.arraycopy(r, j * n + from, residual, j * count, count);
        }
        products.gather(residual, k, sums, 0, p);
      }
    }
    for (int j = 0; j < k; j++) {
      for (int i = 0; i < n; i++) {
        double expected = 0;
        for (int t = 0; t < p; t++) {
          expected += a[i * p + t] * c[j * p + t];
          expectedSums[j * p + t] += a[i * p + t] * r[j * n + i];
        }
        assertEquals(expected, z[j * n + i], 1e-5 * Math.sqrt(p));
      }
    }
    assertArrayEquals(expectedSums, sums, 1e-5 * Math.sqrt(n));
  }

  @Test
  void tilesAreWholePanels() {
    PanelFeatures panels = PanelFeatures.of(3000, 4, i -> new double[4]);
    try (RowProducts products = DenseBackends.open(panels, 1, DenseBackends.tileRows(panels, 1))) {
      assertThrows(IllegalArgumentException.class, () -> products.load(5, 100));
      assertThrows(IllegalArgumentException.class, () -> products.load(0, 100));
    }
  }
}
