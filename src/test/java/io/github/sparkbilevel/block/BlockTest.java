package io.github.sparkbilevel.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class BlockTest {
  private static final Block[] NONE = {};

  private static Block block(long... ids) {
    int n = ids.length;
    return new Block(ids, DenseFeatures.ofDoubles(n, 2, new double[2 * n]), new double[n]);
  }

  @Test
  void absentWeightsAreOneAndAbsentGroupsZero() {
    Block plain = block(3, 5);
    assertEquals(1, plain.weight(1));
    assertEquals(0, plain.group(1));
    assertNull(plain.truth());
    Block full =
        new Block(new long[] {3}, DenseFeatures.ofFloats(1, 2, new float[2]), new double[] {1})
            .withWeights(new double[] {0.5})
            .withGroups(new int[] {4})
            .withTruth(new double[] {0});
    assertEquals(0.5, full.weight(0));
    assertEquals(4, full.group(0));
    assertArrayEquals(new double[] {0}, full.truth());
  }

  @Test
  void arraysOfAnotherLengthAreRefusedByName() {
    DenseFeatures rows = DenseFeatures.ofDoubles(2, 1, new double[2]);
    long[] ids = {1, 2};
    double[] two = new double[2];
    double[] three = new double[3];
    assertRefused("ids", () -> new Block(new long[3], rows, two));
    assertRefused("labels", () -> new Block(ids, rows, three));
    assertRefused("weights", () -> new Block(ids, rows, two).withWeights(three));
    assertRefused("groups", () -> new Block(ids, rows, two).withGroups(new int[3]));
    assertRefused("truth", () -> new Block(ids, rows, two).withTruth(three));
  }

  private static void assertRefused(String name, Executable constructor) {
    String message = assertThrows(IllegalArgumentException.class, constructor).getMessage();
    assertTrue(message.contains("got 3 " + name + " for 2"), message);
  }

  @Test
  void bytesCountEveryArray() {
    Block plain = block(1, 2, 3);
    assertEquals(3 * 2 * 8 + 3 * 16, plain.bytes());
    Block full =
        new Block(new long[3], DenseFeatures.ofFloats(3, 2, new float[6]), new double[3])
            .withWeights(new double[3])
            .withGroups(new int[3])
            .withTruth(new double[3]);
    assertEquals(3 * 2 * 4 + 3 * (16 + 8 + 4 + 8), full.bytes());
  }

  @Test
  void denseFeaturesHoldOnePrecision() {
    DenseFeatures singles = DenseFeatures.ofFloats(2, 3, new float[6]);
    assertTrue(singles.isSingle());
    assertNull(singles.doubles());
    DenseFeatures doubles = DenseFeatures.ofDoubles(2, 3, new double[6]);
    assertFalse(doubles.isSingle());
    assertNull(doubles.singles());
    assertThrows(
        IllegalArgumentException.class, () -> DenseFeatures.ofDoubles(2, 3, new double[5]));
  }

  @Test
  void sparseFeaturesCheckTheirArrays() {
    int[] rowStart = {0, 1, 1, 3};
    int[] indices = {2, 0, 1};
    double[] values = {1, 2, 3};
    CsrFeatures sparse = new CsrFeatures(3, rowStart, indices, values, null);
    assertEquals(3, sparse.rows());
    assertEquals(3, sparse.columns());
    assertEquals(4 * 4 + 3 * 12, sparse.bytes());
    assertThrows(
        IllegalArgumentException.class,
        () -> new CsrFeatures(3, new int[] {0, 2}, indices, values, null));
    assertThrows(
        IllegalArgumentException.class,
        () -> new CsrFeatures(3, rowStart, indices, new double[2], null));
    assertThrows(
        IllegalArgumentException.class,
        () -> new CsrFeatures(3, rowStart, indices, values, new double[2]));
  }

  @Test
  void trustedRowsAreThoseOfTheUpperLevelAndThenThoseHeldOut() {
    Block upper = block(1);
    Block heldOut = block(2);
    PartitionData data = new PartitionData(NONE, new Block[] {upper}, new Block[] {heldOut}, NONE);
    assertEquals(2, data.trusted().length);
    assertSame(upper, data.trusted()[0]);
    assertSame(heldOut, data.trusted()[1]);
  }

  @Test
  void fingerprintTellsTrainingRowsAndTheirCutApart() {
    long one = fingerprint(block(1, 2, 3));
    assertEquals(one, fingerprint(block(1, 2, 3)));
    assertNotEquals(one, fingerprint(block(1, 2, 4)));
    assertNotEquals(one, fingerprint(block(1, 3, 2)));
    assertNotEquals(one, fingerprint(block(1), block(2, 3)));
    assertNotEquals(one, fingerprint());
  }

  private static long fingerprint(Block... train) {
    return new PartitionData(train, NONE, NONE, NONE).fingerprint();
  }

  @Test
  void partitionSurvivesSerialization() throws IOException, ClassNotFoundException {
    Block sparse =
        new Block(
                new long[] {7, 9},
                new CsrFeatures(
                    2, new int[] {0, 1, 2}, new int[] {1, 0}, new double[] {3, 4}, new double[2]),
                new double[] {0, 1})
            .withWeights(new double[] {1, 2});
    PartitionData data = new PartitionData(new Block[] {sparse, block(11)}, NONE, NONE, NONE);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(data);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      PartitionData copy = (PartitionData) in.readObject();
      assertEquals(data.fingerprint(), copy.fingerprint());
      assertArrayEquals(new double[] {3, 4}, ((CsrFeatures) copy.train()[0].features()).values());
      assertEquals(2, copy.train()[0].weight(1));
    }
  }

  @Test
  void chosenRowsKeepAllThatTheyHave() {
    int n = 70;
    double[][] x = new double[n][3];
    float[] floats = new float[3 * n];
    double[] doubles = new double[3 * n];
    int[] starts = new int[n + 1];
    long[] ids = new long[n];
    double[] numbers = new double[n];
    int[] groups = new int[n];
    for (int i = 0; i < n; i++) {
      ids[i] = 5 * i;
      numbers[i] = i + 0.5;
      groups[i] = i % 4;
      starts[i + 1] = 3 * (i + 1);
      for (int j = 0; j < 3; j++) {
        x[i][j] = 10 * i + j;
        floats[3 * i + j] = (float) x[i][j];
        doubles[3 * i + j] = x[i][j];
      }
    }
    int[] columns = new int[3 * n];
    Arrays.setAll(columns, k -> k % 3);
    int[] rows = {0, 1, 33, 68};
    for (Features features :
        new Features[] {
          DenseFeatures.ofFloats(n, 3, floats),
          DenseFeatures.ofDoubles(n, 3, doubles),
          PanelFeatures.of(n, 3, i -> x[i]),
          new CsrFeatures(3, starts, columns, doubles, new double[] {1, 0, 0})
        }) {
      Block chosen =
          new Block(ids, features, numbers).withGroups(groups).withTruth(numbers).select(rows, 4);
      assertSame(features.getClass(), chosen.features().getClass());
      assertEquals(rows.length, chosen.rows());
      for (int i = 0; i < rows.length; i++) {
        double[] expected = new double[3];
        double[] got = new double[3];
        features.copyRow(rows[i], expected);
        chosen.features().copyRow(i, got);
        assertArrayEquals(expected, got);
        assertEquals(ids[rows[i]], chosen.ids()[i]);
        assertEquals(numbers[rows[i]], chosen.labels()[i]);
        assertEquals(groups[rows[i]], chosen.group(i));
        assertEquals(numbers[rows[i]], chosen.truth()[i]);
        assertEquals(4, chosen.weight(i));
      }
    }
  }
}
