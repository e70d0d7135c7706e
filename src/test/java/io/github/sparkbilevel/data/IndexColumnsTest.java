package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.sparkbilevel.block.DataException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Row numbers that the writer of a file added are no feature. */
class IndexColumnsTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final int ROWS = 120;
  private static final TextTable TABLE = TextTable.of(ROWS, 7);
  private static final List<String> FEATURES = List.of("x0", "x1", "x2");

  @TempDir Path folder;

  private Table read(String name, TextTable table, Table reference) {
    String path = TestFiles.text(folder, name, table.csv());
    return TableReader.read(SPARK, name.replace(".csv", ""), TableSpec.of(path), reference);
  }

  private static long told(Table table) {
    return table.notices().stream().filter(n -> n.code() == Notice.Code.INDEX_COLUMN).count();
  }

  private static UnaryOperator<Integer> cells(String kind) {
    return switch (kind) {
      case "from0" -> i -> i;
      case "from1" -> i -> i + 1;
      case "shuffled" -> i -> i * 7 % ROWS;
      case "sample" -> i -> i * 49 % 1009 % 1009;
      case "repeated" -> i -> i / 2;
      case "far" -> i -> i * 1_000_003;
      default -> throw new IllegalArgumentException(kind);
    };
  }

  @ParameterizedTest
  @CsvSource({
    "'', from0, true",
    "'', from1, true",
    "'', shuffled, true",
    "'', far, true",
    "Unnamed: 0, from0, true",
    "Unnamed: 0.1, sample, true",
    "Unnamed: 0, repeated, false",
    "Unnamed: 3, from0, false",
    "_c0, from0, true",
    "index, from0, true",
    "index, shuffled, true",
    "index, sample, true",
    "index, repeated, false",
    "index, far, false",
    "price, from0, false"
  })
  void aColumnIsLeftOutByItsNameAndItsCells(String name, String kind, boolean index) {
    try (Table table = read("train.csv", TABLE.withFirst(name, cells(kind)), null)) {
      assertEquals(index ? 1 : 0, told(table));
      assertEquals(index ? 3 : 4, table.columns());
      assertEquals(index, table.featureNames().equals(FEATURES));
    }
  }

  @Test
  void severalAreLeftOut() {
    TextTable twice = TABLE.withFirst("Unnamed: 0", i -> i).withFirst("Unnamed: 0.1", i -> i);
    try (Table table = read("train.csv", twice, null)) {
      assertEquals(2, told(table));
      assertEquals(FEATURES, table.featureNames());
    }
  }

  @Test
  void aColumnThatIsNamedStays() {
    TextTable table = TABLE.withFirst("index", i -> i);
    String path = TestFiles.text(folder, "t.csv", table.csv());
    TableSpec spec = TableSpec.of(path).withFeatures(List.of("index", "x1"));
    try (Table read = TableReader.read(SPARK, "train", spec)) {
      assertEquals(List.of("index", "x1"), read.featureNames());
      assertEquals(0, told(read));
    }
  }

  @Test
  void otherRowsMayHaveOneOrNot() {
    TextTable indexed = TABLE.withFirst("", i -> i);
    TextTable repeated = TABLE.withFirst("Unnamed: 0", i -> i / 3);
    try (Table with = read("train.csv", indexed, null);
        Table without = read("train2.csv", TABLE, null)) {
      for (Table train : List.of(with, without)) {
        for (TextTable other : List.of(TABLE, indexed, repeated)) {
          try (Table read = read("validation.csv", other, train)) {
            assertEquals(FEATURES, read.featureNames());
            assertEquals(other == TABLE ? 0 : 1, told(read));
          }
        }
      }
    }
  }

  @Test
  void aFeatureOfTheTrainingRowsIsLookedFor() {
    TextTable real = TABLE.withFirst("index", i -> i / 2);
    try (Table train = read("train.csv", real, null);
        Table other = read("validation.csv", TABLE.withFirst("index", i -> i), train)) {
      assertEquals(4, other.columns());
      assertEquals(0, told(other));
      assertThrows(DataException.class, () -> read("validation.csv", TABLE, train));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"__index_level_0__", "index", "Unnamed: 0"})
  void parquetFilesAndDatasetsHaveThemToo(String name) {
    Dataset<Row> rows =
        SPARK
            .range(0, ROWS)
            .selectExpr("rand(3) as x", "cast(id % 2 as string) as label", "id as `" + name + "`");
    String path = folder.resolve("t.parquet").toString();
    rows.write().parquet(path);
    try (Table table = TableReader.read(SPARK, "train", TableSpec.of(path))) {
      assertEquals(List.of("x"), table.featureNames());
      assertEquals(1, told(table));
      try (Table other = TableReader.read(SPARK, "validation", TableSpec.of(path), table)) {
        assertEquals(List.of("x"), other.featureNames());
        assertEquals(1, told(other));
      }
    }
    TableSpec given = TableSpec.of("rows").withFormat(TableSpec.DATASET);
    try (Table table = TableReader.open(SPARK, "train", given, null, rows)) {
      assertEquals(List.of("x"), table.featureNames());
    }
  }
}
