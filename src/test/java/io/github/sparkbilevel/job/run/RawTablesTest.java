package io.github.sparkbilevel.job.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.ColumnKind;
import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.SplitSpec;
import io.github.sparkbilevel.data.TableSpec;
import io.github.sparkbilevel.data.TextOptions;
import io.github.sparkbilevel.job.config.ConfigException;
import io.github.sparkbilevel.ml.columns.ColumnModel;
import io.github.sparkbilevel.ml.columns.PlannedColumn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A customer table as it comes: semicolons, decimal commas, blanks, texts and marks. */
class RawTablesTest {
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir Path folder;

  private TableSpec customers(String name, int rows) throws IOException {
    StringBuilder text = new StringBuilder("customer;age;work;hours;income;checked\n");
    for (int i = 0; i < rows; i++) {
      text.append(
          "C%d;%s;%s;%d,%d;%s;%s%n"
              .formatted(
                  i,
                  i % 7 == 0 ? "" : 20 + i % 30,
                  List.of("private", "state", "").get(i % 3),
                  30 + i % 11,
                  i % 10,
                  i % 2 == 0 ? ">50K" : "<=50K",
                  i % 6 == 0 ? "true" : ""));
    }
    Path file = Files.writeString(folder.resolve(name), text);
    return TableSpec.of(file.toString()).withLabel("income").withId("customer");
  }

  private PreparedTables load(
      TableSpec train, SplitSpec validation, SplitSpec test, Map<String, ColumnKind> wanted) {
    return RawTables.load(
        SPARK,
        new PreparedTables.Request(train, validation, test, null, 1, true),
        wanted,
        told::add);
  }

  private final List<ColumnModel> told = new ArrayList<>();

  @Test
  void everyTableGetsTheFeaturesOfTheTrainingTable() throws IOException {
    TableSpec train = customers("train.csv", 60);
    SplitSpec test = SplitSpec.table(customers("test.csv", 12));
    try (PreparedTables tables =
        load(train, new SplitSpec.Marked("checked"), test, Map.of("hours", ColumnKind.IGNORE))) {
      assertEquals(10, tables.validation().rowCount());
      assertEquals(50, tables.train().rowCount());
      assertEquals(12, tables.test().rowCount());
      // Age, its blanks, and three kinds of work, blank being one.
      assertEquals(5, tables.train().columns());
      assertEquals(5, tables.test().columns());
      assertEquals(List.of("<=50K", ">50K"), tables.classes().names().stream().sorted().toList());
      assertTrue(tables.train().examples().collect().stream().allMatch(r -> r.name() != null));
    }
    assertEquals(1, told.size());
    assertTrue(SPARK.sparkContext().getPersistentRDDs().isEmpty());
  }

  @Test
  void decimalCommasAreTheSameFeaturesInRawRows() throws IOException {
    TableSpec train = customers("train.csv", 60);
    for (ColumnKind kind : List.of(ColumnKind.NUMBER, ColumnKind.CATEGORY)) {
      try (PreparedTables tables =
          load(train, new SplitSpec.Marked("checked"), null, Map.of("hours", kind))) {
        Map<String, Vector> trained =
            tables.train().examples().collect().stream()
                .collect(Collectors.toMap(Example::name, Example::features));
        Dataset<Row> raw =
            SPARK.read().option("header", "true").option("sep", ";").csv(train.path());
        assertEquals("31,1", raw.collectAsList().get(1).getString(3));
        Map<String, Vector> scored =
            told.get(told.size() - 1).pipeline().transform(raw).collectAsList().stream()
                .filter(row -> trained.containsKey(row.<String>getAs("customer")))
                .collect(
                    Collectors.toMap(
                        row -> row.<String>getAs("customer"),
                        row -> row.<Vector>getAs("features")));
        assertEquals(50, scored.size());
        scored.forEach((id, row) -> assertEquals(trained.get(id), row, id));
      }
    }
  }

  private PreparedTables load(TableSpec train, SplitSpec validation) {
    return load(train, validation, null, Map.of());
  }

  private TableSpec csv(String name, String text) throws IOException {
    return TableSpec.of(Files.writeString(folder.resolve(name), text).toString());
  }

  private TableSpec json(String name, String text) throws IOException {
    String path = csv(name, text).path();
    return TableSpec.of(path)
        .withFormat("json")
        .withOptions(TextOptions.ofSpark(Map.of("path", path)));
  }

  /** Rows of which one column may hold something else. */
  private static String rows(String header, IntFunction<String> cell) {
    return IntStream.range(0, 40)
        .mapToObj(i -> "%d,%s,%d%n".formatted(i * i % 7, cell.apply(i), i % 2))
        .collect(Collectors.joining("", header + ",label\n", ""));
  }

  @Test
  void completeNumbersAreTakenAsTheyAre() throws IOException {
    TableSpec numbers = csv("numbers.csv", rows("x,y", i -> "1"));
    try (PreparedTables tables = load(numbers, SplitSpec.rows(8))) {
      assertEquals(List.of("x", "y"), tables.train().featureNames());
    }
    assertTrue(told.isEmpty());
  }

  @Test
  void textsBesideCompleteNumbersAreLeftOutWithoutAPlan() throws IOException {
    TableSpec named = csv("named.csv", rows("x,", i -> "group" + i % 3));
    try (PreparedTables tables = load(named, SplitSpec.rows(8))) {
      assertEquals(List.of("x"), tables.train().featureNames());
      assertEquals(
          List.of(Notice.Code.COLUMNS_LEFT_OUT),
          tables.train().notices().stream().map(Notice::code).toList());
    }
    assertTrue(told.isEmpty());
  }

  @Test
  void aTableWithoutNumbersNeedsAPlan() throws IOException {
    String text = "word,label\n" + "one,p\ntwo,q\n".repeat(100);
    try (PreparedTables tables = load(csv("text.csv", text), SplitSpec.rows(8))) {
      assertEquals(2, tables.train().columns());
    }
    assertEquals(
        List.of(ColumnKind.CATEGORY),
        told.get(0).columns().stream().map(PlannedColumn::became).toList());
  }

  @Test
  void blanksInTrustedRowsOrInParquetNeedAPlanToo() throws IOException {
    TableSpec numbers = csv("numbers.csv", rows("x,y", i -> "" + i % 3));
    TableSpec blank = csv("blank.csv", rows("x,y", i -> i == 30 ? "NA" : "" + i % 3));
    try (PreparedTables tables = load(numbers, SplitSpec.table(blank))) {
      assertEquals(40, tables.validation().rowCount());
      assertEquals(2, tables.train().columns());
    }
    String path = folder.resolve("rows.parquet").toString();
    SPARK
        .range(40)
        .selectExpr(
            "id % 2 as label",
            "cast(id as double) / 3 as x", "nullif(id % 5, 4) as y", "X'00' as b")
        .write()
        .parquet(path);
    try (PreparedTables tables = load(TableSpec.of(path), SplitSpec.rows(8))) {
      // x, y and where y is blank.
      assertEquals(3, tables.train().columns());
    }
    assertEquals(2, told.size());
    assertTrue(SPARK.sparkContext().getPersistentRDDs().isEmpty());
  }

  @Test
  void severalArraysNeedAPlanAndOneIsTakenAsItIs() throws IOException {
    String row = "{\"label\": %d, \"left\": [%d, 2.5], \"right\": [%d]}%n";
    String json =
        IntStream.range(0, 40)
            .mapToObj(i -> row.formatted(i % 2, i, i * i % 7))
            .collect(Collectors.joining());
    TableSpec both = json("both.json", json);
    try (PreparedTables tables = load(both, SplitSpec.rows(8))) {
      assertEquals(3, tables.train().columns());
    }
    assertEquals(
        List.of(ColumnKind.VECTOR, ColumnKind.VECTOR),
        told.get(0).columns().stream().map(PlannedColumn::became).toList());
    String path = folder.resolve("one.parquet").toString();
    SPARK.range(40).selectExpr("id % 2 as label", "array(id, 1) as v").write().parquet(path);
    try (PreparedTables tables = load(TableSpec.of(path), SplitSpec.rows(8))) {
      assertEquals(2, tables.train().columns());
    }
    assertEquals(1, told.size());
    TableSpec uneven = json("uneven.json", json + "{\"label\": 1, \"left\": [1], \"right\": [2]}");
    DataException lengths =
        assertThrows(DataException.class, () -> load(uneven, SplitSpec.rows(8)));
    assertTrue(lengths.getMessage().contains("'left'"), lengths.getMessage());
    assertTrue(SPARK.sparkContext().getPersistentRDDs().isEmpty());
  }

  @Test
  void fewTextsAmongNumbersAreMistakes() throws IOException {
    String text = "x,kind,label\n" + "1,a,p\n2,b,q\n".repeat(100) + "1o,a,p\n";
    TableSpec train = csv("mistake.csv", text);
    DataException mistake = assertThrows(DataException.class, () -> load(train, SplitSpec.rows(8)));
    assertTrue(mistake.getMessage().contains("'1o'"), mistake.getMessage());
  }

  @Test
  void whatContradictsIsRefused() throws IOException {
    TableSpec train = customers("train.csv", 30);
    SplitSpec drawn = SplitSpec.rows(5);
    assertThrows(
        ConfigException.class,
        () ->
            load(
                train.withFeatures(List.of("age")), drawn, null, Map.of("age", ColumnKind.NUMBER)));
    DataException group =
        assertThrows(
            DataException.class, () -> load(train.withGroup("sourc"), drawn, null, Map.of()));
    assertTrue(group.getMessage().contains("'sourc'"), group.getMessage());
    DataException number =
        assertThrows(
            DataException.class, () -> load(train, drawn, null, Map.of("work", ColumnKind.NUMBER)));
    assertTrue(number.getMessage().contains("'work'"), number.getMessage());
  }
}
