package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DualSvc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.classification.LinearSVCModel;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The support vector classifier that {@code loss = squared-hinge} makes. */
class SquaredHingeModelTest {
  private static final int ROWS = 150;
  private static final double PENALTY = 0.05;

  private static TunedLogisticRegression tuner() {
    return SmallRows.classifier().setLoss("squared-hinge").setWeightCol("w");
  }

  private static Dataset<Row> rows() {
    return SmallRows.table(ROWS)
        .drop("label")
        .selectExpr("*", "cast(truth > 0 as double) as label")
        .cache();
  }

  @Test
  void fixedPenaltyGivesTheCoefficientsOfCoordinateDescent() {
    Dataset<Row> rows = rows();
    List<Row> list = rows.orderBy("id").collectAsList();
    double[][] x =
        list.stream().map(row -> row.<Vector>getAs("features").toArray()).toArray(double[][]::new);
    double[] y = list.stream().mapToDouble(row -> 2 * row.<Double>getAs("label") - 1).toArray();
    double[] w = list.stream().mapToDouble(row -> row.<Double>getAs("w")).toArray();
    double total = Arrays.stream(w).sum();
    double[] a = Arrays.stream(w).map(weight -> weight / total).toArray();
    double[] c = new double[SmallRows.FEATURES];
    Arrays.fill(c, PENALTY);
    double[] expected = DualSvc.solve(x, y, a, c);
    TunedLogisticRegressionModel model =
        tuner()
            .setUpperVariables(new String[0])
            .setRegParam(PENALTY)
            .setStandardization(false)
            .setFitIntercept(false)
            .setPrecision("double")
            .fit(rows);
    assertArrayEquals(expected, model.coefficientMatrix().toArray(), 1e-7);
    rows.unpersist();
  }

  @Test
  void tunedModelScoresRawRowsAsSparksOwnAndLoadsAgain(@TempDir Path folder) throws IOException {
    Dataset<Row> rows = rows();
    TunedLogisticRegressionModel model = tuner().setMaxIter(5).fit(rows);
    double right = model.transform(rows).filter("label = prediction").count();
    assertTrue(right / ROWS > 0.8, right + " of " + ROWS);
    LinearSVCModel spark = model.toSparkSvc();
    assertThrows(IllegalStateException.class, model::toSpark);
    model.save(folder.resolve("m").toString());
    var loaded = TunedLogisticRegressionModel.load(folder.resolve("m").toString());
    for (Row row : rows.collectAsList()) {
      Vector features = row.getAs("features");
      double[] raw = model.predictRaw(features).toArray();
      assertArrayEquals(spark.predictRaw(features).toArray(), raw, 1e-9);
      assertEquals(spark.predict(features), model.predict(features), 0);
      assertEquals(raw[1] > 0 ? 1 : 0, model.predict(features), 0);
      double one = (1 + Math.max(-1, Math.min(1, raw[1]))) / 2;
      double[] probability = model.predictProbability(features).toArray();
      assertArrayEquals(new double[] {1 - one, one}, probability, 1e-15);
      assertArrayEquals(raw, loaded.predictRaw(features).toArray(), 0);
      assertEquals(model.predict(features), loaded.predict(features), 0);
    }
    assertThrows(IllegalStateException.class, loaded::toSpark);
    rows.unpersist();
  }

  @Test
  void moreClassesAndOtherLossesAreRefused() {
    Dataset<Row> three = SmallRows.table(ROWS);
    assertThrows(IllegalArgumentException.class, () -> tuner().fit(three));
    Dataset<Row> rows = rows();
    assertThrows(IllegalArgumentException.class, () -> tuner().setFamily("multinomial").fit(rows));
    assertThrows(IllegalArgumentException.class, () -> tuner().setLoss("squared"));
    var crossEntropy = tuner().setLoss("cross-entropy").fit(rows);
    assertThrows(IllegalStateException.class, crossEntropy::toSparkSvc);
    rows.unpersist();
  }
}
