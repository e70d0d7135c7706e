package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.LocalSpark;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with rows is said in one sentence that names the row. */
class WrongRowsTest {
  private static final int ROWS = 120;

  /** One wrong cell in row 77, found by estimators with ids and without. */
  @ParameterizedTest
  @CsvSource({
    "label, '', the label column 'label' is empty",
    "label, NaN, the label column 'label' is empty",
    "features, '', the feature column 'features' is null",
    "features, NaN, the feature column 'features' has NaN at position 2",
    "features, Infinity, the feature column 'features' has Infinity at position 2",
    "w, '', the weight column 'w' has",
    "w, -1, the weight column 'w' has '-1'"
  })
  void aWrongRowIsNamedInOneSentence(String column, String value, String said) {
    List<Row> list = new ArrayList<>(SmallRows.list(ROWS));
    Object wrong = value.isEmpty() ? null : Double.valueOf(value);
    if (wrong != null && column.equals("features")) {
      wrong = Vectors.dense(1, 2, (Double) wrong, 4);
    }
    list.set(77, SmallRows.with(list.get(77), column, wrong));
    Dataset<Row> rows = SmallRows.of(list).repartition(3, functions.col("source"));
    for (Estimator<?> estimator :
        List.of(
            SmallRows.cleaner().setBaseWeightCol("w"),
            SmallRows.classifier().setWeightCol("w"),
            SmallRows.regressor().setWeightCol("w").setLabelCol("label"))) {
      assertRefused(estimator, rows, "the training data, row with id '77': " + said);
    }
    assertRefused(
        SmallRows.classifier().setWeightCol("w").setIdCol(""),
        SmallRows.of(list),
        "the training data, row 77 (counted from 0): " + said);
  }

  @Test
  void aRowWithoutAnIdAndARowThatIsThereTwiceAreNamed() {
    List<Row> list = new ArrayList<>(SmallRows.list(ROWS));
    list.set(77, SmallRows.with(list.get(77), "id", null));
    assertRefused(
        SmallRows.classifier(),
        SmallRows.of(list),
        "the training data, row 77 (counted from 0): the id column 'id' is empty");
    list.set(77, list.get(76));
    assertRefused(
        SmallRows.classifier(),
        SmallRows.of(list),
        "the training data has 1 duplicate ids, the first '76'");
  }

  @Test
  void aWrongTrustedOrValidationRowIsNamed() {
    List<Row> list = new ArrayList<>(SmallRows.list(ROWS));
    list.set(3, SmallRows.with(list.get(3), "label", null));
    assertRefused(
        SmallRows.cleaner(),
        SmallRows.of(list),
        "the trusted data, row with id '3': the label column 'label' is empty");
    assertRefused(
        SmallRows.classifier().setValidationIndicatorCol("trusted"),
        SmallRows.of(list),
        "the validation data, row with id '3': the label column 'label' is empty");
  }

  @Test
  void noRowsAreAnError() {
    Dataset<Row> rows = SmallRows.table(ROWS);
    assertRefused(SmallRows.classifier(), rows.filter("id < 0"), "the training data has no rows");
    assertRefused(SmallRows.cleaner(), rows.filter("trusted"), "the training data has no rows");
    assertRefused(SmallRows.cleaner(), rows.filter("not trusted"), "the trusted data has no rows");
    assertRefused(
        SmallRows.classifier().setValidationIndicatorCol("trusted"),
        rows.filter("not trusted"),
        "the validation data has no rows");
    assertRefused(SmallRows.classifier(), rows.filter("label = 0"), "one class only");
  }

  private static void assertRefused(Estimator<?> estimator, Dataset<Row> rows, String said) {
    String message = assertThrows(DataException.class, () -> estimator.fit(rows)).getMessage();
    assertTrue(message.contains(said), message);
    assertTrue(message.contains("expected"), message);
    assertFalse(message.contains("\n"), message);
    assertTrue(LocalSpark.session().sparkContext().getPersistentRDDs().isEmpty());
  }
}
