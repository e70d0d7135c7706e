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
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;

/**
 * Scores the training rows of a partition where they are; without a generation they have no weight.
 *
 * @param judges the selected model's first
 * @param weight what the weight of a row is
 * @param influence how the influence of a row follows, or null where it is not known
 * @param labels what is told of the true class
 */
public record RowScorer(
    BlockKernel kernel,
    Broadcast<List<Judge>> judges,
    Weight weight,
    Broadcast<RowInfluence> influence,
    Labels labels)
    implements SparkEngine.RowFunction<PartitionState, ScoreBlock> {

  /** With the learned weights. */
  public RowScorer(BlockKernel kernel, Broadcast<List<Judge>> judges) {
    this(kernel, judges, Weight.LEARNED, null, Labels.SUGGESTED);
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
    return new RowScorer(kernel, judges, weight, influence, Labels.SOFT);
  }

  @Override
  public Iterator<ScoreBlock> rows(PartitionData partition, PartitionState state) {
    return IntStream.range(0, partition.train().length)
        .mapToObj(b -> block(partition.train()[b], state == null ? null : state.weights()[b]))
        .iterator();
  }

  /** The scores of a block, of which the learned weights times base weights may be known. */
  private ScoreBlock block(Block block, double[] learned) {
    List<Comparisons.Judged> judged = new ArrayList<>();
    for (Judge judge : judges.value()) {
      judged.add(Comparisons.judge(kernel, block, judge));
    }
    double[] weights = weight == Weight.QUALITY ? judged.get(0).quality() : null;
    if (weight == Weight.LEARNED && learned != null) {
      weights = new double[block.rows()];
      for (int i = 0; i < weights.length; i++) {
        double base = block.weight(i);
        weights[i] = base == 0 ? 0 : learned[i] / base;
      }
    }
    double[][] soft =
        labels == Labels.SOFT ? Comparisons.softLabels(kernel, block, judges.value().get(0)) : null;
    double[] effects = influence == null ? null : influence.value().of(kernel, block);
    return new ScoreBlock(block, weights, effects, judged, soft);
  }

  /** The scores row by row. */
  public static JavaRDD<RowScore> rows(JavaRDD<ScoreBlock> blocks) {
    return blocks.flatMap(ScoreBlock::rows);
  }
}
