package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Bounds;
import io.github.sparkbilevel.curvature.CurvatureSettings;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.NoiseModel;
import io.github.sparkbilevel.problem.Weighing;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.snapshot.Checkpoints;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.Status;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A cleaning run: trusted models, warm-up, outer loop, polish, baselines, and the choice that does
 * no harm.
 *
 * <ol>
 *   <li>fit the lower level at the λ of the start; for a noise model, which EM gives;
 *   <li>fit the trusted rows, once with all of them and once without each fold; a linear model of
 *       them knows the outputs of that of all rows, and a network is alone;
 *   <li>run {@link Nbo}, or the {@link FieldAlgorithm} that takes its place;
 *   <li>with a weight function, make its features from all trusted rows at the learned λ and fit
 *       the lower level again;
 *   <li>fit the baselines, several in each pass, and the refits by what judges say of the rows;
 *   <li>select the best model by the loss on the held-out trusted rows.
 * </ol>
 *
 * <p>Without trusted rows EM is all that is run, and its noise model is what is selected.
 *
 * <p>Held-out figures are those of a model that did not see the rows held out: the bilevel model
 * before step 4, a network after a step 4 of its own, and a trusted model fitted without them. What
 * is returned may use all trusted rows.
 */
public final class Cleaning {
  /** The name of the bilevel model among the candidates. */
  public static final String BILEVEL = "bilevel";

  /** The name of the model that no user has: see {@link Baseline#ORACLE}. */
  public static final String ORACLE = "oracle";

  private static final double INFLUENCE_TOLERANCE = 1e-3;
  static final int INFLUENCE_PRODUCTS = 100;

  private final CleaningSettings settings;
  private final PassEngine engine;
  private final long rows;
  private final BlockKernel kernel;
  private final Consumer<IterationRecord> listener;
  private final Checkpoints checkpoints;

  private BilevelProblem problem;
  private BlockOracle oracle;
  private NoiseFit.Fitted noise;

  /** Sets up a run that leaves no checkpoints. */
  public Cleaning(
      CleaningSettings settings, PassEngine engine, long rows, Consumer<IterationRecord> listener) {
    this(settings, engine, rows, listener, Checkpoints.NONE);
  }

  /**
   * Sets up a run; costs no pass.
   *
   * @param rows n, the number of training rows
   * @param listener told of every outer iteration
   * @param checkpoints where the state of the outer loop goes, and what it goes on from
   * @throws IllegalArgumentException when the curvature cannot work for the problem: see {@link
   *     Curvature#requireFits}, or there are no trusted rows and λ is no noise model
   */
  public Cleaning(
      CleaningSettings settings,
      PassEngine engine,
      long rows,
      Consumer<IterationRecord> listener,
      Checkpoints checkpoints) {
    if (!settings.isGuided() && !settings.problem().shapesLoss()) {
      throw new IllegalArgumentException(
          "got no trusted rows for a λ that is learned from them; expected a noise model");
    }
    this.settings = settings;
    this.problem = settings.problem();
    settings.nbo().curvature().requireFits(problem, Curvature.SKETCH_COLUMNS);
    this.engine = engine;
    this.rows = rows;
    this.oracle = oracle(problem);
    this.kernel = BlockKernel.of(problem.model(), settings.backend());
    this.listener = listener;
    this.checkpoints = checkpoints;
  }

  private BlockOracle oracle(BilevelProblem of) {
    return new BlockOracle(of, engine, settings.backend(), rows);
  }

  /** The oracle of the run, which knows the states of its evaluations. */
  public BlockOracle oracle() {
    return oracle;
  }

  /**
   * What the outer loop learned, before any comparison.
   *
   * @param evaluation at the learned λ
   * @param unseen θ that knows nothing of the rows held out: that of the best iterate, for a
   *     network trained to the end
   * @param rule how the weight of any row follows from its label, or null where it does not
   * @param confusion how labels are confused, or null where λ does not tell
   */
  public record Learned(
      OuterResult outer,
      Evaluation evaluation,
      double[] unseen,
      WeightRule rule,
      Confusion confusion) {}

  /**
   * How the learned weights follow from what is known of a row.
   *
   * @param weighing the variable that weighs rows, and λ
   * @param trusted parameters of the model of the trusted rows; null if weights know no log-odds
   * @param current parameters of the model that the features were last made with; null likewise
   * @param start parameters of the model that the outer loop started from; null if weights do not
   *     know it
   */
  public record WeightRule(Weighing weighing, double[] trusted, double[] current, double[] start) {}

  /** Steps 1 to 4, or what an earlier run left to do of them. */
  public Learned learn() {
    return settings.isGuided() ? learnGuided() : learnUnguided();
  }

  private Learned learnGuided() {
    boolean scored = problem.logOdds() > 0;
    NewtonSystem system = system();
    if (problem.shapesLoss()) {
      startNoise();
    }
    double[][] bounds = bounds();
    JointAlgorithm<?> algorithm =
        JointAlgorithm.of(
            new OuterContext(oracle, system, listener, checkpoints),
            settings.nbo(),
            new Adam(settings.step(), bounds[0], bounds[1]),
            new Bounds(bounds[0], bounds[1]));
    Optional<Snapshot> saved = checkpoints.last();
    OuterResult result =
        saved.isPresent() ? algorithm.resume(saved.get()) : algorithm.run(start(scored, system));
    double[] unseen = result.best().theta();
    if (problem.shapesLoss()) {
      return new Learned(
          result, result.best(), unseen, null, problem.confusion(result.best().lambda()));
    }
    if (!scored) {
      WeightRule byGroup =
          problem.weighingSize() == 0
              ? null
              : new WeightRule(oracle.weighing(result.best().lambda()), null, null, null);
      return new Learned(result, result.best(), unseen, byGroup, null);
    }
    double[] trusted = oracle.trustedModels();
    engine.ledger().enter(PassLedger.Phase.POLISH);
    Polish polish = new Polish(oracle, settings, system);
    if (settings.networks() != null && result.best().heldOut().rows() > 0) {
      unseen = polish.unseen(result.best(), trusted);
    }
    double[][] current = new double[1][];
    Evaluation learned = polish.run(result.best(), trusted, current);
    int d = problem.model().size();
    double[] last = Vectors.slice(trusted, settings.nbo().rotation().folds() * d, d);
    return new Learned(
        result,
        learned,
        unseen,
        new WeightRule(
            oracle.weighing(learned.lambda()),
            last,
            current[0],
            problem.logOdds() == WeightFunction.ALL_SCORES ? oracle.startModel() : null),
        null);
  }

  private NewtonSystem system() {
    return new NewtonSystem(
        settings.nbo().curvature(),
        settings.nbo().damping(),
        new CurvatureSettings(
            settings.nbo().factorRefresh(), Curvature.SKETCH_COLUMNS, settings.nbo().factors()));
  }

  /**
   * u with (H + δI) u = ∇_θF at what was learned: the influence of row i, ∂Φ/∂s_i, is −(1/n) b_i
   * ⟨∇ℓ_i, u⟩, by the same implicit differentiation as the hypergradient.
   *
   * <p>Cost: 1 pass for each product, and 1 more where the curvature needs more of the point.
   *
   * @return u to a relative residual of {@value #INFLUENCE_TOLERANCE}; nothing without trusted rows
   *     or where the system cannot be solved
   */
  public Optional<double[]> adjoint(Learned learned) {
    if (!settings.isGuided()) {
      return Optional.empty();
    }
    engine.ledger().enter(PassLedger.Phase.SCORES);
    NewtonSystem system = system();
    Evaluation point = learned.evaluation();
    LowerObjective<Evaluation> lower = oracle.lower(point, point.lambda());
    Evaluation at = system.due() == Extra.NONE ? point : lower.at(point.theta(), system.due());
    ConjugateGradient.Solution solved =
        system.solve(
            lower,
            at,
            new double[][] {point.upperGradient()},
            new double[] {INFLUENCE_TOLERANCE},
            INFLUENCE_PRODUCTS);
    if (at != point) {
      at.release();
    }
    return solved.status().isUsable() ? Optional.of(solved.columns()[0]) : Optional.empty();
  }

  /**
   * Without trusted rows λ stays where EM leads. Checkpoints are neither read nor left: EM that
   * runs again ends with the same bits.
   */
  private Learned learnUnguided() {
    long start = System.nanoTime();
    startNoise();
    double[] theta = noise == null ? problem.model().initial(settings.seed()) : noise.theta();
    Status status = noise == null ? Status.NOT_FINITE : noise.status();
    Evaluation end = oracle.lower(null, new double[problem.sharedSize()]).at(theta, Extra.NONE);
    IterationRecord record =
        new IterationRecord(
            0,
            new IterationRecord.Spent(0, (System.nanoTime() - start) / 1e9, 0),
            new ModelFigures(end.upper(), end.heldOut(), end.test()),
            new IterationRecord.Point(end.value(), Vectors.norm(end.gradient()), new double[0]),
            new IterationRecord.Step(Double.NaN, 0, 1));
    listener.accept(record);
    OuterCourse course = new OuterCourse(0, status, List.of(record));
    Confusion confusion = problem.confusion(end.lambda());
    return new Learned(new OuterResult(end, course), end, theta, null, confusion);
  }

  /** Where λ is a noise model: EM, which gives the matrices that λ moves. */
  private void startNoise() {
    engine.ledger().enter(PassLedger.Phase.WARM_UP);
    NoiseModels models = new NoiseModels(kernel, engine, how(), settings);
    noise = models.learn().orElse(null);
    if (noise != null) {
      oracle.close();
      problem = problem.withWeights(new NoiseModel(noise.confusion()));
      oracle = oracle(problem);
    }
  }

  /** The least and the greatest value of each entry of λ. */
  private double[][] bounds() {
    double[][] bounds = new double[2][problem.sharedSize()];
    Arrays.fill(bounds[0], settings.low());
    Arrays.fill(bounds[1], settings.high());
    problem.narrow(bounds[0], bounds[1]);
    return bounds;
  }

  /** Steps 1 and 2. */
  private Evaluation start(boolean scored, NewtonSystem system) {
    engine.ledger().enter(PassLedger.Phase.WARM_UP);
    double[] initial = noise == null ? problem.model().initial(settings.seed()) : noise.theta();
    if (!scored) {
      return warmUp(initial, settings.initialLambda(), system);
    }
    int folds = settings.nbo().rotation().folds();
    if (problem.model().isLinear()) {
      return startLinear(initial, system, folds);
    }
    double[] trusted = PlainModels.fitFolds(kernel, engine, how(), folds);
    oracle.makeFeatures(trusted, 0, null);
    Evaluation start = warmUp(initial, settings.initialLambda(), system);
    oracle.makeFeatures(trusted, 0, start.theta());
    return start;
  }

  /**
   * The model of all rows comes first, so that those of the trusted rows know its outputs. The
   * lower level is evaluated again, since features change weights where slopes do not start at 0.
   */
  private Evaluation startLinear(double[] initial, NewtonSystem system, int folds) {
    oracle.makeFeatures(new double[(folds + 1) * initial.length], 0, null);
    double[] lambda = settings.initialLambda().clone();
    lambda[WeightFunction.TRUSTED] = 0;
    Evaluation unguided = warmUp(initial, lambda, system);
    double[] theta = unguided.theta();
    double[] trusted = PlainModels.fitFolds(kernel, engine, how(), folds, theta);
    oracle.makeFeatures(trusted, 0, theta);
    unguided.release();
    return oracle.lower(null, settings.initialLambda()).at(theta, system.due());
  }

  /** The lower level at a λ, near its solution. */
  private Evaluation warmUp(double[] initial, double[] lambda, NewtonSystem system) {
    var lower = oracle.lower(null, lambda);
    if (settings.networks() != null) {
      double[] theta = Hypergradients.trained(lower, initial, settings.networks().warmUp());
      return lower.at(theta, system.due());
    }
    return new LowerSolver(settings.warmUp().tolerance(), 1e-12, settings.warmUp().maxPasses())
        .minimize(lower, initial, system)
        .point();
  }

  /** Steps 5 and 6. */
  public CleaningResult compare(Learned learned) {
    engine.ledger().enter(PassLedger.Phase.BASELINES);
    return candidates().compare(learned);
  }

  /**
   * The models of one baseline, by their names, fitted by themselves.
   *
   * @param baseline any but {@link Baseline#CLEANED}
   */
  public Map<String, Finished> plain(Baseline baseline) {
    engine.ledger().enter(PassLedger.Phase.BASELINES);
    return candidates().plain(baseline);
  }

  /**
   * Steps 5 and 6 where the plain models are there already: several runs on the same rows with the
   * same penalty have the same ones.
   *
   * @param plain what {@link #plain} gave
   */
  public CleaningResult compare(Learned learned, Map<String, Finished> plain) {
    engine.ledger().enter(PassLedger.Phase.BASELINES);
    return candidates().compare(learned, plain);
  }

  private Candidates candidates() {
    return new Candidates(settings, engine, kernel, how(), noise);
  }

  private PlainModels.How how() {
    return PlainModels.How.of(settings, rows);
  }
}
