package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextFormatsTest {
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir Path folder;

  private static List<Example> rows(Table table) {
    return table.examples().collect();
  }

  @ParameterizedTest
  @ValueSource(strings = {"t.csv", "t.csv.gz", "t.csv.bz2", "a b [1].csv", "part-0.txt"})
  void csvHasRowNumbersLabelsAndNumericColumns(String name) {
    String path = TestFiles.text(folder, name, "x,note,label,y\n1,a,cat,-2.5\n\n3,b,dog,1e-3\n");
    try (Table table = TableReader.read(SPARK, "train", TableSpec.of(path))) {
      assertEquals(List.of("x", "y"), table.featureNames());
      List<Example> rows = rows(table);
      assertEquals(2, table.rowCount());
      assertEquals(1, rows.get(1).id());
      assertNull(rows.get(1).name());
      assertEquals("dog", rows.get(1).label());
      assertArrayEquals(new double[] {3, 1e-3}, rows.get(1).features().toArray());
      assertEquals(1.0, rows.get(0).weight());
      assertFalse(table.sparse());
      assertFalse(table.hasIds());
      assertEquals(2, table.rows().count());
    }
  }

  @Test
  void csvReadsEveryRole() {
    String path =
        TestFiles.text(
            folder,
            "t.csv",
            "\uFEFFkey,label,source,w,right,x\r\n7,+1,a,0.5,1.0,3\r\n9,2.0,,2,,4\r\n");
    TableSpec spec =
        TableSpec.of(path).withId("key").withGroup("source").withWeight("w").withTruth("right");
    try (Table table = TableReader.read(SPARK, "train", spec)) {
      Example first = rows(table).get(0);
      Example second = rows(table).get(1);
      assertEquals(7, first.id());
      assertEquals("1", first.label());
      assertEquals("a", first.group());
      assertEquals(0.5, first.weight());
      assertEquals("1", first.truth());
      assertEquals("2", second.label());
      assertNull(second.group());
      assertNull(second.truth());
      assertTrue(table.stats().missingGroup());
      assertEquals(List.of("x"), table.featureNames());
    }
  }

  @Test
  void csvKeepsTextIdsAsNames() {
    String path = TestFiles.text(folder, "t.csv", "key,label,x\nr-1,0,3\n5,1,4\n");
    try (Table table = TableReader.read(SPARK, "train", TableSpec.of(path).withId("key"))) {
      assertEquals(0, rows(table).get(0).id());
      assertEquals("r-1", rows(table).get(0).name());
      assertEquals("5", rows(table).get(1).displayId());
    }
  }

  @Test
  void csvTakesQuotedCommasAndLineBreaks() {
    String path =
        TestFiles.text(
            folder,
            "t.csv",
            "label,\"a, b\",note\n\"say \"\"no\"\"\",1,\"two\nlines\"\nyes,2,5\" x\n");
    try (Table table = TableReader.read(SPARK, "train", TableSpec.of(path))) {
      assertEquals(List.of("a, b"), table.featureNames());
      assertEquals("say \"no\"", rows(table).get(0).label());
      assertEquals(2, table.rowCount());
    }
  }

  @Test
  void foldersAreReadInTheOrderOfTheirNames() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data.d"));
    TestFiles.text(data, "part-00001.csv", "label,x\n" + "1,1\n".repeat(7));
    TestFiles.text(data, "part-00000.csv", "label,x\n" + "0,0\n".repeat(20_000));
    TestFiles.text(data, "_SUCCESS", "");
    TestFiles.text(data, "part-00002.csv", "");
    TableSpec spec = TableSpec.of(data.toString());
    try (Table table = TableReader.read(SPARK, "train", spec)) {
      List<Example> rows = rows(table);
      assertEquals(20_007, rows.size());
      assertTrue(IntStream.range(0, rows.size()).allMatch(i -> rows.get(i).id() == i));
      assertEquals("1", rows.get(20_000).label());
      assertTrue(table.examples().getNumPartitions() > 2);
    }
    try (Table table = TableReader.read(SPARK, "train", spec.withLimit(20_002L))) {
      List<Example> rows = table.examples().collect();
      assertEquals(20_002, rows.size());
      assertEquals(2, rows.stream().filter(r -> r.label().equals("1")).count());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"t.libsvm", "t.svm.gz", "t.libsvm.bz2", "t.txt"})
  void libsvmIsToleratedAndWidened(String name) {
    String text = "+1 1:2 3:0.5 # a comment\n# nothing\n\n-1.0 qid:4 2:1e2\t7:0\n";
    String path = TestFiles.text(folder, name, text);
    try (Table table = TableReader.read(SPARK, "train", TableSpec.of(path))) {
      List<Example> rows = rows(table);
      assertEquals(7, table.columns());
      assertEquals("f6", table.featureNames().get(6));
      assertEquals(List.of("-1", "1"), List.copyOf(table.stats().labels()));
      assertArrayEquals(new double[] {2, 0, .5, 0, 0, 0, 0}, rows.get(0).features().toArray());
      assertArrayEquals(new double[] {0, 100, 0, 0, 0, 0, 0}, rows.get(1).features().toArray());
      assertFalse(table.sparse(), "more than a tenth of the entries are not 0");
    }
  }

  @ParameterizedTest
  @CsvSource({"11, true", "10, false"})
  void densityAloneDecidesHowRowsAreStored(int columns, boolean sparse) {
    StringBuilder csv = new StringBuilder("label");
    for (int j = 0; j < columns; j++) {
      csv.append(",f").append(j);
    }
    String zeros = ",0".repeat(columns - 1);
    String rows = "\n1,2" + zeros + "\n0,1" + zeros + "\n";
    String libsvm = "1 1:2 " + columns + ":0\n0 1:1 2:0\n";
    for (String path :
        List.of(
            TestFiles.text(folder, "t.csv", csv + rows),
            TestFiles.text(folder, "t.libsvm", libsvm))) {
      try (Table table = TableReader.read(SPARK, "train", TableSpec.of(path))) {
        assertEquals(columns, table.columns());
        assertEquals(sparse, table.sparse(), path);
      }
    }
  }

  @Test
  void splitFilesKeepTheirOrder() {
    StringBuilder text = new StringBuilder();
    IntStream.range(0, 60_000)
        .forEach(i -> text.append(i % 3).append(" 1:").append(i).append('\n'));
    for (String name : List.of("t.libsvm", "t.libsvm.bz2", "t.libsvm.gz")) {
      String path = TestFiles.text(folder, name, text.toString());
      try (Table table = TableReader.read(SPARK, "train", TableSpec.of(path))) {
        List<Example> rows = new java.util.ArrayList<>(rows(table));
        rows.sort(Comparator.comparingLong(Example::id));
        assertEquals(60_000, rows.size());
        assertTrue(
            IntStream.range(0, rows.size())
                .allMatch(i -> rows.get(i).id() == i && rows.get(i).features().apply(0) == i));
      }
    }
  }

  @Test
  void narrowValidationIsWidenedToTheTrainingWidth() {
    String wide = TestFiles.text(folder, "a.libsvm", "0 5:1\n1 1:1\n");
    String narrow = TestFiles.text(folder, "b.libsvm", "0 2:1\n");
    try (Table train = TableReader.read(SPARK, "train", TableSpec.of(wide));
        Table other = TableReader.read(SPARK, "validation", TableSpec.of(narrow), train)) {
      assertEquals(5, other.columns());
      assertEquals(5, rows(other).get(0).features().size());
    }
  }
}
