package io.github.sparkbilevel.ml.prepare;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.BlockLayout;
import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.data.NumericsException;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.SplitSpec;
import io.github.sparkbilevel.data.TableSpec;
import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.SmallRows;
import io.github.sparkbilevel.model.Losses;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.solve.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Numerical trouble from the estimators, and what is said of classes. */
class TroubleTest {
  @TempDir Path folder;

  /** Rows whose third feature is multiplied by a number in training rows. */
  private static Dataset<Row> scaled(double factor) {
    List<Row> rows = new ArrayList<>();
    for (Row row : SmallRows.list(100)) {
      double[] x = ((Vector) row.get(1)).toArray().clone();
      x[2] *= factor;
      rows.add(SmallRows.with(row, "features", Vectors.dense(x)));
    }
    return SmallRows.of(rows);
  }

  private static void assertNames(Throwable e, String... names) {
    for (String name : names) {
      assertTrue(e.getMessage().contains(name), () -> "no " + name + " in: " + e.getMessage());
    }
  }

  @Test
  void columnThatSinglePrecisionCannotHoldIsWrongData() {
    DataCleaner cleaner = SmallRows.cleaner().setStandardization(false);
    Dataset<Row> rows = scaled(1e39);
    assertNames(assertThrows(DataException.class, () -> cleaner.fit(rows)), "'f2'", "single");
  }

  @Test
  void columnWhoseSquaresOverflowIsNamed() {
    DataCleaner cleaner = SmallRows.cleaner().setStandardization(false).setPrecision("double");
    Dataset<Row> rows = scaled(1e200);
    assertNames(assertThrows(NumericsException.class, () -> cleaner.fit(rows)), "'f2'");
  }

  @Test
  void rowOfExtremeWeightIsNamed() {
    List<Row> rows = new ArrayList<>(SmallRows.list(100));
    rows.set(57, SmallRows.with(rows.get(57), "w", 1e300));
    DataCleaner cleaner = SmallRows.cleaner().setBaseWeightCol("w");
    Dataset<Row> table = SmallRows.of(rows);
    assertNames(assertThrows(DataException.class, () -> cleaner.fit(table)), "'57'");
  }

  /** The classes red and blue overlap; green lies apart from both, and θ tells it from them. */
  private String sentence(double l2, double[] theta) throws IOException {
    String csv = "label,x,y\nred,1,0\nblue,2,0\nred,3,0\nblue,4,0\ngreen,1,9\ngreen,4,9\n";
    Files.writeString(folder.resolve("t.csv"), csv);
    TableSpec rows = TableSpec.of(folder.resolve("t.csv").toString());
    PreparedTables tables =
        PreparedTables.load(
            LocalSpark.session(),
            new PreparedTables.Request(rows, SplitSpec.table(rows), null, null, 42, true));
    Preparation how =
        new Preparation(
            true,
            null,
            BlockLayout.DOUBLE_ROWS,
            1 << 20,
            0,
            Preparation.Cut.NONE,
            Preparation.Centering.CENTERED,
            42);
    try (PreparedData data = PreparedData.of(tables, how)) {
      LowerLevel lower =
          new LowerLevel(LowerLevel.Family.SOFTMAX, l2, true, false, null, Losses.CROSS_ENTROPY);
      BilevelProblem problem = Problems.of(lower, UpperLevel.fixed(), data);
      return new Trouble(data, UpperLevel.fixed(), problem)
          .sentence(new Trouble.Where(Status.NEGATIVE_CURVATURE, new double[0], theta));
    }
  }

  @Test
  void classThatIsToldFromTheOthersWithoutAnErrorIsNamed() throws IOException {
    // Outputs of blue, green and red: x, y and intercept of each.
    double[] theta = {0, 0, 5, 0, 90, 0, 0, 0, 4};
    String separated = sentence(0, theta);
    assertTrue(separated.contains("'green'"), separated);
    assertTrue(!separated.contains("'red'") && !separated.contains("'blue'"), separated);
    String held = sentence(0.1, theta);
    assertTrue(!held.contains("'green'"), held);
  }

  @Test
  void coefficientThatIsNotFiniteIsNamedByFeatureAndClass() throws IOException {
    double[] theta = {0, 0, 5, 0, Double.NaN, 0, 0, 0, 4};
    String text = sentence(0.1, theta);
    assertTrue(text.contains("'y'") && text.contains("'green'"), text);
  }

  @Test
  void withoutACauseTheAdviceOfTheStatusStands() throws IOException {
    String text = sentence(0.1, new double[9]);
    assertTrue(text.equals(Status.NEGATIVE_CURVATURE.advice()), text);
  }
}
