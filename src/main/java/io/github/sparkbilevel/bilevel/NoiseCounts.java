package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.Reliability;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.special.Gamma;

/**
 * From expected counts N_g[k][l] to confusion matrices C_g.
 *
 * <p>A row of C_g has a Dirichlet prior of mean C̄_g[k] and strength κ: C_g[k][l] = (N_g[k][l] + κ
 * C̄_gkl) / (N_g[k] + κ). κ is what makes the counts likeliest, by the Dirichlet-multinomial Σ_gk
 * ln Γ(κ) − ln Γ(N_gk + κ) + Σ_l ln Γ(N_gkl + κ C̄_gkl) − ln Γ(κ C̄_gkl): groups that are confused
 * alike share one matrix, others keep their own.
 *
 * <p>C̄_g is the matrix of all groups together, C̄, with the odds of a wrong label multiplied, in
 * every class, by what they are in the group against what they are in all: (1 − C̄_gkk) / C̄_gkk =
 * ρ_g (1 − C̄_kk) / C̄_kk. A group has few rows of a class, but all its rows tell how good it is;
 * the prior C̄ alone would draw a good source and a bad one to the same matrix.
 */
final class NoiseCounts {
  /** How much more than a row of training data the trusted rows' estimate counts for. */
  static final double TRUSTED_SHARE = 0.3;

  private static final double LEAST_COUNT = 0.1;

  /** The κ to choose from. */
  static final double[] STRENGTHS = {1, 3, 10, 30, 100, 300, 1e3, 1e4, 1e5};

  private NoiseCounts() {}

  /**
   * The matrices.
   *
   * @param counts at [group][true class][given label]
   * @param trusted counts of one group that the trusted rows give, in each row as many as it has
   *     rows; or null
   */
  static Confusion confusion(int classes, double[] counts, double[] trusted) {
    int square = classes * classes;
    int groups = counts.length / square;
    double[] pooled = new double[square];
    Arrays.fill(pooled, LEAST_COUNT);
    for (int at = 0; at < counts.length; at++) {
      pooled[at % square] += counts[at];
    }
    if (trusted != null) {
      addTrusted(classes, pooled, trusted);
    }
    Confusion mean = Confusion.ofCounts(classes, pooled);
    if (groups == 1) {
      return mean;
    }
    List<Reliability> reliabilities = Reliabilities.of(classes, counts);
    double[] prior = priors(mean, reliabilities, oddsOfWrong(classes, pooled));
    double kappa = strength(classes, counts, prior);
    double[] shrunk = new double[counts.length];
    for (int at = 0; at < counts.length; at++) {
      shrunk[at] = counts[at] + kappa * prior[at];
    }
    return Confusion.ofCounts(classes, shrunk).with(reliabilities);
  }

  /** Adds the trusted rows' estimate as if it came from a share of each class's rows. */
  private static void addTrusted(int classes, double[] pooled, double[] trusted) {
    for (int k = 0; k < classes; k++) {
      double rows = 0;
      double known = 0;
      for (int l = 0; l < classes; l++) {
        rows += pooled[k * classes + l];
        known += trusted[k * classes + l];
      }
      for (int l = 0; known > 0 && l < classes; l++) {
        pooled[k * classes + l] += TRUSTED_SHARE * rows * trusted[k * classes + l] / known;
      }
    }
  }

  /** How many labels of all groups are wrong for each that is right. */
  private static double oddsOfWrong(int classes, double[] pooled) {
    double right = 0;
    for (int k = 0; k < classes; k++) {
      right += pooled[k * classes + k];
    }
    return (Arrays.stream(pooled).sum() - right) / right;
  }

  /** C̄_g, group after group. */
  private static double[] priors(Confusion mean, List<Reliability> reliabilities, double odds) {
    double[] all = mean.matrix(0);
    int classes = mean.classes();
    double[] priors = new double[reliabilities.size() * all.length];
    for (int g = 0; g < reliabilities.size(); g++) {
      double reliability = reliabilities.get(g).mean();
      double rho = (1 - reliability) / reliability / odds;
      for (int at = 0; at < all.length; at++) {
        int k = at / classes;
        double right = all[k * classes + k];
        double sum = right + rho * (1 - right);
        priors[g * all.length + at] = (at % classes == k ? right : rho * all[at]) / sum;
      }
    }
    return priors;
  }

  /**
   * κ.
   *
   * @param prior C̄_g of each group, or one matrix for all
   */
  static double strength(int classes, double[] counts, double[] prior) {
    double best = STRENGTHS[0];
    double most = Double.NEGATIVE_INFINITY;
    for (double kappa : STRENGTHS) {
      double evidence = evidence(classes, counts, prior, kappa);
      if (evidence > most) {
        most = evidence;
        best = kappa;
      }
    }
    return best;
  }

  /** The logarithm of the Dirichlet-multinomial, up to a number that κ does not change. */
  static double evidence(int classes, double[] counts, double[] prior, double kappa) {
    double sum = 0;
    for (int row = 0; row < counts.length / classes; row++) {
      double total = 0;
      for (int l = 0; l < classes; l++) {
        double n = counts[row * classes + l];
        double a = kappa * prior[(row * classes + l) % prior.length];
        sum += Gamma.logGamma(n + a) - Gamma.logGamma(a);
        total += n;
      }
      sum += Gamma.logGamma(kappa) - Gamma.logGamma(total + kappa);
    }
    return sum;
  }
}
