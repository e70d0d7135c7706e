package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.NboSettings;
import io.github.sparkbilevel.bilevel.PenaltySearch;
import io.github.sparkbilevel.bilevel.Tuning;
import io.github.sparkbilevel.bilevel.TuningResult;
import io.github.sparkbilevel.bilevel.TuningSettings;
import io.github.sparkbilevel.block.AllRows;
import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.FoldRows;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.sampling.Folds;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Cross-validation in a tuning run: as the upper objective where there are no validation rows, or
 * as a baseline that finds one penalty on training and validation rows.
 */
final class FoldPlan {
  private static final int BASELINE_FOLDS = 5;
  private static final long PURPOSE = 31;

  /** More models side by side than these are a mistake. */
  private static final int MOST_FOLDS = 100;

  private final TuningParams<?, ?> params;
  private final boolean isUpper;
  private final Folds cut;

  private FoldPlan(TuningParams<?, ?> params, boolean isUpper, Folds cut) {
    this.params = params;
    this.isUpper = isUpper;
    this.cut = cut;
  }

  /** The plan for some tables, where penalties are tuned. */
  static FoldPlan of(TuningParams<?, ?> params, PreparedTables tables) {
    if (params.getUpperVariables().length == 0) {
      return none(params);
    }
    return tables.validation() == null ? upper(params, tables) : baseline(params, tables);
  }

  private static FoldPlan upper(TuningParams<?, ?> params, PreparedTables tables) {
    if (!params.getFoldCol().isEmpty()) {
      return new FoldPlan(params, true, Folds.byGroup(groups(params, tables)));
    }
    int count = params.getNumFolds();
    long rows = tables.train().rowCount();
    if (rows < count) {
      throw new DataException(
          "%s has %,d rows, expected at least one for each of %,d folds; use fewer folds"
              .formatted(tables.train().origin(), rows, count));
    }
    return new FoldPlan(params, true, new Folds(count, params.getSeed(), PURPOSE));
  }

  private static FoldPlan baseline(TuningParams<?, ?> params, PreparedTables tables) {
    boolean asked = List.of(params.getBaselines()).contains(Keys.CROSS_VALIDATION);
    if (!asked || new Settings(params).weights() != null) {
      return none(params);
    }
    long rows = tables.train().rowCount() + tables.validation().rowCount();
    int count = (int) Math.min(BASELINE_FOLDS, rows);
    return new FoldPlan(params, false, new Folds(count, params.getSeed(), PURPOSE));
  }

  private static FoldPlan none(TuningParams<?, ?> params) {
    return new FoldPlan(params, false, null);
  }

  private static int groups(TuningParams<?, ?> params, PreparedTables tables) {
    int groups = tables.groups().size();
    int count = params.getNumFolds() == 0 ? groups : params.getNumFolds();
    if (groups < Math.max(2, count) || count > MOST_FOLDS) {
      throw new DataException(
          "the column '%s' of %s has %,d different values for %,d folds, expected 2 to %d folds and a value for each; give another number of folds, or another column"
              .formatted(params.getFoldCol(), tables.train().origin(), groups, count, MOST_FOLDS));
    }
    return count;
  }

  /** What keeps the blocks of rows apart, or null. */
  Folds cut() {
    return cut;
  }

  /** How many folds there are; 0 for none. */
  int count() {
    return cut == null ? 0 : cut.count();
  }

  /** Whether the upper objective is the mean loss over the folds. */
  boolean isUpper() {
    return isUpper;
  }

  /** The folds, of all rows; costs 1 pass where there are any. */
  List<FoldRows> rows(PassEngine engine, PreparedData data) {
    return cut == null
        ? List.of()
        : FoldRows.of(engine, allRows(data), cut, data.tables().classes().names());
  }

  /** Training and validation rows, by their weights. */
  static AllRows allRows(PreparedData data) {
    PreparedTables tables = data.tables();
    return tables.validation() == null
        ? new AllRows(1, 1)
        : AllRows.of(
            new AllRows.Part(count(data, Part.TRAIN), tables.train().stats().meanWeight()),
            new AllRows.Part(count(data, Part.UPPER), tables.validation().stats().meanWeight()));
  }

  /** How many these are. */
  static long allCount(PreparedData data) {
    return count(data, Part.TRAIN) + count(data, Part.UPPER);
  }

  private static long count(PreparedData data, Part part) {
    return data.blocks().rows().get(part);
  }

  /**
   * Penalties by the mean loss over the folds, along their hypergradient.
   *
   * @param posed whose λ is a few penalties, all of which start alike
   * @param first ln of the penalties at the start; empty for the middle of the grid
   */
  PenaltySearch.Found search(
      BilevelProblem posed, OptionalDouble first, PassEngine engine, List<FoldRows> folds) {
    long start = System.nanoTime();
    int before = engine.ledger().passes();
    double[] range = params.getGridRange();
    double low = Math.log(range[0]);
    double high = Math.log(range[1]);
    TuningSettings settings =
        TuningSettings.of(posed, NboSettings.of(Curvature.chooseForFolds(posed).curvature()))
            .from(
                filled(posed, first.orElse((low + high) / 2)),
                filled(posed, low),
                filled(posed, high))
            .withTolerance(params.getTol())
            .onBackend(params.getBackend())
            .over(folds)
            .bookedUnder(PassLedger.Phase.BASELINES);
    TuningResult found = new Tuning(settings, engine, folds.get(0).rows(), record -> {}).run();
    PenaltySearch.Trial trial =
        new PenaltySearch.Trial(
            found.best(),
            found.course().status(),
            engine.ledger().passes() - before,
            (System.nanoTime() - start) / 1e9);
    return new PenaltySearch.Found(
        List.of(trial), trial.status().isUsable() ? Optional.of(trial) : Optional.empty());
  }

  private static double[] filled(BilevelProblem posed, double value) {
    double[] lambda = new double[posed.sharedSize()];
    Arrays.fill(lambda, value);
    return lambda;
  }

  /** θ to start the fit on all rows from: the mean of the models of the folds. */
  static double[] start(double[] theta, int parameters) {
    double[] mean = new double[parameters];
    for (int i = 0; i < theta.length; i++) {
      mean[i % parameters] += theta[i] * parameters / theta.length;
    }
    return theta.length == parameters ? theta : mean;
  }
}
