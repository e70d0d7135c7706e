package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.bilevel.CleaningSettings.WarmUp;
import io.github.sparkbilevel.bilevel.TuningSettings.Algorithm;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.LocalEngine;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import java.util.Arrays;
import java.util.List;

/**
 * Tunes the penalties of a linear model on rows in memory, without Spark: λ minimises the loss on
 * the validation rows of the model that it trains, by L-BFGS on hypergradients.
 *
 * <p>Each method returns a new object; what is not set is as in the job {@code tune}. A run costs
 * as many passes over the rows as {@link TuningResult#history()} says.
 */
public final class InMemoryTuning {
  private static final double START = 0.01;
  private static final double LEAST = 1e-10;
  private static final double GREATEST = 1e4;
  private static final int EVALUATIONS = 60;
  private static final double TOLERANCE = 1e-5;
  private static final int PATIENCE = 5;
  private static final int PRODUCTS = 2;
  private static final int REFRESH = 10;
  private static final int SKETCH_COLUMNS = 20;
  private static final double STEP = 0.2;
  private static final WarmUp WARM_UP = new WarmUp(1e-2, 60);

  private final LinearModel model;
  private final Sharing sharing;
  private final Range penalties;
  private final int evaluations;

  /** The penalty at the start, and the least and the greatest one. */
  private record Range(double start, double least, double greatest) {}

  private InMemoryTuning(LinearModel model, Sharing sharing, Range penalties, int evaluations) {
    this.model = model;
    this.sharing = sharing;
    this.penalties = penalties;
    this.evaluations = evaluations;
  }

  /**
   * Tunes the penalties of a model.
   *
   * @param sharing which coefficients share a penalty; intercepts have none
   */
  public static InMemoryTuning of(LinearModel model, Sharing sharing) {
    return new InMemoryTuning(model, sharing, new Range(START, LEAST, GREATEST), EVALUATIONS);
  }

  /** Starts all penalties e^λ at a number above 0. */
  public InMemoryTuning startingAt(double penalty) {
    return with(new Range(penalty, penalties.least(), penalties.greatest()));
  }

  /** Keeps all penalties e^λ between two numbers above 0. */
  public InMemoryTuning within(double least, double greatest) {
    return with(new Range(penalties.start(), least, greatest));
  }

  private InMemoryTuning with(Range range) {
    if (!(range.least() > 0 && range.least() <= range.start())
        || !(range.start() <= range.greatest() && Double.isFinite(range.greatest()))) {
      throw new IllegalArgumentException(
          "got penalties from %s to %s that start at %s, expected 0 < least ≤ start ≤ greatest"
              .formatted(range.least(), range.greatest(), range.start()));
    }
    return new InMemoryTuning(model, sharing, range, evaluations);
  }

  /** Evaluates Φ and its hypergradient at most so often. */
  public InMemoryTuning withEvaluations(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("got " + most + " evaluations, expected 1 or more");
    }
    return new InMemoryTuning(model, sharing, penalties, most);
  }

  /**
   * Runs on rows of two kinds.
   *
   * @return λ, the natural logarithms of the penalties; the model's θ; and how they came about
   */
  public TuningResult run(Block training, Block validation) {
    Penalty penalty = Penalty.tuned(model, sharing, false);
    BilevelProblem problem = new BilevelProblem(model, penalty);
    boolean sparse = training.features() instanceof CsrFeatures;
    Curvature curvature = Curvature.chooseToSolve(problem, sparse, SKETCH_COLUMNS).curvature();
    NboSettings solver =
        new NboSettings(curvature, PRODUCTS, evaluations, 0, PATIENCE, REFRESH, STEP, -1, 1, null);
    TuningSettings settings =
        new TuningSettings(
            problem,
            filled(penalties.start()),
            filled(penalties.least()),
            filled(penalties.greatest()),
            Algorithm.LBFGS,
            TOLERANCE,
            SKETCH_COLUMNS,
            STEP,
            solver,
            WARM_UP,
            DenseBackends.AUTO);
    Block[] none = {};
    PartitionData rows =
        new PartitionData(new Block[] {training}, new Block[] {validation}, none, none);
    LocalEngine engine = new LocalEngine(List.of(rows));
    return new Tuning(settings, engine, training.rows(), record -> {}).run();
  }

  private double[] filled(double strength) {
    double[] lambda = new double[Penalty.tuned(model, sharing, false).size()];
    Arrays.fill(lambda, Math.log(strength));
    return lambda;
  }
}
