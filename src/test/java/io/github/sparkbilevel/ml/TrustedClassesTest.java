package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.problem.Weighing;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Classes that trusted rows lack, by the estimator. */
class TrustedClassesTest {
  private static final int ROWS = 300;
  private static Dataset<Row> rows;

  @TempDir Path folder;

  @BeforeAll
  static void makeRows() {
    LocalSpark.session();
    rows = SmallRows.table(ROWS);
  }

  private static Column isTrusted() {
    return functions.col("trusted");
  }

  /** The rows, with at most so many trusted ones of a class. */
  private static Dataset<Row> withTrusted(int label, int most) {
    Dataset<Row> trusted = rows.filter(isTrusted());
    Dataset<Row> ofClass =
        trusted.filter(functions.col("label").equalTo(label)).orderBy("id").limit(most);
    return rows.filter(functions.not(isTrusted()))
        .unionByName(trusted.filter(functions.col("label").notEqual(label)))
        .unionByName(ofClass);
  }

  private static long flagged(DataCleanerModel model, int label) {
    return model
        .transform(rows.filter(functions.not(isTrusted())))
        .filter(functions.col("label").equalTo(label).and(functions.col("flagged")))
        .count();
  }

  private static long training(int label) {
    return rows.filter(functions.not(isTrusted()).and(functions.col("label").equalTo(label)))
        .count();
  }

  private static DataCleaner cleaner(String variable) {
    return SmallRows.cleaner()
        .setIdCol("id")
        .setMaxIter(8)
        .setUpperVariables(new String[] {variable})
        .setBaselines(new String[] {"noisy", "trusted", "cleaned"});
  }

  @ParameterizedTest
  @CsvSource({"weight-function, 0", "weight-function, 1", "example-weights, 0", "group-weights, 0"})
  void rowsOfAClassThatTrustedRowsLackAreNotFlaggedWholesale(String variable, int most) {
    LocalSpark.session().sparkContext().setCheckpointDir(folder.toString());
    DataCleaner cleaner = cleaner(variable).setGroupCol("source");
    long wrong = flagged(cleaner.fit(rows), 2);
    DataCleanerModel model = cleaner.fit(withTrusted(2, most));
    List<Notice> notices =
        model.summary().run().notices().stream()
            .filter(n -> n.code() == Notice.Code.CLASS_WITHOUT_TRUSTED_ROWS)
            .toList();
    assertEquals(1, notices.size());
    assertEquals(training(2), notices.get(0).count());
    assertTrue(notices.get(0).text().contains("'2'"), notices.get(0).text());
    assertTrue(
        List.of("bilevel", "cleaned", "trustedRefit", "noisy")
            .contains(model.summary().selected()));
    long found = flagged(model, 2);
    assertTrue(
        found <= wrong + training(2) / 4,
        found + " of " + training(2) + " flagged, " + wrong + " with trusted rows of the class");
  }

  @Test
  void theWeightFunctionTakesNothingFromTheTrustedModelForSuchRows() throws Exception {
    DataCleanerModel model = cleaner("weight-function").fit(withTrusted(2, 0));
    Weighing weighing = model.judge().weights().weighing();
    double[] sure = {5, 0.5, 0.5};
    double[] unsure = {-5, 0.5, 0.5};
    assertEquals(weighing.weight(2, sure, -1), weighing.weight(2, unsure, -1));
    assertTrue(weighing.weight(1, sure, -1) > weighing.weight(1, unsure, -1));
    Path saved = folder.resolve("saved");
    model.save(saved.toString());
    Weighing loaded = DataCleanerModel.load(saved.toString()).judge().weights().weighing();
    assertEquals(weighing.weight(2, unsure, -1), loaded.weight(2, unsure, -1));
    assertEquals(weighing.weight(1, unsure, -1), loaded.weight(1, unsure, -1));
  }

  @Test
  void oneClassCannotJudgeAnything() {
    Dataset<Row> one =
        rows.filter(functions.not(isTrusted()).or(functions.col("label").equalTo(1)));
    DataException e = assertThrows(DataException.class, () -> cleaner("weight-function").fit(one));
    assertTrue(e.getMessage().contains("'1'"), e.getMessage());
  }
}
