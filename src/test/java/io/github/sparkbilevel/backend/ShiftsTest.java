package io.github.sparkbilevel.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.sparkbilevel.backend.ShiftKernels.Line;
import io.github.sparkbilevel.backend.ShiftKernels.Places;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products with shifted images, and the greatest of several columns. */
@Tag("vectors")
class ShiftsTest {
  private static float[] floats(Random random, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double[] wide(float[] values) {
    double[] wide = new double[values.length];
    Arrays.setAll(wide, i -> values[i]);
    return wide;
  }

  @ParameterizedTest
  @CsvSource({"1, 32, 1", "4, 96, 2", "25, 35, 6", "9, 16, 7", "3, 5, 13", "8, 200, 8"})
  void vectorsGiveTheBitsOfTheLoops(int taps, int length, int outputs) {
    Random random = new Random(taps);
    int[] from = random.ints(taps, 0, 40).toArray();
    Line line = new Line(floats(random, 60 + length), from, 3, length);
    float[] w = floats(random, taps * outputs);
    float[] z = floats(random, 7 + outputs * (length + 4));
    float[] other = z.clone();
    new ScalarShiftKernels().addProduct(line, w, new Places(z, 7, length + 4, outputs));
    new VectorShiftKernels().addProduct(line, w, new Places(other, 7, length + 4, outputs));
    assertArrayEquals(z, other, 0);
    float[] sums = floats(random, taps * outputs * ShiftKernels.PARTS);
    float[] vectors = sums.clone();
    new ScalarShiftKernels().addTransposed(line, new Places(z, 7, length + 4, outputs), sums);
    new VectorShiftKernels().addTransposed(line, new Places(z, 7, length + 4, outputs), vectors);
    assertArrayEquals(sums, vectors, 0);
    float[] numbers = new float[length];
    float[] otherNumbers = new float[length];
    new ScalarShiftKernels().greatest(line, z, 2, numbers);
    new VectorShiftKernels().greatest(line, other, 2, otherNumbers);
    assertArrayEquals(z, other, 0);
    assertArrayEquals(numbers, otherNumbers, 0);
  }

  @ParameterizedTest
  @CsvSource({"5, 4, 1, 3, 1, 1", "6, 7, 2, 3, 5, 16", "9, 9, 3, 5, 8, 11", "4, 4, 2, 4, 2, 3"})
  void tilesMultiplyAsLoopsOverPlacesDo(
      int height, int width, int channels, int side, int outputs, int rows) {
    Random random = new Random(height);
    Shifts shifts = Shifts.of(height, width, channels, side);
    float[] image = floats(random, channels * height * width * rows);
    float[] w = floats(random, shifts.taps() * outputs);
    float[] d = floats(random, shifts.all() * outputs * rows);
    float[] y = floats(random, d.length);
    double[] expected = wide(y);
    double[] transposed = new double[shifts.taps() * outputs];
    for (int o = 0; o < outputs; o++) {
      for (int place = 0; place < shifts.all(); place++) {
        for (int tap = 0; tap < shifts.taps(); tap++) {
          int line = place / shifts.places() + tap / side % side;
          int pixel = place % shifts.places() + tap % side;
          int column = (tap / side / side * height + line) * width + pixel;
          for (int i = 0; i < rows; i++) {
            int at = (o * shifts.all() + place) * rows + i;
            double value = image[column * rows + i];
            expected[at] += w[tap * outputs + o] * value;
            transposed[o * shifts.taps() + tap] += value * d[at];
          }
        }
      }
    }
    Tile<float[]> singles = Tile.singles("jvm", rows + 2);
    singles.load(rows);
    float[] product = y.clone();
    singles.addShifted(image, shifts, w, outputs, product);
    assertArrayEquals(expected, wide(product), 1e-4);
    float[] sums = floats(random, transposed.length);
    singles.transposeShifted(image, shifts, d, outputs, sums);
    assertArrayEquals(transposed, wide(sums), 1e-3);

    Tile<double[]> doubles = Tile.doubles("jvm", rows + 2);
    doubles.load(rows);
    double[] exact = wide(y);
    doubles.addShifted(wide(image), shifts, wide(w), outputs, exact);
    assertArrayEquals(expected, exact, 1e-12);
    double[] exactSums = wide(sums);
    doubles.transposeShifted(wide(image), shifts, wide(d), outputs, exactSums);
    assertArrayEquals(transposed, exactSums, 1e-11);
  }

  @Test
  void greatestOfSeveralColumnsIsTheFirstOfEquals() {
    float[] z = {1, -3, 2, -2, 2, -1, 0, 0};
    int[] candidates = {Runs.NONE, 0, 1, 2, 3, Runs.NONE, Runs.NONE, Runs.NONE};
    Tile<float[]> singles = Tile.singles("jvm", 2);
    singles.load(2);
    float[] y = new float[4];
    int[] chosen = new int[4];
    singles.maxima(z, candidates, y, 2, chosen);
    assertArrayEquals(new float[] {2, -1, 0, 0}, y, 0);
    assertArrayEquals(new int[] {2, 5, 6, 7}, chosen);
    Tile<double[]> doubles = Tile.doubles("jvm", 2);
    doubles.load(2);
    double[] other = new double[4];
    doubles.maxima(wide(z), candidates, other, 2, chosen);
    assertArrayEquals(wide(y), other, 0);
    assertEquals(2, chosen[0]);
  }
}
