package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.ParameterBlock;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The two objectives without their data.
 *
 * <pre>
 *   G(θ, λ) = (1/n) Σ_i b_i s_i(λ) ℓ(θ; a_i, y_i) + R(θ, λ)     lower, over the training rows
 *   F(θ, λ) = (1/m) Σ_j ℓ(θ; a_j, y_j) + E(λ)                   upper, over the trusted rows
 * </pre>
 *
 * <p>Each {@link UpperVariable} has its part in s, R and E. The driver's λ holds the entries of the
 * variables one after the other. The hypergradient is ∇E − ∇²_λθ G · u.
 *
 * @param model the lower-level model
 * @param variables what the upper level tunes; the first may weigh rows
 */
public record BilevelProblem(Model model, List<UpperVariable> variables) implements Serializable {

  /** Checks the order of the variables. */
  public BilevelProblem {
    variables = List.copyOf(variables);
    if (variables.stream().skip(1).anyMatch(UpperVariable::weighsRows)) {
      throw new IllegalArgumentException(
          "got weights of rows behind another variable, expected one kind of weights, first");
    }
    long withKinks = variables.stream().filter(UpperVariable::hasKinks).count();
    if (withKinks > 1) {
      throw new IllegalArgumentException(
          "got %d penalties with kinks, expected one; leave the others out, or make them one"
              .formatted(withKinks));
    }
  }

  /** The problem of some variables, in their order. */
  public BilevelProblem(Model model, UpperVariable... variables) {
    this(model, List.of(variables));
  }

  /** The variable that weighs rows, or {@link UpperVariable#NONE}. */
  private UpperVariable weights() {
    return weighsRows() ? variables.get(0) : UpperVariable.NONE;
  }

  /** Length of the driver's part of λ. */
  public int sharedSize() {
    return variables.stream().mapToInt(UpperVariable::size).sum();
  }

  /** The first so many entries of the driver's λ weigh rows. */
  public int weighingSize() {
    return weights().size();
  }

  /** The other entries of the driver's λ, which tune the penalty. */
  public int penaltySize() {
    return sharedSize() - weighingSize();
  }

  /** Whether λ weighs rows, on the driver or beside them. */
  public boolean weighsRows() {
    return !variables.isEmpty() && variables.get(0).weighsRows();
  }

  /** Whether the loss of the training rows depends on λ. */
  public boolean shapesLoss() {
    return weights().shapesLoss();
  }

  /** Whether λ has an entry for every row. */
  public boolean hasExampleWeights() {
    return weights().rowStart().isPresent();
  }

  /**
   * Whether the mixed product for the driver's λ is a sum over rows: one more pass an iteration.
   */
  public boolean mixedProductNeedsPass() {
    return weighingSize() > 0;
  }

  /** How many log-odds of a row its weight depends on; 0 where it depends on none. */
  public int logOdds() {
    return weights().logOdds();
  }

  /** The classes whose rows take part in ∇_λΦ. */
  public JudgedClasses judged() {
    return weights().judged();
  }

  /** How the labels of training rows are confused at λ, or null where λ does not tell. */
  public Confusion confusion(double[] lambda) {
    return weights().confusion(Vectors.slice(lambda, 0, weighingSize())).orElse(null);
  }

  /** The same variables over a model of the same parameters. */
  public BilevelProblem withModel(Model other) {
    return new BilevelProblem(other, variables);
  }

  /** The same penalties, with another variable for weights. */
  public BilevelProblem withWeights(UpperVariable weights) {
    List<UpperVariable> all = new ArrayList<>(withoutWeights().variables());
    all.add(0, weights);
    return new BilevelProblem(model, all);
  }

  /** The same penalties, with s_i = 1. */
  public BilevelProblem withoutWeights() {
    return new BilevelProblem(model, variables.stream().filter(v -> !v.weighsRows()).toList());
  }

  /**
   * How rows are weighed at a λ.
   *
   * @param mean means of the log-odds, or null
   * @param deviation their standard deviations, or null
   */
  public Weighing weighing(double[] lambda, double[] mean, double[] deviation) {
    return new Weighing(weights(), Vectors.slice(lambda, 0, weighingSize()), mean, deviation);
  }

  /** What is done with each variable. */
  @FunctionalInterface
  private interface Part {
    void of(UpperVariable variable, double[] lambda, int at);
  }

  private void forEach(double[] lambda, Part part) {
    int at = 0;
    for (UpperVariable variable : variables) {
      part.of(variable, Vectors.slice(lambda, at, variable.size()), at);
      at += variable.size();
    }
  }

  /** Whether G has kinks: a penalty that makes coefficients 0. */
  public boolean hasKinks() {
    return variables.stream().anyMatch(UpperVariable::hasKinks);
  }

  /** The part of R that has kinks, at a λ; empty where G is smooth. */
  public Optional<Kinks> kinks(double[] lambda) {
    List<Kinks> found = new ArrayList<>();
    forEach(lambda, (variable, part, at) -> variable.kinks(part).ifPresent(found::add));
    return found.stream().findFirst();
  }

  /** A λ at which the kinks are wider by a factor. */
  public double[] widened(double[] lambda, double factor) {
    double[] wider = lambda.clone();
    forEach(
        lambda, (variable, part, at) -> Vectors.copyTo(variable.widened(part, factor), wider, at));
    return wider;
  }

  /** R(θ, λ). */
  public double penalty(double[] theta, double[] lambda) {
    double[] sum = new double[1];
    forEach(lambda, (variable, part, at) -> sum[0] += variable.penalty(theta, part));
    return sum[0] + kinks(lambda).map(kinks -> kinks.value(theta)).orElse(0.0);
  }

  /** out += ∇_θR of the smooth part. */
  public void addPenaltyGradient(double[] theta, double[] lambda, double[] out) {
    forEach(lambda, (variable, part, at) -> variable.addPenaltyGradient(theta, part, out));
  }

  /** out += ∇²_θθR · v. */
  public void addPenaltyProduct(double[] v, double[] lambda, double[] out) {
    forEach(lambda, (variable, part, at) -> variable.addPenaltyProduct(v, part, out));
  }

  /** The diagonal of ∇²_θθR, which is all of it. */
  public double[] penaltyDiagonal(double[] lambda) {
    double[] ones = new double[model.size()];
    Arrays.fill(ones, 1);
    double[] diagonal = new double[ones.length];
    addPenaltyProduct(ones, lambda, diagonal);
    return diagonal;
  }

  /** ∇²_λθR · u, a number for each entry of the driver's λ; no pass. */
  public double[] penaltyMixedProduct(double[] theta, double[] u, double[] lambda) {
    double[] mixed = new double[lambda.length];
    forEach(
        lambda,
        (variable, part, at) ->
            Vectors.copyTo(variable.penaltyMixedProduct(theta, u, part), mixed, at));
    return mixed;
  }

  /** ∇_λR, a number for each entry of the driver's λ; no pass. */
  public double[] penaltyLambdaGradient(double[] theta, double[] lambda) {
    double[] gradient = new double[lambda.length];
    forEach(
        lambda,
        (variable, part, at) ->
            Vectors.copyTo(variable.penaltyLambdaGradient(theta, part), gradient, at));
    return gradient;
  }

  /** E(λ), what F has of λ beside θ. */
  public double upperTerm(double[] lambda) {
    double[] sum = new double[1];
    forEach(lambda, (variable, part, at) -> sum[0] += variable.upperTerm(part));
    return sum[0];
  }

  /** out += ∇_λF = ∇E. */
  public void addUpperTermGradient(double[] lambda, double[] out) {
    forEach(lambda, (variable, part, at) -> variable.addUpperTermGradient(part, out, at));
  }

  /** ∇Φ = ∇_λF − mixed, by a mixed product ∇²_λθG · u. */
  public double[] hypergradient(double[] mixed, double[] lambda) {
    double[] gradient = Vectors.scaled(-1, mixed);
    addUpperTermGradient(lambda, gradient);
    return gradient;
  }

  /** λ where the weights of rows are as large as they become. */
  public double[] atFullWeight(double[] lambda) {
    double[] full = lambda.clone();
    forEach(lambda, (variable, part, at) -> Vectors.copyTo(variable.atFullWeight(part), full, at));
    return full;
  }

  /**
   * λ at the start.
   *
   * @param start the number where each variable starts
   */
  public double[] start(ToDoubleFunction<UpperVariable> start) {
    double[] lambda = new double[sharedSize()];
    forEach(
        lambda,
        (variable, part, at) ->
            Vectors.copyTo(variable.start(start.applyAsDouble(variable)), lambda, at));
    return lambda;
  }

  /** Narrows the bounds of the entries of λ that must not go as far. */
  public void narrow(double[] low, double[] high) {
    forEach(low, (variable, part, at) -> variable.narrow(low, high, at));
  }

  /**
   * The direction along which G is flat for every θ: the common shift of softmax intercepts that
   * are not penalised; null when there is none.
   */
  public double[] nullDirection(double[] lambda) {
    if (!model.hasFreeInterceptShift()) {
      return null;
    }
    ParameterBlock block = model.layer().outputBiases().orElseThrow();
    if (penaltyDiagonal(lambda)[block.biases()] > 0) {
      return null;
    }
    double[] direction = new double[model.size()];
    for (int j = block.biases(); j < block.end(); j += block.height()) {
      direction[j] = 1;
    }
    return direction;
  }
}
