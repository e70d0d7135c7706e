package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.Notice;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Label columns that name classes without rows. */
class UnusedLevelsTest {
  private static final String[] LEVELS = {"ant", "bee", "cat", "dog"};
  private static final double UNUSED = 1;

  @TempDir Path folder;

  /** The rows whose labels 0, 1 and 2 are the levels 0, 2 and 3 of four. */
  private static Dataset<Row> withLevels(Dataset<Row> rows) {
    Column label = functions.col("label");
    Column level = functions.when(label.equalTo(0), 0.0).otherwise(label.plus(1));
    return rows.withColumn(
        "label",
        level.as(
            "label",
            NominalAttribute.defaultAttr().withName("label").withValues(LEVELS).toMetadata()));
  }

  private static double[] numbers(Dataset<Row> judged, String column) {
    return judged.select(column).collectAsList().stream()
        .mapToDouble(row -> row.getDouble(0))
        .toArray();
  }

  private static void assertSameWeights(Dataset<Row> expected, Dataset<Row> found) {
    assertArrayEquals(numbers(expected, "weight"), numbers(found, "weight"), 1e-9);
    assertArrayEquals(numbers(expected, "quality"), numbers(found, "quality"), 1e-9);
  }

  private void assertCleansAlike(DataCleaner cleaner, Dataset<Row> rows) throws Exception {
    Dataset<Row> levels = withLevels(rows);
    DataCleanerModel expected = cleaner.fit(rows);
    DataCleanerModel found = cleaner.fit(levels);
    assertSameWeights(expected.transform(rows), found.transform(levels));
    assertEquals(List.of(LEVELS), found.classifier().labels());
    assertEquals(
        List.of(1L),
        found.summary().run().notices().stream()
            .filter(notice -> notice.code() == Notice.Code.CLASS_WITHOUT_ROWS)
            .map(Notice::count)
            .toList());

    Dataset<Row> unused = levels.limit(5).withColumn("label", functions.lit(UNUSED));
    for (Row row : found.transform(unused).select("quality", "flagged").collectAsList()) {
      assertEquals(0, row.getDouble(0));
      assertTrue(row.getBoolean(1));
    }
    String path = folder.resolve("model").toString();
    found.save(path);
    assertSameWeights(
        found.transform(levels), DataCleanerModel.load(path).transform(withLevels(rows)));
  }

  @Test
  void aCleanerLeavesThemOut() throws Exception {
    assertCleansAlike(SmallRows.cleaner().setPrecision("double"), SmallRows.table(200));
  }

  @Test
  void aNetworkLeavesThemOut() throws Exception {
    assertCleansAlike(
        SmallRows.cleaner().setPrecision("double").setFamily("mlp").setHiddenLayers(new int[] {4}),
        SmallRows.table(120));
  }

  @Test
  void classesThatTrustedRowsLackKeepTheirPlace() throws Exception {
    Dataset<Row> rows = SmallRows.table(300).filter("not trusted or label < 2");
    assertCleansAlike(SmallRows.cleaner().setPrecision("double"), rows);
  }

  @Test
  void twoClassesWithoutInterceptsOfMoreLevels() {
    Dataset<Row> rows = SmallRows.table(200).filter("label < 2");
    TunedLogisticRegression tuner =
        SmallRows.classifier().setFitIntercept(false).setTrainRatio(0.7);
    TunedLogisticRegressionModel expected = tuner.fit(rows);
    TunedLogisticRegressionModel found = tuner.fit(withLevels(rows));
    assertEquals(LEVELS.length, found.numClasses());
    Vector[] p = probabilities(expected.transform(rows));
    Vector[] q = probabilities(found.transform(withLevels(rows)));
    for (int i = 0; i < p.length; i++) {
      assertArrayEquals(
          new double[] {p[i].apply(0), 0, p[i].apply(1), 0}, q[i].toArray(), 1e-12, "row " + i);
    }
  }

  private static Vector[] probabilities(Dataset<Row> rows) {
    return rows.select("probability").collectAsList().stream()
        .map(row -> row.<Vector>getAs(0))
        .toArray(Vector[]::new);
  }
}
