package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.CleaningResult.Candidate;
import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.BlockOracle;
import io.github.sparkbilevel.problem.Checkpoints;
import io.github.sparkbilevel.problem.Comparisons;
import io.github.sparkbilevel.problem.Evaluation;
import io.github.sparkbilevel.problem.Extra;
import io.github.sparkbilevel.problem.FitRows;
import io.github.sparkbilevel.problem.Folds;
import io.github.sparkbilevel.problem.Judge;
import io.github.sparkbilevel.problem.ModelFigures;
import io.github.sparkbilevel.problem.PassEngine;
import io.github.sparkbilevel.problem.PassLedger;
import io.github.sparkbilevel.problem.RowFeatures;
import io.github.sparkbilevel.problem.RowVariable;
import io.github.sparkbilevel.problem.Snapshot;
import io.github.sparkbilevel.problem.Tally;
import io.github.sparkbilevel.problem.Training;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A cleaning run: trusted models, warm-up, outer loop, polish, baselines, and the choice that does
 * no harm.
 *
 * <ol>
 *   <li>fit the trusted rows alone, once with all of them and once without each fold;
 *   <li>fit the lower level at the λ of the start;
 *   <li>run {@link Nbo};
 *   <li>with a weight function, make its features from all trusted rows at the learned λ and fit
 *       the lower level again;
 *   <li>fit the baselines, several in each pass, and the refits on the rows that each judge keeps;
 *   <li>select the best model by the loss on the held-out trusted rows.
 * </ol>
 *
 * <p>Held-out figures are those of a model that did not see the rows held out: the bilevel model
 * before step 4, and a trusted model fitted without them. What is returned may use all trusted
 * rows.
 */
public final class Cleaning {
  /** The name of the bilevel model among the candidates. */
  public static final String BILEVEL = "bilevel";

  private static final String UNSEEN = " unseen";
  private static final Map<String, String> JUDGE_OF =
      Map.of(
          "cleaned", BILEVEL,
          "trustedRefit", "trusted",
          "confidentLearning", "confidentLearning");
  private static final int CONFIDENT_FOLDS = 5;
  private static final long CONFIDENT_PURPOSE = 2;
  private static final int POLISH_ROUNDS = 3;
  private static final double POLISH_TOLERANCE = 3e-3;
  private static final int POLISH_PASSES = 5;
  private static final int LAST_POLISH_PASSES = 12;

  private final CleaningSettings settings;
  private final BilevelProblem problem;
  private final PassEngine engine;
  private final BlockOracle oracle;
  private final BlockKernel kernel;
  private final Consumer<IterationRecord> listener;
  private final Checkpoints checkpoints;

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
   *     Curvature#requireFits}
   */
  public Cleaning(
      CleaningSettings settings,
      PassEngine engine,
      long rows,
      Consumer<IterationRecord> listener,
      Checkpoints checkpoints) {
    this.settings = settings;
    this.problem = settings.problem();
    settings.nbo().curvature().requireFits(problem, Curvature.SKETCH_COLUMNS);
    this.engine = engine;
    this.oracle = new BlockOracle(problem, engine, settings.backend(), rows);
    this.kernel = BlockKernel.of(problem.model(), settings.backend());
    this.listener = listener;
    this.checkpoints = checkpoints;
  }

  /** The oracle of the run, which knows the states of its evaluations. */
  public BlockOracle oracle() {
    return oracle;
  }

  /**
   * What the outer loop learned, before any comparison.
   *
   * @param evaluation at the learned λ
   * @param beforePolish θ of the best iterate, which knows nothing of the rows held out
   * @param rule how the weight of any row follows from its label, or null where it does not
   */
  public record Learned(
      Nbo.Result nbo, Evaluation evaluation, double[] beforePolish, WeightRule rule) {}

  /**
   * How the learned weights follow from what is known of a row.
   *
   * @param features φ and λ
   * @param trusted parameters of the model of the trusted rows; null if φ is not scored
   * @param current parameters of the model that the features were last made with; null likewise
   */
  public record WeightRule(RowFeatures features, double[] trusted, double[] current) {}

  /** Steps 1 to 4, or what an earlier run left to do of them. */
  public Learned learn() {
    boolean scored = problem.rows() instanceof RowVariable.Designed designed && designed.scored();
    NewtonSystem system =
        new NewtonSystem(
            settings.nbo().curvature(),
            settings.nbo().damping(),
            settings.nbo().factorRefresh(),
            Curvature.SKETCH_COLUMNS,
            settings.nbo().factors());
    LambdaRule rule = new Adam(settings.step(), settings.low(), settings.high());
    Nbo nbo = new Nbo(oracle, settings.nbo(), rule, system, listener, checkpoints);
    Optional<Snapshot> saved = checkpoints.last();
    Nbo.Result result;
    if (saved.isPresent()) {
      oracle.restore(saved.get().in("oracle"));
      system.restore(saved.get().in("system"));
      result = nbo.resume(saved.get());
    } else {
      result = nbo.run(start(scored, system));
    }
    double[] beforePolish = result.best().theta();
    if (!scored) {
      RowFeatures groups = oracle.weightFunction(result.best().lambda());
      WeightRule byGroup = groups == null ? null : new WeightRule(groups, null, null);
      return new Learned(result, result.best(), beforePolish, byGroup);
    }
    double[] trusted = oracle.trustedModels();
    double[][] current = new double[1][];
    Evaluation learned = polish(result.best(), trusted, system, current);
    int all = settings.nbo().rotation().folds();
    int d = problem.model().size();
    RowFeatures features = oracle.weightFunction(learned.lambda());
    double[] last = Vectors.slice(trusted, all * d, d);
    return new Learned(result, learned, beforePolish, new WeightRule(features, last, current[0]));
  }

  /** Steps 1 and 2. */
  private Evaluation start(boolean scored, NewtonSystem system) {
    engine.ledger().enter(PassLedger.Phase.WARM_UP);
    double[] initial = problem.model().initial(settings.seed());
    if (!scored) {
      return warmUp(initial, system);
    }
    int folds = settings.nbo().rotation().folds();
    double[] trusted = PlainModels.fitFolds(kernel, engine, how(), folds);
    oracle.makeFeatures(trusted, 0, initial);
    Evaluation start = warmUp(initial, system);
    oracle.makeFeatures(trusted, 0, start.theta());
    return start;
  }

  /** The lower level at the λ of the start, near its solution. */
  private Evaluation warmUp(double[] initial, NewtonSystem system) {
    var lower = oracle.lower(null, settings.initialLambda());
    if (settings.networks() != null) {
      double[] theta = Hypergradients.trained(lower, initial, settings.networks().warmUp());
      return lower.at(theta, system.due());
    }
    return new LowerSolver(settings.warmUp().tolerance(), 1e-12, settings.warmUp().maxPasses())
        .minimize(lower, initial, system)
        .point();
  }

  /**
   * Features from all trusted rows at the learned λ, and the lower level that belongs to them.
   *
   * @param current gets the parameters that the features were last made with
   */
  private Evaluation polish(
      Evaluation best, double[] trusted, NewtonSystem system, double[][] current) {
    engine.ledger().enter(PassLedger.Phase.POLISH);
    int all = settings.nbo().rotation().folds();
    Evaluation point = best;
    double[] theta = best.theta();
    for (int round = 0; round < POLISH_ROUNDS; round++) {
      boolean last = round == POLISH_ROUNDS - 1;
      current[0] = theta;
      oracle.makeFeatures(trusted, all, theta);
      var lower = oracle.lower(null, best.lambda());
      if (settings.networks() != null) {
        theta = Hypergradients.trained(lower, theta, settings.networks().polish());
        if (!last) {
          continue;
        }
      }
      Evaluation next =
          settings.networks() != null
              ? lower.at(theta, Extra.NONE)
              : new LowerSolver(POLISH_TOLERANCE, 1e-12, last ? LAST_POLISH_PASSES : POLISH_PASSES)
                  .minimize(lower, theta, system)
                  .point();
      point.release();
      point = next;
      theta = next.theta();
    }
    return point;
  }

  /**
   * A finished model, on its way to a comparison.
   *
   * @param theta fitted with all that the model may use
   * @param unseen fitted without the rows held out; the same array where that makes no difference
   * @param judge how the model judges training rows, or null for a refit
   * @param unseenJudge the judge that did not see the rows held out
   * @param refitOf whose kept rows the model was fitted on, or null
   */
  private record Entry(
      double[] theta, double[] unseen, Judge judge, Judge unseenJudge, String refitOf) {

    static Entry fitted(double[] theta, double[] unseen) {
      return new Entry(theta, unseen, Judge.preferring(theta), Judge.preferring(unseen), null);
    }
  }

  /** Steps 5 and 6. */
  public CleaningResult compare(Learned learned) {
    engine.ledger().enter(PassLedger.Phase.BASELINES);
    Map<String, Entry> entries = new LinkedHashMap<>();
    entries.put(BILEVEL, Entry.fitted(learned.evaluation().theta(), learned.beforePolish()));
    Judge confident = firstFits(entries);
    refits(entries, confident);
    return select(learned, entries, confident);
  }

  /**
   * Fits the noisy, trusted and out-of-fold models together; returns the confident judge, or null.
   */
  private Judge firstFits(Map<String, Entry> entries) {
    Folds folds = new Folds(CONFIDENT_FOLDS, settings.seed(), CONFIDENT_PURPOSE);
    Map<String, FitRows> fits = new LinkedHashMap<>();
    if (settings.baselines().contains(Baseline.NOISY)) {
      fits.put("noisy", new FitRows.Noisy());
    }
    if (settings.baselines().contains(Baseline.TRUSTED)) {
      fits.put("trusted", new FitRows.Trusted(-1));
      fits.put("trusted unseen", new FitRows.Upper());
    }
    boolean confident = settings.baselines().contains(Baseline.CONFIDENT_LEARNING);
    for (int j = 0; confident && j < CONFIDENT_FOLDS; j++) {
      fits.put("fold " + j, new FitRows.WithoutFold(folds, j));
    }
    if (fits.isEmpty()) {
      return null;
    }
    Map<String, double[]> models = fit(fits, List.of(), null);
    if (models.containsKey("noisy")) {
      entries.put("noisy", Entry.fitted(models.get("noisy"), models.get("noisy")));
    }
    if (models.containsKey("trusted")) {
      entries.put("trusted", Entry.fitted(models.get("trusted"), models.get("trusted unseen")));
    }
    if (!confident) {
      return null;
    }
    double[][] withoutFold = new double[CONFIDENT_FOLDS][];
    Arrays.setAll(withoutFold, j -> models.get("fold " + j));
    return new Comparisons(kernel, engine).confidentLearning(withoutFold, folds);
  }

  /**
   * Fits a model on the rows that each judge keeps. A judge that saw the rows held out would hand
   * what it knows of them to the refit by the rows it keeps: the held-out figures come from refits
   * by judges that did not.
   */
  private void refits(Map<String, Entry> entries, Judge confident) {
    Map<String, FitRows> fits = new LinkedHashMap<>();
    List<Judge> judges = new ArrayList<>();
    if (settings.baselines().contains(Baseline.CLEANED)) {
      addRefit("cleaned", entries.get(BILEVEL), fits, judges);
    }
    if (entries.containsKey("trusted")) {
      addRefit("trustedRefit", entries.get("trusted"), fits, judges);
    }
    if (confident != null) {
      fits.put("confidentLearning", new FitRows.Kept(judges.size()));
      judges.add(confident);
    }
    if (fits.isEmpty()) {
      return;
    }
    Map<String, double[]> models = fit(fits, judges, entries.get(BILEVEL).theta());
    models.forEach(
        (name, theta) -> {
          if (!name.endsWith(UNSEEN)) {
            double[] unseen = models.getOrDefault(name + UNSEEN, theta);
            entries.put(name, new Entry(theta, unseen, null, null, JUDGE_OF.get(name)));
          }
        });
  }

  private static void addRefit(
      String name, Entry judged, Map<String, FitRows> fits, List<Judge> judges) {
    fits.put(name, new FitRows.Kept(judges.size()));
    judges.add(judged.judge());
    fits.put(name + UNSEEN, new FitRows.Kept(judges.size()));
    judges.add(judged.unseenJudge());
  }

  /** Fits several plain models together, by their names. */
  private Map<String, double[]> fit(Map<String, FitRows> fits, List<Judge> judges, double[] start) {
    int d = problem.model().size();
    List<FitRows> rows = new ArrayList<>(fits.values());
    double[] theta = PlainModels.fit(kernel, engine, how(), rows, judges, start);
    Map<String, double[]> models = new LinkedHashMap<>();
    int f = 0;
    for (String name : fits.keySet()) {
      models.put(name, Vectors.slice(theta, f++ * d, d));
    }
    return models;
  }

  private PlainModels.How how() {
    Training training = settings.networks() == null ? null : settings.networks().plain();
    return new PlainModels.How(settings.l2(), plainCurvature(), training, settings.seed());
  }

  private Curvature plainCurvature() {
    boolean kronecker = !settings.sparse() && Curvature.KFAC_CG.fits(problem);
    return kronecker ? Curvature.KFAC_CG : Curvature.CG;
  }

  private CleaningResult select(Learned learned, Map<String, Entry> entries, Judge confident) {
    List<double[]> all = new ArrayList<>();
    entries.values().forEach(entry -> all.add(entry.theta()));
    entries.values().forEach(entry -> all.add(entry.unseen()));
    Comparisons.Figures figures = new Comparisons(kernel, engine).figures(all);
    List<String> names = new ArrayList<>(entries.keySet());
    Map<String, Candidate> models = new LinkedHashMap<>();
    for (int m = 0; m < names.size(); m++) {
      Entry entry = entries.get(names.get(m));
      ModelFigures seen = figures.models().get(m);
      Tally heldOut = figures.models().get(m + names.size()).heldOut();
      Judge judge = names.get(m).equals("confidentLearning") ? confident : entry.judge();
      models.put(
          names.get(m),
          new Candidate(
              entry.theta(),
              new ModelFigures(seen.upper(), heldOut, seen.test()),
              judge,
              entry.refitOf()));
    }
    return new CleaningResult(
        learned.evaluation(),
        models,
        NoHarm.selected(names, figures),
        learned.nbo().bestIteration(),
        learned.nbo().status(),
        learned.nbo().history());
  }
}
