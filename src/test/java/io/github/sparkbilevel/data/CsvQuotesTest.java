package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A quote means one thing, or the file is refused; no row is lost to one. */
class CsvQuotesTest {
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir Path folder;

  private Table read(String text) {
    return TableReader.read(SPARK, "train", TableSpec.of(TestFiles.text(folder, "t.csv", text)));
  }

  private String refused(String text) {
    DataException e = assertThrows(DataException.class, () -> read(text).close());
    assertTrue(SPARK.sparkContext().getPersistentRDDs().isEmpty());
    return e.getMessage();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "9,\"two\nlines \\\"quoted\\\"\",bolt\n"})
  void backslashesAsSparkWritesThemAreUnderstood(String more) {
    String text =
        "x,label,note\n1,\"5\\\" pipe\",a\n2,\"5\\\" tube\",b\n3,bolt,\"C:\\\\\"\n4,\"6\\\"\",d\n";
    try (Table table = read(text + more)) {
      assertTrue(table.stats().labels().containsAll(Set.of("5\" pipe", "5\" tube", "6\"")));
      assertEquals(more.isEmpty() ? 4 : 5, table.rowCount());
      assertEquals(
          1, table.notices().stream().filter(n -> n.code() == Notice.Code.TEXT_DIALECT).count());
    }
  }

  @Test
  void whatSparkWritesIsReadBack() {
    List<String> labels = List.of("5\" pipe", "a,b\"c", "\"", "back\\slash, too", "plain");
    String out = folder.resolve("written.csv").toString();
    SPARK
        .createDataset(labels, org.apache.spark.sql.Encoders.STRING())
        .selectExpr("value as label", "length(value) * 0.5 as x")
        .coalesce(1)
        .write()
        .option("header", true)
        .csv(out);
    TableSpec spec = TableSpec.of(out).withFormat("csv");
    try (Table table = TableReader.read(SPARK, "train", spec)) {
      assertEquals(Set.copyOf(labels), Set.copyOf(table.stats().labels()));
    }
  }

  @Test
  void doubledQuotesAndPathsKeepTheirBackslashes() {
    try (Table table = read("x,label\n1,\"C:\\dir\\\"\n2,\"say \"\"no\"\"\"\n")) {
      assertEquals(Set.of("C:\\dir\\", "say \"no\""), Set.copyOf(table.stats().labels()));
    }
  }

  @Test
  void bothWaysInOneFileAreRefused() {
    String sentence = refused("x,label\n1,\"5\\\" pipe\"\n2,\"say \"\"no\"\"\"\n");
    assertTrue(sentence.contains("row 0") && sentence.contains("row 1"), sentence);
    assertTrue(sentence.contains("data.train.options.escape"), sentence);
  }

  @Test
  void anEscapeThatIsSetIsTaken() {
    String path = TestFiles.text(folder, "t.csv", "x,label\n1,\"5^\" pipe\"\n2,\"5^\" tube\"\n");
    TableSpec spec = TableSpec.of(path).withOptions(TextOptions.of(Map.of("escape", "^")));
    try (Table table = TableReader.read(SPARK, "train", spec)) {
      assertEquals(Set.of("5\" pipe", "5\" tube"), Set.copyOf(table.stats().labels()));
    }
  }

  @Test
  void textBehindAClosingQuoteIsRefused() {
    String sentence = refused("x,label\n1,a\n2,\"abc\"def\n");
    assertTrue(sentence.contains("row 1 ") && sentence.contains("'label'"), sentence);
    assertTrue(sentence.contains("'def'"), sentence);
  }

  /** The quote closes, and the row that comes of it has the right number of cells. */
  @ParameterizedTest
  @ValueSource(ints = {3, 40, 300, 20_000})
  void aStrayQuoteSwallowsNoRows(int rows) {
    StringBuilder text = new StringBuilder("x,y,note\n1,2,\"a\n");
    text.append("3,4,b\n".repeat(rows)).append("5,6,c\"\n7,8,d\n");
    String sentence = refused(text.toString().replace("note", "label"));
    assertTrue(sentence.contains("row 0 "), sentence);
  }

  @Test
  void swallowedRowsMayHaveQuotesThemselves() {
    String sentence = refused("x,y,label\n0,1,a\n1,2,\"a\n3,4,\"\"\n5,6,b\n5,6,c\"\n7,8,d\n");
    assertTrue(sentence.contains("row 1 "), sentence);
  }

  @Test
  void longTextsAreReadWhereTheyAreAllowed() {
    String cell = "\"" + "some words, and more\n".repeat(150) + "\"";
    String text = "x,label,note\n1,a," + cell + "\n2,b,\"short\ntext\"\n";
    assertTrue(refused(text).contains("data.train.options.maxLines"));
    TableSpec spec = TableSpec.of(TestFiles.text(folder, "t.csv", text));
    TextOptions options = TextOptions.of(Map.of("maxLines", 200));
    try (Table table = TableReader.read(SPARK, "train", spec.withOptions(options))) {
      assertEquals(2, table.rowCount());
    }
  }
}
