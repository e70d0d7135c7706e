package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.problem.fit.Comparisons;
import io.github.sparkbilevel.problem.fit.FitRows;
import io.github.sparkbilevel.problem.fit.Judge;
import io.github.sparkbilevel.problem.fit.NoiseEstimates;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.sampling.Folds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Models that know how labels are confused, from models of the noisy data. */
record NoiseModels(
    BlockKernel kernel, PassEngine engine, PlainModels.How how, CleaningSettings settings) {
  /** Those that this makes. */
  static final Set<Baseline> ALL =
      Set.of(Baseline.NOISE_MODEL, Baseline.GOLD_LOSS_CORRECTION, Baseline.FORWARD_CORRECTION);

  /** The name of {@link Baseline#NOISE_MODEL} among the candidates. */
  static final String NOISE_MODEL = "noiseModel";

  static final int FOLDS = 5;
  private static final long PURPOSE = 2;

  /** The cut of the training rows. */
  static Folds folds(long seed) {
    return new Folds(FOLDS, seed, PURPOSE);
  }

  /** The rows of the models of the noisy data: one without each fold, and one of all. */
  static List<FitRows> rows(Folds folds) {
    List<FitRows> fits = new ArrayList<>();
    for (int j = 0; j < folds.count(); j++) {
      fits.add(new FitRows.WithoutFold(folds, j));
    }
    fits.add(new FitRows.Noisy());
    return fits;
  }

  /**
   * The models of the noisy data, and what confident learning says by those without a fold.
   *
   * @param noisy the model of all training rows
   */
  record Noisy(Judge confident, double[] noisy) {}

  /** Fits the models of the noisy data. */
  private Noisy noisy(Folds folds) {
    double[] theta = new PlainFitter(kernel, engine, how).sketch(rows(folds), List.of(), null);
    int d = kernel.model().size();
    double[][] withoutFold = new double[folds.count()][];
    Arrays.setAll(withoutFold, j -> Vectors.slice(theta, j * d, d));
    return new Noisy(
        new Comparisons(kernel, engine).confidentLearning(withoutFold, folds),
        Vectors.slice(theta, folds.count() * d, d));
  }

  /**
   * What the noisy models say of the noise.
   *
   * @param joint the confident joint of each group
   * @param trusted the counts of gold loss correction, or null without trusted rows
   */
  private record Counts(double[] joint, double[] trusted) {}

  /** The counts, or nothing where there are none: the outer loop tells of the same trouble. */
  private Optional<Counts> counts(Noisy from) {
    NoiseEstimates estimates = new NoiseEstimates(kernel, engine);
    double[] joint = estimates.confidentJoint(from.confident(), settings.groups());
    double[] trusted = settings.isGuided() ? estimates.trustedMeans(from.noisy()) : null;
    return Vectors.isFinite(joint) && (trusted == null || Vectors.isFinite(trusted))
        ? Optional.of(new Counts(joint, trusted))
        : Optional.empty();
  }

  /** Whether models are networks, for which {@link #learn()} takes no models of the noisy data. */
  boolean areNetworks() {
    return !kernel.model().isLinear();
  }

  /**
   * EM; nothing where the noisy models are not finite.
   *
   * <p>For a network a linear model learns how labels are confused, and the network is trained once
   * with what it found: a network that sees wrong labels learns them by heart, and its counts, even
   * of folds that it did not see, lead C to the identity.
   */
  Optional<NoiseFit.Fitted> learn() {
    if (!areNetworks()) {
      Noisy from = noisy(folds(settings.seed()));
      return counts(from).map(counts -> learn(from, counts));
    }
    Model network = kernel.model();
    Model linear = new LinearModel(network.loss(), network.features(), true);
    NoiseModels models =
        new NoiseModels(
            BlockKernel.of(linear, settings.backend()),
            engine,
            new PlainModels.How(how.l2(), how.curvature(), null, how.seed(), how.first()),
            settings);
    NoiseFit training = new NoiseFit(kernel, engine, how);
    return models.learn().map(found -> found.with(training.trained(found.confusion())));
  }

  private NoiseFit.Fitted learn(Noisy from, Counts counts) {
    Folds folds = from.confident().folds();
    double[][] start = Arrays.copyOf(from.confident().theta(), folds.count() + 1);
    start[folds.count()] = from.noisy();
    return new NoiseFit(kernel, engine, how).learn(start, folds, counts.joint(), counts.trusted());
  }

  /** The models of some baselines, by their names. */
  Map<String, Finished> finished(Set<Baseline> baselines, Noisy from) {
    Map<String, Finished> models = new LinkedHashMap<>();
    counts(from).ifPresent(counts -> addFinished(models, baselines, from, counts));
    return models;
  }

  private void addFinished(
      Map<String, Finished> models, Set<Baseline> baselines, Noisy from, Counts counts) {
    int classes = kernel.model().loss().classes();
    NoiseFit noise = new NoiseFit(kernel, engine, how);
    if (baselines.contains(Baseline.NOISE_MODEL)) {
      models.put(NOISE_MODEL, finished(learn(from, counts)));
    }
    if (baselines.contains(Baseline.GOLD_LOSS_CORRECTION)) {
      Confusion gold = Confusion.ofCounts(classes, counts.trusted());
      models.put("goldLossCorrection", Finished.confused(noise.fixed(gold, from.noisy()), gold));
    }
    if (baselines.contains(Baseline.FORWARD_CORRECTION)) {
      Confusion forward = NoiseCounts.confusion(classes, counts.joint(), null);
      models.put(
          "forwardCorrection", Finished.confused(noise.fixed(forward, from.noisy()), forward));
    }
  }

  /** What EM ended with, as a candidate. */
  static Finished finished(NoiseFit.Fitted fitted) {
    return Finished.confused(fitted.theta(), fitted.confusion());
  }
}
