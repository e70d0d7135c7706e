package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.spark.TestSpark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cleaner on real labels. */
class RealLabelsCleanerTest {
  private static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.LongType)
          .add("features", SQLDataTypes.VectorType())
          .add("label", DataTypes.IntegerType)
          .add("truth", DataTypes.IntegerType)
          .add("trusted", DataTypes.BooleanType)
          .add("source", DataTypes.StringType);

  @TempDir Path folder;

  /** Whole numbers of which every third of one source is in another unit. */
  private static Dataset<Row> table() {
    Random random = new Random(4);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      double[] x = {random.nextGaussian(), 3 * random.nextGaussian()};
      int truth = (int) Math.round(500 + 40 * x[0] - 20 * x[1] + 10 * random.nextGaussian());
      boolean trusted = i % 8 == 0;
      boolean wrong = !trusted && i % 2 == 1 && random.nextInt(3) == 0;
      rows.add(
          RowFactory.create(
              (long) i,
              Vectors.dense(x),
              wrong ? 2 * truth : truth,
              truth,
              trusted,
              i % 2 == 0 ? "web" : "zoo"));
    }
    return TestSpark.session().createDataFrame(rows, SCHEMA);
  }

  private static DataCleaner cleaner() {
    return new DataCleaner()
        .setFamily("linear")
        .setTrustedCol("trusted")
        .setTruthCol("truth")
        .setIdCol("id")
        .setGroupCol("source")
        .setMaxIter(10);
  }

  @Test
  void aSavedCleanerJudgesAnyRows() throws Exception {
    Dataset<Row> table = table();
    DataCleanerModel model = cleaner().fit(table);
    ModelFigures figures = model.summary().models().get(model.summary().selected());
    assertEquals(10, figures.heldOutErrors().rmse(), 6);
    assertTrue(model.summary().noise().detection().quality().auroc() > 0.99);
    assertThrows(IllegalStateException.class, model::classifier);
    assertEquals(2, model.regressor().numFeatures());

    Dataset<Row> said = model.transform(table);
    assertEquals(model.transformSchema(table.schema()), said.schema());
    assertEquals(DataTypes.DoubleType, said.schema().apply("suggestedLabel").dataType());
    assertEquals(model.summary().noise().flagged(), said.filter("flagged and not trusted").count());
    assertEquals(0, said.filter("flagged and label = truth and not trusted").count(), 5);
    for (Row row : model.regressor().transform(said).collectAsList()) {
      assertEquals(row.<Double>getAs("prediction"), row.<Double>getAs("suggestedLabel"), 1e-9);
    }
    double ofRight = mean(said.filter("label = truth"));
    double ofWrong = mean(said.filter("label <> truth"));
    assertTrue(ofRight > 0.7 && ofWrong < 0.1, ofRight + " " + ofWrong);

    Path saved = folder.resolve("cleaner");
    model.save(saved.toString());
    DataCleanerModel loaded = DataCleanerModel.load(saved.toString());
    assertEquals(
        said.orderBy("id").collectAsList(), loaded.transform(table).orderBy("id").collectAsList());
    assertEquals(model.summary().models(), loaded.summary().models());
  }

  private static double mean(Dataset<Row> rows) {
    return rows.agg(functions.avg("weight")).first().getDouble(0);
  }

  @Test
  void labelsThatAreMissingOrNoNumbersAreSaidSo() {
    DataCleanerModel model = cleaner().setMaxIter(2).fit(table());
    Dataset<Row> texts =
        table().limit(1).withColumn("label", functions.lit("cat").cast(DataTypes.StringType));
    Row strange = model.transform(texts).first();
    assertEquals(0, strange.<Double>getAs("quality"));
    assertTrue(strange.<Boolean>getAs("flagged"));
    assertTrue(strange.<Double>getAs("weight") < 0.5);
    Row none =
        model
            .transform(
                table()
                    .limit(1)
                    .withColumn("label", functions.lit(null).cast(DataTypes.StringType)))
            .first();
    assertNull(none.getAs("quality"));
    assertNull(none.getAs("flagged"));
    assertTrue(Double.isFinite(none.<Double>getAs("suggestedLabel")));
  }

  @Test
  void paramsOfClassesAreRefused() {
    StructType schema = table().schema();
    assertFalse(List.of(cleaner().transformSchema(schema).fieldNames()).contains("softLabels"));
    List<DataCleaner> refused =
        List.of(
            cleaner().setSoftLabelsCol("softLabels"),
            cleaner().setSelectionMetric("accuracy"),
            cleaner().setVotesCols(new String[] {"id"}),
            cleaner().setProbabilityCols(new String[] {"id", "label"}),
            cleaner().setUpperVariables(new String[] {"noise-model"}),
            cleaner().setBaselines(new String[] {"confident-learning"}),
            cleaner().setLoss("poisson"),
            new DataCleaner().setLoss("huber"));
    for (DataCleaner each : refused) {
      assertThrows(IllegalArgumentException.class, () -> each.transformSchema(schema));
    }
  }

  @Test
  void withoutTrustedRowsThereIsNothingToLearnFrom() {
    assertThrows(
        IllegalArgumentException.class, () -> new DataCleaner().setFamily("linear").fit(table()));
  }
}
