package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.block.Reals;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.TileColumn;
import java.io.Serializable;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * How rows are weighed at one λ, as a pass carries it: the only place that computes weights.
 *
 * <p>Raw log-odds lie beside the rows; their mean and deviation travel with the pass, so that a
 * refresh of the row features changes no row.
 *
 * @param variable the one that weighs rows, or {@link UpperVariable#NONE}
 * @param lambda its entries
 * @param mean means of the log-odds, of at least those that the variable knows; or null
 * @param deviation their standard deviations, positive; or null
 */
public record Weighing(UpperVariable variable, double[] lambda, double[] mean, double[] deviation)
    implements Serializable {

  /** The sums of the training rows at λ: those of the model, under the loss that λ shapes. */
  public BlockKernel lower(BlockKernel kernel) {
    return variable.shapesLoss()
        ? kernel.with(variable.lowerLoss(kernel.model().loss(), lambda))
        : kernel;
  }

  /** Whether λ has an entry beside each row. */
  public boolean hasRowEntries() {
    return variable.rowStart().isPresent();
  }

  /**
   * The state of a partition, or a fresh one, with λ_i of its own to change, where rows have any.
   */
  public PartitionState rowEntries(PartitionData data, PartitionState state) {
    PartitionState from =
        state == null
            ? new PartitionState(data.fingerprint(), null, null, PartitionState.Seen.NONE, null)
            : state;
    if (!hasRowEntries()) {
      return from;
    }
    double[][] entries = new double[data.train().length][];
    for (int b = 0; b < entries.length; b++) {
      if (from.lambda() != null) {
        entries[b] = from.lambda()[b].clone();
      } else {
        entries[b] = new double[data.train()[b].rows()];
        Arrays.fill(entries[b], variable.rowStart().orElseThrow());
      }
    }
    return new PartitionState(data.fingerprint(), entries, from.scores(), from.seen(), null);
  }

  /** The training rows of a partition. */
  public KnownRows rows(PartitionData data, PartitionState state) {
    return new KnownRows(this, data.train(), rowEntries(data, state));
  }

  /** Writes b_i s_i of rows. */
  public void weigh(KnownRows rows, double[] s) {
    variable.weigh(rows, lambda, s);
    for (int i = 0; i < rows.count(); i++) {
      s[i] *= rows.baseWeight(i);
    }
  }

  /** Adds the gradient by λ of Σ b_i a_i s_i, as {@link UpperVariable#pullBack} does. */
  public void pullBack(KnownRows rows, TileColumn a, double[] out, int at) {
    variable.pullBack(rows, lambda, Vectors.slice(a.values(), a.at(), rows.count()), out, at);
  }

  /**
   * ∂/∂λ_i of Σ b_i a_i s_i for the rows of a block, where λ has an entry beside each.
   *
   * @param state knows the λ_i
   * @param a one number for each row
   */
  public double[] rowGradients(PartitionData data, PartitionState state, int block, double[] a) {
    double[] gradients = new double[a.length];
    pullBack(new KnownRows(this, data.train(), state).block(block), TileColumn.of(a), gradients, 0);
    return gradients;
  }

  /** The weight function of a cleaner, which has no other weights that are a function of rows. */
  public WeightFunction function() {
    return (WeightFunction) variable;
  }

  /** The same weights where class k of these has another index. */
  public Weighing withClassesAt(IntUnaryOperator index) {
    return new Weighing(function().withClassesAt(index), lambda, mean, deviation);
  }

  /**
   * The weight of a row of which three things are known; the log-odds that training rows brought
   * are taken to be average.
   *
   * @param label the row's class index, or −1 for a label that is no class
   * @param odds log-odds of the label under the model of the trusted rows, under the current model,
   *     and under that of the start, as far as the variable knows them
   * @param group the row's group, or −1 for one that λ knows nothing of
   */
  public double weight(double label, double[] odds, int group) {
    double[] known = Arrays.copyOf(odds, RowScores.GIVEN);
    RowScores scores =
        new RowScores(
            1,
            Reals.doubles(new double[] {known[0]}),
            0,
            Reals.doubles(new double[] {known[1]}),
            Reals.doubles(new double[] {known[2]}));
    DenseFeatures none = DenseFeatures.ofDoubles(1, 0, new double[0]);
    Block row = new Block(new long[] {0}, none, new double[] {label}).withGroups(new int[] {group});
    PartitionState state =
        new PartitionState(0, null, new RowScores[] {scores}, PartitionState.Seen.NONE, null);
    double[] s = new double[1];
    weigh(new KnownRows(this, new Block[] {row}, state).block(0), s);
    return s[0];
  }
}
