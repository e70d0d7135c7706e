package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.bilevel.Cleaning.BILEVEL;
import static io.github.sparkbilevel.bilevel.Cleaning.ORACLE;

import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.JudgedClasses;
import io.github.sparkbilevel.problem.fit.Comparisons;
import io.github.sparkbilevel.problem.fit.FitRows;
import io.github.sparkbilevel.problem.fit.Judge;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.sampling.Folds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Fits what a bilevel model is compared with. */
final class Candidates {
  private static final String FOLD = "fold ";
  private static final String UNSEEN = " unseen";
  static final String TRUSTED = "trusted";
  static final String TRANSFER = "transfer";
  private static final String NOISY = "noisy";
  private static final String LEAST_SQUARES = "leastSquares";
  static final String CLEANED = "cleaned";
  static final String LABELLER_MODEL = "labellerModel";
  private static final String REFIT = "Refit";
  private final CleaningSettings settings;
  private final PassEngine engine;
  private final BlockKernel kernel;
  private final PlainModels.How how;
  private final NoiseFit.Fitted noise;
  private final JudgedClasses judged;

  /** The model of all training rows, once it is fitted. */
  private double[] noisy;

  /**
   * Sets up; costs no pass.
   *
   * @param noise the noise model that the outer loop started from, or null where there is none yet
   */
  Candidates(
      CleaningSettings settings,
      PassEngine engine,
      BlockKernel kernel,
      PlainModels.How how,
      NoiseFit.Fitted noise) {
    this.noise = noise;
    this.settings = settings;
    this.judged = settings.problem().judged();
    this.engine = engine;
    this.kernel = kernel;
    this.how = how;
  }

  /** Fits the baselines of the settings, several in each pass, and selects. */
  CleaningResult compare(Cleaning.Learned learned) {
    Map<String, Finished> models = new LinkedHashMap<>();
    models.put(ours(), bilevel(learned));
    Judge confident = firstFits(settings.baselines(), models);
    leastSquares(models);
    models.putAll(settings.fitted());
    labeller(models);
    boolean cleaned = settings.baselines().contains(Baseline.CLEANED);
    refits(models, cleaned, confident, models.get(ours()).theta());
    return new ModelChoice(settings, engine, kernel).of(learned, models);
  }

  /** The name of the model that λ led to; without trusted rows EM led to it. */
  private String ours() {
    return settings.isGuided() ? BILEVEL : NoiseModels.NOISE_MODEL;
  }

  /** The same with plain models that were fitted before. */
  CleaningResult compare(Cleaning.Learned learned, Map<String, Finished> plain) {
    Map<String, Finished> models = new LinkedHashMap<>();
    models.put(BILEVEL, bilevel(learned));
    if (plain.containsKey(NOISY)) {
      noisy = plain.get(NOISY).theta();
      labeller(models);
    }
    if (settings.baselines().contains(Baseline.CLEANED)) {
      refits(models, true, null, models.get(BILEVEL).theta());
    }
    models.putAll(plain);
    return new ModelChoice(settings, engine, kernel).of(learned, models);
  }

  /** The models of one baseline. */
  Map<String, Finished> plain(Baseline baseline) {
    if (baseline == Baseline.CLEANED || baseline == Baseline.LABELLER_MODEL) {
      throw new IllegalArgumentException("got " + baseline + ", expected a baseline without λ");
    }
    Map<String, Finished> models = new LinkedHashMap<>();
    Judge confident = firstFits(Set.of(baseline), models);
    Finished first = models.getOrDefault(TRUSTED, models.get(TRANSFER));
    refits(models, false, confident, first == null ? null : first.theta());
    return models;
  }

  /** The most models that {@link #compare} fits together. */
  static int mostFits(Set<Baseline> baselines) {
    int first = 0;
    int refits = 0;
    int folds = NoiseModels.FOLDS;
    int whole = baselines.contains(Baseline.NOISY) ? 0 : 1;
    for (Baseline baseline : baselines) {
      switch (baseline) {
        case NOISY, ORACLE -> first++;
        case LEAST_SQUARES -> first = Math.max(first, 1);
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
        case LABELLER_MODEL, TRANSFER -> {
          first += whole;
          whole = 0;
          refits += baseline == Baseline.TRANSFER ? 2 : 0;
        }
        case DAWID_SKENE -> first = Math.max(first, 1);
        case CLEANED -> refits += 2;
      }
    }
    return Math.max(first, refits);
  }

  private static Finished bilevel(Cleaning.Learned learned) {
    double[] theta = learned.evaluation().theta();
    return learned.confusion() == null
        ? Finished.fitted(theta, learned.unseen())
        : Finished.confused(theta, learned.confusion());
  }

  /** The baselines that are still to learn how labels are confused. */
  private Set<Baseline> confused(Set<Baseline> baselines) {
    Set<Baseline> left = EnumSet.noneOf(Baseline.class);
    left.addAll(baselines);
    left.retainAll(NoiseModels.ALL);
    if (noise != null) {
      left.remove(Baseline.NOISE_MODEL);
    }
    return left;
  }

  /**
   * Fits the noisy, trusted and out-of-fold models together; returns the confident judge, or null.
   */
  private Judge firstFits(Set<Baseline> baselines, Map<String, Finished> finished) {
    if (noise != null) {
      finished.put(NoiseModels.NOISE_MODEL, NoiseModels.finished(noise));
    }
    Comparisons comparisons = new Comparisons(kernel, engine);
    Folds folds = NoiseModels.folds(settings.seed());
    Map<String, FitRows> fits = new LinkedHashMap<>();
    if (baselines.contains(Baseline.NOISY)) {
      fits.put(NOISY, new FitRows.Noisy());
    }
    if (baselines.contains(Baseline.TRUSTED)) {
      fits.put(TRUSTED, new FitRows.Trusted(null));
      fits.put("trusted unseen", new FitRows.Upper());
    }
    if (baselines.contains(Baseline.ORACLE)) {
      fits.put(ORACLE, new FitRows.Right());
    }
    NoiseModels noiseModels = new NoiseModels(kernel, engine, how, settings);
    Set<Baseline> confused = confused(baselines);
    if (noiseModels.areNetworks() && confused.remove(Baseline.NOISE_MODEL)) {
      noiseModels
          .learn()
          .ifPresent(found -> finished.put(NoiseModels.NOISE_MODEL, NoiseModels.finished(found)));
    }
    boolean asked = baselines.contains(Baseline.CONFIDENT_LEARNING);
    boolean confident = !confused.isEmpty() || asked && !settings.haveProbabilities();
    for (int j = 0; confident && j < NoiseModels.FOLDS; j++) {
      fits.put(FOLD + j, new FitRows.WithoutFold(folds, j));
    }
    boolean beside =
        baselines.contains(Baseline.LABELLER_MODEL) || baselines.contains(Baseline.TRANSFER);
    if (beside || !confused.isEmpty()) {
      fits.putIfAbsent(NOISY, new FitRows.Noisy());
    }
    Judge given = asked && settings.haveProbabilities() ? comparisons.confidentLearning() : null;
    if (fits.isEmpty()) {
      return given;
    }
    Map<String, double[]> models = fit(fits, List.of(), null);
    noisy = models.get(NOISY);
    if (baselines.contains(Baseline.NOISY)) {
      finished.put(NOISY, Finished.fitted(noisy, noisy));
    }
    if (models.containsKey(TRUSTED)) {
      finished.put(
          TRUSTED, Finished.fitted(models.get(TRUSTED), models.get("trusted unseen"), judged));
    }
    if (baselines.contains(Baseline.TRANSFER) && Vectors.isFinite(noisy)) {
      finished.put(TRANSFER, transfer());
    }
    if (models.containsKey(ORACLE)) {
      finished.put(ORACLE, Finished.fitted(models.get(ORACLE), models.get(ORACLE)));
    }
    if (!confident) {
      return given;
    }
    double[][] withoutFold = new double[NoiseModels.FOLDS][];
    Arrays.setAll(withoutFold, j -> models.get(FOLD + j));
    Judge judge = comparisons.confidentLearning(withoutFold, folds);
    if (!confused.isEmpty()) {
      finished.putAll(noiseModels.finished(confused, new NoiseModels.Noisy(judge, noisy)));
    }
    return asked && given == null ? judge : given;
  }

  private void leastSquares(Map<String, Finished> finished) {
    boolean real = kernel.model().loss().classes() == 0;
    if (real && settings.baselines().contains(Baseline.LEAST_SQUARES)) {
      double[] theta =
          new PlainFitter(kernel.with(new SquaredLoss()), engine, how)
              .fit(List.of(new FitRows.Noisy()), List.of(), null);
      finished.put(LEAST_SQUARES, Finished.fitted(theta, theta));
    }
  }

  private Finished transfer() {
    double[] theta =
        PlainFitter.along(kernel, engine, how, noisy)
            .fit(List.of(new FitRows.Trusted(null), new FitRows.Upper()), List.of(), null);
    int d = kernel.model().size();
    return Finished.fitted(Vectors.slice(theta, 0, d), Vectors.slice(theta, d, d), judged);
  }

  /** A labeller beside the classifier, which starts where λ led without the rows held out. */
  private void labeller(Map<String, Finished> finished) {
    boolean asked = settings.baselines().contains(Baseline.LABELLER_MODEL);
    if (asked && Vectors.isFinite(noisy)) {
      double[] start = finished.get(BILEVEL).unseen();
      double[] theta = new LabellerFit(kernel, engine, how).learn(start, noisy).theta();
      finished.put(LABELLER_MODEL, Finished.fitted(theta, theta));
    }
  }

  /**
   * Fits a model on the rows as judges see them: the one of λ and the labeller weigh rows together,
   * each of the others keeps or drops them. A judge that saw the rows held out would hand what it
   * knows of them to the refit by its judgements: the held-out figures come from refits by judges
   * that did not.
   */
  private void refits(
      Map<String, Finished> finished, boolean cleaned, Judge confident, double[] start) {
    Map<String, FitRows> fits = new LinkedHashMap<>();
    List<Judge> judges = new ArrayList<>();
    if (cleaned) {
      addCleaned(finished, fits, judges);
    }
    for (String judged : List.of(TRUSTED, TRANSFER)) {
      if (finished.containsKey(judged)) {
        addRefit(judged + REFIT, finished.get(judged), fits, judges);
      }
    }
    if (confident != null) {
      fits.put("confidentLearning", new FitRows.Kept(judges.size()));
      judges.add(confident);
    }
    if (fits.isEmpty()) {
      return;
    }
    List<Judge> scaled = new Comparisons(kernel, engine).scaled(judges);
    Map<String, double[]> models = fit(fits, scaled, start);
    models.forEach(
        (name, theta) -> {
          if (!name.endsWith(UNSEEN)) {
            double[] unseen = models.getOrDefault(name + UNSEEN, theta);
            Judge judge = name.equals("confidentLearning") ? confident : null;
            String judgedBy = name.equals(CLEANED) ? ours() : name.replace(REFIT, "");
            finished.put(name, new Finished(theta, unseen, judge, null, judgedBy));
          }
        });
  }

  /**
   * Two judges that err in different ways: the mean of both knows wrong labels better than either.
   */
  private void addCleaned(
      Map<String, Finished> finished, Map<String, FitRows> fits, List<Judge> judges) {
    if (kernel.model().loss().classes() == 0) {
      // The tail probability of a right label is anything from 0 to 1, so rows are kept or not.
      addRefit(CLEANED, finished.get(ours()), fits, judges);
      return;
    }
    List<Finished> by = new ArrayList<>();
    by.add(finished.get(ours()));
    if (finished.containsKey(LABELLER_MODEL)) {
      by.add(finished.get(LABELLER_MODEL));
    }
    fits.put(CLEANED, believed(by, Finished::judge, judges));
    if (by.get(0).unseenJudge() != by.get(0).judge()) {
      fits.put(CLEANED + UNSEEN, believed(by, Finished::unseenJudge, judges));
    }
  }

  private static FitRows believed(
      List<Finished> by, Function<Finished, Judge> judge, List<Judge> judges) {
    List<Integer> indices = new ArrayList<>();
    for (Finished model : by) {
      Judge opinion = judge.apply(model);
      if (!judges.contains(opinion)) {
        judges.add(opinion);
      }
      indices.add(judges.indexOf(opinion));
    }
    return new FitRows.Believed(indices);
  }

  private static void addRefit(
      String name, Finished judged, Map<String, FitRows> fits, List<Judge> judges) {
    fits.put(name, new FitRows.Kept(judges.size()));
    judges.add(judged.judge());
    if (judged.unseenJudge() != judged.judge()) {
      fits.put(name + UNSEEN, new FitRows.Kept(judges.size()));
      judges.add(judged.unseenJudge());
    }
  }

  /** Fits plain models by their names: together, or first on a sample those that only judge. */
  private Map<String, double[]> fit(Map<String, FitRows> fits, List<Judge> judges, double[] start) {
    PlainFitter fitter = new PlainFitter(kernel, engine, how);
    Map<String, FitRows> candidates = new LinkedHashMap<>(fits);
    Map<String, double[]> models = new LinkedHashMap<>();
    if (how.first() < 1) {
      Map<String, FitRows> others = new LinkedHashMap<>(fits);
      others.keySet().removeIf(name -> !name.startsWith(FOLD) && !name.endsWith(UNSEEN));
      candidates.keySet().removeAll(others.keySet());
      if (!others.isEmpty()) {
        put(models, others, fitter.sketch(List.copyOf(others.values()), judges, start));
      }
    }
    if (!candidates.isEmpty()) {
      put(models, candidates, fitter.fit(List.copyOf(candidates.values()), judges, start));
    }
    return models;
  }

  private void put(Map<String, double[]> models, Map<String, FitRows> fits, double[] theta) {
    int d = kernel.model().size();
    int at = 0;
    for (String name : fits.keySet()) {
      models.put(name, Vectors.slice(theta, at, d));
      at += d;
    }
  }
}
