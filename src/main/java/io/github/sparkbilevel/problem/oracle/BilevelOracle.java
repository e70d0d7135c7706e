package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.sampling.RowSampling;
import io.github.sparkbilevel.problem.snapshot.Snapshot;

/**
 * What a bilevel algorithm may ask of the data: the port between algorithms and rows.
 *
 * <p>λ has a part on the driver, which callers hand in, and for {@link ExampleWeights} one entry
 * beside each row, which belongs to the {@link Evaluation} that made it and never leaves the rows.
 */
public interface BilevelOracle extends AutoCloseable {

  /** The objectives. */
  BilevelProblem problem();

  /** n, the number of training rows. */
  long rows();

  /**
   * Evaluates both levels; costs 1 pass, whether the rows' λ_i move in it or not.
   *
   * @param query where, along what, and with which step of the λ_i
   */
  Evaluation evaluate(Query query);

  /**
   * What is known at the same θ under other penalties; costs no pass, for the sums over rows do not
   * depend on them. The result lives as long as {@code at}, and releasing it does nothing; its
   * {@link Evaluation#factors()} and {@link Evaluation#dataDiagonal()} are null, for they are those
   * of {@code at}.
   *
   * @param lambda the driver's λ; weighs rows as that of {@code at} does
   */
  Evaluation underPenalty(Evaluation at, double[] lambda);

  /**
   * The mixed product at (θ, u), with the λ of {@code at}; costs 1 pass. The evaluation at the same
   * (θ, u) that follows saves its forward product.
   *
   * @param refresh which trusted model serves as a row feature from the next evaluation on, with
   *     the current model's feature taken at θ; −1 leaves the row features as they are
   */
  MixedProduct mixedProduct(Evaluation at, double[] theta, double[] adjoint, int refresh);

  /**
   * Makes the row features of the weight function; costs 1 pass.
   *
   * @param trusted parameters of models fitted on trusted rows, one after the other
   * @param chosen the trusted model that serves at first
   * @param current parameters of the current model; null while there is none, and its feature is 0
   *     in all rows; needed with trusted models that the rows were scored by before. The first one
   *     given with some trusted models is the model of the start, which stays a feature
   */
  void makeFeatures(double[] trusted, int chosen, double[] current);

  /**
   * Samples of the rows, for a λ on the driver; costs no pass yet.
   *
   * @param upperRows m, as {@link Evaluation#upper} counts them
   */
  SampledPasses samples(RowSampling sampling, long upperRows);

  /** The lower level alone, at the λ of {@code query} and {@code start}. */
  LowerObjective<Evaluation> lower(Evaluation start, double[] lambda);

  /** The passes run so far. */
  PassLedger ledger();

  /** Writes down the row features in use and the account of the passes. */
  void save(Snapshot snapshot);

  /** Goes on from what {@link #save(Snapshot)} wrote, in a fresh oracle over the same rows. */
  void restore(Snapshot snapshot);

  /** Writes down an evaluation of this oracle, with what it keeps beside the rows. */
  void save(Evaluation evaluation, Snapshot snapshot);

  /** The evaluation that {@link #save(Evaluation, Snapshot)} wrote; costs no pass. */
  Evaluation evaluation(Snapshot snapshot);

  @Override
  void close();

  /**
   * What to evaluate.
   *
   * @param theta θ
   * @param adjoint u, to have Hu, or null
   * @param lambda the driver's part of λ
   * @param from the evaluation whose row entries λ_i are taken on, or null for their start
   * @param step the step of the λ_i, or null to leave them as they are
   * @param extra what to compute beside
   * @param upperFold the fold of trusted rows that makes F, or −1 for all
   * @param newtonStep v, to have G at θ + (1 − t) v for shorter steps t, or null
   */
  record Query(
      double[] theta,
      double[] adjoint,
      double[] lambda,
      Evaluation from,
      RowStep step,
      Extra extra,
      int upperFold,
      double[] newtonStep) {

    /** θ at the λ of a start. */
    public static Query at(double[] theta, double[] lambda) {
      return new Query(theta, null, lambda, null, null, Extra.NONE, -1, null);
    }

    /** The same with the adjoint. */
    public Query along(double[] newAdjoint) {
      return new Query(theta, newAdjoint, lambda, from, step, extra, upperFold, newtonStep);
    }

    /** The same with row entries of λ taken on from an evaluation, and their step. */
    public Query from(Evaluation evaluation, RowStep newStep) {
      return new Query(theta, adjoint, lambda, evaluation, newStep, extra, upperFold, newtonStep);
    }

    /** The same with F over one fold of the trusted rows. */
    public Query over(int fold) {
      return new Query(theta, adjoint, lambda, from, step, extra, fold, newtonStep);
    }

    /** The same with an extra. */
    public Query with(Extra newExtra) {
      return new Query(theta, adjoint, lambda, from, step, newExtra, upperFold, newtonStep);
    }

    /** The same with G along the way that the step v came. */
    public Query afterStep(double[] v) {
      return new Query(theta, adjoint, lambda, from, step, extra, upperFold, v);
    }

    /** Writes down where it was evaluated; what was moved on the way there is not needed again. */
    void save(Snapshot snapshot) {
      snapshot.put("theta", theta);
      snapshot.put("adjoint", adjoint);
      snapshot.put("lambda", lambda);
      snapshot.putText("extra", extra::name);
      snapshot.put("fold", upperFold);
      snapshot.put("newtonStep", newtonStep);
    }

    /** What {@link #save} wrote. */
    static Query restored(Snapshot snapshot) {
      return new Query(
          snapshot.numbers("theta"),
          snapshot.numbersOrNull("adjoint"),
          snapshot.numbers("lambda"),
          null,
          null,
          Extra.valueOf(snapshot.text("extra")),
          snapshot.integer("fold"),
          snapshot.numbersOrNull("newtonStep"));
    }

    /**
     * The same without where it came from: an evaluation that held the one before it would keep
     * those of all iterations.
     */
    Query arrived() {
      return new Query(theta, adjoint, lambda, null, null, extra, upperFold, newtonStep);
    }

    /** The same at another λ of the driver. */
    Query under(double[] otherLambda) {
      return new Query(theta, adjoint, otherLambda, from, step, extra, upperFold, newtonStep);
    }
  }

  /**
   * The mixed product ∇²_λθ G · u of the driver's λ, penalty included.
   *
   * @param values one number for each entry of the driver's λ
   * @param rows norms of the hypergradient of the λ_i beside the rows; zeros when there are none
   * @param lowerObjective G(θ, λ)
   */
  record MixedProduct(double[] values, RowGradientNorms rows, double lowerObjective) {}
}
