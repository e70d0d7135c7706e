package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data sources of Spark's, and queries. */
class SparkSourceTest {
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir Path folder;

  private String csv;

  @BeforeEach
  void write() {
    StringBuilder text = new StringBuilder("id,label,x,y\n");
    for (int i = 0; i < 30; i++) {
      text.append("%d,%s,%s,%d%n".formatted(i + 7, i % 3 == 0 ? "no" : "yes", i / 8.0, i * i));
    }
    csv = TestFiles.text(folder, "rows.csv", text.toString());
  }

  /** Every row as text, by its id. */
  private static Map<Long, String> rows(TableSpec spec) {
    try (Table table = TableReader.read(SPARK, "train", spec.withId("id"))) {
      assertEquals(List.of("x", "y"), table.featureNames());
      Map<Long, String> rows = new TreeMap<>();
      table.examples().collect().forEach(row -> rows.put(row.id(), row.label() + row.features()));
      return rows;
    }
  }

  private static TableSpec of(String format, String path) {
    return TableSpec.of(path)
        .withFormat(format)
        .withOptions(TextOptions.ofSpark(Map.of("path", path)));
  }

  @Test
  void everySourceGivesTheRowsOfTheCsvFile() {
    Map<Long, String> expected = rows(TableSpec.of(csv));
    assertEquals(30, expected.size());
    var table = SPARK.read().option("header", "true").option("inferSchema", "true").csv(csv);
    for (String format : List.of("json", "orc")) {
      String path = folder.resolve("rows-" + format).toString();
      table.write().format(format).save(path);
      assertEquals(expected, rows(of(format, path)), format);
    }
    String path = folder.resolve("rows-parquet").toString();
    table.write().parquet(path);
    TableSpec query =
        TableSpec.of("select id, label, x, y from parquet.`" + path + "`").withFormat("query");
    assertEquals(expected, rows(query));
    TableSpec some = TableSpec.of(query.path() + " where id < 10").withFormat("query");
    assertEquals(3, rows(some).size());
  }

  @Test
  void anOptionReachesTheSource() {
    String path = TestFiles.text(folder, "lines.json", "[{'id':1,'label':0,'x':1,'y':2}]");
    TableSpec spec =
        TableSpec.of(path)
            .withFormat("json")
            .withOptions(
                TextOptions.ofSpark(
                    Map.of("path", path, "multiLine", "true", "allowSingleQuotes", "true")));
    assertEquals("0[1.0,2.0]", rows(spec).get(1L));
  }

  @Test
  void aCellThatAQueryCannotComputeWithIsWrongData() {
    TableSpec spec =
        TableSpec.of("select id, label, cast(label as int) as x, 1 as y from csv_rows")
            .withFormat("query");
    SPARK.read().option("header", "true").csv(csv).createOrReplaceTempView("csv_rows");
    DataException e = assertThrows(DataException.class, () -> rows(spec));
    assertTrue(e.getMessage().contains("'no'"), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }

  @Test
  void whatCannotBeReadIsOneSentence() {
    String missing = folder.resolve("none").toString();
    DataException none = assertThrows(DataException.class, () -> rows(of("json", missing)));
    assertTrue(none.getMessage().contains("none"), none.getMessage());
    IllegalArgumentException unknown =
        assertThrows(IllegalArgumentException.class, () -> rows(of("jsn", csv)));
    assertTrue(unknown.getMessage().contains("json"), unknown.getMessage());
    for (String query :
        List.of("selec 1", "select * from nowhere", "select x from parquet.`/no`")) {
      TableSpec spec = TableSpec.of(query).withFormat("query");
      String message = assertThrows(IllegalArgumentException.class, () -> rows(spec)).getMessage();
      assertTrue(message.startsWith("data.train.query"), message);
      assertEquals(1, message.lines().count(), message);
    }
  }
}
