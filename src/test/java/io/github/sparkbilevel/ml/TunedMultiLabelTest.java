package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several labels a row, beside a logistic regression of each. */
class TunedMultiLabelTest {
  private static final String[] LABELS = {"first", "even", "high"};

  static Dataset<Row> rows() {
    return SmallRows.table(150)
        .selectExpr(
            "*", "int(truth = 0) as first", "double(label % 2) as even", "target > 1 as high")
        .cache();
  }

  private static TunedMultiLabel tuner() {
    return new TunedMultiLabel()
        .setLabelCols(LABELS)
        .setIdCol("id")
        .setWeightCol("w")
        .setBaselines(new String[0])
        .setSensitivity(false)
        .setMaxIter(4);
  }

  @Test
  void fixedPenaltyGivesTheLogisticRegressionOfEachLabel() {
    Dataset<Row> rows = rows();
    MultiLabelModel model = tuner().setUpperVariables(new String[0]).setRegParam(0.03).fit(rows);
    for (int k = 0; k < LABELS.length; k++) {
      TunedLogisticRegressionModel one =
          SmallRows.classifier()
              .setWeightCol("w")
              .setUpperVariables(new String[0])
              .setRegParam(0.03)
              .fit(rows.drop("label").selectExpr("*", "double(" + LABELS[k] + ") as label"));
      assertArrayEquals(one.coefficientMatrix().toArray(), row(model.coefficientMatrix(), k), 1e-6);
      assertEquals(one.interceptVector().apply(0), model.interceptVector().apply(k), 1e-6);
    }
    rows.unpersist();
  }

  /** All stages share the accessors of columns, and this one has a list in place of a label. */
  @Test
  void aParamThatAStageLacksIsRefusedByName() {
    assertThrows(UnsupportedOperationException.class, () -> tuner().getLabelCol());
    assertThrows(UnsupportedOperationException.class, () -> tuner().setLabelCol("first"));
  }

  private static double[] row(Matrix matrix, int k) {
    double[] row = new double[matrix.numCols()];
    Arrays.setAll(row, j -> matrix.apply(k, j));
    return row;
  }

  @Test
  void tunesAPenaltyForEachLabelAndScoresRawRowsWhenLoadedAgain(@TempDir Path folder)
      throws IOException {
    Dataset<Row> rows = rows();
    MultiLabelModel model = tuner().setUpperVariables(new String[] {"l2-per-class"}).fit(rows);
    assertEquals(Set.of(LABELS), model.penalties().keySet());
    assertEquals(List.of(LABELS), model.labels());
    String path = folder.resolve("m").toString();
    model.save(path);
    MultiLabelModel loaded = MultiLabelModel.load(path);
    assertEquals(model.penalties(), loaded.penalties());
    assertEquals(
        model.summary().orElseThrow().tuning().upperObjective(),
        loaded.summary().orElseThrow().tuning().upperObjective());
    int[] right = new int[LABELS.length];
    List<Row> scored = loaded.transform(rows).collectAsList();
    for (Row row : scored) {
      double[] p = row.<Vector>getAs("probability").toArray();
      double[] predicted = row.<Vector>getAs("prediction").toArray();
      double[] again = model.predictProbability(row.getAs("features")).toArray();
      assertArrayEquals(again, p, 0);
      double[] given = {
        row.<Integer>getAs("first"), row.<Double>getAs("even"), row.<Boolean>getAs("high") ? 1 : 0
      };
      for (int k = 0; k < LABELS.length; k++) {
        assertEquals(p[k] > 0.5 ? 1 : 0, predicted[k], 0);
        right[k] += predicted[k] == given[k] ? 1 : 0;
      }
    }
    assertTrue(right[0] > 0.85 * scored.size() && right[2] > 0.85 * scored.size());
    rows.unpersist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "if(id = 77, 2, 0)    | 77",
        "if(id = 77, null, 0) | 77",
        "if(id = 77, 0.5, 1)  | 77",
        "0                    | bad",
        "1                    | bad"
      })
  void labelsThatAreNotBothZeroAndOneAreRefused(String column, String named) {
    Dataset<Row> rows = rows().selectExpr("*", column + " as bad");
    TunedMultiLabel tuner = tuner().setLabelCols(new String[] {"first", "bad"});
    var thrown = assertThrows(DataException.class, () -> tuner.fit(rows));
    assertTrue(thrown.getMessage().contains("'" + named + "'"), thrown.getMessage());
    assertTrue(thrown.getMessage().contains("'bad'"), thrown.getMessage());
  }

  @Test
  void labelsThatAreMissingOrTwiceAreRefused() {
    Dataset<Row> rows = rows();
    assertThrows(
        IllegalArgumentException.class, () -> tuner().setLabelCols(new String[0]).fit(rows));
    for (String[] labels : new String[][] {{"first", "first"}, {"first", "nowhere"}, {"source"}}) {
      assertThrows(IllegalArgumentException.class, () -> tuner().setLabelCols(labels).fit(rows));
    }
    rows.unpersist();
  }
}
