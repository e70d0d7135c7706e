package io.github.sparkbilevel.problem.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.model.RowShape;
import io.github.sparkbilevel.problem.training.Augmentation.Moves;
import io.github.sparkbilevel.problem.training.Augmentation.Units;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AugmentationTest {
  private static final RowShape PICTURE = RowShape.image(3, 4, 2);
  private static final int SIZE = PICTURE.size();
  private static final int ROWS = 4000;

  /** Every number of a picture is another one. */
  private static double[] picture() {
    double[] values = new double[SIZE];
    Arrays.setAll(values, q -> 1 + q);
    return values;
  }

  private static Block block(double[] row, boolean single) {
    double[] values = new double[ROWS * SIZE];
    for (int i = 0; i < ROWS; i++) {
      System.arraycopy(row, 0, values, i * SIZE, SIZE);
    }
    float[] singles = new float[values.length];
    for (int k = 0; k < values.length; k++) {
      singles[k] = (float) values[k];
    }
    long[] ids = new long[ROWS];
    Arrays.setAll(ids, i -> 7L * i);
    return new Block(
        ids,
        single
            ? DenseFeatures.ofFloats(ROWS, SIZE, singles)
            : DenseFeatures.ofDoubles(ROWS, SIZE, values),
        new double[ROWS]);
  }

  private static double[] row(Block block, int i) {
    double[] row = new double[SIZE];
    block.features().copyRow(i, row);
    return row;
  }

  private static Units asRead() {
    double[] ones = new double[SIZE];
    Arrays.fill(ones, 1);
    return new Units(new double[SIZE], ones, Double.POSITIVE_INFINITY);
  }

  /** A picture that is moved, and mirrored before that. */
  private static double[] moved(int down, int right, boolean mirrored) {
    double[] from = picture();
    double[] to = new double[SIZE];
    for (int y = 0; y < 3; y++) {
      for (int x = 0; x < 4; x++) {
        int line = y + down;
        int column = (mirrored ? 3 - x : x) + (mirrored ? -right : right);
        if (line >= 0 && line < 3 && column >= 0 && column < 4) {
          System.arraycopy(from, (y * 4 + x) * 2, to, (line * 4 + column) * 2, 2);
        }
      }
    }
    return to;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyMoveIsAsLikely(boolean single) {
    Map<String, Integer> moves = new TreeMap<>();
    for (int down = -1; down <= 1; down++) {
      for (int right = -1; right <= 1; right++) {
        for (boolean mirrored : new boolean[] {false, true}) {
          moves.put(Arrays.toString(moved(down, right, mirrored)), 0);
        }
      }
    }
    assertEquals(18, moves.size());
    Augmentation augmentation = new Augmentation(PICTURE, new Moves(1, true), asRead());
    Block batch = block(picture(), single);
    Block drawn = augmentation.of(batch, 3);
    for (int i = 0; i < ROWS; i++) {
      moves.computeIfPresent(Arrays.toString(row(drawn, i)), (move, count) -> count + 1);
    }
    // 222 of each, with a deviation of 14.
    moves.forEach((move, count) -> assertEquals(ROWS / 18.0, count, 65, move));
    assertEquals(ROWS, moves.values().stream().mapToInt(count -> count).sum());
    assertArrayEquals(batch.ids(), drawn.ids());
  }

  @Test
  void drawsDependOnPassAndRowAlone() {
    Augmentation augmentation = new Augmentation(PICTURE, new Moves(1, false), asRead());
    Block batch = block(picture(), false);
    Block once = augmentation.of(batch, 3);
    Block again = augmentation.of(batch, 3);
    Block other = augmentation.of(batch, 4);
    int same = 0;
    for (int i = 0; i < ROWS; i++) {
      assertArrayEquals(row(once, i), row(again, i));
      same += Arrays.equals(row(once, i), row(other, i)) ? 1 : 0;
    }
    assertEquals(ROWS / 9.0, same, 100);
    assertArrayEquals(picture(), row(batch, 5), "the batch is as it was");
  }

  @Test
  void valuesTakeTheUnitOfThePlaceThatTheyMoveTo() {
    double[] mean = new double[SIZE];
    double[] scale = new double[SIZE];
    Arrays.setAll(mean, q -> 3 + Math.sin(q));
    Arrays.setAll(scale, q -> q == 4 ? 0 : 0.2 + 0.01 * q);
    double limit = 2.5;
    double[] features = picture();
    features[4] = mean[4]; // constant
    double[] read = features.clone();
    Arrays.setAll(features, q -> scale[q] * (features[q] - mean[q]));
    Augmentation augmentation =
        new Augmentation(PICTURE, new Moves(1, false), new Units(mean, scale, limit));
    Block drawn = augmentation.of(block(features, false), 11);
    int found = 0;
    for (int i = 0; i < ROWS; i++) {
      double[] row = row(drawn, i);
      // One to the left: the number 8 comes from 10, and the last column from outside.
      double last = Math.max(-limit, scale[6] * (0 - mean[6]));
      boolean left = Math.abs(row[0] - scale[0] * (read[2] - mean[0])) < 1e-12;
      if (left && Math.abs(row[6] - last) < 1e-12) {
        found++;
        assertEquals(Math.min(limit, scale[8] * (read[10] - mean[8])), row[8], 1e-6);
        assertEquals(scale[2] * (read[4] - mean[2]), row[2], 1e-6);
      }
      assertEquals(0, Math.abs(row[4]), "constant features stay 0");
      for (double value : row) {
        assertTrue(Math.abs(value) <= limit);
      }
    }
    assertEquals(ROWS / 9.0, found, 100);
  }

  @Test
  void withoutMovesRowsAreThoseGiven() {
    Block batch = block(picture(), true);
    assertSame(batch, Augmentation.NONE.of(batch, 1));
  }

  @Test
  void onlyPicturesMove() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Augmentation(RowShape.vector(SIZE), new Moves(1, false), asRead()));
  }
}
