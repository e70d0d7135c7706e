package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.LocalSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Columns of any type in a pipeline, as {@code data.columns} takes them in job files. */
class ColumnAssemblerTest {
  private static final String[] TOWNS = {"Ulm", "Bonn", "Jena"};
  private static final String[] INPUTS = {"age", "town", "zip"};
  private static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.LongType)
          .add("age", DataTypes.DoubleType)
          .add("town", DataTypes.StringType)
          .add("zip", DataTypes.IntegerType)
          .add("label", DataTypes.StringType)
          .add("checked", DataTypes.BooleanType);

  @TempDir Path folder;
  private static Dataset<Row> rows;

  @BeforeAll
  static void makeRows() {
    Random random = new Random(1);
    List<Row> made = new ArrayList<>();
    for (long id = 0; id < 120; id++) {
      String town = TOWNS[(int) (id % 3)];
      double age = 20 + 40 * random.nextDouble();
      boolean older = age > 40;
      made.add(
          RowFactory.create(
              id,
              id % 10 == 0 ? null : age,
              town,
              10_000 + (int) (id % 4),
              older == (id % 7 != 0) ? "yes" : "no",
              id % 3 == 0));
    }
    rows = LocalSpark.session().createDataFrame(made, SCHEMA).coalesce(1);
  }

  private static ColumnAssembler assembler() {
    return new ColumnAssembler().setInputCols(INPUTS).setKinds(new String[] {"zip=category"});
  }

  @Test
  void addsNamedFeaturesBesideTheOtherColumns() {
    ColumnAssemblerModel model = assembler().fit(rows);
    Dataset<Row> made = model.transform(rows);
    assertArrayEquals(
        new String[] {"id", "age", "town", "zip", "label", "checked", "features"}, made.columns());
    assertEquals(rows.count(), made.count());
    AttributeGroup names = AttributeGroup.fromStructField(made.schema().apply("features"));
    List<String> features = new ArrayList<>();
    for (var attribute : names.attributes().get()) {
      features.add(attribute.name().get());
    }
    assertTrue(
        features.containsAll(List.of("age", "town = Ulm", "zip = 10003")), features.toString());
    Row second = made.filter("id = 1").first();
    Vector values = second.getAs("features");
    assertEquals(second.<Double>getAs("age"), values.apply(features.indexOf("age")), 1e-12);
    assertEquals(1, values.apply(features.indexOf("town = Bonn")));
    assertEquals(3, model.became().length);
    assertTrue(model.became()[2].startsWith("zip: category"), model.became()[2]);
  }

  @Test
  void fittedPipelineIsSavedAndTakesRawRows() throws IOException {
    DataCleaner cleaner =
        new DataCleaner()
            .setIdCol("id")
            .setTrustedCol("checked")
            .setMaxIter(2)
            .setBaselines(new String[0]);
    PipelineModel fitted =
        new Pipeline().setStages(new PipelineStage[] {assembler(), cleaner}).fit(rows);
    String path = folder.resolve("pipeline").toString();
    fitted.write().save(path);
    List<Row> expected = fitted.transform(rows).select("id", "quality").collectAsList();
    List<Row> found =
        PipelineModel.load(path).transform(rows).select("id", "quality").collectAsList();
    assertEquals(expected, found);
    assertEquals(120, found.size());
  }

  @Test
  void estimatorIsSaved() throws IOException {
    String path = folder.resolve("assembler").toString();
    assembler().setOutputCol("all").setMissing(new String[] {"NA"}).write().save(path);
    ColumnAssembler again = ColumnAssembler.load(path);
    assertArrayEquals(INPUTS, again.getInputCols());
    assertArrayEquals(new String[] {"zip=category"}, again.getKinds());
    assertArrayEquals(new String[] {"NA"}, again.getMissing());
    assertEquals("all", again.getOutputCol());
    assertEquals("all", again.fit(rows).getOutputCol());
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThrows(IllegalArgumentException.class, () -> new ColumnAssembler().fit(rows));
    refused(assembler().setInputCols(new String[] {"age", "street"}), "street");
    refused(assembler().setOutputCol("town"), "town");
    refused(assembler().setKinds(new String[] {"zip=place"}), "category");
    refused(assembler().setKinds(new String[] {"zip"}), "category");
    refused(assembler().setKinds(new String[] {"label=category"}), "inputCols");
    String why =
        assertThrows(
                DataException.class,
                () -> assembler().setKinds(new String[] {"town=number"}).fit(rows))
            .getMessage();
    assertTrue(why.contains("'town'") && why.contains("kinds"), why);
    Dataset<Row> lacking = rows.drop("zip");
    ColumnAssemblerModel model = assembler().fit(rows);
    assertThrows(IllegalArgumentException.class, () -> model.transform(lacking));
  }

  private static void refused(ColumnAssembler assembler, String word) {
    String why =
        assertThrows(IllegalArgumentException.class, () -> assembler.fit(rows)).getMessage();
    assertTrue(why.contains(word), why);
  }
}
