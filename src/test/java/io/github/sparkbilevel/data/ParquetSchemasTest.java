package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parquet files that differ in their columns, and columns that the names of folders hold. */
class ParquetSchemasTest {
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir Path folder;

  private TableSpec spec() {
    return TableSpec.of(folder.toString()).withFormat("parquet");
  }

  private static String refused(TableSpec spec) {
    String said =
        assertThrows(DataException.class, () -> TableReader.read(SPARK, "train", spec).close())
            .getMessage();
    assertFalse(said.contains("SQLSTATE") || said.contains("\n"), said);
    return said;
  }

  private static long count(Table table, Notice.Code code) {
    return table.notices().stream()
        .filter(notice -> notice.code() == code)
        .mapToLong(Notice::count)
        .sum();
  }

  @Test
  void aFeatureThatAFileLacksIsRefused() {
    ParquetFixtures.sql(folder, "a.parquet", "select 0 as label, 1D as x");
    ParquetFixtures.sql(folder, "b.parquet", "select 1 as label, 2D as x, 3D as y, 'n' as note");
    for (TableSpec spec : List.of(spec(), spec().withFeatures(List.of("y", "x")))) {
      String said = refused(spec);
      assertTrue(said.contains("'y'") && said.contains("not in a.parquet"), said);
      assertTrue(said.contains("data.train.features"), said);
    }
    try (Table table = TableReader.read(SPARK, "train", spec().withFeatures(List.of("x")))) {
      assertEquals(2, table.rowCount());
      assertEquals(2, count(table, Notice.Code.COLUMNS_OF_LATER_FILES));
    }
    assertTrue(refused(spec().withFeatures(List.of("x")).withGroup("note")).contains("'note'"));
    assertTrue(refused(spec().withLabel("y")).contains("'y'"));
  }

  @Test
  void filesWithoutRowsLackNothing() {
    ParquetFixtures.sql(folder, "a.parquet", "select 0 as label, 'x' as x where false");
    ParquetFixtures.sql(folder, "b.parquet", "select 1 as label, 2D as x, 3D as y");
    try (Table table = TableReader.read(SPARK, "train", spec())) {
      assertEquals(List.of("x", "y"), table.featureNames());
      assertEquals(1, table.rowCount());
    }
  }

  @Test
  void numbersOfDifferentTypesAreDoubles() {
    ParquetFixtures.sql(folder, "a.parquet", "select 0 as label, 7L as x, array(1, 2) as v");
    ParquetFixtures.sql(folder, "b.parquet", "select 2.5D as x, 1D as label, array(1D, .5D) as v");
    ParquetFixtures.sql(folder, "c.parquet", "select 3 as X, 1 as label, array(1L, 0L) as v");
    try (Table table = TableReader.read(SPARK, "train", spec().withFeatures(List.of("x")))) {
      List<Example> rows = table.examples().collect();
      double[] x = new double[3];
      String[] labels = new String[3];
      for (Example row : rows) {
        x[(int) row.id()] = row.features().apply(0);
        labels[(int) row.id()] = row.label();
      }
      assertEquals("[7.0, 2.5, 3.0]", Arrays.toString(x));
      assertEquals("[0, 1, 1]", Arrays.toString(labels));
    }
    try (Table table = TableReader.read(SPARK, "train", spec().withFeatures(List.of("v")))) {
      assertEquals(2, table.columns());
      assertEquals(3, table.rowCount());
    }
  }

  @Test
  void typesThatConflictAreRefusedWhereTheyMatter() {
    ParquetFixtures.sql(folder, "a.parquet", "select 0 as label, 'NA' as x, 1D as y, 'u' as t");
    ParquetFixtures.sql(
        folder, "b.parquet", "select 1 as label, 7 as x, 2D as y, date'2020-01-01' as t");
    String said = refused(spec());
    for (String part : List.of("'x'", "string in a.parquet", "int in b.parquet")) {
      assertTrue(said.contains(part), said);
    }
    assertTrue(refused(spec().withLabel("x")).contains("'x'"));
    assertTrue(refused(spec().withFeatures(List.of("y")).withGroup("t")).contains("'t'"));
    try (Table table = TableReader.read(SPARK, "train", spec().withFeatures(List.of("y")))) {
      assertEquals(2, table.rowCount());
      assertEquals(2, count(table, Notice.Code.COLUMNS_OF_LATER_FILES));
    }
  }

  @Test
  void partitionColumnsAreTold() {
    for (int year : new int[] {2020, 2021}) {
      ParquetFixtures.sql(
          folder,
          "year=" + year + "/day=2020-01-0" + year % 10 + "/kind=k/p.parquet",
          "select 0 as label, " + year + "L as x");
    }
    try (Table train = TableReader.read(SPARK, "train", spec())) {
      assertEquals(List.of("x", "year"), train.featureNames());
      assertEquals(1, count(train, Notice.Code.PARTITION_COLUMNS));
      assertEquals(2, count(train, Notice.Code.COLUMNS_LEFT_OUT));
      for (Example row : train.examples().collect()) {
        assertEquals(row.features().apply(0), row.features().apply(1));
      }
      TableSpec one = TableSpec.of(folder.resolve("year=2020").toString()).withFormat("parquet");
      String said =
          assertThrows(DataException.class, () -> TableReader.read(SPARK, "validation", one, train))
              .getMessage();
      assertTrue(said.contains("partition column") && said.contains("year"), said);
    }
    TableSpec pattern = TableSpec.of(folder + "/year=202[1-9]").withFormat("parquet");
    try (Table table = TableReader.read(SPARK, "train", pattern)) {
      assertEquals(List.of("x", "year"), table.featureNames());
      assertEquals(1, table.rowCount());
    }
    try (Table table = TableReader.read(SPARK, "train", spec().withFeatures(List.of("x")))) {
      assertEquals(0, count(table, Notice.Code.PARTITION_COLUMNS));
    }
    ParquetFixtures.sql(folder, "month=1/p.parquet", "select 0 as label, 1L as x");
    assertTrue(refused(spec()).contains("month=1"));
  }

  @Test
  void partitionColumnsKeepTheirTypeWhereTheFilesDiffer() {
    ParquetFixtures.sql(folder, "y=1/p.parquet", "select 0 as label, 1L as x");
    ParquetFixtures.sql(folder, "y=2.5/p.parquet", "select 1 as label, 2D as x");
    try (Table table = TableReader.read(SPARK, "train", spec())) {
      double[] sums = new double[2];
      for (Example row : table.examples().collect()) {
        sums[0] += row.features().apply(0);
        sums[1] += row.features().apply(1);
      }
      assertEquals(List.of("x", "y"), table.featureNames());
      assertEquals("[3.0, 3.5]", Arrays.toString(sums));
    }
  }

  @Test
  void aColumnInFilesAndFoldersIsTold() {
    ParquetFixtures.sql(folder, "x=5/p.parquet", "select 0 as label, 1L as x");
    try (Table table = TableReader.read(SPARK, "train", spec())) {
      assertEquals(5, table.examples().first().features().apply(0));
      assertTrue(count(table, Notice.Code.PARTITION_COLUMNS) > 0);
    }
  }

  @Test
  void tablesTellTheirPartitionColumns() {
    SPARK.sql("drop table if exists by_year");
    SPARK
        .sql("select 0 as label, 1D as x, 2020 as year")
        .write()
        .partitionBy("year")
        .option("path", folder.resolve("table").toString())
        .saveAsTable("by_year");
    try (Table table =
        TableReader.read(SPARK, "train", TableSpec.of("by_year").withFormat("table"))) {
      assertEquals(1, count(table, Notice.Code.PARTITION_COLUMNS));
    } finally {
      SPARK.sql("drop table by_year");
    }
  }

  @Test
  void brokenAndForeignFilesAreNamed() throws Exception {
    String whole = ParquetFixtures.file(folder, "a.parquet", 1);
    byte[] bytes = Files.readAllBytes(Path.of(whole));
    Path bad = folder.resolve("b.parquet");
    Files.write(bad, Arrays.copyOf(bytes, bytes.length - 20));
    String said = refused(spec());
    assertTrue(said.contains("b.parquet") && said.contains("cut off"), said);
    byte[] footer = bytes.clone();
    Arrays.fill(footer, bytes.length - 60, bytes.length - 8, (byte) 0xff);
    Files.write(bad, footer);
    said = refused(spec());
    assertTrue(said.contains("b.parquet") && said.contains("footer"), said);
    Files.writeString(bad, "label,x\n0,1\n");
    said = refused(spec());
    assertTrue(said.contains("b.parquet") && !said.contains("cut off"), said);
    Files.write(bad, "PARE0123456789PARE".getBytes(StandardCharsets.UTF_8));
    said = refused(spec());
    assertTrue(said.contains("b.parquet") && said.contains("encrypted"), said);
    assertFalse(said.contains("cut off"), said);
    assertTrue(refused(TableSpec.of(bad.toString())).contains("encrypted"));
  }

  @Test
  void damagedPagesAreNamed() throws Exception {
    StringBuilder query = new StringBuilder("select 0 as label, id * 1.5D as x from range(20000)");
    Path file = Path.of(ParquetFixtures.sql(folder, "a.parquet", query.toString()));
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, 2000, bytes.length - 2000, (byte) 0xff);
    Files.write(file, bytes);
    Files.deleteIfExists(folder.resolve(".a.parquet.crc"));
    String said = refused(spec());
    assertTrue(said.contains("a.parquet"), said);
  }

  @Test
  void namesThatDifferInCaseInOneFileAreRefused() {
    SPARK.conf().set("spark.sql.caseSensitive", "true");
    try {
      ParquetFixtures.sql(folder, "a.parquet", "select 0 as label, 1D as x, 2D as X");
    } finally {
      SPARK.conf().unset("spark.sql.caseSensitive");
    }
    assertTrue(refused(spec()).contains("caseSensitive"));
  }

  /** As pandas writes timestamps: of nanoseconds, which Spark refuses. */
  @Test
  void aTypeThatSparkDoesNotReadIsNamed() throws Exception {
    MessageType schema =
        Types.buildMessage()
            .required(PrimitiveTypeName.INT32)
            .named("label")
            .required(PrimitiveTypeName.INT64)
            .as(LogicalTypeAnnotation.timestampType(true, TimeUnit.NANOS))
            .named("at")
            .named("rows");
    org.apache.hadoop.fs.Path file =
        new org.apache.hadoop.fs.Path(folder.resolve("a.parquet").toString());
    try (ParquetWriter<Group> out = ExampleParquetWriter.builder(file).withType(schema).build()) {
      out.write(new SimpleGroupFactory(schema).newGroup().append("label", 1).append("at", 1L));
    }
    String said = refused(spec());
    assertTrue(said.contains("a.parquet") && said.contains("NANOS"), said);
    assertFalse(said.contains("cut off"), said);
  }
}
