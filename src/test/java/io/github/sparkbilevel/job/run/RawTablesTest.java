package io.github.sparkbilevel.job.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.ColumnKind;
import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.SplitSpec;
import io.github.sparkbilevel.data.TableSpec;
import io.github.sparkbilevel.job.config.ConfigException;
import io.github.sparkbilevel.ml.columns.ColumnModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
  void whatContradictsIsRefused() throws IOException {
    TableSpec train = customers("train.csv", 30);
    SplitSpec drawn = SplitSpec.rows(5);
    assertThrows(
        ConfigException.class,
        () -> load(train.withFeatures(List.of("age")), drawn, null, Map.of()));
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
