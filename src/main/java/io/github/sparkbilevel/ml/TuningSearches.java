package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.FixedLambda;
import io.github.sparkbilevel.bilevel.PenaltySearch;
import io.github.sparkbilevel.bilevel.Solution;
import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.prepare.Problems;
import io.github.sparkbilevel.ml.prepare.RunListener;
import io.github.sparkbilevel.ml.prepare.RunMemory;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Lasso;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.oracle.FoldRows;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.ViewEngine;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The searches beside a tuned λ, the judgement between them, and the fits on all rows. */
final class TuningSearches {
  private final TuningParams<?, ?> params;
  private final BilevelProblem problem;
  private final Curvature curvature;
  private final FoldPlan folding;
  private final BilevelProblem one;
  private final Map<String, PenaltySearch.Found> found = new TreeMap<>();
  private final Map<String, Refits.Chosen> chosen = new LinkedHashMap<>();

  /**
   * For one run.
   *
   * @param problem what is tuned
   * @param curvature how its linear systems are solved
   */
  TuningSearches(
      TuningParams<?, ?> params, BilevelProblem problem, Curvature curvature, FoldPlan folding) {
    this.params = params;
    this.problem = problem;
    this.curvature = curvature;
    this.folding = folding;
    this.one = new BilevelProblem(problem.model(), single());
  }

  /**
   * What the searches found.
   *
   * @param searches by name
   * @param judgement of what folds chose beside what validation rows chose; null without one
   */
  record Outcome(
      Map<String, PenaltySearch.Found> searches, Refits refits, FoldJudgement judgement) {}

  /**
   * What the searches take, in outer iterations: a point of a search about one, and one penalty by
   * folds .6 to .75 times as long as 35 to 60 of them, where that was measured.
   */
  static int iterations(TuningParams<?, ?> params, FoldPlan folding) {
    List<String> names = List.of(params.getBaselines());
    long curves = names.stream().filter(name -> !name.equals(Keys.CROSS_VALIDATION)).count();
    boolean byFolds = folding.cut() != null && names.contains(Keys.CROSS_VALIDATION);
    return (int) curves * params.getGridSize() + (byFolds ? params.getMaxIter() : 0);
  }

  /** The lower level at a λ that stays where it is. */
  static FixedLambda fixed(
      TuningParams<?, ?> params, BilevelProblem problem, double[] lambda, Curvature curvature) {
    return new FixedLambda(
        problem, lambda, curvature, params.getSketchColumns(), params.getBackend());
  }

  /** The folds; none where they are a baseline's, and it cannot run, which a notice says. */
  List<FoldRows> folds(PassEngine engine, PreparedData data, RunListener listener) {
    if (asksForFolds() && problem.weighsRows()) {
      return without("it is for penalties alone, and weights of rows are tuned", listener);
    }
    if (folding.cut() == null || folding.isUpper()) {
      return folding.rows(engine, data);
    }
    Curvature ofFolds = Curvature.chooseForFolds(one).curvature();
    Optional<String> lack =
        RunMemory.lack(
            data,
            new RunMemory.Loop(
                one, ofFolds, params.getSketchColumns(), TuningSteps.LEAST_PAIRS, folding.count()));
    try {
      if (lack.isEmpty()) {
        return folding.rows(engine, data);
      }
    } catch (DataException e) {
      lack = Optional.of(e.getMessage());
    }
    return without(lack.get(), listener);
  }

  private static List<FoldRows> without(String why, RunListener listener) {
    String text = "the baseline %s is left out: %s".formatted(Keys.CROSS_VALIDATION, why);
    listener.notice(Notice.of(Notice.Code.KEY_WITHOUT_EFFECT, text));
    return List.of();
  }

  private boolean asksForFolds() {
    return List.of(params.getBaselines()).contains(Keys.CROSS_VALIDATION);
  }

  /**
   * Searches, lets folds judge, and fits on all rows, as the params say.
   *
   * @param folds as of {@link #folds}
   */
  Outcome run(PassEngine engine, PreparedData data, List<FoldRows> folds, Solution tuned) {
    chosen.put(TuningRun.TUNED, chosen(problem, tuned, curvature));
    search(engine, data.blocks().rows().get(Part.TRAIN), folding.isUpper() ? folds : List.of());
    boolean isTuned = problem.sharedSize() > 0 && params.getUpperVariables().length > 0;
    if (!isTuned) {
      return new Outcome(found, Refits.NONE, null);
    }
    if (!folds.isEmpty() && asksForFolds()) {
      crossValidate(engine, data, folds);
    }
    if (!refits()) {
      return new Outcome(found, Refits.NONE, null);
    }
    boolean judges = !folding.isUpper() && chosen.containsKey(Keys.CROSS_VALIDATION);
    FoldJudgement judgement = judges ? judge(engine, folds, tuned) : null;
    PassEngine all = new ViewEngine(engine, FoldPlan.allRows(data));
    return new Outcome(found, Refits.of(chosen, all, FoldPlan.allCount(data)), judgement);
  }

  /** Whether models are fitted on all rows. Weights that λ gives are those of training rows. */
  boolean refits() {
    boolean asked = params.getRefit().equals(Keys.ALL) || folding.isUpper();
    return asked && !problem.weighsRows();
  }

  /** Tries what the baselines ask for, by the upper objective of the run. */
  private void search(PassEngine engine, long rows, List<FoldRows> folds) {
    searches()
        .forEach(
            (name, search) -> {
              PenaltySearch.Found tried = search.run(engine, rows, folds, PenaltySearch.Keep.BEST);
              note(name, tried, search.problem(), search.curvature());
            });
  }

  /** One penalty by folds of training and validation rows, and from it two by variance. */
  private void crossValidate(PassEngine engine, PreparedData data, List<FoldRows> folds) {
    Curvature ofFolds = Curvature.chooseForFolds(one).curvature();
    PenaltySearch.Found single = folding.search(one, OptionalDouble.empty(), engine, folds);
    note(Keys.CROSS_VALIDATION, single, one, ofFolds);
    if (single.best().isEmpty() || problem.hasKinks() || params.getPenalizeIntercept()) {
      return;
    }
    double first = single.best().get().solution().lambda()[0];
    Problems.byVariance(problem.model(), data)
        .ifPresent(
            two ->
                note(
                    Keys.CROSS_VALIDATION_BY_VARIANCE,
                    folding.search(two, OptionalDouble.of(first), engine, folds),
                    two,
                    ofFolds));
  }

  private void note(
      String name, PenaltySearch.Found tried, BilevelProblem posed, Curvature curvature) {
    found.put(name, tried);
    tried
        .best()
        .map(best -> chosen(posed, best.solution(), curvature))
        .ifPresent(best -> chosen.put(name, best));
  }

  /** Lets training rows judge what validation rows chose beside what folds chose. */
  private FoldJudgement judge(PassEngine engine, List<FoldRows> folds, Solution tuned) {
    String selected = TuningRun.selected(tuned, found, false).name();
    TuningRun.Selected byFolds = TuningRun.byFolds(found).orElseThrow();
    double[] start = byFolds.solution().theta();
    List<FoldRows> judging = folds.stream().map(FoldRows::judgedByTraining).toList();
    return FoldJudgement.of(
        chosen.get(selected).lower().judged(engine, judging, start),
        chosen.get(byFolds.name()).lower().judged(engine, judging, start));
  }

  private Refits.Chosen chosen(BilevelProblem posed, Solution best, Curvature curvature) {
    double[] start = FoldPlan.start(best.theta(), posed.model().size());
    return new Refits.Chosen(fixed(params, posed, best.lambda(), curvature), start);
  }

  /** One penalty for all coefficients: a lasso beside the fixed l2 where one is tuned, else l2. */
  private List<UpperVariable> single() {
    Model model = problem.model();
    Penalty tuned = Penalty.tuned(model, false);
    return problem.hasKinks()
        ? List.of(
            Penalty.fixed(model, params.getRegParam(), params.getPenalizeIntercept()),
            problem.variables().stream()
                .flatMap(variable -> variable instanceof Lasso lasso ? Stream.of(lasso) : null)
                .findFirst()
                .map(lasso -> lasso.with(tuned))
                .orElseGet(() -> new Lasso(tuned)))
        : List.of(Penalty.tuned(model, params.getPenalizeIntercept()));
  }

  private Map<String, PenaltySearch> searches() {
    double[] range = params.getGridRange();
    var points = new PenaltySearch.Range(params.getGridSize(), range[0], range[1]);
    String backend = params.getBackend();
    Map<String, PenaltySearch> searches = new TreeMap<>();
    for (String name : params.getBaselines()) {
      if (name.equals(Keys.GRID)) {
        searches.put(
            name, PenaltySearch.grid(problem, one.variables(), points, curvature, backend));
      } else if (name.equals(Keys.RANDOM)) {
        searches.put(
            name, PenaltySearch.random(problem, points, curvature, backend, params.getSeed()));
      }
    }
    return searches;
  }
}
