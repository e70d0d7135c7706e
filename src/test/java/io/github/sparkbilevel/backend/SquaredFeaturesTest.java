package io.github.sparkbilevel.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.DenseFeatures;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SquaredFeaturesTest {
  private static final int AT = 2;
  private static final double MARK = 9;

  @ParameterizedTest
  @EnumSource(Storage.class)
  void sumsAreThoseOfTheLoopsAndLeaveTheRestAlone(Storage storage) {
    for (int columns : new int[] {1, 7, 300}) {
      for (int rows : new int[] {0, 1, 2, 33}) {
        double[][] x = rows(rows, columns);
        double[] w = TestProblems.vector(4, rows, 1);
        double[] out = new double[AT + columns + 1];
        Arrays.fill(out, MARK);
        double[] expected = out.clone();
        for (int i = 0; i < rows; i++) {
          for (int j = 0; j < columns; j++) {
            expected[AT + j] += w[i] * x[i][j] * x[i][j];
          }
        }
        SquaredFeatures.addTransposed(TestProblems.features(x, columns, storage), w, out, AT);
        assertArrayEquals(expected, out, 1e-12);
      }
    }
  }

  /** Zeros and multiples of 2⁻¹⁰, so that every storage holds them exactly. */
  private static double[][] rows(int count, int columns) {
    Random random = new Random(7);
    double[][] x = new double[count][columns];
    for (double[] row : x) {
      Arrays.setAll(
          row, j -> random.nextInt(3) == 0 ? 0 : Math.rint(1024 * random.nextGaussian()) / 1024);
    }
    return x;
  }

  @Test
  void squaresOfSinglesAreTakenInDoublePrecision() {
    // 4097² = 2²⁴ + 8193 has no exact float32.
    float[] values = {4097, 1e30f};
    double[] out = new double[2];
    double[] w = {1};
    SquaredFeatures.addTransposed(DenseFeatures.ofFloats(1, 2, values), w, out, 0);
    assertArrayEquals(new double[] {4097.0 * 4097.0, (double) 1e30f * 1e30f}, out, 0);
  }

  @Test
  void columnsWithoutEntriesHaveTheSquareOfTheirShift() {
    int[] rowStart = {0, 1, 1};
    int[] indices = {2};
    double[] values = {5};
    double[] shift = {3, 0, 1};
    double[] out = new double[3];
    var features = new CsrFeatures(3, rowStart, indices, values, shift);
    SquaredFeatures.addTransposed(features, new double[] {2, 0.5}, out, 0);
    assertArrayEquals(new double[] {2.5 * 9, 0, 2 * 16 + 0.5}, out, 1e-14);
    for (Storage storage : List.of(Storage.CSR, Storage.DENSE_64)) {
      double[] plain = new double[1];
      var two = TestProblems.features(new double[][] {{0}, {4}}, 1, storage);
      SquaredFeatures.addTransposed(two, new double[] {1, 0.25}, plain, 0);
      assertArrayEquals(new double[] {4}, plain, 0);
    }
  }
}
