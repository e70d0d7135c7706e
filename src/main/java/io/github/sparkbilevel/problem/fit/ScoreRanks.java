package io.github.sparkbilevel.problem.fit;

import java.io.Serializable;

/**
 * What several models of two classes rank wrongly on the held-out rows. Rows are put in cells by
 * the log-odds of the second class; those of one cell are ties, which count half.
 *
 * @param wrong for each model and class, by cell, the share of the weight of the other class that
 *     is ranked wrongly beside a row of that class in the cell
 */
record ScoreRanks(double[][][] wrong) implements Serializable {
  /** Cells of 1/256, for log-odds within ±16. */
  static final int CELLS = 1 << 13;

  private static final double LARGEST = 16;

  /** The cell of a probability. */
  static int cell(double p) {
    double odds = Math.log(p) - Math.log1p(-p);
    double place = (odds + LARGEST) / (2 * LARGEST) * CELLS;
    return (int) Math.max(0, Math.min(CELLS - 1, place));
  }

  /** Where the weight of a model, class and cell lies in the sums of a {@link ScoreCellsPass}. */
  static int at(int model, int k, int cell) {
    return (2 * model + k) * CELLS + cell;
  }

  /** From the weights by model, class and cell. */
  static ScoreRanks of(double[] sums) {
    int models = sums.length / (2 * CELLS);
    double[][][] wrong = new double[models][2][CELLS];
    for (int m = 0; m < models; m++) {
      double[] total = new double[2];
      for (int k = 0; k < 2; k++) {
        for (int c = 0; c < CELLS; c++) {
          total[k] += sums[at(m, k, c)];
        }
      }
      double[] below = new double[2];
      for (int c = 0; c < CELLS; c++) {
        double first = sums[at(m, 0, c)];
        double second = sums[at(m, 1, c)];
        wrong[m][0][c] = (below[1] + second / 2) / total[1];
        wrong[m][1][c] = 1 - (below[0] + first / 2) / total[0];
        below[0] += first;
        below[1] += second;
      }
    }
    return new ScoreRanks(wrong);
  }

  /** The share of the other class that is ranked wrongly beside a row. */
  double wrong(int model, int label, double p) {
    return wrong[model][label][cell(p)];
  }

  long bytes() {
    return 16L * wrong.length * CELLS;
  }
}
