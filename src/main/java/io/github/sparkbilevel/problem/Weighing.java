package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.PartitionData;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * How rows are weighed at one λ, as a pass carries it: the only place that computes weights.
 *
 * <p>Raw log-odds lie beside the rows; their mean and deviation travel with the pass, so that a
 * refresh of the row features changes no row.
 *
 * @param variables those that weigh rows; their weights are multiplied
 * @param lambda the part of each of them
 * @param mean means of the log-odds, of at least those that a variable knows; or null
 * @param deviation their standard deviations, positive; or null
 */
public record Weighing(
    List<UpperVariable> variables, double[][] lambda, double[] mean, double[] deviation)
    implements Serializable {

  /** By one variable. */
  public static Weighing by(
      UpperVariable variable, double[] lambda, double[] mean, double[] deviation) {
    return new Weighing(List.of(variable), new double[][] {lambda}, mean, deviation);
  }

  /** Number of entries of λ on the driver that weigh rows. */
  int size() {
    return Arrays.stream(lambda).mapToInt(part -> part.length).sum();
  }

  /** Whether λ has an entry beside each row. */
  boolean hasRowEntries() {
    return variables.stream().anyMatch(variable -> variable.rowStart().isPresent());
  }

  /** How many log-odds of a row's label its weight depends on. */
  public int logOdds() {
    return variables.stream().mapToInt(UpperVariable::logOdds).max().orElse(0);
  }

  /** The classes whose rows take part in ∇_λΦ. */
  JudgedClasses judged() {
    return variables.isEmpty() ? JudgedClasses.ALL : variables.get(0).judged();
  }

  /** The training rows of a partition. */
  TrainingRows rows(PartitionData data, PartitionState state) {
    return new TrainingRows(this, data.train(), state, rowEntries(data, state));
  }

  /** The λ_i of each block, in arrays of their own; null without any. */
  private double[][] rowEntries(PartitionData data, PartitionState state) {
    if (!hasRowEntries()) {
      return null;
    }
    double[][] entries = new double[data.train().length][];
    for (int b = 0; b < entries.length; b++) {
      if (state != null && state.lambda() != null) {
        entries[b] = state.lambda()[b].clone();
      } else {
        entries[b] = new double[data.train()[b].rows()];
        Arrays.fill(entries[b], variables.get(0).rowStart().orElseThrow());
      }
    }
    return entries;
  }

  /** Writes s_i of rows, without their base weights. */
  void weigh(KnownRows rows, double[] s) {
    if (variables.isEmpty()) {
      Arrays.fill(s, 0, rows.count(), 1);
      return;
    }
    variables.get(0).weigh(rows, lambda[0], s);
    for (int v = 1; v < lambda.length; v++) {
      multiply(v, rows, s);
    }
  }

  /** x_i ← s_i x_i, by one of the variables. */
  private void multiply(int v, KnownRows rows, double[] x) {
    double[] factor = new double[rows.count()];
    variables.get(v).weigh(rows, lambda[v], factor);
    for (int i = 0; i < factor.length; i++) {
      x[i] *= factor[i];
    }
  }

  /** Writes b_i s_i of rows. */
  void weighWithBase(KnownRows rows, double[] s) {
    weigh(rows, s);
    for (int i = 0; i < rows.count(); i++) {
      s[i] *= rows.baseWeight(i);
    }
  }

  /** Adds the gradient by λ of Σ b_i a_i s_i: {@link #size()} sums, or a number for each row. */
  void pullBack(KnownRows rows, double[] a, double[] out, int at) {
    int next = at;
    for (int v = 0; v < lambda.length; v++) {
      double[] others = a;
      for (int w = 0; w < lambda.length; w++) {
        if (w != v) {
          others = others == a ? Arrays.copyOf(a, rows.count()) : others;
          multiply(w, rows, others);
        }
      }
      variables.get(v).pullBack(rows, lambda[v], others, out, next);
      next += lambda[v].length;
    }
  }

  /**
   * ∂/∂λ_i of Σ b_i a_i s_i for the rows of a block, where λ has an entry beside each.
   *
   * @param state knows the λ_i
   * @param a one number for each row
   */
  public double[] rowGradients(PartitionData data, PartitionState state, int block, double[] a) {
    double[] gradients = new double[a.length];
    pullBack(rows(data, state).block(block), a, gradients, 0);
    return gradients;
  }

  /** The weight function of a cleaner, which has no other weights. */
  public WeightFunction function() {
    return (WeightFunction) variables.get(0);
  }

  /** The same weights where class k of these has another index. */
  public Weighing withClassesAt(IntUnaryOperator index) {
    return by(function().withClassesAt(index), lambda[0], mean, deviation);
  }

  /**
   * The weight of a row of which three things are known.
   *
   * @param label the row's class index, or −1 for a label that is no class
   * @param losses of the label under the model of the trusted rows, under the current model, and
   *     under that of the start, as far as a variable knows them
   * @param group the row's group, or −1 for one that λ knows nothing of
   */
  public double weight(double label, double[] losses, int group) {
    double[] s = new double[1];
    weigh(new NewRow(this, label, losses, group), s);
    return s[0];
  }

  /** A row that is not among the training rows. */
  private record NewRow(Weighing at, double label, double[] losses, int group)
      implements KnownRows {
    @Override
    public int count() {
      return 1;
    }

    @Override
    public double label(int i) {
      return label;
    }

    @Override
    public double baseWeight(int i) {
      return 1;
    }

    @Override
    public int group(int i) {
      return group;
    }

    @Override
    public void copyFeatures(int i, double[] out) {
      throw new UnsupportedOperationException("the features of a new row are not at hand");
    }

    @Override
    public double logOdds(int i, int f) {
      return (RowScores.logOdds(losses[f]) - at.mean[f]) / at.deviation[f];
    }

    @Override
    public double lambda(int i) {
      throw new UnsupportedOperationException("a new row has no λ_i");
    }
  }
}
