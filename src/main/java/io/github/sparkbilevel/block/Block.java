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
  private final Opinions opinions;

  /**
   * What others said of the rows.
   *
   * @param votes of annotators, or null
   * @param probabilities of the K classes by a model of the user, row after row, or null
   */
  private record Opinions(int[][] votes, float[] probabilities) implements Serializable {
    static final Opinions NONE = new Opinions(null, null);

    Opinions select(int[] rows, int of) {
      float[] some = null;
      if (probabilities != null) {
        int k = probabilities.length / of;
        some = new float[rows.length * k];
        for (int i = 0; i < rows.length; i++) {
          System.arraycopy(probabilities, rows[i] * k, some, i * k, k);
        }
      }
      return new Opinions(
          votes == null ? null : Arrays.stream(rows).mapToObj(i -> votes[i]).toArray(int[][]::new),
          some);
    }

    long bytes() {
      long ofVotes =
          votes == null ? 0 : Arrays.stream(votes).mapToLong(row -> 4L * row.length).sum();
      return ofVotes + (probabilities == null ? 0 : 4L * probabilities.length);
    }
  }

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
    this.opinions = Opinions.NONE;
  }

  private Block(Block of, double[] weights, int[] groups, double[] truth, Opinions opinions) {
    this.ids = of.ids;
    this.features = of.features;
    this.labels = of.labels;
    this.weights = weights;
    this.groups = groups;
    this.truth = truth;
    this.opinions = opinions;
  }

  /** The same rows with base weights ≥ 0; null when all are 1. */
  public Block withWeights(double[] given) {
    requireLength("weights", given == null ? rows() : given.length, rows());
    return new Block(this, given, groups, truth, opinions);
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
    return new Block(this, weights, given, truth, opinions);
  }

  /** The same with the labels known to be right, where an experiment knows them, or null. */
  public Block withTruth(double[] given) {
    requireLength("truth", given == null ? rows() : given.length, rows());
    return new Block(this, weights, groups, given, opinions);
  }

  /**
   * The same with the votes of annotators, or null for none.
   *
   * @param given of each row the codes jK + l of the annotators j that said class l
   */
  public Block withVotes(int[][] given) {
    requireLength("votes", given == null ? rows() : given.length, rows());
    return new Block(this, weights, groups, truth, new Opinions(given, opinions.probabilities));
  }

  private static void requireLength(String name, int got, int expected) {
    if (got != expected) {
      throw new IllegalArgumentException(
          "got " + got + " " + name + " for " + expected + " feature rows");
    }
  }

  /** The same rows with other features, as many rows of them. */
  public Block withFeatures(Features others) {
    return new Block(new Block(ids, others, labels), weights, groups, truth, opinions);
  }

  /**
   * The same rows with other labels.
   *
   * @param others one for each row, not copied
   */
  public Block withLabels(double[] others) {
    return new Block(new Block(ids, features, others), weights, groups, truth, opinions);
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
        opinions.select(rows, rows()));
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
    return opinions.votes == null ? NO_VOTES : opinions.votes[i];
  }

  /**
   * The same with the probabilities of the classes by a model of the user, or null for none.
   *
   * @param given K for each row, row after row
   */
  public Block withProbabilities(float[] given) {
    if (given != null && (given.length == 0 || given.length % rows() != 0)) {
      throw new IllegalArgumentException(
          "got " + given.length + " probabilities for " + rows() + " rows, expected K for each");
    }
    return new Block(this, weights, groups, truth, new Opinions(opinions.votes, given));
  }

  /** Number of the classes that rows bring probabilities of; 0 where they bring none. */
  public int classes() {
    return opinions.probabilities == null ? 0 : opinions.probabilities.length / rows();
  }

  /** The probability of class {@code k} that row {@code i} brings; NaN where it brings none. */
  public double probability(int i, int k) {
    return opinions.probabilities == null ? Double.NaN : opinions.probabilities[i * classes() + k];
  }

  /** Bytes of heap, without object headers. */
  public long bytes() {
    long perRow = 16L + (weights == null ? 0 : 8) + (groups == null ? 0 : 4);
    return features.bytes() + rows() * (perRow + (truth == null ? 0 : 8)) + opinions.bytes();
  }
}
