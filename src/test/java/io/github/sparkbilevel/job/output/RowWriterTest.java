package io.github.sparkbilevel.job.output;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.data.Table;
import io.github.sparkbilevel.data.TableReader;
import io.github.sparkbilevel.data.TableSpec;
import io.github.sparkbilevel.data.TestFiles;
import io.github.sparkbilevel.job.config.ConfigException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowWriterTest {
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir Path folder;

  private Table table(String labels) {
    String[] label = labels.split(" ");
    String path =
        TestFiles.text(
            folder,
            "in.csv",
            "label,weight,\"a,b\"\n" + label[0] + ",0,1.5\n" + label[1] + ",7,0\n");
    return TableReader.read(SPARK, "train", TableSpec.of(path));
  }

  private static Dataset<Row> cleaned(Table table) {
    return table.rows().select("id", "label", "features", "weight");
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "parquet", "libsvm"})
  void cleanedRowsAreReadBack(String format) {
    String out = folder.resolve("out").toString();
    try (Table table = table("2 1")) {
      RowWriter.write(cleaned(table), "cleaned", table.featureNames(), format, out);
    }
    try (Table back =
        TableReader.read(
            SPARK,
            "train",
            TableSpec.of(out)
                .withFormat(format)
                .withId(format.equals("libsvm") ? null : "id")
                .withWeight(format.equals("libsvm") ? null : "weight"))) {
      assertEquals(2, back.rowCount());
      assertEquals(List.of("1", "2"), List.copyOf(back.stats().labels()));
      if (!format.equals("libsvm")) {
        assertEquals(List.of("feature_weight", "a,b"), back.featureNames());
      }
      for (Example row : back.examples().collect()) {
        double[] expected = row.label().equals("2") ? new double[] {0, 1.5} : new double[] {7, 0};
        assertArrayEquals(expected, row.features().toArray());
      }
    }
  }

  @Test
  void writesJson() {
    String out = folder.resolve("out").toString();
    try (Table table = table("a b")) {
      RowWriter.write(cleaned(table), "cleaned", null, "json", out);
      Row row = SPARK.read().json(out).orderBy("id").first();
      assertEquals(List.of(0.0, 1.5), row.getList(row.fieldIndex("features")));
    }
  }

  @Test
  void anArrayIsJsonInACsvCell() {
    String out = folder.resolve("out").toString();
    Dataset<Row> rows = SPARK.sql("select 'a' as label, array(0.75D, 0.25D) as softLabels");
    RowWriter.write(rows, "cleaned", null, "csv", out);
    Row row = SPARK.read().option("header", "true").option("escape", "\"").csv(out).first();
    assertEquals("[0.75,0.25]", row.getString(1));
  }

  @Test
  void formatsThatDoNotFit() {
    String out = folder.resolve("out").toString();
    try (Table table = table("cat dog")) {
      Dataset<Row> scores = table.rows().select("id", "label", "weight");
      DataException e =
          assertThrows(
              DataException.class, () -> RowWriter.write(scores, "scores", null, "libsvm", out));
      assertTrue(e.getMessage().contains("format libsvm needs"), e.getMessage());
      e =
          assertThrows(
              DataException.class,
              () -> RowWriter.write(cleaned(table), "cleaned", null, "libsvm", out));
      assertTrue(e.getMessage().contains("'cat'") || e.getMessage().contains("'dog'"));
      assertThrows(
          IllegalArgumentException.class,
          () -> RowWriter.write(scores, "scores", null, "xlsx", out));
    }
  }

  @Test
  void foldersThatCannotBeWritten() {
    String file = TestFiles.text(folder, "file", "x");
    try (Table table = table("0 1")) {
      Dataset<Row> scores = table.rows().select("id", "label");
      for (String out : List.of(folder.toString(), file + "/under")) {
        ConfigException e =
            assertThrows(
                ConfigException.class, () -> RowWriter.write(scores, "scores", null, "csv", out));
        assertTrue(e.getMessage().contains(out) && e.getMessage().contains("output.path"));
      }
    }
  }

  private static RuntimeException cannotWrite(Throwable task) {
    return RowWriter.cannotWrite("scores", "/out/scores", new SparkException("job", task));
  }

  @Test
  void rowsThatAreWrongAndPathsThatAreRefusedAreNamed() {
    DataException row = new DataException("row 3: the label is wrong");
    assertEquals("row 3: the label is wrong", cannotWrite(row).getMessage());
    assertInstanceOf(DataException.class, cannotWrite(row));
    RuntimeException denied = cannotWrite(new IOException("/out (Permission denied)"));
    assertInstanceOf(ConfigException.class, denied);
    assertTrue(denied.getMessage().contains("scores cannot be written to '/out/scores'"));
  }

  /** Neither the job file nor the data: what Spark said stays as it is. */
  @Test
  void troubleOfTheMachinesIsNobodysMistake() {
    for (Throwable task :
        List.of(
            new IOException("write failed", new IOException("No space left on device")),
            new IOException(new SparkException("Failed to get broadcast_3_piece0 of broadcast_3")),
            new java.net.ConnectException("Connection refused"),
            new SparkException("Lost task 0.3: ExecutorLostFailure (executor 7 exited)"),
            new OutOfMemoryError("Java heap space"))) {
      RuntimeException e = cannotWrite(task);
      assertInstanceOf(IllegalStateException.class, e);
      assertSame(task, e.getCause().getCause());
    }
  }

  @Test
  void aFolderThatVanishesIsNotAMissingInput() {
    RuntimeException e =
        cannotWrite(new FileNotFoundException("File /out/scores/_temporary/0 does not exist"));
    assertEquals(
        "scores could not be written, for its folder /out/scores vanished", e.getMessage());
    assertNull(e.getCause());
  }
}
