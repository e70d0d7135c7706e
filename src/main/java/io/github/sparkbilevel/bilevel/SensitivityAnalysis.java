package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.Sensitivity.Estimate;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.FoldRows;
import io.github.sparkbilevel.problem.oracle.FoldedOracle;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.problem.oracle.UpperParts;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Finds the {@link Sensitivity} of the upper objective at a λ of penalties alone.
 *
 * <p>Slopes of parts take the adjoint of each, H u_b = ∇_θF_b: with folds these are those of the
 * hypergradient. Else they are columns of one more solve.
 *
 * <p>Cost in passes: that of an evaluation of Φ and, with at most {@value Sensitivity#MOST_MOVED}
 * penalties, of two for each of them, all started from λ. Without folds 1 pass for the parts, and 1
 * for each product of the solve (none with exact curvature).
 *
 * @param problem does not weigh rows
 * @param curvature how linear systems are solved
 * @param sketchColumns columns of the sketch of {@code nystrom-cg}
 * @param backend name of the dense backend, or {@code auto}
 * @param folds whose mean loss is the upper objective; empty for validation rows
 */
public record SensitivityAnalysis(
    BilevelProblem problem,
    Curvature curvature,
    int sketchColumns,
    String backend,
    List<FoldRows> folds) {
  private static final int REFRESH = 10;
  private static final int MOST_PRODUCTS = 400;

  /** Of Φ: standard errors are far larger. */
  private static final double ACCURACY = 1e-6;

  /** Of the adjoint of a part. */
  private static final double ADJOINT_TOLERANCE = 1e-3;

  /** The gradients of the parts are not to fill the driver. */
  private static final long MOST_NUMBERS = 20_000_000;

  private static final double FACTOR = Math.log(10);

  /** What is known of each part at λ and after each move; losses by move, the first at λ. */
  private record Known(double[] shares, List<double[]> losses, double[][] slopes) {}

  /**
   * Φ after the moves.
   *
   * @param values the first at λ; NaN where it is not known
   * @param thetas θ of each
   * @param ofFolds losses of the folds of each; empty arrays without folds
   */
  private record Moves(List<Double> values, List<double[]> thetas, List<double[]> ofFolds) {
    void addUnknown(UpperPoint at) {
      add(at);
      values.set(values.size() - 1, Double.NaN);
    }

    void add(UpperPoint point) {
      boolean isKnown = point.status().isUsable() && point.isSolved();
      values.add(isKnown ? point.value() : Double.NaN);
      thetas.add(point.evaluation().theta());
      List<? extends LowerObjective.Point> parts = point.evaluation().parts();
      ofFolds.add(
          parts.size() == 1
              ? new double[0]
              : parts.stream().mapToDouble(part -> ((Evaluation) part).upper().loss()).toArray());
    }
  }

  /**
   * Evaluates.
   *
   * @param rows n, the number of training rows without folds
   * @param chosen λ, and θ near θ*(λ)
   * @return empty where Φ could not be solved for, and for models too large for the driver to hold
   *     as many gradients as there are parts
   */
  public Optional<Sensitivity> run(PassEngine engine, long rows, Solution chosen) {
    long numbers = (long) UpperParts.COUNT * chosen.theta().length;
    if (numbers > MOST_NUMBERS || chosen.lambda().length > Tuning.MOST_KEPT) {
      return Optional.empty();
    }
    engine.ledger().enter(PassLedger.Phase.EVALUATION);
    try (BilevelOracle oracle = FoldedOracle.orPlain(problem, engine, backend, rows, folds)) {
      NewtonSystem system = new NewtonSystem(curvature, 0, REFRESH, sketchColumns);
      UpperObjective objective = new UpperObjective(oracle, system);
      UpperPoint at = objective.near(chosen.theta(), chosen.lambda(), ACCURACY);
      try {
        Moves moves = moves(objective, at);
        if (Double.isNaN(moves.values.get(0))) {
          return Optional.empty();
        }
        Known known;
        if (folds.isEmpty()) {
          UpperParts parts = UpperParts.of(engine, problem.model(), backend, moves.thetas);
          var solved =
              system.solve(
                  oracle.lower(null, at.lambda()),
                  at.evaluation(),
                  parts.gradients(),
                  filled(ADJOINT_TOLERANCE, parts.shares().length),
                  MOST_PRODUCTS);
          if (!solved.status().isUsable()) {
            return Optional.empty();
          }
          known =
              new Known(
                  parts.shares(),
                  parts.losses(),
                  slopes(at, solved.columns(), b -> at.evaluation().theta()));
        } else {
          known = ofFolds(at, moves);
        }
        return Optional.of(sensitivity(at, moves, known));
      } finally {
        at.release();
      }
    }
  }

  /**
   * λ itself and, of few penalties, a tenth and ten times of each in turn. A tenth is not tried
   * where kinks have left large models: those of weaker penalties are far larger.
   */
  private Moves moves(UpperObjective objective, UpperPoint at) {
    Moves moves = new Moves(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    moves.add(at);
    int count = at.lambda().length;
    for (int j = 0; j < (count > Sensitivity.MOST_MOVED ? 0 : count); j++) {
      for (double change : new double[] {-FACTOR, FACTOR}) {
        if (change < 0 && problem.hasKinks() && at.hasLargeModels()) {
          moves.addUnknown(at);
          continue;
        }
        double[] lambda = at.lambda().clone();
        lambda[j] += change;
        UpperPoint moved = objective.at(lambda, at, ACCURACY);
        moves.add(moved);
        moved.release();
      }
    }
    return moves;
  }

  /** By the folds: Φ is the mean of theirs, and so is the adjoint. */
  private Known ofFolds(UpperPoint at, Moves moves) {
    int count = folds.size();
    int d = problem.model().size();
    double[][] adjoints = new double[count][];
    for (int k = 0; k < count; k++) {
      adjoints[k] = Vectors.scaled(count, Vectors.slice(at.adjoint(), k * d, d));
    }
    return new Known(
        filled(1.0 / count, count),
        moves.ofFolds,
        slopes(at, adjoints, k -> Vectors.slice(at.evaluation().theta(), k * d, d)));
  }

  /** The hypergradient of each part. */
  private double[][] slopes(UpperPoint at, double[][] adjoints, IntFunction<double[]> theta) {
    double[][] slopes = new double[adjoints.length][];
    for (int b = 0; b < adjoints.length; b++) {
      double[] mixed = problem.penaltyMixedProduct(theta.apply(b), adjoints[b], at.lambda());
      slopes[b] = problem.hypergradient(mixed, at.lambda());
    }
    return slopes;
  }

  private static double[] filled(double value, int count) {
    double[] all = new double[count];
    Arrays.fill(all, value);
    return all;
  }

  private static Sensitivity sensitivity(UpperPoint at, Moves moves, Known known) {
    List<Estimate> slopes = new ArrayList<>();
    for (int j = 0; j < at.lambda().length; j++) {
      int entry = j;
      double[] ofParts = Arrays.stream(known.slopes).mapToDouble(slope -> slope[entry]).toArray();
      slopes.add(Estimate.of(at.hypergradient()[j], ofParts, known.shares));
    }
    List<Estimate> changes =
        IntStream.range(1, moves.values.size()).mapToObj(i -> change(i, moves, known)).toList();
    return new Sensitivity(
        known.shares.length, slopes, everySecond(changes, 0), everySecond(changes, 1));
  }

  private static Estimate change(int move, Moves moves, Known known) {
    double value = moves.values.get(move) - moves.values.get(0);
    double[] ofParts = Vectors.plus(known.losses.get(move), -1, known.losses.get(0));
    return Double.isNaN(value) ? Estimate.UNKNOWN : Estimate.of(value, ofParts, known.shares);
  }

  private static List<Estimate> everySecond(List<Estimate> all, int from) {
    return IntStream.range(0, all.size() / 2).mapToObj(j -> all.get(2 * j + from)).toList();
  }
}
