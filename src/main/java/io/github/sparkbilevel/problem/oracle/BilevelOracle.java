package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.UpperRows;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.sampling.RowSampling;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.util.OptionalInt;

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
   *     the current model's feature taken at θ; empty to leave the row features as they are
   */
  MixedProduct mixedProduct(Evaluation at, double[] theta, double[] adjoint, OptionalInt refresh);

  /** The same, which leaves the row features as they are. */
  default MixedProduct mixedProduct(Evaluation at, double[] theta, double[] adjoint) {
    return mixedProduct(at, theta, adjoint, OptionalInt.empty());
  }

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

  /** θ where a linear model starts. */
  default double[] start() {
    return problem().model().initial(0);
  }

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
   * @param place where
   * @param way how θ and the λ_i come there
   * @param extra what to compute beside
   * @param upper which trusted rows make F
   */
  record Query(Place place, Way way, Extra extra, UpperRows upper) {

    /**
     * Where to evaluate.
     *
     * @param theta θ
     * @param adjoint u, to have Hu, or null
     * @param lambda the driver's part of λ
     */
    public record Place(double[] theta, double[] adjoint, double[] lambda) {}

    /**
     * The way to a place.
     *
     * @param from the evaluation whose row entries λ_i are taken on, or null for their start
     * @param step the step of the λ_i, or null to leave them as they are
     * @param newtonStep v, to have G at θ + (1 − t) v for shorter steps t, or null
     */
    public record Way(Evaluation from, RowStep step, double[] newtonStep) {
      private static final Way NONE = new Way(null, null, null);
    }

    /** θ at the λ of a start. */
    public static Query at(double[] theta, double[] lambda) {
      return new Query(new Place(theta, null, lambda), Way.NONE, Extra.NONE, UpperRows.ALL);
    }

    /** θ. */
    public double[] theta() {
      return place.theta;
    }

    /** u, or null. */
    public double[] adjoint() {
      return place.adjoint;
    }

    /** The driver's part of λ. */
    public double[] lambda() {
      return place.lambda;
    }

    /** The same with the adjoint. */
    public Query along(double[] adjoint) {
      return new Query(new Place(place.theta, adjoint, place.lambda), way, extra, upper);
    }

    /** The same with row entries of λ taken on from an evaluation, and their step. */
    public Query from(Evaluation evaluation, RowStep step) {
      return new Query(place, new Way(evaluation, step, way.newtonStep), extra, upper);
    }

    /** The same with F over some of the trusted rows. */
    public Query over(UpperRows rows) {
      return new Query(place, way, extra, rows);
    }

    /** The same with an extra. */
    public Query with(Extra other) {
      return new Query(place, way, other, upper);
    }

    /** The same with G along the way that the step v came. */
    public Query afterStep(double[] v) {
      return new Query(place, new Way(way.from, way.step, v), extra, upper);
    }

    /** Writes down where it was evaluated; what was moved on the way there is not needed again. */
    void save(Snapshot snapshot) {
      snapshot.put("theta", place.theta);
      snapshot.put("adjoint", place.adjoint);
      snapshot.put("lambda", place.lambda);
      snapshot.putText("extra", extra::name);
      SavedUpperRows.save(upper, snapshot);
      snapshot.put("newtonStep", way.newtonStep);
    }

    /** What {@link #save} wrote. */
    static Query restored(Snapshot snapshot) {
      return new Query(
          new Place(
              snapshot.numbers("theta"),
              snapshot.numbersOrNull("adjoint"),
              snapshot.numbers("lambda")),
          new Way(null, null, snapshot.numbersOrNull("newtonStep")),
          Extra.valueOf(snapshot.text("extra")),
          SavedUpperRows.restored(snapshot));
    }

    /**
     * The same without where it came from: an evaluation that held the one before it would keep
     * those of all iterations.
     */
    Query arrived() {
      return new Query(place, new Way(null, null, way.newtonStep), extra, upper);
    }

    /** The same at another λ of the driver. */
    Query under(double[] lambda) {
      return new Query(new Place(place.theta, place.adjoint, lambda), way, extra, upper);
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
