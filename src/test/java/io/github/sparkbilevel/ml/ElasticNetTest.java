package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Set;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Penalties that make coefficients 0: fixed ones as Spark's, and tuned ones. */
class ElasticNetTest {
  private static final int ROWS = 150;

  @ParameterizedTest
  @CsvSource({"true, 2, 0.5", "false, 3, 1"})
  void fixedElasticNetGivesSparksCoefficients(boolean standardization, int classes, double share) {
    Dataset<Row> rows = SmallRows.table(ROWS).filter("label < " + classes).cache();
    LogisticRegressionModel expected =
        new LogisticRegression()
            .setRegParam(0.1)
            .setElasticNetParam(share)
            .setStandardization(standardization)
            .setWeightCol("w")
            .setTol(1e-17)
            .setMaxIter(1000)
            .fit(rows);
    TunedLogisticRegression ours =
        SmallRows.classifier()
            .setUpperVariables(new String[0])
            .setRegParam(0.1)
            .setElasticNetParam(share)
            .setStandardization(standardization)
            .setWeightCol("w");
    TunedLogisticRegressionModel model = ours.fit(rows);
    double[] wanted = expected.coefficientMatrix().toArray();
    double[] found = model.coefficientMatrix().toArray();
    assertArrayEquals(wanted, found, 1e-6);
    assertArrayEquals(
        expected.interceptVector().toArray(), model.interceptVector().toArray(), 1e-6);
    int zeros = (int) Arrays.stream(found).filter(c -> c == 0).count();
    assertTrue(zeros > 0);
    assertEquals(found.length - zeros, model.summary().tuning().nonZero().coefficients());
    rows.unpersist();
  }

  @Test
  void fixedElasticNetOfRealLabelsGivesSparksCoefficients() {
    Dataset<Row> rows = SmallRows.table(ROWS).cache();
    LinearRegressionModel expected =
        new LinearRegression()
            .setLabelCol("target")
            .setSolver("l-bfgs") // the other divides by the deviation of the population
            .setRegParam(0.4)
            .setElasticNetParam(0.7)
            .setTol(1e-15)
            .setMaxIter(1000)
            .fit(rows);
    TunedLinearRegression ours =
        SmallRows.regressor()
            .setUpperVariables(new String[0])
            .setRegParam(0.4)
            .setElasticNetParam(0.7);
    TunedLinearRegressionModel model = ours.fit(rows);
    assertArrayEquals(expected.coefficients().toArray(), model.coefficients().toArray(), 1e-6);
    assertEquals(expected.intercept(), model.intercept(), 1e-6);
    assertThrows(
        IllegalArgumentException.class,
        () -> ours.setUpperVariables(new String[] {"l1"}).fit(rows));
    rows.unpersist();
  }

  @Test
  void tunedPenaltiesOfBothKindsHaveNamesOfTheirOwn() {
    TunedLinearRegressionModel model =
        SmallRows.regressor()
            .setUpperVariables(new String[] {"l1-per-feature", "l2-per-feature"})
            .setInitialLambda(new double[] {-1, -5})
            .setMaxIter(6)
            .fit(SmallRows.table(ROWS));
    Set<String> names = model.penalties().keySet();
    assertEquals(2 * SmallRows.FEATURES, names.size());
    assertEquals(SmallRows.FEATURES, names.stream().filter(name -> name.startsWith("l1:")).count());
    double[] coefficients = model.coefficients().toArray();
    int used = (int) Arrays.stream(coefficients).filter(c -> c != 0).count();
    assertTrue(used < SmallRows.FEATURES, Arrays.toString(coefficients));
    assertEquals(used, model.summary().tuning().nonZero().features());
  }

  /** With one penalty for all groups, whose coefficients are 0 together. */
  @ParameterizedTest
  @ValueSource(strings = {"group-lasso", "group-lasso-per-group", "group-lasso-per-feature"})
  void tunedPenaltiesOfGroupsMakeWholeGroups0(String variable) {
    String[] groups = new String[SmallRows.FEATURES];
    Arrays.setAll(groups, j -> j % 2 == 0 ? "even" : "odd");
    boolean grouped = !variable.endsWith("feature");
    TunedLogisticRegressionModel model =
        SmallRows.classifier()
            .setUpperVariables(new String[] {variable})
            .setFeatureGroups(grouped ? groups : new String[0])
            .setInitialLambda(new double[] {-2})
            .setMaxIter(6)
            .fit(SmallRows.table(ROWS));
    Set<String> names = model.penalties().keySet();
    switch (variable) {
      case "group-lasso" -> assertEquals(Set.of("group-lasso"), names);
      case "group-lasso-per-group" -> assertEquals(Set.of("even", "odd"), names);
      default -> assertEquals(SmallRows.FEATURES, names.size());
    }
    int used = 0;
    for (int j = 0; j < SmallRows.FEATURES; j++) {
      int count = 0;
      for (int i = j % 2; i < SmallRows.FEATURES; i += grouped ? 2 : SmallRows.FEATURES) {
        for (int k = 0; k < model.coefficientMatrix().numRows(); k++) {
          count += model.coefficientMatrix().apply(k, grouped ? i : j) == 0 ? 0 : 1;
        }
      }
      int together = grouped ? (SmallRows.FEATURES + 1 - j % 2) / 2 : 1;
      int all = together * model.coefficientMatrix().numRows();
      assertTrue(count == 0 || count == all, "feature " + j + ": " + count + " of " + all);
      used += count == 0 ? 0 : 1;
    }
    assertEquals(used, model.summary().tuning().nonZero().features());
  }
}
