package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.OutputTile;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the upper level tunes: a part λ of the vector of a {@link BilevelProblem}, and all that the
 * two objectives need to know of it.
 *
 * <pre>
 *   G(θ, λ) = (1/n) Σ_i b_i s_i(λ) ℓ_i(θ) + R(θ, λ)       b_i: base weight of training row i
 *   F(θ, λ) = (1/m) Σ_j ℓ_j(θ) + E(λ)
 * </pre>
 *
 * <p>A variable overrides what it has a part in: the weights s_i, the penalty R, the term E. What
 * it leaves out is s_i = 1, R = 0 and E = 0; it may also shape the ℓ_i of G. Several variables make
 * one problem: their λ stand one after the other, their weights are multiplied, their penalties and
 * terms are added.
 *
 * <p>Cost: weights and their pull-back are computed inside passes that run anyway, but a variable
 * that {@link #weighsRows} makes the hypergradient a sum over rows, 1 more pass an outer iteration.
 * R and E are computed on the driver and cost no pass. Variables travel with every pass: they are
 * serializable, immutable and small.
 *
 * <p>λ is always the variable's own part, of length {@link #size()}; arrays that are handed in are
 * not to be changed unless they are called {@code out}.
 */
public interface UpperVariable extends Serializable {

  /**
   * Predictions of some rows by a classifier, and their outputs along a direction of θ.
   *
   * @param loss of which they are the predictions
   */
  record AlongTile(Loss loss, OutputTile predictions, OutputTile tangents) {

    /** p_k of a row. */
    public double probability(int row, int k) {
      return loss.probability(predictions, row, k);
    }

    /** t_k of a row; a single output is that of class 1, and that of class 0 is 0. */
    public double tangent(int row, int k) {
      if (loss.outputs() > 1) {
        return tangents.value(k, row);
      }
      return k == 1 ? tangents.value(0, row) : 0;
    }
  }

  /** Nothing is tuned: s_i = 1, R = 0. */
  UpperVariable NONE = () -> 0;

  /** Number of entries of λ on the driver. */
  int size();

  /** Whether s_i depends on λ. */
  default boolean weighsRows() {
    return false;
  }

  /**
   * Where every λ_i starts if λ has an entry beside each training row, which never leaves the rows;
   * empty if all of λ is on the driver.
   */
  default OptionalDouble rowStart() {
    return OptionalDouble.empty();
  }

  /**
   * How many log-odds of a row's label s_i depends on: see {@link KnownRows#logOdds}. They cost
   * passes of their own before the first iteration and at every refresh.
   *
   * @return 0, or as {@link WeightFunction#scores()}
   */
  default int logOdds() {
    return 0;
  }

  /** The classes whose rows take part in ∇_λΦ. */
  default JudgedClasses judged() {
    return JudgedClasses.ALL;
  }

  /**
   * Writes s_i ≥ 0 for each of some rows.
   *
   * @param s one number for each row, from 0 on; what it holds before does not count
   */
  default void weigh(KnownRows rows, double[] lambda, double[] s) {
    Arrays.fill(s, 0, rows.count(), 1);
  }

  /**
   * The pull-back of {@link #weigh}: adds the gradient by λ of Σ_i b_i a_i s_i(λ) over some rows.
   *
   * @param a one number for each row
   * @param out gets {@link #size()} sums, or, with a {@link #rowStart}, a number for each row
   * @param at where the first of them goes
   */
  default void pullBack(KnownRows rows, double[] lambda, double[] a, double[] out, int at) {}

  /** Whether the loss of the training rows depends on λ. */
  default boolean shapesLoss() {
    return false;
  }

  /**
   * The loss of the training rows at λ, where {@link #shapesLoss}.
   *
   * @param loss that of the model, which F keeps
   */
  default Loss lowerLoss(Loss loss, double[] lambda) {
    return loss;
  }

  /** How labels are confused at λ; empty where λ does not tell. */
  default Optional<Confusion> confusion(double[] lambda) {
    return Optional.empty();
  }

  /**
   * The mixed product of a loss that λ shapes: adds the gradient by λ of Σ_i b_i ⟨r_i(λ), t_i⟩ over
   * some rows, with the residuals r of {@link #lowerLoss}.
   *
   * @param outputs p and t, the outputs along a direction of θ
   * @param out gets {@link #size()} sums
   * @param at where the first of them goes
   */
  default void pullBackResiduals(
      KnownRows rows, double[] lambda, AlongTile outputs, double[] out, int at) {}

  /**
   * λ where the weights are as large as they become, from which the lengths of first-order steps
   * follow; the penalty's entries stay as they are.
   */
  default double[] atFullWeight(double[] lambda) {
    return lambda;
  }

  /** Whether R has {@link #kinks}; one variable of a problem may. */
  default boolean hasKinks() {
    return false;
  }

  /**
   * A λ at which the {@link #kinks} are wider by a factor, for lower levels that are solved from
   * sparse models to others; λ itself unless overridden.
   */
  default double[] widened(double[] lambda, double factor) {
    return lambda;
  }

  /**
   * The part Σ_g c_g ‖θ_g‖ of R, which the other methods of R leave out but {@link
   * #penaltyMixedProduct} and {@link #penaltyLambdaGradient}; these differentiate c_g θ_g / ‖θ_g‖
   * and c_g ‖θ_g‖ too, as 0 where θ_g is 0.
   */
  default Optional<Kinks> kinks(double[] lambda) {
    return Optional.empty();
  }

  /** R(θ, λ) but its {@link #kinks}: quadratic in θ, without products of two coefficients. */
  default double penalty(double[] theta, double[] lambda) {
    return 0;
  }

  /** out += ∇²_θθR · v, a diagonal matrix that depends on λ alone. */
  default void addPenaltyProduct(double[] v, double[] lambda, double[] out) {}

  /** out += ∇_θR; {@link #addPenaltyProduct} of θ unless R has a linear part. */
  default void addPenaltyGradient(double[] theta, double[] lambda, double[] out) {
    addPenaltyProduct(theta, lambda, out);
  }

  /** ∇²_λθR · u, one number for each entry of λ. */
  default double[] penaltyMixedProduct(double[] theta, double[] u, double[] lambda) {
    return new double[size()];
  }

  /** ∇_λR; half the mixed product with θ unless R has a linear part. */
  default double[] penaltyLambdaGradient(double[] theta, double[] lambda) {
    double[] gradient = penaltyMixedProduct(theta, theta, lambda);
    for (int j = 0; j < gradient.length; j++) {
      gradient[j] *= 0.5;
    }
    return gradient;
  }

  /** E(λ), what F has of λ beside θ. */
  default double upperTerm(double[] lambda) {
    return 0;
  }

  /**
   * Adds ∇_λF = ∇E(λ).
   *
   * @param out gets {@link #size()} numbers
   * @param at where the first of them goes
   */
  default void addUpperTermGradient(double[] lambda, double[] out, int at) {}

  /**
   * λ at the start.
   *
   * @param start the number that the user gave for this variable, or its default
   */
  default double[] start(double start) {
    double[] lambda = new double[size()];
    Arrays.fill(lambda, start);
    return lambda;
  }

  /**
   * Narrows the bounds of the entries of λ that must not go as far as the user allows.
   *
   * @param low the least values; to be raised where needed
   * @param high the greatest values; to be lowered where needed
   * @param at where the variable's entries start
   */
  default void narrow(double[] low, double[] high, int at) {}

  /** The name of an entry of λ in reports and files. */
  default String entryName(int j, UpperFacts facts) {
    return "λ" + j;
  }
}
