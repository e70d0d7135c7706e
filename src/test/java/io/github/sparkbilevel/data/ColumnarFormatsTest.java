package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ColumnarFormatsTest {
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir Path folder;

  private String write(Dataset<Row> rows, String name) {
    String path = folder.resolve(name).toString();
    rows.write().parquet(path);
    return path;
  }

  private static void fails(TableSpec spec, String... parts) {
    DataException e =
        assertThrows(DataException.class, () -> TableReader.read(SPARK, "train", spec).close());
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), () -> "no \"" + part + "\" in: " + e.getMessage());
    }
  }

  @Test
  void parquetNumericColumns() {
    String path =
        write(
            SPARK.sql(
                "select 12345678D as key, 2.0D as label, 3 as a, true as b, 2.5BD as c, 'x' as t,"
                    + " 1.5F as `d.e`"),
            "a folder.parquet");
    try (Table table = TableReader.read(SPARK, "train", TableSpec.of(path).withId("key"))) {
      assertEquals(List.of("a", "b", "c", "d.e"), table.featureNames());
      Example row = table.examples().first();
      assertEquals(12345678, row.id());
      assertEquals("2", row.label());
      assertArrayEquals(new double[] {3, 1, 2.5, 1.5}, row.features().toArray());
      assertFalse(table.vectorColumn());
    }
  }

  @Test
  void parquetRowNumbersFollowFilesAndRows() {
    String path =
        write(SPARK.range(0, 1000, 1, 1).selectExpr("id as x", "id % 2 as label"), "t.parquet");
    SPARK
        .range(1000, 5000, 1, 3)
        .selectExpr("id as x", "id % 2 as label")
        .write()
        .mode("append")
        .parquet(path);
    List<Example> first;
    TableSpec spec = TableSpec.of(path);
    try (Table table = TableReader.read(SPARK, "train", spec)) {
      first = table.examples().collect();
      long[] ids = first.stream().mapToLong(Example::id).sorted().toArray();
      assertTrue(IntStream.range(0, 5000).allMatch(i -> ids[i] == i));
    }
    SPARK.conf().set("spark.sql.files.maxPartitionBytes", "3000");
    try (Table table = TableReader.read(SPARK, "train", spec)) {
      assertTrue(table.examples().getNumPartitions() > 2);
      for (Example row : first) {
        assertTrue(row.id() >= 0);
      }
      assertEquals(
          first.stream().mapToDouble(r -> r.id() * r.features().apply(0)).sum(),
          table.examples().collect().stream()
              .mapToDouble(r -> r.id() * r.features().apply(0))
              .sum());
    } finally {
      SPARK.conf().unset("spark.sql.files.maxPartitionBytes");
    }
    try (Table table = TableReader.read(SPARK, "train", spec.withLimit(10L))) {
      assertEquals(10, table.examples().count());
    }
  }

  @Test
  void vectorAndArrayColumns() {
    Dataset<Row> plain =
        SPARK.sql("select 0 as label, 1D as a, 2D as b union all select 1, 3D, 0D");
    Dataset<Row> assembled =
        new VectorAssembler()
            .setInputCols(new String[] {"a", "b"})
            .setOutputCol("features")
            .transform(plain);
    try (Table table =
        TableReader.read(SPARK, "train", TableSpec.of(write(assembled, "v.parquet")))) {
      assertTrue(table.vectorColumn());
      assertEquals(List.of("a", "b"), table.featureNames());
      assertEquals(2, table.columns());
    }
    String array = write(SPARK.sql("select 'k' as label, array(1, 2, 3) as v"), "a.parquet");
    try (Table table = TableReader.read(SPARK, "train", TableSpec.of(array))) {
      assertEquals("f2", table.featureNames().get(2));
      assertEquals(Vectors.dense(1, 2, 3), table.examples().first().features());
    }
  }

  @Test
  void catalogTables() {
    SPARK
        .range(0, 6, 1, 2)
        .selectExpr("id", "id % 2 as label", "id * 2 as x")
        .createOrReplaceTempView("some_rows");
    TableSpec spec = TableSpec.of("some_rows").withFormat("table").withId("id");
    try (Table table = TableReader.read(SPARK, "train", spec)) {
      assertEquals(6, table.rowCount());
      assertEquals(List.of("x"), table.featureNames());
    }
    try (Table table = TableReader.read(SPARK, "train", spec.withId(null))) {
      assertEquals(5, table.examples().collect().get(5).id());
    }
  }

  @Test
  void badRows() {
    String path =
        write(SPARK.sql("select 'r1' as key, 1 as label, cast(null as double) as x"), "n.parquet");
    fails(TableSpec.of(path), "row 0 ", "'x' is null");
    fails(TableSpec.of(path).withId("key").withFeatures(List.of("x")), "id 'r1'", "'x' is null");
    fails(TableSpec.of(path).withFeatures(List.of("key")), "'key'", "string", "numbers");
    fails(TableSpec.of(path).withLabel("lable"), "did you mean 'label'");
    String label = write(SPARK.sql("select cast(null as int) as label, 1 as x"), "l.parquet");
    fails(TableSpec.of(label), "row 0 ", "label column 'label' is empty");
    String nan = write(SPARK.sql("select 1 as label, double('NaN') as x"), "nan.parquet");
    fails(TableSpec.of(nan), "row 0 ", "'x' has NaN");
    String ragged =
        write(
            SPARK.sql("select 1 as label, array(1) as v union all select 0, array(1, 2)"),
            "r.parquet");
    fails(TableSpec.of(ragged), "different width", "1 features", "2 in row");
    String hole = write(SPARK.sql("select 1 as label, array(1, null) as v"), "h.parquet");
    fails(TableSpec.of(hole), "'v' is null in element 1");
    String none = write(SPARK.sql("select 1 as label, 2 as x where false"), "none.parquet");
    fails(TableSpec.of(none), "no rows");
  }

  @Test
  void idxImagesAndLabels() throws Exception {
    for (String end : List.of("", ".gz")) {
      String images =
          TestFiles.bytes(folder, "t-images-idx3-ubyte" + end, TestFiles.idx(60, 10, 2, 3));
      TestFiles.bytes(folder, "t-labels-idx1-ubyte" + end, TestFiles.idx(10, 10));
      try (Table table = TableReader.read(SPARK, "train", TableSpec.of(images))) {
        assertEquals(6, table.columns());
        assertEquals("pixel_1_2", table.featureNames().get(5));
        Example row = table.examples().collect().get(9);
        assertEquals(9, row.id());
        assertEquals("9", row.label());
        assertArrayEquals(new double[] {54, 55, 56, 57, 58, 59}, row.features().toArray());
      }
      try (Table table = TableReader.read(SPARK, "train", TableSpec.of(images).withLimit(3L))) {
        assertEquals(3, table.rowCount());
      }
    }
  }

  @Test
  void bigIdxFilesAreReadByManyTasks() throws Exception {
    String images = TestFiles.bytes(folder, "b.gz", TestFiles.idx(6_000_000, 6000, 1000));
    String labels = TestFiles.bytes(folder, "l.gz", TestFiles.idx(6000, 6000));
    TableSpec spec = TableSpec.of(images).withFormat("idx").withLabels(labels);
    try (Table table = TableReader.read(SPARK, "train", spec)) {
      assertEquals(2, table.examples().getNumPartitions());
      List<Example> rows = table.examples().collect();
      for (int i = 0; i < 6000; i += 17) {
        assertEquals(i, rows.get(i).id());
        assertEquals(i * 1000L % 251, rows.get(i).features().apply(0));
        assertEquals(Integer.toString(i % 251), rows.get(i).label());
      }
    }
  }
}
