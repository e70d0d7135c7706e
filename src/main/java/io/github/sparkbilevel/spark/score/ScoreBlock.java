package io.github.sparkbilevel.spark.score;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.Reals;
import io.github.sparkbilevel.problem.fit.Comparisons;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The scores of the rows of a block, column by column: what stays cached until the tables are
 * written takes a third of the memory of an object for each row.
 *
 * <p>The selected model's quality, the weights and the influence, which are written, are float64;
 * the qualities of other judges, which are only ranked, are as precise as the features.
 */
public final class ScoreBlock implements Serializable {
  private static final long serialVersionUID = 1L;

  private final long[] ids;
  private final double[] labels;
  private final double[] truth;
  private final double[] weights;
  private final double[] influence;
  private final Reals[] quality;
  private final Reals[] suggested;
  private final boolean[] flagged;
  private final double[][] soft;

  /**
   * The scores.
   *
   * @param weights s_i without base weights, or null where none were learned
   * @param influence of each row, or null
   * @param judged by judge, the selected model's first
   * @param soft the selected model's probabilities of the true class of each row, or null
   */
  ScoreBlock(
      Block block,
      double[] weights,
      double[] influence,
      List<Comparisons.Judged> judged,
      double[][] soft) {
    this.ids = block.ids();
    this.labels = block.labels();
    this.truth = block.truth();
    this.weights = weights;
    this.influence = influence;
    this.quality = new Reals[judged.size()];
    this.suggested = new Reals[judged.size()];
    for (int j = 0; j < judged.size(); j++) {
      double[] values = judged.get(j).quality();
      quality[j] = j == 0 ? Reals.doubles(values) : Reals.beside(block.features(), values);
      // The index of a class has less digits than a float32, a real label may have more.
      double[] labels = judged.get(j).suggested();
      suggested[j] = j == 0 ? Reals.doubles(labels) : Reals.singles(labels);
    }
    this.flagged = judged.isEmpty() ? new boolean[ids.length] : judged.get(0).flagged();
    this.soft = soft;
  }

  /** The scores row by row. */
  public Iterator<RowScore> rows() {
    return IntStream.range(0, ids.length).mapToObj(this::row).iterator();
  }

  private RowScore row(int i) {
    return new RowScore(
        ids[i],
        labels[i],
        truth == null ? Double.NaN : truth[i],
        new RowScore.Learned(
            weights == null ? Double.NaN : weights[i],
            influence == null ? Double.NaN : influence[i]),
        new RowScore.Judged(
            row(quality, i),
            row(suggested, i),
            flagged[i],
            soft == null ? new double[0] : soft[i]));
  }

  private static double[] row(Reals[] columns, int i) {
    double[] values = new double[columns.length];
    for (int j = 0; j < values.length; j++) {
      values[j] = columns[j].get(i);
    }
    return values;
  }
}
