package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files a path stands for, and what is said of the others. */
class PathsTest {
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir static Path shared;
  private static Path ones;
  private static Path twos;

  @TempDir Path folder;

  @BeforeAll
  static void write() {
    ones = Path.of(ParquetFixtures.file(shared, "ones.parquet", 1));
    twos = Path.of(ParquetFixtures.file(shared, "twos.parquet", 2));
  }

  private static Table read(Path path) {
    return read(path, "auto");
  }

  private static Table read(Path path, String format) {
    return TableReader.read(SPARK, "train", TableSpec.of(path.toString()).withFormat(format));
  }

  private static DataException refused(Path path, String format) {
    return assertThrows(DataException.class, () -> read(path, format).close());
  }

  /** The sum of the feature x over all rows: which files were read. */
  private static double sum(Path path, String format) {
    try (Table table = read(path, format)) {
      return table.examples().collect().stream().mapToDouble(row -> row.features().apply(0)).sum();
    }
  }

  private static List<Notice.Code> codes(Table table) {
    return table.notices().stream().map(Notice::code).toList();
  }

  private static long count(Table table, Notice.Code code) {
    return table.notices().stream()
        .filter(notice -> notice.code() == code)
        .mapToLong(Notice::count)
        .sum();
  }

  private Path copy(Path from, String name) throws Exception {
    Path to = folder.resolve(name);
    Files.createDirectories(to.getParent());
    return Files.copy(from, to);
  }

  /** Each name is a pattern that matches the file beside it. */
  @ParameterizedTest
  @CsvSource({
    "orders[1], orders1",
    "a{b}, ab",
    "a?b, acb",
    "a*b, axxb",
    "a b, ab",
    "a%20b, a b",
    "a#b, a",
    "x=1, x1",
    "d\\e, de"
  })
  void aNameThatExistsMeansItself(String name, String neighbour) throws Exception {
    copy(ones, name + ".parquet");
    copy(twos, neighbour + ".parquet");
    assertEquals(1, sum(folder.resolve(name + ".parquet"), "auto"));
    copy(ones, name + "/p.parquet");
    copy(twos, neighbour + "/p.parquet");
    assertEquals(1, sum(folder.resolve(name), "auto"));
    TestFiles.text(folder, name + ".csv", "label,x\n0,1\n1,0\n");
    TestFiles.text(folder, neighbour + ".csv", "label,x\n0,2\n1,0\n");
    assertEquals(1, sum(folder.resolve(name + ".csv"), "auto"));
  }

  @Test
  void whatDoesNotExistIsAPatternBelowWhatDoes() throws Exception {
    copy(ones, "a[1]/p1.parquet");
    copy(ones, "a[1]/p2.parquet");
    copy(twos, "a1/p1.parquet");
    assertEquals(2, sum(folder.resolve("a[1]/p*.parquet"), "auto"));
    assertEquals(3, sum(folder.resolve("a[12]/p{1,3}.parquet"), "auto") + 1);
    assertTrue(refused(folder.resolve("a[1]/q*.parquet"), "auto").getMessage().contains("pattern"));
    assertTrue(
        refused(folder.resolve("a1/p1.parquet/x"), "auto").getMessage().contains("is a file"));
  }

  @Test
  void rowsAreNumberedInTheOrderOfTheFiles() throws Exception {
    copy(ones, "r/a[1]/p.parquet");
    copy(twos, "r/a%2/p.parquet");
    copy(ones, "r/z z.parquet");
    try (Table table = read(folder.resolve("r"))) {
      long[] ids = table.examples().collect().stream().mapToLong(Example::id).sorted().toArray();
      assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L), LongStream.of(ids).boxed().toList());
      double second = table.examples().filter(row -> row.id() == 0).first().features().apply(0);
      assertEquals(2, second, "a%2 comes before a[1]");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"_data", ".data"})
  void aHiddenFileIsRefusedByName(String name) throws Exception {
    copy(ones, name + ".parquet");
    TestFiles.text(folder, name + ".csv", "label,x\n0,1\n1,0\n");
    for (String extension : List.of(".parquet", ".csv")) {
      String said = refused(folder.resolve(name + extension), "auto").getMessage();
      assertTrue(said.contains("rename"), said);
      assertFalse(said.contains("not exist") || said.contains("no rows"), said);
    }
    copy(ones, "_folder/p.parquet");
    assertEquals(1, sum(folder.resolve("_folder"), "auto"));
  }

  @Test
  void aColonInTheNameOfALocalFileIsRefused() throws Exception {
    TestFiles.text(folder, "a:b.csv", "label,x\n0,1\n1,0\n");
    assertTrue(refused(folder.resolve("a:b.csv"), "auto").getMessage().contains("colon"));
    assertTrue(refused(folder, "csv").getMessage().contains("colon"));
    copy(ones, "t=10:30/p.parquet");
    assertEquals(1, sum(folder.resolve("t=10:30"), "auto"));
  }

  @Test
  void filesThatAreNotReadAreCounted() throws Exception {
    copy(ones, "d/p1.parquet");
    copy(ones, "d/p2");
    copy(twos, "d/_old.parquet");
    copy(twos, "d/.trash/p.parquet");
    copy(twos, "d/_temporary/0/p.parquet");
    Files.createFile(folder.resolve("d/p0.parquet"));
    for (String marker : List.of("_SUCCESS", "._SUCCESS.crc", ".gone.parquet.crc", "_metadata")) {
      Files.writeString(folder.resolve("d").resolve(marker), "");
    }
    Files.writeString(folder.resolve("d/README.txt"), "These are the orders.\n");
    try (Table table = read(folder.resolve("d"))) {
      assertEquals(4, table.rowCount());
      assertEquals(4, count(table, Notice.Code.FILES_IGNORED));
      assertEquals(1, count(table, Notice.Code.FILES_EMPTY));
    }
    try (Table table = read(folder.resolve("d/*"))) {
      assertEquals(4, table.rowCount());
      assertEquals(4, count(table, Notice.Code.FILES_IGNORED));
    }
    Files.writeString(folder.resolve("d/orders.csv"), "label,x\n0,2\n");
    assertTrue(refused(folder.resolve("d"), "auto").getMessage().contains("orders.csv"));
    try (Table table = read(folder.resolve("d"), "parquet")) {
      assertEquals(4, table.rowCount());
      assertEquals(5, count(table, Notice.Code.FILES_IGNORED));
    }
  }

  @Test
  void textFilesOfOtherNamesAreReadIfTheyBeginAlike() throws Exception {
    Files.createDirectories(folder.resolve("t"));
    TestFiles.text(folder, "t/a.csv", "label,x\n0,1\n1,0\n");
    TestFiles.text(folder, "t/part-00000", "label,x\n0,1\n1,0\n");
    TestFiles.text(folder, "t/README.txt", "about x\n");
    try (Table table = read(folder.resolve("t"))) {
      assertEquals(4, table.rowCount());
      assertEquals(1, count(table, Notice.Code.FILES_IGNORED));
    }
    try (Table table = read(folder.resolve("t/a.csv"))) {
      assertEquals(List.of(), codes(table));
    }
  }

  @Test
  void partitionFoldersOfTextAreTold() throws Exception {
    Files.createDirectories(folder.resolve("t/year=2020"));
    TestFiles.text(folder, "t/year=2020/a.csv", "label,x\n0,1\n1,0\n");
    try (Table table = read(folder.resolve("t"))) {
      assertEquals(List.of("x"), table.featureNames());
      assertEquals(1, count(table, Notice.Code.COLUMNS_LEFT_OUT));
    }
  }
}
