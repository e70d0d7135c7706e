package io.github.sparkbilevel.block;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Some rows of a data set, in rising order of their ids: the unit that kernels work on.
 *
 * <p>The arrays are owned by the block and are not to be changed.
 */
public final class Block implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final int[] NO_VOTES = {};

  private final long[] ids;
  private final Features features;
  private final double[] labels;
  private final double[] weights;
  private final int[] groups;
  private final double[] truth;
  private final int[][] votes;

  /**
   * Wraps the arrays, here and below; none is copied.
   *
   * @param ids row ids, rising
   * @param labels class indices 0 … K−1, or real targets
   */
  public Block(long[] ids, Features features, double[] labels) {
    requireLength("ids", ids.length, features.rows());
    requireLength("labels", labels.length, features.rows());
    this.ids = ids;
    this.features = features;
    this.labels = labels;
    this.weights = null;
    this.groups = null;
    this.truth = null;
    this.votes = null;
  }

  private Block(Block of, double[] weights, int[] groups, double[] truth, int[][] votes) {
    this.ids = of.ids;
    this.features = of.features;
    this.labels = of.labels;
    this.weights = weights;
    this.groups = groups;
    this.truth = truth;
    this.votes = votes;
  }

  /** The same rows with base weights ≥ 0; null when all are 1. */
  public Block withWeights(double[] given) {
    requireLength("weights", given == null ? rows() : given.length, rows());
    return new Block(this, given, groups, truth, votes);
  }

  /** The same rows with all base weights times a positive number. */
  public Block weighted(double factor) {
    if (factor == 1) {
      return this;
    }
    double[] scaled = new double[rows()];
    Arrays.setAll(scaled, i -> factor * weight(i));
    return withWeights(scaled);
  }

  /** The same with the group of each training row, or the fold of each trusted row; null for 0. */
  public Block withGroups(int[] given) {
    requireLength("groups", given == null ? rows() : given.length, rows());
    return new Block(this, weights, given, truth, votes);
  }

  /** The same with the labels known to be right, where an experiment knows them, or null. */
  public Block withTruth(double[] given) {
    requireLength("truth", given == null ? rows() : given.length, rows());
    return new Block(this, weights, groups, given, votes);
  }

  /**
   * The same with the votes of annotators, or null for none.
   *
   * @param given of each row the codes jK + l of the annotators j that said class l
   */
  public Block withVotes(int[][] given) {
    requireLength("votes", given == null ? rows() : given.length, rows());
    return new Block(this, weights, groups, truth, given);
  }

  private static void requireLength(String name, int got, int expected) {
    if (got != expected) {
      throw new IllegalArgumentException(
          "got " + got + " " + name + " for " + expected + " feature rows");
    }
  }

  /**
   * The same rows with other labels.
   *
   * @param others one for each row, not copied
   */
  public Block withLabels(double[] others) {
    return new Block(new Block(ids, features, others), weights, groups, truth, votes);
  }

  /**
   * A copy of some rows, their base weights multiplied.
   *
   * @param rows their indices, rising
   */
  public Block select(int[] rows, double factor) {
    Block block =
        new Block(
            Arrays.stream(rows).mapToLong(i -> ids[i]).toArray(),
            features.select(rows),
            Arrays.stream(rows).mapToDouble(i -> labels[i]).toArray());
    return new Block(
        block,
        Arrays.stream(rows).mapToDouble(i -> factor * weight(i)).toArray(),
        groups == null ? null : Arrays.stream(rows).map(i -> groups[i]).toArray(),
        truth == null ? null : Arrays.stream(rows).mapToDouble(i -> truth[i]).toArray(),
        votes == null ? null : Arrays.stream(rows).mapToObj(i -> votes[i]).toArray(int[][]::new));
  }

  /** Number of rows. */
  public int rows() {
    return ids.length;
  }

  /** Row ids, rising. */
  public long[] ids() {
    return ids;
  }

  /** The feature rows. */
  public Features features() {
    return features;
  }

  /** Class indices or targets. */
  public double[] labels() {
    return labels;
  }

  /** Base weight of row {@code i}. */
  public double weight(int i) {
    return weights == null ? 1.0 : weights[i];
  }

  /** Group of training row {@code i}, or fold of trusted row {@code i}; 0 when there are none. */
  public int group(int i) {
    return groups == null ? 0 : groups[i];
  }

  /** The true labels, or null where they are not known. */
  public double[] truth() {
    return truth;
  }

  /** The votes of row {@code i} as {@link #withVotes} takes them; none where there are none. */
  public int[] votes(int i) {
    return votes == null ? NO_VOTES : votes[i];
  }

  /** Bytes of heap, without object headers. */
  public long bytes() {
    long perRow = 16L + (weights == null ? 0 : 8) + (groups == null ? 0 : 4);
    long ofVotes = votes == null ? 0 : Arrays.stream(votes).mapToLong(row -> 4L * row.length).sum();
    return features.bytes() + rows() * (perRow + (truth == null ? 0 : 8)) + ofVotes;
  }
}
