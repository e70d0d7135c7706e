package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.sources.RelationProvider;
import org.apache.spark.sql.sources.TableScan;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.collection.immutable.Map;

/** Folders of Parquet files that are tables of Delta, Iceberg or Hudi. */
class LakeTableTest {
  private static final SparkSession SPARK = LocalSpark.session();

  @TempDir Path folder;

  /** A source of that name, with three rows for any path. */
  public static final class FakeDelta implements DataSourceRegister, RelationProvider {
    @Override
    public String shortName() {
      return "delta";
    }

    @Override
    public BaseRelation createRelation(SQLContext context, Map<String, String> parameters) {
      return new FakeRelation(context);
    }
  }

  private static final class FakeRelation extends BaseRelation implements TableScan {
    private final SQLContext context;
    private final Dataset<Row> rows;

    FakeRelation(SQLContext context) {
      this.context = context;
      this.rows = SPARK.range(3).selectExpr("id % 2 as label", "id * 2.0D as x");
    }

    @Override
    public SQLContext sqlContext() {
      return context;
    }

    @Override
    public StructType schema() {
      return rows.schema();
    }

    @Override
    public RDD<Row> buildScan() {
      return rows.rdd();
    }
  }

  private Path table(String mark) throws IOException {
    Path root = folder.resolve("warehouse/orders");
    ParquetFixtures.file(root, "year=2020/p.parquet", 1);
    Path file = root.resolve(mark);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{}");
    TestFiles.text(root, "rows.csv", "label,x\n0,1\n1,0\n");
    return root;
  }

  private static String refused(Path path, String format) {
    return assertThrows(
            DataException.class,
            () ->
                TableReader.read(SPARK, "train", TableSpec.of(path.toString()).withFormat(format)))
        .getMessage();
  }

  @ParameterizedTest
  @CsvSource({
    "_delta_log/00000000000000000000.json, Delta, io.delta:delta-spark_2.13",
    "metadata/v1.metadata.json, Iceberg, org.apache.iceberg:iceberg-spark-runtime",
    ".hoodie/hoodie.properties, Hudi, org.apache.hudi:hudi-spark"
  })
  void withoutItsSourceItIsRefusedByName(String mark, String kind, String jar) throws IOException {
    Path root = table(mark);
    for (String format : new String[] {"auto", "parquet"}) {
      String said = refused(root, format);
      assertTrue(said.contains(kind + " table") && said.contains(jar), said);
    }
    for (String part : new String[] {"year=2020", "year=2020/p.parquet", "year=*", "rows.csv"}) {
      String said = refused(root.resolve(part), "auto");
      assertTrue(said.contains("inside the " + kind + " table") && said.contains("orders"), said);
    }
    assertTrue(refused(root, "csv").contains(kind));
    String above = refused(folder.resolve("warehouse"), "parquet");
    assertTrue(above.contains("holds the " + kind + " table"), above);
    String pattern = refused(folder.resolve("warehouse/o*"), "parquet");
    assertTrue(pattern.contains(kind + " table"), pattern);
  }

  @Test
  void itsOwnSourceReadsIt() throws Exception {
    Path root = table("_delta_log/00000000000000000000.json");
    Path services = folder.resolve("jar/META-INF/services");
    Files.createDirectories(services);
    Files.writeString(
        services.resolve(DataSourceRegister.class.getName()),
        "no.such.Source\n" + FakeDelta.class.getName() + "\n");
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    assertFalse(LakeTable.isThere("delta", before));
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.resolve("jar").toUri().toURL()}, before)) {
      assertTrue(LakeTable.isThere("Delta", loader));
      assertFalse(LakeTable.isThere("hudi", loader));
      Files.writeString(
          services.resolve(DataSourceRegister.class.getName()), FakeDelta.class.getName() + "\n");
      Thread.currentThread().setContextClassLoader(loader);
      try (Table table = TableReader.read(SPARK, "train", TableSpec.of(root.toString()))) {
        assertEquals(3, table.rowCount());
        assertEquals(2, table.examples().collect().get(2).id());
      }
      assertTrue(refused(root, "csv").contains("csv"));
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }
}
