package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Kinks;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.RowScores;
import io.github.sparkbilevel.problem.UpperRows;
import io.github.sparkbilevel.problem.Weighing;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.pass.Work;
import io.github.sparkbilevel.problem.sampling.RowSampling;
import io.github.sparkbilevel.problem.sampling.SampleSums;
import io.github.sparkbilevel.problem.snapshot.Generation;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.problem.training.TrainPass;
import io.github.sparkbilevel.problem.training.Trained;
import io.github.sparkbilevel.problem.training.Training;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The oracle over blocks of rows, wherever a {@link PassEngine} keeps them: one text for local and
 * distributed data.
 *
 * <p>Passes sum over rows; here the sums are divided by n or m, and the penalty is added.
 */
public final class BlockOracle implements BilevelOracle {
  private final BilevelProblem problem;
  private final PassEngine engine;
  private final BlockKernel kernel;
  private final BlockKernel exactKernel;
  private final String backend;
  private final long rows;

  private Generation<PartitionState> features;
  private double[] scoredBy;
  private double[] startModel;
  private double[] featureMean;
  private double[] featureDeviation;
  private Forward forward;

  /**
   * Sets up the oracle; costs no pass.
   *
   * @param backend name of the dense backend, or {@code auto}
   * @param rows n, the number of training rows
   */
  public BlockOracle(BilevelProblem problem, PassEngine engine, String backend, long rows) {
    if (rows < 1) {
      throw new IllegalArgumentException("got " + rows + " training rows, expected 1 or more");
    }
    this.problem = problem;
    this.engine = engine;
    this.kernel = BlockKernel.of(problem.model(), backend);
    this.exactKernel = BlockKernel.of(problem.model().withHessian(), backend);
    this.backend = backend;
    this.rows = rows;
  }

  @Override
  public BilevelProblem problem() {
    return problem;
  }

  @Override
  public long rows() {
    return rows;
  }

  @Override
  public PassLedger ledger() {
    return engine.ledger();
  }

  @Override
  public Evaluation evaluate(Query query) {
    // A loss that λ shapes has moved since.
    boolean reuse = forward != null && forward.isAt(query) && !problem.shapesLoss();
    if (reuse && forward.standardization() != null) {
      keepFeatures(forward.states(), forward.standardization());
    }
    EvaluatePass pass = pass(query, reuse);
    Generation<PartitionState> input = reuse ? forward.states() : rowStates(query.way().from());
    PassEngine.Result<PartitionState> result = engine.run(pass, input, true);
    if (reuse) {
      dropForward();
    }
    BlockEvaluation made =
        new BlockEvaluation(
            this, query.arrived(), pass.layout(), result.sums(), result.states(), null);
    int products = query.adjoint() == null ? 0 : 1;
    engine.ledger().add(new Work(2, products, rows + made.upper().rows()));
    return made;
  }

  private EvaluatePass pass(Query query, boolean reuse) {
    return new EvaluatePass(
        kernel,
        weighing(query.lambda()),
        query.theta(),
        query.adjoint(),
        query.way().step(),
        query.extra(),
        reuse,
        query.upper(),
        query.way().newtonStep(),
        engine.ledger().passes());
  }

  /** The pass that evaluates, for whoever runs it. */
  EvaluatePass pass(Query query) {
    return pass(query, false);
  }

  @Override
  public Evaluation underPenalty(Evaluation at, double[] lambda) {
    return ((BlockEvaluation) at).underPenalty(lambda);
  }

  @Override
  public MixedProduct mixedProduct(
      Evaluation at, double[] theta, double[] adjoint, OptionalInt refresh) {
    dropForward();
    MixedProductPass pass =
        new MixedProductPass(
            kernel,
            weighing(at.lambda()),
            theta,
            adjoint,
            refresh.isPresent() ? Integer.valueOf(refresh.getAsInt()) : null);
    boolean keep = problem.mixedProductNeedsPass();
    PassEngine.Result<PartitionState> result = engine.run(pass, rowStates(at), keep);
    engine.ledger().add(new Work(0, 0, rows));
    double[] sums = result.sums();
    if (keep) {
      double[][] standardization =
          refresh.isPresent() ? RowScores.standardization(sums, pass.moments()) : null;
      forward = new Forward(theta, adjoint, result.states(), standardization);
    }
    double[] values = problem.penaltyMixedProduct(theta, adjoint, at.lambda());
    for (int j = 0; j < problem.weighingSize(); j++) {
      values[j] += sums[MixedProductPass.MIXED + j] / rows;
    }
    return new MixedProduct(
        values,
        RowGradientNorms.read(sums, MixedProductPass.ROW_GRADIENT),
        sums[MixedProductPass.LOSS] / rows + problem.penalty(theta, at.lambda()));
  }

  @Override
  public void makeFeatures(double[] trusted, int chosen, double[] current) {
    dropForward();
    boolean known = features != null && Arrays.equals(trusted, scoredBy);
    if (known && current == null) {
      throw new IllegalArgumentException(
          "got no current model with trusted models that rows were scored by before; expected one");
    }
    double[] theta =
        Vectors.join(known ? new double[0] : trusted, current == null ? new double[0] : current);
    int models = known ? 0 : trusted.length / problem.model().size();
    PassEngine.Result<PartitionState> result =
        engine.run(
            new ScoringPass(kernel, theta, models, chosen, problem.judged()),
            known ? features : null,
            true);
    keepFeatures(result.states(), RowScores.standardization(result.sums(), 0));
    scoredBy = trusted;
    startModel = known && startModel != null ? startModel : current;
  }

  /** How rows are weighed at a λ of the driver, with the row features in use. */
  public Weighing weighing(double[] lambda) {
    requireFeatures();
    return problem.weighing(lambda, featureMean, featureDeviation);
  }

  private void requireFeatures() {
    if (problem.logOdds() > 0 && features == null) {
      throw new IllegalStateException(
          "the weight function has no features yet: call makeFeatures first");
    }
  }

  private void keepFeatures(Generation<PartitionState> states, double[][] standardization) {
    if (features != null) {
      features.release();
    }
    features = states;
    featureMean = standardization[0];
    featureDeviation = standardization[1];
  }

  @Override
  public SampledPasses samples(RowSampling sampling, long upperRows) {
    return new SampledPasses(this, sampling, UpperRows.ALL, upperRows);
  }

  /** The sums of draws, with the row features in use. */
  SampleSums sampleSums(RowSampling sampling, UpperRows upper) {
    requireFeatures();
    double[][] standardization = {featureMean, featureDeviation};
    return new SampleSums(problem, kernel, standardization, sampling, upper);
  }

  PassEngine engine() {
    return engine;
  }

  BlockKernel kernel() {
    return kernel;
  }

  /** That of the model with its whole Hessian. */
  BlockKernel exactKernel() {
    return exactKernel;
  }

  String backend() {
    return backend;
  }

  /** What the row features are computed from, or null. */
  Generation<PartitionState> features() {
    return features;
  }

  @Override
  public LowerObjective<Evaluation> lower(Evaluation start, double[] lambda) {
    return new Lower(start, lambda);
  }

  @Override
  public void save(Snapshot snapshot) {
    engine.ledger().save(snapshot.in("ledger"));
    snapshot.put("trusted", scoredBy);
    snapshot.put("start", startModel);
    if (features != null) {
      snapshot.putRows("features", features, Snapshot.Part.FEATURES);
      snapshot.put("mean", featureMean);
      snapshot.put("deviation", featureDeviation);
    }
    if (forward != null) {
      forward.save(snapshot.in("forward"));
    }
  }

  @Override
  public void restore(Snapshot snapshot) {
    engine.ledger().restore(snapshot.in("ledger"));
    scoredBy = snapshot.numbersOrNull("trusted");
    startModel = snapshot.numbersOrNull("start");
    if (snapshot.hasRows("features")) {
      features = snapshot.rows("features");
      featureMean = snapshot.numbers("mean");
      featureDeviation = snapshot.numbers("deviation");
    }
    if (snapshot.has("forward.theta")) {
      forward = Forward.restored(snapshot.in("forward"));
    }
  }

  /** The models that the row features come from, one after the other, or null. */
  public double[] trustedModels() {
    return scoredBy;
  }

  /** The first current model that row features were made with, or null. */
  public double[] startModel() {
    return startModel;
  }

  @Override
  public void save(Evaluation evaluation, Snapshot snapshot) {
    ((BlockEvaluation) evaluation).save(snapshot);
  }

  @Override
  public Evaluation evaluation(Snapshot snapshot) {
    Query query = Query.restored(snapshot);
    EvaluatePass.Layout layout =
        new EvaluatePass.Layout(
            kernel, query.adjoint() != null, query.way().newtonStep() != null, query.extra());
    return new BlockEvaluation(
        this, query, layout, snapshot.numbers("sums"), snapshot.rows("states"), null);
  }

  @Override
  public void close() {
    dropForward();
    if (features != null) {
      features.release();
    }
  }

  private void dropForward() {
    if (forward != null) {
      if (forward.states() != features) {
        forward.states().release();
      }
      forward = null;
    }
  }

  /** The generation that holds what the weights of rows are computed from. */
  private Generation<PartitionState> rowStates(Evaluation from) {
    if (problem.hasExampleWeights()) {
      return from == null ? null : states(from);
    }
    return features;
  }

  /** The generation of an evaluation, for passes that read its weights and predictions. */
  public Generation<PartitionState> states(Evaluation evaluation) {
    return ((BlockEvaluation) evaluation).states();
  }

  private final class Lower implements LowerObjective<Evaluation> {
    private final Evaluation start;
    private final double[] lambda;
    private final Optional<Kinks> kinks;

    Lower(Evaluation start, double[] lambda) {
      this.start = start;
      this.lambda = lambda;
      this.kinks = problem.kinks(lambda);
    }

    @Override
    public int size() {
      return problem.model().size();
    }

    @Override
    public double[] nullDirection() {
      return problem.nullDirection(lambda);
    }

    @Override
    public double[] penaltyDiagonal() {
      return problem.penaltyDiagonal(lambda);
    }

    @Override
    public Optional<Kinks> kinks() {
      return kinks;
    }

    @Override
    public boolean isConvex() {
      return problem.model().isLinear();
    }

    @Override
    public Trained train(Evaluation point, Trained from, Training training) {
      double[] atZero = new double[size()];
      problem.addPenaltyGradient(new double[size()], lambda, atZero);
      if (Vectors.normInf(atZero) != 0) {
        throw new IllegalArgumentException(
            "networks are trained with penalties whose gradient at θ = 0 is 0, got one with a"
                + " linear part; use it with a linear model");
      }
      TrainPass pass =
          new TrainPass(
              kernel,
              weighing(lambda),
              from,
              training,
              penaltyDiagonal(),
              engine.ledger().passes());
      Generation<PartitionState> input = point == null ? rowStates(start) : states(point);
      return from.next(engine.run(pass, input, false).sums());
    }

    @Override
    public Evaluation at(double[] theta, Extra extra) {
      return at(theta, null, extra);
    }

    @Override
    public Evaluation at(double[] theta, double[] v, Extra extra) {
      // A network would pay a forward product for each shorter step.
      double[] way = problem.model().isLinear() ? v : null;
      return evaluate(Query.at(theta, lambda).from(start, null).with(extra).afterStep(way));
    }
  }
}
