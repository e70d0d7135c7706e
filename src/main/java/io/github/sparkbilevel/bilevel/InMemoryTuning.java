package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.BlockLayout;
import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import java.util.Arrays;
import java.util.List;

/**
 * Tunes penalties or other upper variables of a linear model on rows in memory, without Spark: λ
 * minimises the loss on the validation rows of the model that it trains, by L-BFGS on
 * hypergradients.
 *
 * <p>Each method returns a new object; what is not set is as in the job {@code tune}. A run costs
 * as many passes over the rows as {@link TuningResult#history()} says.
 */
public final class InMemoryTuning {
  private static final double START = 0.01;
  private static final double LEAST_WEIGHT = -10;
  private static final double LEAST = 1e-10;
  private static final double GREATEST = 1e4;
  private static final int EVALUATIONS = 60;
  private static final int PATIENCE = 5;
  private static final int REFRESH = 10;

  private final BilevelProblem problem;
  private final Range penalties;
  private final int evaluations;

  /** The penalty at the start, and the least and the greatest one. */
  private record Range(double start, double least, double greatest) {}

  private InMemoryTuning(BilevelProblem problem, Range penalties, int evaluations) {
    this.problem = problem;
    this.penalties = penalties;
    this.evaluations = evaluations;
  }

  /**
   * Tunes the penalties of a model.
   *
   * @param sharing which coefficients share a penalty; intercepts have none
   */
  public static InMemoryTuning of(LinearModel model, Sharing sharing) {
    return of(model, Penalty.tuned(model, sharing, false));
  }

  /**
   * Tunes any upper variables whose λ is not beside the rows.
   *
   * @param variables weights of rows, which start at λ = 0, a penalty, or weights and a penalty
   */
  public static InMemoryTuning of(LinearModel model, UpperVariable... variables) {
    return new InMemoryTuning(
        new BilevelProblem(model, variables), new Range(START, LEAST, GREATEST), EVALUATIONS);
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
    return new InMemoryTuning(problem, range, evaluations);
  }

  /** Evaluates Φ and its hypergradient at most so often. */
  public InMemoryTuning withEvaluations(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("got " + most + " evaluations, expected 1 or more");
    }
    return new InMemoryTuning(problem, penalties, most);
  }

  /**
   * Runs on rows of two kinds.
   *
   * @return λ, the natural logarithms of the penalties; the model's θ; and how they came about
   */
  public TuningResult run(Block training, Block validation) {
    double[] low = filled(LEAST_WEIGHT, penalties.least());
    double[] high = filled(-LEAST_WEIGHT, penalties.greatest());
    problem.narrow(low, high);
    boolean sparse = training.features() instanceof CsrFeatures;
    BlockLayout layout = sparse ? BlockLayout.SPARSE_ROWS : BlockLayout.DOUBLE_ROWS;
    Curvature curvature =
        Curvature.chooseToSolve(
                problem, new TrainingRows(training.rows(), 1, layout), Curvature.SKETCH_COLUMNS)
            .curvature();
    NboSettings solver =
        NboSettings.of(curvature)
            .withIterations(evaluations)
            .withPatience(PATIENCE)
            .withFactorRefresh(REFRESH);
    TuningSettings settings =
        TuningSettings.of(problem, solver).from(filled(0, penalties.start()), low, high);
    Block[] none = {};
    PartitionData rows =
        new PartitionData(new Block[] {training}, new Block[] {validation}, none, none);
    LocalEngine engine = new LocalEngine(List.of(rows));
    return new Tuning(settings, engine, training.rows(), record -> {}).run();
  }

  private double[] filled(double ofWeights, double ofPenalties) {
    double[] lambda = new double[problem.sharedSize()];
    Arrays.fill(lambda, Math.log(ofPenalties));
    Arrays.fill(lambda, 0, problem.weighingSize(), ofWeights);
    return lambda;
  }
}
