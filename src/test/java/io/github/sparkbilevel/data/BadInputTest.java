package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BadInputTest {
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir Path folder;

  private static void fails(TableSpec spec, String... parts) {
    DataException e =
        assertThrows(DataException.class, () -> TableReader.read(SPARK, "train", spec).close());
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), () -> "no \"" + part + "\" in: " + e.getMessage());
    }
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
    assertTrue(
        SPARK.sparkContext().getPersistentRDDs().isEmpty(), "rows of a wrong file stay cached");
  }

  private void csvFails(String text, String... parts) {
    fails(TableSpec.of(TestFiles.text(folder, "t.csv", text)), parts);
  }

  private void libsvmFails(String text, String... parts) {
    fails(TableSpec.of(TestFiles.text(folder, "t.libsvm", text)), parts);
  }

  @Test
  void paths() {
    fails(TableSpec.of(folder + "/none.csv"), "data.train.path", "does not exist", "/none.csv");
    fails(TableSpec.of(TestFiles.text(folder, "e.csv", "")), "empty file");
    fails(TableSpec.of(folder.toString()).withFormat("csv"), "without data files");
    fails(TableSpec.of(TestFiles.text(folder, "t.dat", "a,label\n")), "format is auto", "t.dat");
    fails(TableSpec.of("no_such_table").withFormat("table"), "no table of the catalog");
  }

  @Test
  void csvRows() {
    csvFails("x,label\n", "no rows below");
    csvFails("\n\n", "only blank lines");
    csvFails("x,label\n1,0\n1,2,3\n", "row 1 ", "3 cells", "expected 2", "'1,2,3'");
    csvFails("x,label\n1,0\n1\n", "row 1 ", "1 cells");
    csvFails("x,label\n1,0\nNaN,1\n", "row 1 ", "'x'", "'NaN'", "finite");
    csvFails("x,label\n1,0\n-inf,1\n", "'-inf'");
    csvFails("x,label\n1,0\n,1\n", "row 1 ", "'x' is empty");
    csvFails("x,label\n1,0\n2,\n", "row 1 ", "label column 'label' is empty");
    csvFails("x,lable\n1,0\n", "no column 'label'", "did you mean 'lable'");
    csvFails("x,x,label\n1,1,0\n", "'x' twice");
    csvFails("1,2,3\n4,5,6\n", "row of numbers", "header row");
    csvFails("note,label\na,0\n", "no numeric column");
    csvFails("x,label\n\"1,0\n2,1\n", "never closed");
  }

  @Test
  void csvRowsAreNamedByTheirIds() {
    String path = TestFiles.text(folder, "t.csv", "id,x,label\nr7,1,0\nr8,Infinity,0\n");
    fails(TableSpec.of(path).withId("id"), "id 'r8'", "'Infinity'");
    String empty = TestFiles.text(folder, "u.csv", "id,x,label\n,1,0\n");
    fails(TableSpec.of(empty).withId("id"), "id column 'id' is empty");
    String weight = TestFiles.text(folder, "w.csv", "w,x,label\n-1,1,0\n");
    fails(TableSpec.of(weight).withWeight("w"), "weight column 'w'", "'-1'", "at least 0");
  }

  @Test
  void csvColumnsWithFewTexts() {
    String path = TestFiles.text(folder, "t.csv", "x,label\n" + "1,0\n".repeat(300) + "oops,1\n");
    fails(TableSpec.of(path), "row 300 ", "'x'", "'oops'", "300");
    String named = TestFiles.text(folder, "u.csv", "x,label\n1,0\noops,1\n");
    fails(TableSpec.of(named).withFeatures(List.of("x")), "row 1 ", "'x'", "'oops'");
  }

  @Test
  void errorsNameTheFirstRowOfTheWholeFile() {
    StringBuilder text = new StringBuilder("x,label\n");
    for (int i = 0; i < 40_000; i++) {
      text.append(i == 33_000 || i == 39_000 ? "1,2,3\n" : i + ",0\n");
    }
    csvFails(text.toString(), "row 33000 ");
    TableSpec spec = TableSpec.of(TestFiles.text(folder, "t.csv", text.toString()));
    TableReader.read(SPARK, "train", spec.withLimit(33_000L)).close();
  }

  @Test
  void libsvmRows() {
    libsvmFails("# nothing\n", "no rows");
    libsvmFails("0 1:1\na,b,c\n", "row 1 ", "'a,b,c'", "numeric label");
    libsvmFails("0 1:1\n1 3\n", "row 1 ", "'3'", "index:value");
    libsvmFails("0 2:1 2:3\n", "index 2", "twice");
    libsvmFails("0 2:1 1:1 3:0 2:0\n", "index 2", "twice");
    libsvmFails("0 2:x\n", "'2:x'", "number after the colon");
    libsvmFails("0 2:nan\n", "'2:nan'", "finite");
    libsvmFails("0\n1\n", "no features");
  }

  @ParameterizedTest
  @CsvSource({
    "t.csv, '1 1:2 2:3', libsvm",
    "t.csv, 'PAR1....', parquet",
    "t.libsvm, 'PAR1....', parquet",
    "t.parquet, 'label,x', text",
    "t-ubyte, 'label,x', text",
    "t.zip.csv, 'PK\u0003\u0004', zip"
  })
  void contentOfAnotherFormat(String name, String content, String found) {
    fails(TableSpec.of(TestFiles.text(folder, name, content + "\n")), found, "format");
  }

  @Test
  void compressionThatIsNone() throws Exception {
    Path file = folder.resolve("t.csv.gz");
    Files.writeString(file, "x,label\n1,0\n");
    fails(TableSpec.of(file.toString()), ".gz", "not begin as a gzip file");
    TestFiles.text(folder, "u.csv.gz", "x,label\n1,0\n");
    Files.move(folder.resolve("u.csv.gz"), folder.resolve("u.csv"));
    fails(TableSpec.of(folder.resolve("u.csv").toString()), "gzip", "rename");
  }

  @Test
  void cutOffFiles() throws Exception {
    StringBuilder text = new StringBuilder("x,label\n");
    java.util.Random random = new java.util.Random(3);
    for (int i = 0; i < 50_000; i++) {
      text.append(random.nextInt()).append(',').append(i % 2).append('\n');
    }
    Path whole = Path.of(TestFiles.text(folder, "w.csv.gz", text.toString()));
    byte[] bytes = Files.readAllBytes(whole);
    Path cut = folder.resolve("c.csv.gz");
    Files.write(cut, Arrays.copyOf(bytes, bytes.length / 2));
    fails(TableSpec.of(cut.toString()), "c.csv.gz", "cut off");
  }

  @Test
  void idxFiles() throws Exception {
    String labels = TestFiles.bytes(folder, "labels-idx1-ubyte", TestFiles.idx(5, 5));
    TestFiles.bytes(folder, "images-idx3-ubyte", TestFiles.idx(19, 5, 2, 2));
    String images = folder.resolve("images-idx3-ubyte").toString();
    fails(TableSpec.of(images), "row 4 ", "end within this row", "5 rows");
    TestFiles.bytes(folder, "many-images-idx3-ubyte", TestFiles.idx(19, 2_000_000_000, 28, 28));
    TestFiles.bytes(folder, "many-labels-idx1-ubyte", TestFiles.idx(5, 2_000_000_000));
    fails(
        TableSpec.of(folder.resolve("many-images-idx3-ubyte").toString()),
        "row 0 ",
        "2000000000 rows");
    TestFiles.bytes(folder, "images-idx3-ubyte", TestFiles.idx(21, 5, 2, 2));
    fails(TableSpec.of(images), "row 4 ", "go on after this row");
    TestFiles.bytes(folder, "images-idx3-ubyte", TestFiles.idx(16, 4, 2, 2));
    fails(TableSpec.of(images), "4 rows", "5 labels");
    fails(TableSpec.of(images).withLabels(images), "rank 3", "rank 1");
    fails(TableSpec.of(images).withLabels(folder + "/none"), "data.train.labels", "not exist");
    byte[] floats = TestFiles.idx(16, 4, 2, 2);
    floats[2] = 0x0d;
    TestFiles.bytes(folder, "images-idx3-ubyte", floats);
    fails(TableSpec.of(images).withLabels(labels), "0x00000d03", "unsigned bytes");
    String other = TestFiles.bytes(folder, "x-ubyte", TestFiles.idx(16, 4, 2, 2));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> TableReader.read(SPARK, "train", TableSpec.of(other)));
    assertTrue(e.getMessage().contains("data.train.labels"), e.getMessage());
  }

  @Test
  void parquetThatIsCutOff() throws Exception {
    Path file = folder.resolve("t.parquet");
    Files.write(file, "PAR1 and then nothing".getBytes(StandardCharsets.UTF_8));
    fails(TableSpec.of(file.toString()), "t.parquet", "not a complete Parquet file", "cut off");
  }

  @Test
  void contradictions() {
    String path = TestFiles.text(folder, "t.libsvm", "0 1:1\n1 1:2\n");
    String csv = TestFiles.text(folder, "t.csv", "x,label\n1,a\n");
    for (TableSpec spec :
        List.of(
            TableSpec.of(path).withId("id"),
            TableSpec.of(path).withFeatures(List.of("x")),
            TableSpec.of(path).withLabels("l"),
            TableSpec.of(path).withLimit(0L),
            TableSpec.of(path).withOptions(TextOptions.of(Map.of("sep", ";"))),
            TableSpec.of(csv).withOptions(TextOptions.of(Map.of("indexBase", 0))),
            TableSpec.of(csv).withOptions(TextOptions.of(Map.of("sep", "\""))),
            TableSpec.of(path).withFormat("xmll"))) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> TableReader.read(SPARK, "train", spec));
      assertTrue(e.getMessage().startsWith("data.train."), e.getMessage());
    }
  }
}
