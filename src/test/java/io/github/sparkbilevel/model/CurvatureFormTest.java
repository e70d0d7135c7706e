package io.github.sparkbilevel.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.sparkbilevel.model.Loss.CurvatureForm;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What losses say of their curvature is how it acts. */
class CurvatureFormTest {
  private static final int ROWS = 7;

  @Test
  void theFormSaysHowTheCurvatureActs() {
    for (Loss loss :
        List.of(
            new SoftmaxLoss(3),
            new SoftmaxLoss(10),
            new LogisticLoss(),
            new SquaredLoss(),
            new SquaredHingeLoss(),
            new MultiLabelLoss(3))) {
      acts(loss);
    }
    assertEquals(CurvatureForm.OF_SHARES, new SoftmaxLoss(3).curvatureForm());
    assertEquals(CurvatureForm.DIAGONAL, new LogisticLoss().curvatureForm());
    assertEquals(CurvatureForm.DIAGONAL, new MultiLabelLoss(3).curvatureForm());
  }

  private static void acts(Loss loss) {
    Random random = new Random(9);
    int k = loss.outputs();
    OutputTile p = new OutputTile(new double[ROWS * k], 0, ROWS, ROWS);
    TileColumn labels = TileColumn.of(new double[] {0, 1, 1, 0, 1, 0, 1});
    TileColumn s = TileColumn.of(random.doubles(ROWS, 0, 2).toArray());
    OutputTile z = new OutputTile(random.doubles(ROWS * k, -2, 2).toArray(), 0, ROWS, ROWS);
    loss.evaluate(z, labels, p, TileColumn.of(new double[ROWS]));
    double[] t = random.doubles(ROWS * k, -1, 1).toArray();
    double[] expected = new double[t.length];
    for (int i = 0; i < ROWS; i++) {
      double mean = 0;
      for (int j = 0; j < k; j++) {
        mean += p.value(j, i) * t[j * ROWS + i];
      }
      for (int j = 0; j < k; j++) {
        double[] entries = new double[ROWS];
        loss.curvature(p, labels, j, j, s, TileColumn.of(entries));
        expected[j * ROWS + i] =
            loss.curvatureForm() == CurvatureForm.OF_SHARES
                ? s.value(i) * p.value(j, i) * (t[j * ROWS + i] - mean)
                : entries[i] * t[j * ROWS + i];
      }
    }
    loss.curvatureInPlace(p, labels, s, new OutputTile(t, 0, ROWS, ROWS));
    assertArrayEquals(expected, t, 1e-14, loss.name());
  }
}
