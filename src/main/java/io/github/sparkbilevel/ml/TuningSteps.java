package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.CleaningSettings.WarmUp;
import io.github.sparkbilevel.bilevel.Contender;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.PassPlan;
import io.github.sparkbilevel.bilevel.Sensitivity;
import io.github.sparkbilevel.bilevel.SensitivityAnalysis;
import io.github.sparkbilevel.bilevel.Tuning;
import io.github.sparkbilevel.bilevel.TuningResult;
import io.github.sparkbilevel.bilevel.TuningSettings;
import io.github.sparkbilevel.bilevel.TuningSettings.Algorithm;
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
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.UpperVariableProvider;
import io.github.sparkbilevel.problem.oracle.FoldRows;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.snapshot.Checkpoints;
import io.github.sparkbilevel.solve.Status;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.checkpoint.CheckpointPlan;
import io.github.sparkbilevel.spark.checkpoint.SparkCheckpoints;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/** The steps of a tuning run, as the params of an estimator say. */
final class TuningSteps {
  private static final int REFRESH = 10;

  /**
   * Where one penalty that makes coefficients 0 begins: at the best of 1, ½, ¼, … 2⁻¹⁷. Where
   * coefficients leave and enter Φ has minima beside the best one, and below it is flat.
   */
  private static final List<double[]> PROBES =
      IntStream.rangeClosed(0, 17).mapToObj(i -> new double[] {-i * Math.log(2)}).toList();

  /** Pairs of vectors that L-BFGS remembers however large they are. */
  static final int LEAST_PAIRS = 2;

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
          data,
          new RunMemory.Loop(
              problem,
              choice.curvature(),
              params.getSketchColumns(),
              pairs,
              folding.isUpper() ? folding.count() : 1));
      double load = (System.nanoTime() - start) / 1e9;
      listener.prepared(data, problem, choice);
      listener.planned(
          PassPlan.ofTuning(params.getMaxIter(), TuningSearches.iterations(params, folding)));
      JavaSparkContext context =
          JavaSparkContext.fromSparkContext(tables.train().session().sparkContext());
      engine = new SparkEngine(context, data.blocks(), params.getCheckpointInterval());
      params.placement().place(engine, problem.model());
      RunTelling telling = new RunTelling(engine.events(), listener);
      telling.prepared(data, problem, choice);
      long rows = data.blocks().rows().get(Part.TRAIN);
      TuningSearches searches = new TuningSearches(params, problem, choice.curvature(), folding);
      List<FoldRows> folds = searches.folds(engine, data, listener);
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
              : TuningSearches.fixed(params, problem, fixed, choice.curvature()).run(engine, rows);
      if (choice == FixedPenalty.EXACT && result.course().status() == Status.NEGATIVE_CURVATURE) {
        choice = FixedPenalty.DEPENDENT;
        searches = new TuningSearches(params, problem, choice.curvature(), folding);
        result = TuningSearches.fixed(params, problem, fixed, choice.curvature()).run(engine, rows);
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
      TuningSearches.Outcome beside = searches.run(engine, data, folds, result.best());
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
              beside.searches(),
              beside.refits(),
              new TuningRun.Folded(upperFolds.size(), beside.judgement())),
          new PathSteps(params, problem, choice.curvature(), upperFolds, searches.refits()));
    } catch (Throwable e) {
      if (engine != null) {
        engine.events().failed(e);
        engine.close();
      }
      data.close();
      throw e;
    }
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
    double[] start = Problems.initialLambda(upper, problem);
    // Elsewhere the params say where to start.
    boolean isUsual =
        start.length == 1 && start[0] == Math.log(UpperVariableProvider.SPARSITY_START);
    boolean probes = isUsual && problem.hasKinks() && params.getMaxIter() >= 2 * PROBES.size();
    return TuningSettings.of(problem, settings.nbo(curvature, REFRESH, null))
        .from(start, bounds[0], bounds[1])
        .fromBestOf(probes ? PROBES : List.of())
        .by(algorithm())
        .withTolerance(params.getTol())
        .withSketchColumns(params.getSketchColumns())
        .withStep(settings.driverStep())
        .warmedUp(new WarmUp(params.getWarmupTol(), params.getWarmupPasses()))
        .onBackend(params.getBackend());
  }
}
