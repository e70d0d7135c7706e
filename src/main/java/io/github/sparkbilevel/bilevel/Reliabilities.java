package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.model.Reliability;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.distribution.BetaDistribution;

/**
 * How often the labels of each group are right, from expected counts N_g[k][l].
 *
 * <p>Of the n_g = Σ_kl N_gkl labels of a group, r_g = Σ_k N_gkk are right. With R_g for the
 * probability of that, and a prior that all groups share,
 *
 * <pre>
 *   r_g | R_g ~ Binomial(n_g, R_g)      R_g ~ Beta(κ R̄, κ (1 − R̄))
 *   R_g | r_g, κ, R̄ ~ Beta(r_g + κ R̄, n_g − r_g + κ (1 − R̄))
 * </pre>
 *
 * <p>A rate r_g / n_g has the variance R̄ (1 − R̄) / m_g with m_g = n_g (κ + 1) / (n_g + κ), so
 * that R̄ is the mean of the rates with weights m_g, and has the variance R̄ (1 − R̄) / Σ_g m_g. A
 * group leans on R̄ by κ / (n_g + κ), hence
 *
 * <pre>
 *   E[R_g | κ]   = (r_g + κ R̄) / (n_g + κ) = M
 *   Var[R_g | κ] = M (1 − M) / (n_g + κ + 1) + (κ / (n_g + κ))² R̄ (1 − R̄) / Σ_g m_g
 * </pre>
 *
 * <p>κ is not chosen but averaged over, by the evidence for each and a prior of κ^(−1/2) for its
 * logarithm, which is flat for the spread of the R_g: ten groups that look alike may still differ.
 * The interval is that of the Beta distribution with the mean and the variance that come out.
 *
 * <p>The prior is not that of the rows of C_g. A group has few rows of each class, so that all its
 * rows of C_g are drawn to those of the other groups, and their mean with them, where the labels of
 * all classes together tell how good the group is.
 *
 * <p>Expected counts pass for counts: where the classifier cannot tell whether a label is right,
 * the interval is too narrow.
 */
final class Reliabilities {
  private static final double TAIL = 0.025;

  /** Right labels of each group, and wrong ones behind. */
  private final double[] counts;

  private Reliabilities(double[] counts) {
    this.counts = counts;
  }

  /**
   * One for each group.
   *
   * @param counts at [group][true class][given label]
   */
  static List<Reliability> of(int classes, double[] counts) {
    int square = classes * classes;
    double[] byGroup = new double[2 * (counts.length / square)];
    for (int at = 0; at < counts.length; at++) {
      boolean right = at % square / classes == at % classes;
      byGroup[at / square * 2 + (right ? 0 : 1)] += counts[at];
    }
    return new Reliabilities(byGroup).all();
  }

  private double rows(int group) {
    return counts[2 * group] + counts[2 * group + 1];
  }

  private List<Reliability> all() {
    int groups = counts.length / 2;
    double[] logs = new double[NoiseCounts.STRENGTHS.length];
    double[] means = new double[logs.length];
    double[] variances = new double[logs.length];
    for (int s = 0; s < logs.length; s++) {
      double kappa = NoiseCounts.STRENGTHS[s];
      double rows = 0;
      double right = 0;
      for (int g = 0; g < groups; g++) {
        double share = (kappa + 1) / (rows(g) + kappa);
        rows += share * rows(g);
        right += share * counts[2 * g];
      }
      // Half a row of either kind: a mean of 0 or 1 would be certain.
      means[s] = (right + 0.5) / (rows + 1);
      variances[s] = means[s] * (1 - means[s]) / (rows + 1);
      double[] prior = {means[s], 1 - means[s], means[s], 1 - means[s]};
      logs[s] = NoiseCounts.evidence(2, counts, prior, kappa) - Math.log(kappa) / 2;
    }
    double most = Arrays.stream(logs).max().orElseThrow();
    double[] odds = Arrays.stream(logs).map(log -> Math.exp(log - most)).toArray();
    List<Reliability> all = new ArrayList<>();
    for (int g = 0; g < groups; g++) {
      all.add(of(g, odds, means, variances));
    }
    return all;
  }

  /**
   * The one of a group.
   *
   * @param odds of each κ
   * @param means R̄ by κ
   * @param variances those of R̄ by κ
   */
  private Reliability of(int group, double[] odds, double[] means, double[] variances) {
    double sum = 0;
    double mean = 0;
    double square = 0;
    for (int s = 0; s < odds.length; s++) {
      double kappa = NoiseCounts.STRENGTHS[s];
      double all = rows(group) + kappa;
      double m = (counts[2 * group] + kappa * means[s]) / all;
      double leaning = kappa / all;
      double variance = m * (1 - m) / (all + 1) + leaning * leaning * variances[s];
      sum += odds[s];
      mean += odds[s] * m;
      square += odds[s] * (variance + m * m);
    }
    mean /= sum;
    double strength = mean * (1 - mean) / (square / sum - mean * mean) - 1;
    BetaDistribution beta = new BetaDistribution(null, strength * mean, strength * (1 - mean));
    return new Reliability(
        mean, beta.inverseCumulativeProbability(TAIL), beta.inverseCumulativeProbability(1 - TAIL));
  }
}
