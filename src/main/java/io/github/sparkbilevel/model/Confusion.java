package io.github.sparkbilevel.model;

import io.github.sparkbilevel.block.Block;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * How labels are confused: C_g[k][l] = p(given label l | true class k) for each of G groups of
 * rows, K × K matrices whose rows sum to 1. Immutable.
 *
 * <p>Given labels are told to losses by <em>codes</em>: l + gK for a row of group g, and l + GK for
 * a row whose label is known to be right.
 */
public final class Confusion implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The least entry that counts leave: a label is never impossible. */
  private static final double LEAST = 1e-6;

  /** The most entries of matrices by group, 8 MiB; they travel with every pass. */
  private static final int MOST_ENTRIES = 1 << 20;

  private final int classes;
  private final int groups;

  /** C_g[k][l] at k · GK + gK + l: those of a true class by the code of the label. */
  private final double[] entries;

  /** Of each group; empty where only the matrices are known. */
  private final List<Reliability> reliabilities;

  private Confusion(int classes, int groups, double[] entries, List<Reliability> reliabilities) {
    this.classes = classes;
    this.groups = groups;
    this.entries = entries;
    this.reliabilities = reliabilities;
  }

  /**
   * The shares of counts N_g[k][l] in each row.
   *
   * @param counts G matrices, one after the other, each row after row; a row without any is that of
   *     labels that are right
   * @throws IllegalArgumentException when there is a negative number, or no whole matrix
   */
  public static Confusion ofCounts(int classes, double[] counts) {
    requireMatrices(classes, counts);
    double[] shares = counts.clone();
    for (int row = 0; row < counts.length / classes; row++) {
      double[] ofRow = Arrays.copyOfRange(counts, row * classes, (row + 1) * classes);
      shares(ofRow, row % classes);
      System.arraycopy(ofRow, 0, shares, row * classes, classes);
    }
    return ofMatrices(classes, shares);
  }

  /**
   * The matrices themselves, as {@link #matrices()} gave them.
   *
   * @throws IllegalArgumentException when there is no whole matrix
   */
  public static Confusion ofMatrices(int classes, double[] matrices) {
    requireMatrices(classes, matrices);
    int groups = matrices.length / (classes * classes);
    double[] entries = new double[matrices.length];
    for (int g = 0; g < groups; g++) {
      for (int k = 0; k < classes; k++) {
        int from = (g * classes + k) * classes;
        System.arraycopy(matrices, from, entries, (k * groups + g) * classes, classes);
      }
    }
    return new Confusion(classes, groups, entries, List.of());
  }

  private static void requireMatrices(int classes, double[] numbers) {
    if (numbers.length == 0 || numbers.length % (classes * classes) != 0) {
      throw new IllegalArgumentException(
          "got %d numbers for confused labels, expected matrices of %d × %d"
              .formatted(numbers.length, classes, classes));
    }
  }

  private static void shares(double[] row, int k) {
    double sum = 0;
    for (double count : row) {
      if (!(count >= 0) || Double.isInfinite(count)) {
        throw new IllegalArgumentException(
            "got " + count + " as a count of confused labels, expected a number ≥ 0");
      }
      sum += count;
    }
    if (sum == 0) {
      row[k] = 1;
      sum = 1;
    }
    double most = 0;
    for (int l = 0; l < row.length; l++) {
      row[l] = Math.max(LEAST, row[l] / sum);
      most += row[l];
    }
    for (int l = 0; l < row.length; l++) {
      row[l] /= most;
    }
  }

  /**
   * How many matrices there are for so many groups: one for each, or one for all where there are no
   * groups or too many.
   */
  public static int matrices(int groups, int classes) {
    return groups < 1 || (long) groups * classes * classes > MOST_ENTRIES ? 1 : groups;
  }

  /** The same, with what else is known of each group. */
  public Confusion with(List<Reliability> ofGroups) {
    return new Confusion(classes, groups, entries, List.copyOf(ofGroups));
  }

  /** K. */
  public int classes() {
    return classes;
  }

  /** G, 1 where all rows are confused alike. */
  public int groups() {
    return groups;
  }

  /** C_g[k][l]. */
  public double probability(int group, int k, int l) {
    return entries[(k * groups + group) * classes + l];
  }

  /** The matrix of a group, row after row. */
  public double[] matrix(int group) {
    double[] matrix = new double[classes * classes];
    for (int k = 0; k < classes; k++) {
      System.arraycopy(entries, (k * groups + group) * classes, matrix, k * classes, classes);
    }
    return matrix;
  }

  /** All matrices, one after the other, each row after row. */
  public double[] matrices() {
    double[] all = new double[entries.length];
    for (int g = 0; g < groups; g++) {
      System.arraycopy(matrix(g), 0, all, g * classes * classes, classes * classes);
    }
    return all;
  }

  /**
   * The same confusion where class k of these has another index; classes that are added are not
   * confused.
   *
   * @param all number of classes with those that are added
   */
  public Confusion withClassesAt(IntUnaryOperator index, int all) {
    double[] counts = new double[groups * all * all];
    for (int g = 0; g < groups; g++) {
      for (int k = 0; k < classes; k++) {
        for (int l = 0; l < classes; l++) {
          counts[(g * all + index.applyAsInt(k)) * all + index.applyAsInt(l)] =
              probability(g, k, l);
        }
      }
    }
    return ofCounts(all, counts);
  }

  /** How often the labels of each group are right; empty where only the matrices are known. */
  public List<Reliability> reliabilities() {
    return reliabilities;
  }

  /** The mean of p(given label = true class) over the classes of a group. */
  public double reliability(int group) {
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      sum += probability(group, k, k);
    }
    return sum / classes;
  }

  /** The mean of {@link #reliability(int)} over the groups. */
  public double reliability() {
    double sum = 0;
    for (int g = 0; g < groups; g++) {
      sum += reliability(g);
    }
    return sum / groups;
  }

  /**
   * What the matrices say beyond noise that is alike for all classes and groups: the mean of Σ_l
   * C_kl ln(C_kl / D_kl) over groups and true classes, in nats for each row, where D has 1 − ε on
   * its diagonal and ε/(K − 1) beside it, and 1 − ε is the {@link #reliability()}.
   */
  public double structure() {
    double right = reliability();
    double wrong = (1 - right) / (classes - 1);
    double sum = 0;
    for (int at = 0; at < entries.length; at++) {
      int k = at / (groups * classes);
      double even = k == at % classes ? right : wrong;
      sum += even > 0 ? entries[at] * Math.log(entries[at] / even) : 0;
    }
    return sum / (groups * classes);
  }

  /** Whether a code is that of a label known to be right. */
  boolean isKnown(int code) {
    return code >= groups * classes;
  }

  /** C[k] of a code that is not {@link #isKnown}. */
  double ofCode(int k, int code) {
    return entries[k * groups * classes + code];
  }

  /** The code of a given label. */
  public int code(int group, int label) {
    return label + classes * (groups == 1 ? 0 : group);
  }

  /** A block of training rows with the codes of their given labels for labels. */
  public Block coded(Block block) {
    if (groups == 1) {
      return block;
    }
    double[] codes = new double[block.rows()];
    Arrays.setAll(codes, i -> code(block.group(i), (int) block.labels()[i]));
    return block.withLabels(codes);
  }

  /** A block of rows whose labels are right, with their codes for labels. */
  public Block codedAsKnown(Block block) {
    double[] codes = new double[block.rows()];
    Arrays.setAll(codes, i -> block.labels()[i] + groups * classes);
    return block.withLabels(codes);
  }

  /**
   * Bayes' rule: q_k = C_kl p_k / Σ_j C_jl p_j.
   *
   * @param p probabilities of the true classes; overwritten by the posterior
   * @param group −1 for one that no training row had: the mean of all counts alike
   * @return the probability of the given label, Σ_j C_jl p_j
   */
  public double posterior(double[] p, int group, int label) {
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      p[k] *= group < 0 ? mean(k, label) : probability(groups == 1 ? 0 : group, k, label);
      sum += p[k];
    }
    for (int k = 0; k < classes; k++) {
      p[k] /= sum;
    }
    return sum;
  }

  /** The mean of C_g[k][l] over the groups. */
  public double mean(int k, int l) {
    double sum = 0;
    for (int g = 0; g < groups; g++) {
      sum += probability(g, k, l);
    }
    return sum / groups;
  }
}
