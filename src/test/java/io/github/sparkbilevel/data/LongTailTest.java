package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Classes with a long tail. */
class LongTailTest {
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir Path folder;

  /** Three classes of 1,000, 4,000 and 2,000 rows. */
  private static List<String> rows() {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 7000; i++) {
      String label = i < 1000 ? "a" : i < 5000 ? "b" : "c";
      rows.add("%d,%s,%d\n".formatted(i, label, i % 13));
    }
    return rows;
  }

  private PreparedTables load(List<String> rows, double factor, long seed) {
    String path = TestFiles.text(folder, "t.csv", "id,label,x\n" + String.join("", rows));
    return PreparedTables.load(
        SPARK,
        new PreparedTables.Request(
            TableSpec.of(path).withId("id"),
            null,
            null,
            new Corruption(
                Corruption.Kind.LONG_TAIL, 0, seed, new Corruption.More(List.of(), null, factor)),
            1,
            true));
  }

  @Test
  void sharesFallGeometricallyFromTheLargestClassToTheSmallest() {
    try (PreparedTables tables = load(rows(), 25, 7)) {
      TableStats stats = tables.train().stats();
      // The largest keeps all; 2,000 / 5 and 1,000 / 25 have standard deviations of 18 and 6.
      assertEquals(4000, stats.count("b"));
      assertEquals(400, stats.count("c"), 72);
      assertEquals(40, stats.count("a"), 25);
      List<Example> kept = tables.train().examples().collect();
      assertEquals(stats.rows(), kept.size());
      assertTrue(kept.stream().allMatch(row -> row.truth() == null), "labels are right");
      Notice notice = tables.notices().get(0);
      assertEquals(Notice.Code.CLASSES_THINNED, notice.code());
      assertEquals(7000 - kept.size(), notice.count());
    }
  }

  private Set<Long> ids(List<String> rows, double factor, long seed) {
    try (PreparedTables tables = load(rows, factor, seed)) {
      return new TreeSet<>(tables.train().examples().map(Example::id).collect());
    }
  }

  @Test
  void drawsGoBySeedAndIdInAnyOrder() {
    List<String> rows = rows();
    Set<Long> kept = ids(rows, 25, 7);
    Collections.shuffle(rows, new Random(1));
    assertEquals(kept, ids(rows, 25, 7));
    assertTrue(!kept.equals(ids(rows, 25, 8)));
    assertEquals(7000, ids(rows, 1, 7).size());
  }

  @Test
  void noClassLosesAllItsRows() {
    DataException refused = assertThrows(DataException.class, () -> load(rows(), 1e7, 7));
    assertTrue(refused.getMessage().contains("data.corrupt.factor"), refused.getMessage());
    assertTrue(SPARK.sparkContext().getPersistentRDDs().isEmpty(), "rows stay cached");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, Double.NaN, Double.POSITIVE_INFINITY})
  void aWrongFactorIsRefused(double factor) {
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> new Corruption.More(List.of(), null, factor))
            .getMessage();
    assertTrue(message.contains("data.corrupt.factor = " + factor), message);
  }
}
