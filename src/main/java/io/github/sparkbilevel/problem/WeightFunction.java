package io.github.sparkbilevel.problem;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Weights s_i = σ(φ_iᵀλ) with few row features φ_i: the constant 1 and the standardised log-odds
 * that up to three models give to the row's label, then an indicator for each group. With
 * indicators alone these are weights of groups.
 *
 * @param scores number of the log-odds: {@link #WITHOUT_START}, {@link #ALL_SCORES}, or 0, where
 *     there is no constant either
 * @param groups number of group indicators, 0 for none
 */
public record WeightFunction(int scores, int groups, JudgedClasses judged)
    implements UpperVariable {

  /** The log-odds of the model of the trusted rows and of the current one. */
  public static final int WITHOUT_START = 2;

  /** Those, and the log-odds of the model that the run started from. */
  public static final int ALL_SCORES = RowScores.FEATURES;

  /** Where λ has the slope of the log-odds that the model of the trusted rows gives. */
  public static final int TRUSTED = 1;

  /** A weight σ(λ) that is 1 to the last digit. */
  private static final double FULL_WEIGHT = 40;

  private static final List<String> NAMES =
      List.of("constant", "trusted log-odds", "current log-odds", "start log-odds");

  /** Checks that there is a feature at all. */
  public WeightFunction {
    if (scores != 0 && scores != WITHOUT_START && scores != ALL_SCORES) {
      throw new IllegalArgumentException("got " + scores + " scores, expected 0, 2 or 3");
    }
    if (scores == 0 && groups < 1) {
      throw new IllegalArgumentException("got no scores and " + groups + " groups, expected one");
    }
  }

  /** With all classes judged. */
  public WeightFunction(int scores, int groups) {
    this(scores, groups, JudgedClasses.ALL);
  }

  /** A weight for each group, with all classes judged. */
  public static WeightFunction ofGroups(int groups) {
    return new WeightFunction(0, groups);
  }

  private int firstGroup() {
    return scores > 0 ? 1 + scores : 0;
  }

  @Override
  public int size() {
    return firstGroup() + groups;
  }

  @Override
  public boolean weighsRows() {
    return true;
  }

  @Override
  public int logOdds() {
    return scores;
  }

  @Override
  public void weigh(KnownRows rows, double[] lambda, double[] s) {
    for (int i = 0; i < rows.count(); i++) {
      s[i] = argument(rows, lambda, i);
    }
    Sigmoid.valuesInPlace(s, rows.count());
  }

  /** φ_iᵀλ; of a group that no row had, no indicator counts. */
  private double argument(KnownRows rows, double[] lambda, int i) {
    double sum = scores > 0 ? lambda[0] : 0;
    // To rows of classes that the trusted rows lack, their model says nothing.
    for (int f = judged.contain(rows.label(i)) ? 0 : 1; f < scores; f++) {
      sum += lambda[1 + f] * rows.logOdds(i, f);
    }
    return groups > 0 && rows.group(i) >= 0 ? sum + lambda[firstGroup() + rows.group(i)] : sum;
  }

  @Override
  public void pullBack(KnownRows rows, double[] lambda, double[] a, double[] out, int at) {
    for (int i = 0; i < rows.count(); i++) {
      if (judged.contain(rows.label(i))) {
        double slope = Sigmoid.derivative(argument(rows, lambda, i));
        addFeatures(rows, i, rows.baseWeight(i) * slope * a[i], out, at);
      }
    }
  }

  /** out += a φ_i. */
  private void addFeatures(KnownRows rows, int i, double a, double[] out, int at) {
    if (scores > 0) {
      out[at] += a;
    }
    for (int f = 0; f < scores; f++) {
      out[at + 1 + f] += a * rows.logOdds(i, f);
    }
    if (groups > 0) {
      out[at + firstGroup() + rows.group(i)] += a;
    }
  }

  @Override
  public double[] atFullWeight(double[] lambda) {
    double[] full = new double[size()];
    Arrays.fill(full, 0, Math.min(1, scores), FULL_WEIGHT);
    Arrays.fill(full, firstGroup(), size(), FULL_WEIGHT);
    return full;
  }

  /** The constant, or else all groups, start where they are told; slopes and groups at 0. */
  @Override
  public double[] start(double start) {
    double[] lambda = new double[size()];
    Arrays.fill(lambda, 0, scores > 0 ? 1 : groups, start);
    return lambda;
  }

  /**
   * The slope of the trusted log-odds stays at 0 or above: a label is no less likely right for
   * being likely to the model of the trusted rows. The polish replaces that model by another one,
   * of all trusted rows, which a slope below 0 does not bear.
   */
  @Override
  public void narrow(double[] low, double[] high, int at) {
    if (scores > 0 && high[at + TRUSTED] > 0) {
      low[at + TRUSTED] = Math.max(0, low[at + TRUSTED]);
    }
  }

  @Override
  public String entryName(int j, UpperFacts facts) {
    return j < firstGroup() ? NAMES.get(j) : facts.names().groups().get(j - firstGroup());
  }

  /** The same weights where class k has another index. */
  public WeightFunction withClassesAt(IntUnaryOperator index) {
    int[] unjudged = Arrays.stream(judged.others()).map(index).toArray();
    return new WeightFunction(scores, groups, JudgedClasses.allBut(unjudged));
  }
}
