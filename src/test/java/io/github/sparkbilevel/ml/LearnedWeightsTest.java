package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.LocalSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a cleaner's model says of rows that it saw, and of others. */
class LearnedWeightsTest {
  private static final int ROWS = 160;

  @TempDir Path folder;

  private static SparkContext context() {
    return LocalSpark.session().sparkContext();
  }

  @AfterEach
  void noCheckpoints() {
    context().setCheckpointDir(null);
    assertTrue(context().getPersistentRDDs().isEmpty());
  }

  private static DataCleaner byExample() {
    return SmallRows.cleaner().setUpperVariables(new String[] {"example-weights"}).setMaxIter(8);
  }

  @Test
  void exampleWeightsNeedACheckpointFolder() {
    context().setCheckpointDir(null);
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> byExample().fit(SmallRows.table(ROWS)));
    assertEquals(
        "example-weights keeps a weight for each row in a checkpoint folder, found none; call"
            + " spark.sparkContext().setCheckpointDir(folder) first",
        e.getMessage());
  }

  /** Ids of all kinds, some of them spelled as no number of Java is. */
  @ParameterizedTest
  @ValueSource(
      strings = {"concat('row ', id)", "cast(id as decimal(9, 2))", "concat(id, '.0')", "id / 4"})
  void exampleWeightsBelongToIds(String id) throws IOException {
    context().setCheckpointDir(folder.resolve("checkpoints").toString());
    Dataset<Row> rows = SmallRows.table(ROWS).withColumn("id", functions.expr(id));
    DataCleanerModel model = byExample().fit(rows);
    Dataset<Row> seen = rows.filter("not trusted");
    Dataset<Row> judged = model.transform(seen);
    assertEquals(seen.count(), judged.count());
    assertEquals(judged.schema(), model.transformSchema(seen.schema()));
    assertEquals(0, judged.filter("weight = quality").count());
    assertTrue(mean(judged, "label = truth") > mean(judged, "label <> truth") + 0.1);
    // The weight goes with the id, whatever else is in the row.
    Dataset<Row> others = seen.withColumn("label", functions.expr("pmod(label + 1, 3)"));
    assertEquals(byId(judged), byId(model.transform(others)));

    Dataset<Row> unseen = rows.filter("trusted");
    assertEquals(0, model.transform(unseen).filter("weight <> quality").count());
    Dataset<Row> without =
        seen.withColumn("id", functions.lit(null).cast(seen.schema().apply("id").dataType()));
    assertEquals(0, model.transform(without).filter("weight <> quality").count());

    String path = folder.resolve("model").toString();
    model.save(path);
    assertEquals(byId(judged), byId(DataCleanerModel.load(path).transform(seen)));
    String message =
        assertThrows(IllegalArgumentException.class, () -> model.transform(seen.drop("id")))
            .getMessage();
    assertTrue(message.contains("idCol = 'id' is no column"), message);
  }

  private static double mean(Dataset<Row> judged, String which) {
    return judged.filter(which).agg(functions.avg("weight")).first().getDouble(0);
  }

  private static List<Row> byId(Dataset<Row> judged) {
    return judged.selectExpr("id", "weight").orderBy("id").collectAsList();
  }

  @Test
  void groupWeightsAreThoseOfTheSource() {
    Dataset<Row> rows = SmallRows.table(ROWS);
    DataCleanerModel model =
        SmallRows.cleaner()
            .setUpperVariables(new String[] {"group-weights"})
            .setGroupCol("source")
            .setMaxIter(20)
            .fit(rows.filter("not trusted"), rows.filter("trusted").drop("source", "w"));
    Map<String, Double> lambda = model.summary().lambda();
    assertTrue(lambda.get("zoo") > lambda.get("web"), lambda::toString);
    for (String source : List.of("web", "zoo")) {
      Dataset<Row> judged = model.transform(rows.filter("source = '" + source + "'"));
      Row weights = judged.selectExpr("min(weight)", "max(weight)").first();
      assertEquals(weights.getDouble(0), weights.getDouble(1));
      assertEquals(1 / (1 + Math.exp(-lambda.get(source))), weights.getDouble(0), 1e-12);
    }
    for (String unknown : List.of("'moon'", "cast(null as string)", "' '")) {
      Dataset<Row> judged = model.transform(rows.withColumn("source", functions.expr(unknown)));
      assertEquals(0, judged.filter("weight <> quality").count(), unknown);
    }
    assertEquals(0, model.transform(rows.drop("source")).filter("weight <> quality").count());
    assertThrows(
        IllegalArgumentException.class,
        () -> SmallRows.cleaner().setUpperVariables(new String[] {"group-weights"}).fit(rows));
  }

  @Test
  void rowsWithoutAGroupAreAGroup() {
    Dataset<Row> rows =
        SmallRows.table(ROWS)
            .withColumn(
                "source", functions.expr("case when source = 'web' then ' ' else source end"));
    DataCleanerModel model = SmallRows.cleaner().setGroupCol("source").fit(rows);
    assertEquals(
        List.of(
            "constant", "trusted log-odds", "current log-odds", "start log-odds", "zoo", "(none)"),
        List.copyOf(model.summary().lambda().keySet()));
    Dataset<Row> nulls =
        rows.withColumn("source", functions.expr("case when source = 'zoo' then source end"));
    assertEquals(byId(model.transform(rows)), byId(model.transform(nulls)));
  }

  @Test
  void aLabelNeverSeenIsFlaggedAndAMissingOneIsSuggested() {
    Dataset<Row> rows = SmallRows.table(ROWS);
    DataCleanerModel model = SmallRows.cleaner().fit(rows);
    Dataset<Row> never = model.transform(rows.withColumn("label", functions.lit(7.5)));
    assertEquals(ROWS, never.filter("flagged and quality = 0 and weight between 0 and 1").count());
    assertEquals(0, never.filter("suggestedLabel not in (0.0, 1.0, 2.0)").count());
    assertEquals(0, model.cleaned(rows.withColumn("label", functions.lit(7.5))).count());
    Dataset<Row> missing =
        model.transform(rows.withColumn("label", functions.lit(null).cast(DataTypes.DoubleType)));
    assertEquals(
        ROWS, missing.filter("flagged is null and quality is null and weight is null").count());
    assertEquals(
        never.select("suggestedLabel").collectAsList(),
        missing.select("suggestedLabel").collectAsList());
    assertEquals(0, model.cleaned(missing.select("id", "features", "label")).count());
    Dataset<Row> text = model.transform(rows.withColumn("label", functions.lit(" ")));
    assertEquals(ROWS, text.filter("flagged is null and weight is null").count());
    Dataset<Row> blank =
        model.transform(
            rows.withColumn(
                "features", functions.lit(null).cast(rows.schema().apply("features").dataType())));
    assertEquals(ROWS, blank.filter("weight is null and suggestedLabel is null").count());
  }

  @Test
  void aRowOfAnotherWidthIsRefusedInOneSentence() {
    Dataset<Row> rows = SmallRows.table(ROWS);
    DataCleanerModel model = SmallRows.cleaner().fit(rows);
    TunedLogisticRegressionModel classifier = SmallRows.classifier().fit(rows);
    TunedLinearRegressionModel regressor = SmallRows.regressor().fit(rows);
    String expected =
        "the row has 5 features, expected 4; assemble the columns the model was trained on";
    for (org.apache.spark.ml.linalg.Vector wide :
        List.of(Vectors.dense(1, 2, 3, 4, 5), Vectors.sparse(5, new int[] {4}, new double[] {1}))) {
      assertEquals(
          expected,
          assertThrows(
                  IllegalArgumentException.class,
                  () -> model.judge().judge(wide, "1", null, List.of()))
              .getMessage());
      assertTrue(
          assertThrows(IllegalArgumentException.class, () -> classifier.predictRaw(wide))
              .getMessage()
              .startsWith(expected));
      assertTrue(
          assertThrows(IllegalArgumentException.class, () -> regressor.predict(wide))
              .getMessage()
              .startsWith(expected));
    }
    assertFalse(model.transform(rows).filter("weight is null").count() > 0);
  }
}
