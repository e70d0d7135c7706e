package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.CleaningSettings.WarmUp;
import io.github.sparkbilevel.bilevel.Contender;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.FixedLambda;
import io.github.sparkbilevel.bilevel.PassPlan;
import io.github.sparkbilevel.bilevel.PenaltySearch;
import io.github.sparkbilevel.bilevel.Sensitivity;
import io.github.sparkbilevel.bilevel.SensitivityAnalysis;
import io.github.sparkbilevel.bilevel.Solution;
import io.github.sparkbilevel.bilevel.Tuning;
import io.github.sparkbilevel.bilevel.TuningResult;
import io.github.sparkbilevel.bilevel.TuningSettings;
import io.github.sparkbilevel.bilevel.TuningSettings.Algorithm;
import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.FeatureGroups;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.TableComparison;
import io.github.sparkbilevel.ml.prepare.LowerLevel;
import io.github.sparkbilevel.ml.prepare.Preparation;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.prepare.Problems;
import io.github.sparkbilevel.ml.prepare.RunListener;
import io.github.sparkbilevel.ml.prepare.RunMemory;
import io.github.sparkbilevel.ml.prepare.RunTelling;
import io.github.sparkbilevel.ml.prepare.Trouble;
import io.github.sparkbilevel.ml.prepare.UpperLevel;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Lasso;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.oracle.FoldRows;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.pass.ViewEngine;
import io.github.sparkbilevel.problem.snapshot.Checkpoints;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.solve.Status;
import io.github.sparkbilevel.spark.Device;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.checkpoint.CheckpointPlan;
import io.github.sparkbilevel.spark.checkpoint.SparkCheckpoints;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;

/** The steps of a tuning run, as the params of an estimator say. */
final class TuningSteps {
  private static final int REFRESH = 10;

  /** Pairs of vectors that L-BFGS remembers however large they are. */
  private static final int LEAST_PAIRS = 2;

  private final TuningParams<?, ?> params;
  private final Settings settings;
  private final RunListener listener;
  private final CheckpointPlan plan;

  TuningSteps(TuningParams<?, ?> params, RunListener listener, CheckpointPlan plan) {
    this.plan = plan;
    this.params = params;
    this.settings = new Settings(params);
    this.listener = listener;
  }

  /**
   * Prepares the rows, tunes, and searches.
   *
   * @param likeSpark whether rows are prepared as by Spark's own estimators
   */
  TuningRun run(PreparedTables tables, boolean likeSpark) {
    long start = System.nanoTime();
    tables.notices().forEach(listener::notice);
    LowerLevel lower;
    UpperLevel upper;
    FoldPlan folding;
    try {
      params.checkParams();
      lower = settings.lower(params.family(tables), null);
      upper = settings.upper(groups(tables));
      if (!upper.variables().isEmpty()) {
        new TrustedClasses(tables).requireSeveral();
      }
      if (tables.validation() != null) {
        List<Notice> compared = TableComparison.notices(tables.train(), tables.validation());
        compared.forEach(listener::notice);
        tables = tables.withNotices(compared);
      }
      folding = FoldPlan.of(params, tables);
    } catch (Throwable e) {
      tables.close();
      throw e;
    }
    PreparedData data =
        PreparedData.of(
            tables,
            settings.preparation(
                new Preparation.Cut(0, 1, folding.cut()),
                likeSpark && !params.getFitIntercept()
                    ? Preparation.Centering.SCALED_ONLY
                    : Preparation.Centering.CENTERED));
    data.notices().forEach(listener::notice);
    SparkEngine engine = null;
    try {
      double[] fixed =
          upper.variables().isEmpty()
              ? FixedPenalty.lambda(lower, data, params.getElasticNetParam())
              : null;
      UpperLevel level = fixed == null ? upper : FixedPenalty.level(params.getElasticNetParam());
      BilevelProblem problem = Problems.of(lower, level, data);
      boolean toSolve = algorithm() == Algorithm.LBFGS;
      Curvature.Choice choice =
          fixed != null && FixedPenalty.isSmall(params, problem)
              ? FixedPenalty.EXACT
              : folding.isUpper() && params.getCurvature().equals("auto")
                  ? Curvature.chooseForFolds(problem)
                  : settings.curvature(problem, data.trainingRows(), toSolve);
      int pairs = toSolve && fixed == null ? LEAST_PAIRS : 0;
      RunMemory.require(
          data, loop(problem, choice.curvature(), pairs, folding.isUpper() ? folding.count() : 1));
      double load = (System.nanoTime() - start) / 1e9;
      listener.prepared(data, problem, choice);
      listener.planned(PassPlan.ofTuning(params.getMaxIter(), searched(folding)));
      JavaSparkContext context =
          JavaSparkContext.fromSparkContext(tables.train().session().sparkContext());
      engine = new SparkEngine(context, data.blocks(), params.getCheckpointInterval());
      Device.of(params.getDevice()).place(engine, params.getBackend());
      RunTelling telling = new RunTelling(engine.events(), listener);
      telling.prepared(data, problem, choice);
      long rows = data.blocks().rows().get(Part.TRAIN);
      List<FoldRows> folds = folds(folding, engine, data, problem);
      List<FoldRows> upperFolds = folding.isUpper() ? folds : List.of();
      long began = System.nanoTime();
      // At a λ that stays where it is there is no outer loop to go on with.
      SparkCheckpoints checkpoints =
          plan == null || fixed != null ? null : SparkCheckpoints.open(plan, engine, data.blocks());
      TuningResult result =
          fixed == null
              ? new Tuning(
                      settings(level, problem, choice.curvature()).over(upperFolds),
                      engine,
                      rows,
                      telling::iteration,
                      checkpoints == null ? Checkpoints.NONE : checkpoints)
                  .run()
              : fixed(problem, fixed, choice.curvature()).run(engine, rows);
      if (choice == FixedPenalty.EXACT && result.course().status() == Status.NEGATIVE_CURVATURE) {
        choice = FixedPenalty.DEPENDENT;
        result = fixed(problem, fixed, choice.curvature()).run(engine, rows);
      }
      double solve = (System.nanoTime() - began) / 1e9;
      Status status = result.course().status();
      if (!status.isUsable()) {
        if (checkpoints != null) {
          checkpoints.removeAll();
        }
        throw new Trouble(data, level, problem)
            .failure(
                "the outer loop ended early",
                new Trouble.Where(
                    status,
                    result.lambda(),
                    Arrays.copyOf(result.theta(), problem.model().size())));
      }
      Optional<Sensitivity> sensitivity =
          fixed == null && params.getSensitivity() && !problem.weighsRows()
              ? sensitivity(problem, choice.curvature(), upperFolds)
                  .run(engine, rows, result.best())
              : Optional.empty();
      engine.ledger().enter(PassLedger.Phase.BASELINES);
      Over over = new Over(engine, rows, folding, folds);
      Map<String, PenaltySearch.Found> found = new TreeMap<>();
      Map<String, Refits.Chosen> chosen = new LinkedHashMap<>();
      chosen.put(TuningRun.TUNED, chosen(problem, result.best(), choice.curvature()));
      search(problem, choice.curvature(), over, found, chosen);
      if (fixed == null && !folds.isEmpty() && asksForCrossValidation()) {
        crossValidate(problem, over, found, chosen);
      }
      FoldJudgement judgement =
          refits(problem, folding) && !folding.isUpper()
              ? judge(result.best(), over, found, chosen)
              : null;
      Refits refits =
          fixed == null && refits(problem, folding)
              ? Refits.of(
                  chosen, new ViewEngine(engine, FoldPlan.allRows(data)), FoldPlan.allCount(data))
              : Refits.NONE;
      telling.ended(status);
      double baselines = (System.nanoTime() - began) / 1e9 - solve;
      return new TuningRun(
          new EstimatorRun.Setup(data, level, problem, choice),
          new EstimatorRun.Means(
              engine, checkpoints, new RunSummary.Seconds(load, solve, baselines)),
          fixed == null ? level.bounds(problem, params.getLambdaBounds()) : unbounded(problem),
          new TuningRun.Found(
              result,
              sensitivity,
              found,
              refits,
              new TuningRun.Folded(upperFolds.size(), judgement)),
          new PathSteps(
              params, problem, choice.curvature(), upperFolds, refits(problem, folding)));
    } catch (Throwable e) {
      if (engine != null) {
        engine.events().failed(e);
        engine.close();
      }
      data.close();
      throw e;
    }
  }

  private RunMemory.Loop loop(BilevelProblem problem, Curvature curvature, int pairs, int models) {
    return new RunMemory.Loop(problem, curvature, params.getSketchColumns(), pairs, models);
  }

  /** The folds; none where they are a baseline's, and it cannot run, which a notice says. */
  private List<FoldRows> folds(
      FoldPlan folding, SparkEngine engine, PreparedData data, BilevelProblem problem) {
    if (folding.cut() == null || folding.isUpper()) {
      return folding.rows(engine, data);
    }
    BilevelProblem one = new BilevelProblem(problem.model(), single(problem));
    Curvature curvature = Curvature.chooseForFolds(one).curvature();
    Optional<String> lack =
        RunMemory.lack(data, loop(one, curvature, LEAST_PAIRS, folding.count()));
    try {
      if (lack.isEmpty()) {
        return folding.rows(engine, data);
      }
    } catch (DataException e) {
      lack = Optional.of(e.getMessage());
    }
    String text = "the baseline %s is left out: %s".formatted(Keys.CROSS_VALIDATION, lack.get());
    listener.notice(Notice.of(Notice.Code.KEY_WITHOUT_EFFECT, text));
    return List.of();
  }

  /**
   * What searches go over.
   *
   * @param rows n, the number of training rows
   * @param folds the blocks of each fold; empty where nothing asks for folds
   */
  private record Over(SparkEngine engine, long rows, FoldPlan folding, List<FoldRows> folds) {}

  /** Tries what the baselines ask for, by the upper objective of the run. */
  private void search(
      BilevelProblem problem,
      Curvature curvature,
      Over over,
      Map<String, PenaltySearch.Found> found,
      Map<String, Refits.Chosen> chosen) {
    List<FoldRows> folds = over.folding.isUpper() ? over.folds : List.of();
    searches(problem, curvature)
        .forEach(
            (name, search) -> {
              PenaltySearch.Found tried =
                  search.run(over.engine, over.rows, folds, PenaltySearch.Keep.BEST);
              found.put(name, tried);
              tried
                  .best()
                  .map(best -> chosen(search.problem(), best.solution(), search.curvature()))
                  .ifPresent(best -> chosen.put(name, best));
            });
  }

  /** One penalty by folds of training and validation rows. */
  private void crossValidate(
      BilevelProblem problem,
      Over over,
      Map<String, PenaltySearch.Found> found,
      Map<String, Refits.Chosen> chosen) {
    BilevelProblem one = new BilevelProblem(problem.model(), single(problem));
    PenaltySearch.Found tried = over.folding.search(one, over.engine, over.folds);
    Curvature curvature = Curvature.chooseForFolds(one).curvature();
    found.put(Keys.CROSS_VALIDATION, tried);
    tried
        .best()
        .map(best -> chosen(one, best.solution(), curvature))
        .ifPresent(best -> chosen.put(Keys.CROSS_VALIDATION, best));
  }

  /** Lets training rows judge what validation rows chose beside one penalty; null without one. */
  private static FoldJudgement judge(
      Solution tuned,
      Over over,
      Map<String, PenaltySearch.Found> found,
      Map<String, Refits.Chosen> chosen) {
    if (!chosen.containsKey(Keys.CROSS_VALIDATION)) {
      return null;
    }
    String selected = TuningRun.selected(tuned, found, false).name();
    double[] start = found.get(Keys.CROSS_VALIDATION).best().orElseThrow().solution().theta();
    List<FoldRows> folds = over.folds.stream().map(FoldRows::judgedByTraining).toList();
    return FoldJudgement.of(
        chosen.get(selected).lower().judged(over.engine, folds, start),
        chosen.get(Keys.CROSS_VALIDATION).lower().judged(over.engine, folds, start));
  }

  /** Whether models are fitted on all rows. Weights that λ gives are those of training rows. */
  private boolean refits(BilevelProblem problem, FoldPlan folding) {
    boolean asked = params.getRefit().equals(Keys.ALL) || folding.isUpper();
    return asked && !problem.weighsRows();
  }

  private Refits.Chosen chosen(BilevelProblem problem, Solution best, Curvature curvature) {
    double[] start = FoldPlan.start(best.theta(), problem.model().size());
    return new Refits.Chosen(fixed(problem, best.lambda(), curvature), start);
  }

  private boolean asksForCrossValidation() {
    return List.of(params.getBaselines()).contains(Keys.CROSS_VALIDATION);
  }

  /**
   * What the searches take, in outer iterations: a point of a search about one, and one penalty by
   * folds .6 to .75 times as long as 35 to 60 of them, where that was measured.
   */
  private int searched(FoldPlan folding) {
    List<String> names = List.of(params.getBaselines());
    long curves = names.stream().filter(name -> !name.equals(Keys.CROSS_VALIDATION)).count();
    int folds = folding.cut() != null && asksForCrossValidation() ? params.getMaxIter() : 0;
    return (int) curves * params.getGridSize() + folds;
  }

  private static double[][] unbounded(BilevelProblem problem) {
    double[][] bounds = new double[2][problem.sharedSize()];
    Arrays.fill(bounds[0], Double.NEGATIVE_INFINITY);
    Arrays.fill(bounds[1], Double.POSITIVE_INFINITY);
    return bounds;
  }

  private FeatureGroups groups(PreparedTables tables) {
    return settings.takesFeatureGroups() && params.getFeatureGroups().length > 0
        ? FeatureGroups.of(params.getFeatureGroups(), tables.train().columns())
        : null;
  }

  private FixedLambda fixed(BilevelProblem problem, double[] lambda, Curvature curvature) {
    return new FixedLambda(
        problem, lambda, curvature, params.getSketchColumns(), params.getBackend());
  }

  private SensitivityAnalysis sensitivity(
      BilevelProblem problem, Curvature curvature, List<FoldRows> folds) {
    return new SensitivityAnalysis(
        problem, curvature, params.getSketchColumns(), params.getBackend(), folds);
  }

  private Algorithm algorithm() {
    boolean solves = settings.algorithm().algorithm().equals(Contender.LBFGS);
    return solves ? Algorithm.LBFGS : Algorithm.NBO;
  }

  private TuningSettings settings(UpperLevel upper, BilevelProblem problem, Curvature curvature) {
    double[][] bounds = upper.bounds(problem, params.getLambdaBounds());
    return TuningSettings.of(problem, settings.nbo(curvature, REFRESH, null))
        .from(Problems.initialLambda(upper, problem), bounds[0], bounds[1])
        .by(algorithm())
        .withTolerance(params.getTol())
        .withSketchColumns(params.getSketchColumns())
        .withStep(settings.driverStep())
        .warmedUp(new WarmUp(params.getWarmupTol(), params.getWarmupPasses()))
        .onBackend(params.getBackend());
  }

  /** One penalty for all coefficients: a lasso beside the fixed l2 where one is tuned, else l2. */
  private List<UpperVariable> single(BilevelProblem problem) {
    Model model = problem.model();
    Penalty one = Penalty.tuned(model, false);
    return problem.hasKinks()
        ? List.of(
            Penalty.fixed(model, params.getRegParam(), params.getPenalizeIntercept()),
            problem.variables().stream()
                .flatMap(variable -> variable instanceof Lasso lasso ? Stream.of(lasso) : null)
                .findFirst()
                .map(lasso -> lasso.with(one))
                .orElseGet(() -> new Lasso(one)))
        : List.of(Penalty.tuned(model, params.getPenalizeIntercept()));
  }

  private Map<String, PenaltySearch> searches(BilevelProblem problem, Curvature curvature) {
    double low = params.getGridRange()[0];
    double high = params.getGridRange()[1];
    Map<String, PenaltySearch> searches = new TreeMap<>();
    for (String name : params.getBaselines()) {
      if (name.equals(Keys.CROSS_VALIDATION)) {
        continue;
      }
      searches.put(
          name,
          name.equals("grid")
              ? PenaltySearch.grid(
                  problem,
                  single(problem),
                  new PenaltySearch.Range(params.getGridSize(), low, high),
                  curvature,
                  params.getBackend())
              : PenaltySearch.random(
                  problem,
                  new PenaltySearch.Range(params.getGridSize(), low, high),
                  curvature,
                  params.getBackend(),
                  params.getSeed()));
    }
    return searches;
  }
}
