package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.bilevel.Sensitivity;
import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.data.Notice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.feature.StandardScaler;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TunedLogisticRegressionTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "true, true, 4, false",
    "false, true, 3, false",
    "true, true, 2, true",
    "true, false, 2, false",
    "false, true, 2, true"
  })
  void fixedPenaltyGivesSparksCoefficients(
      boolean standardization, boolean intercept, int classes, boolean weighted) {
    Dataset<Row> rows =
        Digits.clean()
            .filter("id < 300 and label < " + classes)
            .selectExpr("features as pixels", "label", "1.0 + pmod(id, 3) as w");
    // L-BFGS gets to about 1e-7 in units of the deviation; other units would only stretch that.
    rows =
        new StandardScaler()
            .setWithMean(true)
            .setInputCol("pixels")
            .setOutputCol("features")
            .fit(rows)
            .transform(rows)
            .cache();
    LogisticRegression spark =
        new LogisticRegression()
            .setRegParam(0.05)
            .setStandardization(standardization)
            .setFitIntercept(intercept)
            .setTol(1e-17)
            .setMaxIter(500);
    TunedLogisticRegression ours =
        new TunedLogisticRegression()
            .setUpperVariables(new String[0])
            .setRegParam(0.05)
            .setStandardization(standardization)
            .setFitIntercept(intercept);
    if (weighted) {
      spark.setWeightCol("w");
      ours.setWeightCol("w");
    }
    LogisticRegressionModel expected = spark.fit(rows);
    TunedLogisticRegressionModel model = ours.fit(rows);
    assertArrayEquals(
        expected.coefficientMatrix().toArray(), model.coefficientMatrix().toArray(), 1e-6);
    assertArrayEquals(
        expected.interceptVector().toArray(), model.interceptVector().toArray(), 1e-6);
    rows.unpersist();
  }

  @Test
  void dependentColumnsWithoutAPenaltyAreFittedAsBySpark() {
    Dataset<Row> rows =
        new VectorAssembler()
            .setInputCols(new String[] {"features", "features"})
            .setOutputCol("twice")
            .transform(SmallRows.table(200))
            .cache();
    TunedLogisticRegression ours =
        new TunedLogisticRegression()
            .setFeaturesCol("twice")
            .setUpperVariables(new String[0])
            .setRegParam(0);
    LogisticRegression spark =
        new LogisticRegression().setFeaturesCol("twice").setTol(1e-15).setMaxIter(500);
    Dataset<Row> expected = spark.fit(rows).transform(rows).select("id", "probability");
    List<Row> found =
        ours.fit(rows).transform(rows).select("id", "probability").orderBy("id").collectAsList();
    List<Row> wanted = expected.orderBy("id").collectAsList();
    for (int i = 0; i < found.size(); i++) {
      assertArrayEquals(
          wanted.get(i).<Vector>getAs(1).toArray(), found.get(i).<Vector>getAs(1).toArray(), 1e-5);
    }
    rows.unpersist();
  }

  @Test
  void tunesSavesAndConverts() throws IOException {
    Dataset<Row> rows = Digits.clean().filter("id < 400 and label < 4");
    TunedLogisticRegressionModel model =
        new TunedLogisticRegression()
            .setMaxIter(6)
            .setBaselines(new String[] {"grid"})
            .setGridSize(3)
            .fit(rows);
    assertEquals(64, model.penalties().size());
    assertTrue(
        model.summary().tuning().upperObjective()
            < model.summary().run().history().get(0).figures().upper().loss());
    Dataset<Row> test = Digits.clean().filter("id >= 1500 and label < 4");
    List<Row> predicted = predictions(model.transform(test));
    assertEquals(predicted, predictions(model.toSpark().transform(test)));
    String path = folder.resolve("model").toString();
    model.save(path);
    TunedLogisticRegressionModel loaded = TunedLogisticRegressionModel.load(path);
    assertEquals(predicted, predictions(loaded.transform(test)));
    assertEquals(model.penalties(), loaded.penalties());
    Sensitivity sensitivity = model.summary().sensitivity().orElseThrow();
    assertEquals(64, sensitivity.slopes().size());
    assertEquals(sensitivity, loaded.summary().sensitivity().orElseThrow());
    assertTrue(LocalSpark.session().sparkContext().getPersistentRDDs().isEmpty());
  }

  @Test
  void theSummaryTellsOfFeaturesThatOnlyValidationRowsHave() {
    List<Row> rows =
        SmallRows.list(90).stream()
            .map(
                row -> {
                  double[] x = Arrays.copyOf(row.<Vector>getAs(1).toArray(), SmallRows.FEATURES);
                  x[2] = row.getBoolean(5) ? x[2] : 0;
                  return SmallRows.with(row, "features", Vectors.dense(x));
                })
            .toList();
    TunedLogisticRegressionModel model =
        SmallRows.classifier().setValidationIndicatorCol("trusted").fit(SmallRows.of(rows));
    List<Notice> notices = model.summary().run().notices();
    assertEquals(
        List.of(1L),
        notices.stream()
            .filter(notice -> notice.code() == Notice.Code.FEATURES_UNSEEN)
            .map(Notice::count)
            .toList());
  }

  private static List<Row> predictions(Dataset<Row> rows) {
    return rows.select("rawPrediction", "probability", "prediction").collectAsList();
  }
}
