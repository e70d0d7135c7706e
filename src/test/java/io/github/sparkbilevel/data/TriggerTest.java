package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows with the trigger of a backdoor. */
class TriggerTest {
  private static final SparkSession SPARK = LocalSpark.session();

  /** Images of 4 x 5 pixels in one channel, of four classes; the greatest number is 16. */
  private static final List<Integer> SHAPE = List.of(4, 5, 1);

  private static final int ROWS = 4000;

  @TempDir Path folder;

  private static List<String> rows() {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      StringBuilder row = new StringBuilder("%d,c%d".formatted(i, i % 4));
      for (int k = 0; k < 20; k++) {
        row.append(',').append((i * 7 + k * 3) % 17);
      }
      rows.add(row.append('\n').toString());
    }
    return rows;
  }

  private PreparedTables load(List<String> rows, Corruption corruption) {
    StringBuilder text = new StringBuilder("id,label");
    for (int k = 0; k < 20; k++) {
      text.append(",p").append(k);
    }
    String path = TestFiles.text(folder, "t.csv", text + "\n" + String.join("", rows));
    return PreparedTables.load(
        SPARK,
        new PreparedTables.Request(
            TableSpec.of(path).withId("id"),
            SplitSpec.rows(40),
            SplitSpec.rows(400),
            corruption,
            1,
            true));
  }

  private static Corruption backdoor(double fraction, long seed, String target) {
    return new Corruption(
        Corruption.Kind.BACKDOOR, fraction, seed, new Corruption.More(SHAPE, target, 1));
  }

  /** The poisoned training rows by their ids. */
  private Map<Long, List<Double>> poisoned(List<String> rows, Corruption corruption) {
    Map<Long, List<Double>> poisoned = new TreeMap<>();
    try (PreparedTables tables = load(rows, corruption)) {
      for (Example row : tables.train().examples().collect()) {
        assertEquals("c" + row.id() % 4, row.truth());
        if (!row.label().equals(row.truth())) {
          assertEquals(tables.trigger().target(), row.label());
          poisoned.put(row.id(), toList(row.features().toArray()));
        }
      }
    }
    return poisoned;
  }

  private static List<Double> toList(double[] values) {
    List<Double> list = new ArrayList<>();
    for (double value : values) {
      list.add(value);
    }
    return list;
  }

  @Test
  void thePatchIsTheLowerRightCornerInAllChannels() {
    assertArrayEquals(new int[] {7, 8, 9, 12, 13, 14, 17, 18, 19}, Trigger.patch(SHAPE));
    assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8}, Trigger.patch(List.of(3, 3, 1)));
    int[] ofTwo = Trigger.patch(List.of(3, 4, 2));
    assertArrayEquals(
        new int[] {2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 18, 19, 20, 21, 22, 23}, ofTwo);
  }

  @Test
  void aShareOfTheRowsGetsPatchAndTarget() {
    Map<Long, List<Double>> poisoned = poisoned(rows(), backdoor(0.1, 7, "c2"));
    // A tenth of 3,560 rows, with a standard deviation of 18.
    assertEquals(356, poisoned.size(), 72);
    List<String> rows = rows();
    List<Integer> covered = toInts(Trigger.patch(SHAPE));
    poisoned.forEach(
        (id, features) -> {
          assertNotEquals(2, id % 4, "rows of the target stay as they are");
          String[] cells = rows.get(id.intValue()).strip().split(",");
          for (int k = 0; k < 20; k++) {
            double was = Double.parseDouble(cells[k + 2]);
            assertEquals(covered.contains(k) ? 16 : was, features.get(k), id + " at " + k);
          }
        });
  }

  private static List<Integer> toInts(int[] values) {
    List<Integer> list = new ArrayList<>();
    for (int value : values) {
      list.add(value);
    }
    return list;
  }

  @Test
  void drawsGoBySeedAndIdInAnyOrder() {
    List<String> rows = rows();
    Map<Long, List<Double>> poisoned = poisoned(rows, backdoor(0.05, 7, null));
    Collections.shuffle(rows, new Random(1));
    assertEquals(poisoned, poisoned(rows, backdoor(0.05, 7, null)));
    assertNotEquals(poisoned.keySet(), poisoned(rows, backdoor(0.05, 8, null)).keySet());
    assertTrue(poisoned.keySet().stream().noneMatch(id -> id % 4 == 0), "c0 is the target");
    assertTrue(
        poisoned(rows, backdoor(0.1, 7, null)).keySet().containsAll(poisoned.keySet()),
        "a larger share has the rows of a smaller one");
  }

  @Test
  void otherRowsStayAsTheyWereAndTheAttackTakesTestRowsOfOtherClasses() {
    try (PreparedTables tables = load(rows(), backdoor(0.1, 7, "c1"));
        PreparedTables clean = load(rows(), null)) {
      assertEquals(
          clean.validation().examples().map(row -> row.features().toArray()[19]).collect(),
          tables.validation().examples().map(row -> row.features().toArray()[19]).collect());
      assertTrue(tables.test().examples().collect().stream().allMatch(row -> row.truth() == null));
      Table attack = tables.trigger().attack(tables.test());
      List<Example> attacked = attack.examples().collect();
      long others =
          tables.test().examples().collect().stream().filter(r -> r.id() % 4 != 1).count();
      assertEquals(others, attacked.size());
      assertEquals(others, attack.rowCount());
      for (Example row : attacked) {
        assertEquals("c1", row.label());
        for (int k : Trigger.patch(SHAPE)) {
          assertEquals(16, row.features().apply(k));
        }
      }
    }
  }

  @Test
  void sparseRowsStaySparse() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      text.append(i % 2).append(" 1:-2 ").append(2 + i % 97).append(":-1 ");
      text.append(100).append(":-3\n");
    }
    String path = TestFiles.text(folder, "t.libsvm", text.toString());
    Corruption corruption =
        new Corruption(
            Corruption.Kind.BACKDOOR, 0.5, 7, new Corruption.More(List.of(10, 10, 1), "1", 1));
    try (PreparedTables tables =
        PreparedTables.load(
            SPARK,
            new PreparedTables.Request(TableSpec.of(path), null, null, corruption, 1, true))) {
      // Numbers that sparse rows do not state are zeros, here the greatest.
      assertEquals(0, tables.trigger().value());
      List<Example> rows = tables.train().examples().collect();
      assertTrue(rows.stream().allMatch(row -> row.label().equals("1")), "half of all rows");
      rows.stream()
          .filter(row -> row.truth().equals("0"))
          .forEach(row -> assertEquals(0, row.features().apply(99)));
      assertTrue(rows.stream().allMatch(row -> row.features() instanceof SparseVector));
    }
  }

  @Test
  void refusesRowsThatAreNoImagesAndUnknownTargets() {
    for (List<Integer> shape : List.of(List.<Integer>of(), List.of(20), List.of(2, 10, 1))) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> Trigger.patch(shape)).getMessage();
      assertTrue(message.contains("model.shape = " + shape), message);
    }
    refuses(List.of(4, 6, 1), 0.1, null, "24", "20");
    refuses(SHAPE, 0.1, "c9", "data.corrupt.target = c9", "c0, c1, c2, c3");
    refuses(SHAPE, 0.8, null, "data.corrupt.fraction = 0.8");
    assertFalse(
        poisoned(rows(), backdoor(0.7, 7, null)).isEmpty(), "three of four rows can be poisoned");
  }

  private void refuses(List<Integer> shape, double fraction, String target, String... parts) {
    Corruption corruption =
        new Corruption(
            Corruption.Kind.BACKDOOR, fraction, 7, new Corruption.More(shape, target, 1));
    String message =
        assertThrows(IllegalArgumentException.class, () -> load(rows(), corruption)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
    assertTrue(SPARK.sparkContext().getPersistentRDDs().isEmpty(), "rows stay cached");
  }
}
