package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.regression.GeneralizedLinearRegression;
import org.apache.spark.ml.regression.GeneralizedLinearRegressionModel;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses of real labels beside the squared one. */
class RealLossesTest {
  private static final int ROWS = 150;

  /** Labels of the kind that a loss takes. */
  private static Dataset<Row> rows(String target) {
    return SmallRows.table(ROWS).drop("target").selectExpr("*", target + " as target");
  }

  private static TunedLinearRegression fixed(String loss, double penalty) {
    return SmallRows.regressor()
        .setLoss(loss)
        .setUpperVariables(new String[0])
        .setRegParam(penalty)
        .setStandardization(false)
        .setWeightCol("w");
  }

  @ParameterizedTest
  @CsvSource({"poisson, 0.3", "gamma, 0.2", "tweedie, 0"})
  void fixedPenaltyGivesSparksCoefficients(String family, double penalty) {
    Dataset<Row> rows = rows(family.equals("gamma") ? "1 + label" : "floor(2 * label)").cache();
    var spark =
        new GeneralizedLinearRegression()
            .setFamily(family)
            .setLabelCol("target")
            .setWeightCol("w")
            .setRegParam(penalty)
            .setTol(1e-14)
            .setMaxIter(100);
    if (family.equals("tweedie")) {
      spark.setVariancePower(1.5).setLinkPower(0);
    } else {
      spark.setLink("log");
    }
    GeneralizedLinearRegressionModel expected = spark.fit(rows);
    String loss = family.equals("tweedie") ? "tweedie 1.5" : family;
    TunedLinearRegressionModel model = fixed(loss, penalty).fit(rows);
    assertArrayEquals(expected.coefficients().toArray(), model.coefficients().toArray(), 1e-6);
    assertEquals(expected.intercept(), model.intercept(), 1e-6);
    Vector row = rows.first().getAs("features");
    assertEquals(expected.predict(row), model.predict(row), 1e-6);
    assertEquals(model.predict(row), model.toSparkGeneralized().predict(row), 1e-9);
    assertThrows(IllegalStateException.class, model::toSpark);
    rows.unpersist();
  }

  @Test
  void countByExposureThatWeighsAsMuchEqualsAnOffset() {
    Dataset<Row> rows = rows("floor(2 * label)").cache();
    GeneralizedLinearRegressionModel expected =
        new GeneralizedLinearRegression()
            .setFamily("poisson")
            .setLabelCol("target")
            .setOffsetCol("offset")
            .setTol(1e-14)
            .fit(rows.selectExpr("*", "ln(w) as offset"));
    TunedLinearRegressionModel model =
        fixed("poisson", 0).fit(rows.drop("target").selectExpr("*", "floor(2 * label) / w target"));
    assertArrayEquals(expected.coefficients().toArray(), model.coefficients().toArray(), 1e-6);
    assertEquals(expected.intercept(), model.intercept(), 1e-6);
    rows.unpersist();
  }

  /** Outliers move the mean by far, Huber's estimate and the median hardly. */
  @Test
  void outliersMoveRobustLossesLittle() {
    Dataset<Row> rows = rows("if(id % 10 = 0, 1e6, 1000 + id % 7)").cache();
    for (String loss : List.of("huber 1", "quantile 0.5 0.1")) {
      TunedLinearRegressionModel model = fixed(loss, 1e6).fit(rows);
      assertEquals(1003.3, model.intercept(), 0.5, loss);
      LinearRegressionModel spark = model.toSpark();
      Vector row = rows.first().getAs("features");
      assertEquals(spark.predict(row), model.predict(row), 0);
      assertThrows(IllegalStateException.class, model::toSparkGeneralized);
    }
    rows.unpersist();
  }

  @Test
  void quantileIsExceededByItsShareOfTheRows() {
    Dataset<Row> rows = rows("id % 30 + 0.1 * label").cache();
    TunedLinearRegressionModel model =
        SmallRows.regressor().setLoss("quantile 0.8").setMaxIter(5).fit(rows);
    double above = model.transform(rows).filter("target > prediction").count();
    assertEquals(0.2, above / ROWS, 0.04);
    rows.unpersist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"poisson", "gamma", "tweedie 1.2"})
  void labelsThatTheLossDoesNotTakeAreRefusedWithTheirRow(String loss) {
    String target = loss.equals("gamma") ? "if(id = 77, 0, 1)" : "if(id = 77, -1, 1)";
    var thrown = assertThrows(DataException.class, () -> fixed(loss, 0.1).fit(rows(target)));
    assertTrue(thrown.getMessage().contains("'77'"), thrown.getMessage());
  }

  @Test
  void quantileOutsideOfItsRangeIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> fixed("quantile 1", 0.1).fit(rows("label")));
  }
}
