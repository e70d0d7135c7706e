package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Indices of libsvm files begin with 0 or with 1. */
class LibsvmIndicesTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final TextTable TABLE = TextTable.of(50, 9);

  @TempDir Path folder;

  private Table read(String name, String text, Table reference) {
    return read(TableSpec.of(TestFiles.text(folder, name, text)), reference);
  }

  private static Table read(TableSpec spec, Table reference) {
    return TableReader.read(SPARK, reference == null ? "train" : "validation", spec, reference);
  }

  private static List<Notice.Code> codes(Table table) {
    return table.notices().stream().map(Notice::code).toList();
  }

  private static double[] row(Table table, int number) {
    return table.examples().collect().get(number).features().toArray();
  }

  @Test
  void bothBasesAreTheSameRows() {
    try (Table zero = read("a.libsvm", TABLE.libsvm(0), null);
        Table one = read("b.libsvm", TABLE.libsvm(1), null)) {
      assertEquals(List.of(Notice.Code.INDICES_FROM_ZERO), codes(zero));
      assertEquals(List.of(), codes(one));
      assertEquals(one.columns(), zero.columns());
      for (int i = 0; i < 50; i++) {
        assertArrayEquals(row(one, i), row(zero, i));
      }
    }
  }

  @Test
  void aZeroInTheLastRowCounts() {
    String text = "0 1:1 2:2\n".repeat(40_000) + "1 0:3\n";
    try (Table table = read("a.libsvm", text, null)) {
      assertEquals(3, table.columns());
      assertArrayEquals(new double[] {0, 1, 2}, row(table, 0));
    }
  }

  /** Train has three features; the first of the row is the one that counts. */
  @ParameterizedTest
  @CsvSource({
    "0, 1 0:5 1:6, 0, 5",
    "0, 1 1:5 2:6, 0, 0",
    "0, 1 1:5 3:6, 1, 5",
    "1, 1 1:5 3:6, 1, 5",
    "1, 1 0:5 2:6, 0, 5",
    "1, 1 0:5 1:7 3:6, 1, 7"
  })
  void otherRowsAreReadBesideTheTrainingRows(int trained, String line, int base, double first) {
    try (Table train = read("a.libsvm", TABLE.libsvm(trained), null);
        Table other = read("v.libsvm", line + "\n0 2:1\n", train)) {
      assertEquals(base, other.indexBase());
      assertEquals(3, other.columns());
      assertEquals(first, row(other, 0)[0]);
      boolean plain = trained == 1 && !line.contains(" 0:");
      assertEquals(!plain, codes(other).contains(Notice.Code.INDICES_FROM_ZERO));
    }
  }

  @Test
  void theOptionGoesBeforeWhatIsFoundOut() {
    TableSpec spec =
        TableSpec.of(TestFiles.text(folder, "a.libsvm", "0 1:1 2:2\n1 2:3\n"))
            .withOptions(TextOptions.of(Map.of("indexBase", 0, "numFeatures", 5)));
    try (Table table = read(spec, null)) {
      assertEquals(5, table.columns());
      assertArrayEquals(new double[] {0, 1, 2, 0, 0}, row(table, 0));
      assertEquals(List.of(), codes(table));
    }
    TextOptions one = TextOptions.of(Map.of("indexBase", 1, "numFeatures", 1));
    assertThrows(DataException.class, () -> read(spec.withOptions(one), null));
    TableSpec zero = TableSpec.of(TestFiles.text(folder, "b.libsvm", "0 0:1\n"));
    assertThrows(
        DataException.class,
        () -> read(zero.withOptions(TextOptions.of(Map.of("indexBase", 1))), null));
  }

  @Test
  void featuresThatTrainingRowsLackAreLeftOutAndTold() {
    try (Table train = read("a.libsvm", TABLE.libsvm(1), null);
        Table other = read("v.libsvm", "1 1:5 4:6 9:1\n0 9:1\n", train)) {
      assertEquals(3, other.columns());
      assertArrayEquals(new double[] {5, 0, 0}, row(other, 0));
      assertEquals(List.of(Notice.Code.FEATURES_UNSEEN), codes(other));
      assertEquals(2, other.notices().get(0).count());
    }
  }

  @Test
  void indicesMayComeInAnyOrder() {
    try (Table table = read("a.libsvm", "1 3:3 1:1 qid:7 2:0\n0 2:2\n", null)) {
      assertArrayEquals(new double[] {1, 0, 3}, row(table, 0));
    }
    assertThrows(DataException.class, () -> read("b.libsvm", "1 3:3 1:1 3:0\n", null));
  }

  @Test
  void wideCharactersAreRead() {
    byte[] bytes = ("\uFEFF" + TABLE.libsvm(1)).getBytes(StandardCharsets.UTF_16LE);
    String path = TestFiles.bytes(folder, "a.libsvm", bytes);
    try (Table table = read(TableSpec.of(path), null)) {
      assertEquals(50, table.rowCount());
      assertTrue(codes(table).contains(Notice.Code.TEXT_DIALECT));
    }
  }
}
