package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.model.Loss;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Weights s_i = σ(φ_iᵀλ) with few row features φ_i: the constant 1 and the standardised log-odds
 * (of real labels the log-density: {@link Loss#logOdds}) that up to three models of the run give to
 * the row's label, and a model of the user where rows bring its probabilities; then an indicator
 * for each group. With indicators alone these are weights of groups.
 *
 * @param scores number of the log-odds by models of the run: {@link #WITHOUT_START}, {@link
 *     #ALL_SCORES}, or 0, where there is no constant either
 * @param given number of the log-odds that rows bring, 0 or 1
 * @param groups number of group indicators, 0 for none
 */
public record WeightFunction(int scores, int given, int groups, JudgedClasses judged)
    implements UpperVariable {

  /** The log-odds of the model of the trusted rows and of the current one. */
  public static final int WITHOUT_START = 2;

  /** Those, and the log-odds of the model that the run started from. */
  public static final int ALL_SCORES = RowScores.GIVEN;

  /** Where λ has the slope of the log-odds that the model of the trusted rows gives. */
  public static final int TRUSTED = 1;

  /** A weight σ(λ) that is 1 to the last digit. */
  private static final double FULL_WEIGHT = 40;

  private static final List<String> NAMES =
      List.of("constant", "trusted log-odds", "current log-odds", "start log-odds");

  private static final String GIVEN_NAME = "given log-odds";

  /** Checks that there is a feature at all. */
  public WeightFunction {
    if (scores != 0 && scores != WITHOUT_START && scores != ALL_SCORES) {
      throw new IllegalArgumentException("got " + scores + " scores, expected 0, 2 or 3");
    }
    if (given != 0 && (given != 1 || scores == 0)) {
      throw new IllegalArgumentException(
          "got " + given + " given log-odds beside " + scores + " scores, expected 0 or 1 of them");
    }
    if (scores == 0 && groups < 1) {
      throw new IllegalArgumentException("got no scores and " + groups + " groups, expected one");
    }
  }

  /** With all classes judged, of rows that bring no log-odds. */
  public WeightFunction(int scores, int groups) {
    this(scores, 0, groups, JudgedClasses.ALL);
  }

  /** A weight for each group, with all classes judged. */
  public static WeightFunction ofGroups(int groups) {
    return new WeightFunction(0, groups);
  }

  /** The same for rows that bring the log-odds of their labels; weights of groups stay. */
  public WeightFunction withGivenLogOdds() {
    return scores == 0 ? this : new WeightFunction(scores, 1, groups, judged);
  }

  private int firstGroup() {
    return scores > 0 ? 1 + scores + given : 0;
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
    for (int g = 0; g < given; g++) {
      sum += lambda[1 + scores + g] * rows.logOdds(i, RowScores.GIVEN + g);
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
    for (int g = 0; g < given; g++) {
      out[at + 1 + scores + g] += a * rows.logOdds(i, RowScores.GIVEN + g);
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
    if (j >= firstGroup()) {
      return facts.names().groups().get(j - firstGroup());
    }
    if (j > scores) {
      return GIVEN_NAME;
    }
    return facts.model().loss().classes() > 0
        ? NAMES.get(j)
        : NAMES.get(j).replace("log-odds", "log-density");
  }

  /** The same weights where class k has another index. */
  public WeightFunction withClassesAt(IntUnaryOperator index) {
    int[] unjudged = Arrays.stream(judged.others()).map(index).toArray();
    return new WeightFunction(scores, given, groups, JudgedClasses.allBut(unjudged));
  }
}
