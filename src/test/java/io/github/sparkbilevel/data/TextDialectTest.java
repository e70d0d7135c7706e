package io.github.sparkbilevel.data;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One table in the dialects of many programs is one table. */
class TextDialectTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final TextTable TABLE = TextTable.of(40, 5);

  @TempDir Path folder;

  private static List<Notice.Code> codes(Table table) {
    return table.notices().stream().map(Notice::code).toList();
  }

  private static void assertIsTable(Table table, TextTable expected) {
    List<Example> rows = table.examples().collect();
    assertEquals(List.of("x0", "x1", "x2"), table.featureNames());
    assertEquals(expected.rows().size(), rows.size());
    for (int i = 0; i < rows.size(); i++) {
      List<String> cells = expected.rows().get(i);
      assertEquals(i, rows.get(i).id());
      assertEquals(cells.get(3), rows.get(i).label());
      double[] values = cells.stream().limit(3).mapToDouble(Double::parseDouble).toArray();
      assertArrayEquals(values, rows.get(i).features().toArray());
    }
  }

  private static byte[] marked(String text, Charset charset) {
    return ("\uFEFF" + text).getBytes(charset);
  }

  private static Stream<Arguments> dialects() {
    String csv = TABLE.csv();
    String comma = TABLE.text(";", cell -> cell.replace('.', ','));
    return Stream.of(
        Arguments.of("t.csv", csv.getBytes(UTF_8), 0),
        Arguments.of("t.csv", marked(csv, UTF_8), 0),
        Arguments.of("t.csv", csv.replace("\n", "\r\n").getBytes(UTF_8), 0),
        Arguments.of("t.csv", TABLE.text(";", c -> c).getBytes(UTF_8), 1),
        Arguments.of("t.csv", TABLE.text("|", c -> '"' + c + '"').getBytes(UTF_8), 1),
        Arguments.of("t.tsv", TABLE.text("\t", c -> c).getBytes(UTF_8), 1),
        Arguments.of("part-0.txt", TABLE.text("\t", c -> c).getBytes(UTF_8), 1),
        Arguments.of("t.csv", comma.getBytes(UTF_8), 1),
        Arguments.of("t.csv.gz", comma.getBytes(UTF_8), 1),
        Arguments.of("t.csv", ("sep=,\n" + csv).getBytes(UTF_8), 1),
        Arguments.of("t.csv", marked("sep=;\r\n" + comma.replace("\n", "\r\n"), UTF_8), 1),
        Arguments.of("t.csv", ("# exported\n#\n" + csv).getBytes(UTF_8), 1),
        Arguments.of("t.csv.bz2", ("# exported\n\n" + csv).getBytes(UTF_8), 1),
        Arguments.of("t.csv", marked(csv, UTF_16LE), 1),
        Arguments.of("t.csv", marked(comma, UTF_16BE), 1),
        Arguments.of("t.csv", csv.getBytes(UTF_16LE), 1),
        Arguments.of("t.csv.gz", ("# exported\n" + csv).getBytes(UTF_16BE), 1),
        Arguments.of("t.txt", marked(csv, UTF_16LE), 1));
  }

  @ParameterizedTest
  @MethodSource("dialects")
  void aDialectIsFoundOutAndTold(String name, byte[] content, int told) {
    String path = TestFiles.bytes(folder, name, content);
    try (Table table = TableReader.read(SPARK, "train", TableSpec.of(path))) {
      assertIsTable(table, TABLE);
      assertEquals(told, codes(table).stream().filter(Notice.Code.TEXT_DIALECT::equals).count());
      assertEquals(told, codes(table).size());
    }
  }

  @Test
  void optionsGoBeforeWhatIsFoundOut() {
    String text = TABLE.text("^", c -> "'" + c.replace('.', '!') + "'").replace("\n", "\n;note\n");
    String path = TestFiles.bytes(folder, "t.csv", text.getBytes(UTF_16LE));
    TextOptions options =
        TextOptions.of(
            Map.of(
                "sep", "^", "quote", "'", "decimal", "!", "comment", ";", "encoding", "UTF-16LE"));
    TableSpec spec = TableSpec.of(path).withOptions(options);
    try (Table table = TableReader.read(SPARK, "train", spec)) {
      assertIsTable(table, TABLE);
    }
  }

  @Test
  void aSignOfCommentsBelowTheHeaderIsData() {
    String path = TestFiles.text(folder, "t.csv", "#id,x,label\n#1,2,a\n#2,3,b\n");
    try (Table table = TableReader.read(SPARK, "train", TableSpec.of(path).withId("#id"))) {
      assertEquals("#1", table.examples().first().name());
    }
  }

  @Test
  void numbersWithBothMarksAreNoNumbersWithCommas() {
    String text = "x;y;label\n0,5;1.5;a\n0,7;2.5;b\n";
    String path = TestFiles.text(folder, "t.csv", text);
    try (Table table = TableReader.read(SPARK, "train", TableSpec.of(path))) {
      assertEquals(List.of("y"), table.featureNames());
      assertEquals(List.of(Notice.Code.TEXT_DIALECT, Notice.Code.COLUMNS_LEFT_OUT), codes(table));
      assertEquals(1, table.notices().get(1).count());
    }
  }

  @Test
  void largeFilesAreStillSplit() {
    TextTable large = TextTable.of(30_000, 6);
    String text = "# exported\n" + large.text(";", c -> c);
    String path = TestFiles.text(folder, "t.csv", text);
    try (Table table = TableReader.read(SPARK, "train", TableSpec.of(path))) {
      assertIsTable(table, large);
      assertTrue(table.examples().getNumPartitions() > 1);
    }
  }

  /** A file so small that the header lies in another split than the comment. */
  @Test
  void tinyFilesLoseNoRow() {
    String path = TestFiles.text(folder, "t.csv", "# a\n# b\nx,label\n1,a\n2,b\n");
    try (Table table = TableReader.read(SPARK, "train", TableSpec.of(path))) {
      assertEquals(2, table.rowCount());
    }
  }

  private DataException refused(TableSpec spec) {
    DataException e =
        assertThrows(DataException.class, () -> TableReader.read(SPARK, "train", spec).close());
    assertTrue(SPARK.sparkContext().getPersistentRDDs().isEmpty());
    return e;
  }

  @Test
  void anotherEncodingIsRefusedByTheNameOfTheKey() {
    String text = TABLE.csv().concat("1,2,3,caf\u00e9\n");
    String path = TestFiles.bytes(folder, "t.csv", text.getBytes(Charset.forName("windows-1252")));
    TableSpec spec = TableSpec.of(path);
    String sentence = refused(spec).getMessage();
    assertTrue(sentence.contains("row 40 "), sentence);
    assertTrue(sentence.contains("data.train.options.encoding"), sentence);
    TextOptions options = TextOptions.of(Map.of("encoding", "windows-1252"));
    try (Table table = TableReader.read(SPARK, "train", spec.withOptions(options))) {
      assertTrue(table.stats().labels().contains("caf\u00e9"));
    }
  }

  @Test
  void aSeparatorThatCannotBeFoundOutIsRefusedByTheNameOfTheKey() {
    String path = TestFiles.text(folder, "t.csv", TABLE.text("^", c -> c));
    String sentence = refused(TableSpec.of(path)).getMessage();
    assertTrue(sentence.contains("data.train.options.sep"), sentence);
  }

  @Test
  void aRowOfBlankCellsIsNoBlankLine() {
    String path = TestFiles.text(folder, "t.tsv", TABLE.text("\t", c -> c) + "\n\t\t\t\n");
    String sentence = refused(TableSpec.of(path)).getMessage();
    assertTrue(sentence.contains("row 40 "), sentence);
  }

  private TableSpec files(String... texts) throws Exception {
    Path data = Files.createDirectory(folder.resolve("d"));
    for (int k = 0; k < texts.length; k++) {
      TestFiles.text(data, "part-" + k + ".csv", texts[k]);
    }
    return TableSpec.of(data.toString());
  }

  @Test
  void headersOfLaterFilesAreRecognised() throws Exception {
    String quoted = "\"x0\" , \"x1\",x2,  label\n";
    StringBuilder turned = new StringBuilder("label,x2,x1,x0\n");
    for (List<String> row : TABLE.rows(30, 40).rows()) {
      turned.append(String.join(",", row.get(3), row.get(2), row.get(1), row.get(0))).append('\n');
    }
    TableSpec spec =
        files(
            TABLE.rows(0, 10).csv(),
            quoted + TABLE.rows(10, 20).lines(",", c -> c),
            TABLE.rows(20, 30).lines(",", c -> '"' + c + '"'),
            "# as above\n" + turned);
    try (Table table = TableReader.read(SPARK, "train", spec)) {
      assertIsTable(table, TABLE);
    }
  }

  @Test
  void headersWithOtherColumnsAreRefused() throws Exception {
    String sentence = refused(files(TABLE.csv(), "x0,x1,extra,label\n1,2,3,1\n")).getMessage();
    assertTrue(sentence.contains("part-1.csv"), sentence);
    assertTrue(sentence.contains("x2") && sentence.contains("extra"), sentence);
  }
}
