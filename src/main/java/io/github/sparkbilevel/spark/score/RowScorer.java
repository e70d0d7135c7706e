package io.github.sparkbilevel.spark.score;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.fit.Comparisons;
import io.github.sparkbilevel.problem.fit.Judge;
import io.github.sparkbilevel.spark.SparkEngine;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;

/**
 * Scores the training rows of a partition where they are; without a generation they have no weight.
 *
 * @param judges the selected model's first
 * @param weight what the weight of a row is
 * @param labels what is told of the true class
 */
public record RowScorer(
    BlockKernel kernel, Broadcast<List<Judge>> judges, Weight weight, Labels labels)
    implements SparkEngine.RowFunction<PartitionState, RowScore> {

  /** With the learned weights. */
  public RowScorer(BlockKernel kernel, Broadcast<List<Judge>> judges) {
    this(kernel, judges, Weight.LEARNED, Labels.SUGGESTED);
  }

  /** What the weight of a row is. */
  public enum Weight {
    /** What the row counts in the training objective. */
    LEARNED,
    /** Its quality, where all rows count alike. */
    QUALITY
  }

  /** What is told of the true class of a row. */
  public enum Labels {
    /** The likeliest class. */
    SUGGESTED,
    /** The probabilities of all classes too. */
    SOFT
  }

  /** The same with soft labels. */
  public RowScorer withSoftLabels() {
    return new RowScorer(kernel, judges, weight, Labels.SOFT);
  }

  @Override
  public Iterator<RowScore> rows(PartitionData partition, PartitionState state) {
    List<RowScore> rows = new ArrayList<>();
    Block[] blocks = partition.train();
    for (int b = 0; b < blocks.length; b++) {
      Block block = blocks[b];
      List<Comparisons.Judged> judged = new ArrayList<>();
      for (Judge judge : judges.value()) {
        judged.add(Comparisons.judge(kernel, block, judge));
      }
      double[][] soft =
          labels == Labels.SOFT
              ? Comparisons.softLabels(kernel, block, judges.value().get(0))
              : new double[block.rows()][0];
      for (int i = 0; i < block.rows(); i++) {
        int row = i;
        double base = block.weight(i);
        rows.add(
            new RowScore(
                block.ids()[i],
                block.labels()[i],
                block.truth() == null ? Double.NaN : block.truth()[i],
                weight == Weight.LEARNED ? weight(state, b, i, base) : judged.get(0).quality()[row],
                new RowScore.Judged(
                    judged.stream().mapToDouble(j -> j.quality()[row]).toArray(),
                    judged.stream().mapToDouble(j -> j.suggested()[row]).toArray(),
                    soft[row])));
      }
    }
    return rows.iterator();
  }

  private static double weight(PartitionState state, int block, int row, double base) {
    if (state == null) {
      return Double.NaN;
    }
    return base == 0 ? 0 : state.weights()[block][row] / base;
  }
}
