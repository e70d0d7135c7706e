package io.github.sparkbilevel.spark.rows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.BlockLayout;
import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.Features;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.problem.sampling.RowDraw;
import io.github.sparkbilevel.spark.TestSpark;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;

class PartitionedDataTest {
  private static final int COLUMNS = 3;
  private static final BlockShape DENSE =
      new BlockShape(COLUMNS, BlockLayout.DOUBLE_ROWS, null, 1 << 20);

  private final JavaSparkContext context = TestSpark.context();

  private static DataRow row(Part part, long id) {
    double[] values = {id, 0.1 * id, -id / 7.0};
    return new DataRow(part, id, id % 4, 1 + id % 2, (int) (id % 3), id % 5, null, values);
  }

  private static List<DataRow> rows(int train, int upper, int heldOut, int test) {
    List<DataRow> rows = new ArrayList<>();
    int[] counts = {train, upper, heldOut, test};
    for (Part part : Part.values()) {
      for (int i = 0; i < counts[part.ordinal()]; i++) {
        rows.add(row(part, 11L * i - 40));
      }
    }
    return rows;
  }

  private List<PartitionData> build(List<DataRow> rows, BlockShape shape, int partitions) {
    try (PartitionedData data =
        PartitionedData.build(context.parallelize(rows, 3), shape, partitions)) {
      return data.rdd().collect();
    }
  }

  private static byte[] bits(List<PartitionData> partitions) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new ArrayList<>(partitions));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static Block[] blocks(PartitionData data, Part part) {
    return switch (part) {
      case TRAIN -> data.train();
      case UPPER -> data.upper();
      case HELD_OUT -> data.heldOut();
      case TEST -> data.test();
    };
  }

  @Test
  void rowsLieSortedInThePartitionOfTheHashOfTheirId() {
    List<PartitionData> partitions = build(rows(200, 40, 20, 30), DENSE, 5);
    assertEquals(5, partitions.size());
    int[] expected = {200, 40, 20, 30};
    for (Part part : Part.values()) {
      Set<Long> seen = new HashSet<>();
      for (int p = 0; p < 5; p++) {
        long last = Long.MIN_VALUE;
        for (Block block : blocks(partitions.get(p), part)) {
          for (long id : block.ids()) {
            assertTrue(id > last, "rising");
            last = id;
            assertEquals(p, RowDraw.fold(0, 0, id, 5));
            assertTrue(seen.add(id), "once");
          }
        }
      }
      assertEquals(expected[part.ordinal()], seen.size());
    }
  }

  @Test
  void everythingOfARowArrives() {
    for (PartitionData partition : build(rows(50, 10, 0, 0), DENSE, 3)) {
      for (Part part : Part.values()) {
        for (Block block : blocks(partition, part)) {
          double[] values = ((DenseFeatures) block.features()).doubles();
          for (int i = 0; i < block.rows(); i++) {
            DataRow row = row(part, block.ids()[i]);
            assertEquals(row.label(), block.labels()[i]);
            assertEquals(row.weight(), block.weight(i));
            assertEquals(row.group(), block.group(i));
            assertEquals(row.truth(), block.truth()[i]);
            for (int j = 0; j < COLUMNS; j++) {
              assertEquals(row.values()[j], values[i * COLUMNS + j]);
            }
          }
        }
      }
    }
  }

  @Test
  void partsAreCounted() {
    try (PartitionedData data =
        PartitionedData.build(context.parallelize(rows(30, 7, 0, 5), 4), DENSE, 2)) {
      assertEquals(
          Map.of(Part.TRAIN, 30L, Part.UPPER, 7L, Part.HELD_OUT, 0L, Part.TEST, 5L), data.rows());
      assertEquals("spark-bilevel blocks", data.rdd().name());
      assertTrue(context.getPersistentRDDs().containsKey(data.rdd().id()), "cached");
    }
    assertTrue(context.getPersistentRDDs().isEmpty(), "freed");
  }

  @Test
  void blocksStayWithinTheMemoryBudget() {
    for (boolean single : new boolean[] {false, true}) {
      int rowBytes = COLUMNS * (single ? 4 : 8);
      BlockShape shape =
          new BlockShape(
              COLUMNS,
              single ? BlockLayout.SINGLE_ROWS : BlockLayout.DOUBLE_ROWS,
              null,
              5 * rowBytes + 1);
      Block[] blocks = build(rows(23, 0, 0, 0), shape, 1).get(0).train();
      assertEquals(5, blocks.length);
      for (int b = 0; b < 4; b++) {
        assertEquals(5, blocks[b].rows());
        assertEquals(5L * rowBytes, blocks[b].features().bytes());
      }
      assertEquals(3, blocks[4].rows());
    }
  }

  @Test
  void rowLargerThanTheBudgetIsABlockOfItsOwn() {
    BlockShape shape = new BlockShape(COLUMNS, BlockLayout.DOUBLE_ROWS, null, 1);
    Block[] blocks = build(rows(4, 0, 0, 0), shape, 1).get(0).train();
    assertEquals(4, blocks.length);
    for (Block block : blocks) {
      assertEquals(1, block.rows());
    }
  }

  @Test
  void partitionsMayBeEmptyOrHoldOneRow() {
    List<PartitionData> partitions = build(rows(2, 1, 0, 0), DENSE, 12);
    assertEquals(12, partitions.size());
    int empty = 0;
    int rows = 0;
    for (PartitionData partition : partitions) {
      empty += partition.train().length == 0 ? 1 : 0;
      for (Block block : partition.train()) {
        assertEquals(1, block.rows());
        rows++;
      }
    }
    assertEquals(2, rows);
    assertEquals(10, empty);
  }

  @Test
  void orderOfTheInputDoesNotMatter() {
    List<DataRow> rows = rows(100, 20, 10, 10);
    byte[] first =
        bits(build(rows, new BlockShape(COLUMNS, BlockLayout.DOUBLE_ROWS, null, 200), 4));
    for (int run = 0; run < 3; run++) {
      Collections.shuffle(rows, new Random(run));
      try (PartitionedData data =
          PartitionedData.build(
              context.parallelize(rows, 1 + 2 * run),
              new BlockShape(COLUMNS, BlockLayout.DOUBLE_ROWS, null, 200),
              4)) {
        assertArrayEquals(first, bits(data.rdd().collect()));
      }
    }
  }

  @Test
  void duplicateIdsOfAPartAreRefused() {
    List<DataRow> rows = rows(20, 0, 0, 0);
    rows.add(row(Part.UPPER, 4));
    assertEquals(2, build(rows, DENSE, 2).size(), "the same id in another part is fine");
    rows.add(row(Part.TRAIN, 4));
    SparkException e = assertThrows(SparkException.class, () -> build(rows, DENSE, 2));
    Throwable cause = e;
    while (!(cause instanceof DataException)) {
      cause = cause.getCause();
    }
    assertTrue(cause.getMessage().contains("the id 4;"), cause.getMessage());
    context.getPersistentRDDs().values().forEach(rdd -> rdd.unpersist(true));
  }

  @Test
  void float32RowsAreRounded() {
    BlockShape shape = new BlockShape(COLUMNS, BlockLayout.SINGLE_ROWS, null, 1 << 20);
    Block block = build(rows(9, 0, 0, 0), shape, 1).get(0).train()[0];
    DenseFeatures features = (DenseFeatures) block.features();
    assertTrue(features.isSingle());
    for (int i = 0; i < block.rows(); i++) {
      double[] values = row(Part.TRAIN, block.ids()[i]).values();
      for (int j = 0; j < COLUMNS; j++) {
        assertEquals((float) values[j], features.singles()[i * COLUMNS + j]);
      }
    }
  }

  @Test
  void sparseRowsKeepTheirEntriesAndTheShift() {
    double[] shift = {0.5, 0, -1};
    List<DataRow> rows = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      // Rows with 0, 1, 2, 0, 1, 2 … entries.
      int entries = i % 3;
      int[] indices = entries == 0 ? new int[0] : entries == 1 ? new int[] {2} : new int[] {0, 1};
      double[] values = new double[entries];
      java.util.Arrays.fill(values, i + 0.5);
      rows.add(new DataRow(Part.TRAIN, i, 0, 1, 0, Double.NaN, indices, values));
    }
    BlockShape shape = new BlockShape(COLUMNS, BlockLayout.SPARSE_ROWS, shift, 36);
    Block[] blocks = build(rows, shape, 1).get(0).train();
    int row = 0;
    for (Block block : blocks) {
      CsrFeatures features = (CsrFeatures) block.features();
      assertArrayEquals(shift, features.shift());
      assertTrue(features.values().length <= 3, "12 bytes an entry");
      assertNull(block.truth());
      for (int i = 0; i < block.rows(); i++, row++) {
        assertEquals(row, block.ids()[i]);
        DataRow expected = rows.get(row);
        int from = features.rowStart()[i];
        int to = features.rowStart()[i + 1];
        assertArrayEquals(
            expected.indices(), java.util.Arrays.copyOfRange(features.indices(), from, to));
        assertArrayEquals(
            expected.values(), java.util.Arrays.copyOfRange(features.values(), from, to));
      }
    }
    assertEquals(8, row);
    assertTrue(blocks.length >= 3, "blocks: " + blocks.length);
  }

  @Test
  void whatAllRowsShareIsNotStored() {
    List<DataRow> rows = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      rows.add(new DataRow(Part.TRAIN, i, 1, 1, 0, Double.NaN, null, new double[COLUMNS]));
    }
    Block block = build(rows, DENSE, 1).get(0).train()[0];
    assertEquals(1, block.weight(3));
    assertEquals(0, block.group(3));
    assertNull(block.truth());
    Features features = block.features();
    assertEquals(features.bytes() + 16L * 5, block.bytes());
  }

  @Test
  void figuresAreChecked() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new BlockShape(0, BlockLayout.DOUBLE_ROWS, null, 100));
    assertThrows(
        IllegalArgumentException.class, () -> new BlockShape(3, BlockLayout.DOUBLE_ROWS, null, 0));
    assertThrows(IllegalArgumentException.class, () -> build(rows(2, 0, 0, 0), DENSE, 0));
  }
}
