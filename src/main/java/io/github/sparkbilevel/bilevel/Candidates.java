package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.bilevel.Cleaning.BILEVEL;
import static io.github.sparkbilevel.bilevel.Cleaning.ORACLE;

import io.github.sparkbilevel.bilevel.CleaningResult.Candidate;
import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.problem.JudgedClasses;
import io.github.sparkbilevel.problem.fit.Comparisons;
import io.github.sparkbilevel.problem.fit.FitRows;
import io.github.sparkbilevel.problem.fit.Folds;
import io.github.sparkbilevel.problem.fit.Judge;
import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.problem.fit.NoiseEstimates;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.problem.pass.PassEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Fits what a bilevel model is compared with, and selects among all of them. */
final class Candidates {
  private static final String UNSEEN = " unseen";
  private static final String TRUSTED = "trusted";
  private static final Map<String, String> JUDGE_OF =
      Map.of(
          "cleaned", BILEVEL,
          "trustedRefit", TRUSTED,
          "confidentLearning", "confidentLearning");
  private static final Set<Baseline> NOISE =
      Set.of(Baseline.NOISE_MODEL, Baseline.GOLD_LOSS_CORRECTION, Baseline.FORWARD_CORRECTION);
  private static final int CONFIDENT_FOLDS = 5;
  private static final long CONFIDENT_PURPOSE = 2;

  private final CleaningSettings settings;
  private final PassEngine engine;
  private final BlockKernel kernel;
  private final PlainModels.How how;

  Candidates(
      CleaningSettings settings, PassEngine engine, BlockKernel kernel, PlainModels.How how) {
    this.settings = settings;
    this.engine = engine;
    this.kernel = kernel;
    this.how = how;
  }

  /** Fits the baselines of the settings, several in each pass, and selects. */
  CleaningResult compare(Cleaning.Learned learned) {
    Map<String, Finished> models = new LinkedHashMap<>();
    models.put(BILEVEL, bilevel(learned));
    Judge confident = firstFits(settings.baselines(), models);
    boolean cleaned = settings.baselines().contains(Baseline.CLEANED);
    refits(models, cleaned, confident, models.get(BILEVEL).theta());
    return select(learned, models);
  }

  /** The same with plain models that were fitted before. */
  CleaningResult compare(Cleaning.Learned learned, Map<String, Finished> plain) {
    Map<String, Finished> models = new LinkedHashMap<>();
    models.put(BILEVEL, bilevel(learned));
    if (settings.baselines().contains(Baseline.CLEANED)) {
      refits(models, true, null, models.get(BILEVEL).theta());
    }
    models.putAll(plain);
    return select(learned, models);
  }

  /** The models of one baseline. */
  Map<String, Finished> plain(Baseline baseline) {
    if (baseline == Baseline.CLEANED) {
      throw new IllegalArgumentException("got CLEANED, expected a baseline without λ");
    }
    Map<String, Finished> models = new LinkedHashMap<>();
    Judge confident = firstFits(Set.of(baseline), models);
    Finished first = models.get(TRUSTED);
    refits(models, false, confident, first == null ? null : first.theta());
    return models;
  }

  /** The most models that {@link #compare} fits together. */
  static int mostFits(Set<Baseline> baselines) {
    int first = 0;
    int refits = 0;
    int folds = CONFIDENT_FOLDS;
    int whole = 1;
    for (Baseline baseline : baselines) {
      switch (baseline) {
        case NOISY, ORACLE -> first++;
        case TRUSTED -> {
          first += 2;
          refits += 2;
        }
        case CONFIDENT_LEARNING -> {
          first += folds;
          folds = 0;
          refits++;
        }
        case NOISE_MODEL, GOLD_LOSS_CORRECTION, FORWARD_CORRECTION -> {
          first += folds + whole;
          folds = 0;
          whole = 0;
        }
        case CLEANED -> refits += 2;
      }
    }
    return Math.max(first, refits);
  }

  private JudgedClasses judged() {
    return settings.problem().judged();
  }

  private static Finished bilevel(Cleaning.Learned learned) {
    return Finished.fitted(learned.evaluation().theta(), learned.beforePolish());
  }

  /**
   * Fits the noisy, trusted and out-of-fold models together; returns the confident judge, or null.
   */
  private Judge firstFits(Set<Baseline> baselines, Map<String, Finished> finished) {
    Folds folds = new Folds(CONFIDENT_FOLDS, settings.seed(), CONFIDENT_PURPOSE);
    Map<String, FitRows> fits = new LinkedHashMap<>();
    if (baselines.contains(Baseline.NOISY)) {
      fits.put("noisy", new FitRows.Noisy());
    }
    if (baselines.contains(Baseline.TRUSTED)) {
      fits.put(TRUSTED, new FitRows.Trusted(-1));
      fits.put("trusted unseen", new FitRows.Upper());
    }
    if (baselines.contains(Baseline.ORACLE)) {
      fits.put(ORACLE, new FitRows.Right());
    }
    boolean noise = !Collections.disjoint(baselines, NOISE);
    boolean confident = noise || baselines.contains(Baseline.CONFIDENT_LEARNING);
    for (int j = 0; confident && j < CONFIDENT_FOLDS; j++) {
      fits.put("fold " + j, new FitRows.WithoutFold(folds, j));
    }
    if (noise) {
      fits.put("whole", new FitRows.Noisy());
    }
    if (fits.isEmpty()) {
      return null;
    }
    Map<String, double[]> models = fit(fits, List.of(), null);
    if (models.containsKey("noisy")) {
      finished.put("noisy", Finished.fitted(models.get("noisy"), models.get("noisy")));
    }
    if (models.containsKey(TRUSTED)) {
      finished.put(
          TRUSTED, Finished.fitted(models.get(TRUSTED), models.get("trusted unseen"), judged()));
    }
    if (models.containsKey(ORACLE)) {
      finished.put(ORACLE, Finished.fitted(models.get(ORACLE), models.get(ORACLE)));
    }
    if (!confident) {
      return null;
    }
    double[][] withoutFold = new double[CONFIDENT_FOLDS][];
    Arrays.setAll(withoutFold, j -> models.get("fold " + j));
    Judge judge = new Comparisons(kernel, engine).confidentLearning(withoutFold, folds);
    if (noise) {
      noiseModels(baselines, judge, models.get("whole"), finished);
    }
    return baselines.contains(Baseline.CONFIDENT_LEARNING) ? judge : null;
  }

  /** Models that know how labels are confused. */
  private void noiseModels(
      Set<Baseline> baselines, Judge confident, double[] noisy, Map<String, Finished> finished) {
    int classes = kernel.model().loss().classes();
    NoiseFit noise = new NoiseFit(kernel, engine, how);
    NoiseEstimates estimates = new NoiseEstimates(kernel, engine);
    double[] joint = estimates.confidentJoint(confident, settings.groups());
    double[] trusted = estimates.trustedMeans(noisy);
    if (baselines.contains(Baseline.NOISE_MODEL)) {
      double[][] start = Arrays.copyOf(confident.theta(), CONFIDENT_FOLDS + 1);
      start[CONFIDENT_FOLDS] = noisy;
      NoiseFit.Fitted fitted = noise.learn(start, confident.folds(), joint, trusted);
      finished.put("noiseModel", confused(fitted.theta(), fitted.confusion()));
    }
    if (baselines.contains(Baseline.GOLD_LOSS_CORRECTION)) {
      Confusion gold = Confusion.ofCounts(classes, trusted);
      finished.put("goldLossCorrection", confused(noise.fixed(gold, noisy), gold));
    }
    if (baselines.contains(Baseline.FORWARD_CORRECTION)) {
      Confusion forward = NoiseCounts.confusion(classes, joint, null);
      finished.put("forwardCorrection", confused(noise.fixed(forward, noisy), forward));
    }
  }

  private static Finished confused(double[] theta, Confusion confusion) {
    Judge judge = Judge.byPosterior(theta, confusion);
    return new Finished(theta, theta, judge, judge, null);
  }

  /**
   * Fits a model on the rows that each judge keeps. A judge that saw the rows held out would hand
   * what it knows of them to the refit by the rows it keeps: the held-out figures come from refits
   * by judges that did not.
   */
  private void refits(
      Map<String, Finished> finished, boolean cleaned, Judge confident, double[] start) {
    Map<String, FitRows> fits = new LinkedHashMap<>();
    List<Judge> judges = new ArrayList<>();
    if (cleaned) {
      addRefit("cleaned", finished.get(BILEVEL), fits, judges);
    }
    if (finished.containsKey(TRUSTED)) {
      addRefit("trustedRefit", finished.get(TRUSTED), fits, judges);
    }
    if (confident != null) {
      fits.put("confidentLearning", new FitRows.Kept(judges.size()));
      judges.add(confident);
    }
    if (fits.isEmpty()) {
      return;
    }
    Map<String, double[]> models = fit(fits, judges, start);
    models.forEach(
        (name, theta) -> {
          if (!name.endsWith(UNSEEN)) {
            double[] unseen = models.getOrDefault(name + UNSEEN, theta);
            Judge judge = name.equals("confidentLearning") ? confident : null;
            finished.put(name, new Finished(theta, unseen, judge, null, JUDGE_OF.get(name)));
          }
        });
  }

  private static void addRefit(
      String name, Finished judged, Map<String, FitRows> fits, List<Judge> judges) {
    fits.put(name, new FitRows.Kept(judges.size()));
    judges.add(judged.judge());
    fits.put(name + UNSEEN, new FitRows.Kept(judges.size()));
    judges.add(judged.unseenJudge());
  }

  /** Fits several plain models together, by their names. */
  private Map<String, double[]> fit(Map<String, FitRows> fits, List<Judge> judges, double[] start) {
    int d = kernel.model().size();
    List<FitRows> rows = new ArrayList<>(fits.values());
    double[] theta = PlainModels.fit(kernel, engine, how, rows, judges, start);
    Map<String, double[]> models = new LinkedHashMap<>();
    int f = 0;
    for (String name : fits.keySet()) {
      models.put(name, Vectors.slice(theta, f++ * d, d));
    }
    return models;
  }

  private CleaningResult select(Cleaning.Learned learned, Map<String, Finished> finished) {
    List<double[]> all = new ArrayList<>();
    finished.values().forEach(entry -> all.add(entry.theta()));
    finished.values().forEach(entry -> all.add(entry.unseen()));
    Comparisons comparisons = new Comparisons(kernel, engine);
    List<ModelFigures> figures = comparisons.figures(all);
    Comparisons.Calibration calibration =
        comparisons.calibration(all.subList(finished.size(), all.size()));
    List<String> names = new ArrayList<>(finished.keySet());
    Map<String, Candidate> models = new LinkedHashMap<>();
    for (int m = 0; m < names.size(); m++) {
      Finished entry = finished.get(names.get(m));
      ModelFigures seen = figures.get(m);
      Tally heldOut = figures.get(m + names.size()).heldOut();
      models.put(
          names.get(m),
          new Candidate(
              entry.theta(),
              new ModelFigures(seen.upper(), heldOut, seen.test()),
              calibration.calibrated().means()[m],
              entry.judge(),
              entry.refitOf()));
    }
    return new CleaningResult(
        learned.evaluation(),
        models,
        // The trusted rows' model knows nothing of a class that they lack.
        NoHarm.selected(
            names, judged().areAll() ? Set.of(ORACLE) : Set.of(ORACLE, TRUSTED), calibration),
        learned.outer().bestIteration(),
        learned.outer().status(),
        learned.outer().history());
  }
}
