package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.CleaningResult.Candidate;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.fit.Comparisons;
import io.github.sparkbilevel.problem.fit.HeldOutFigures;
import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.problem.fit.SelectionMetric;
import io.github.sparkbilevel.problem.pass.PassEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Measures finished models and selects one, by the metric of the settings. */
final class ModelChoice {
  private final CleaningSettings settings;
  private final BlockKernel kernel;
  private final Comparisons comparisons;

  /** Sets up; costs no pass. */
  ModelChoice(CleaningSettings settings, PassEngine engine, BlockKernel kernel) {
    this.settings = settings;
    this.kernel = kernel;
    this.comparisons = new Comparisons(kernel, engine);
  }

  /** The figures of all models, and the one that is returned; costs 2 passes, by ranks 4. */
  CleaningResult of(Cleaning.Learned learned, Map<String, Finished> finished) {
    List<double[]> all = new ArrayList<>();
    finished.values().forEach(entry -> all.add(entry.theta()));
    finished.values().forEach(entry -> all.add(entry.unseen()));
    List<Comparisons.Counted> counted = comparisons.counted(all);
    Optional<Comparisons.Calibration> calibration =
        settings.isGuided()
            ? Optional.of(comparisons.calibration(all.subList(finished.size(), all.size())))
            : Optional.empty();
    List<String> names = new ArrayList<>(finished.keySet());
    double[] accuracies = new double[names.size()];
    Map<String, Candidate> models = new LinkedHashMap<>();
    for (int m = 0; m < names.size(); m++) {
      int of = m;
      Finished entry = finished.get(names.get(m));
      ModelFigures seen = counted.get(m).figures();
      ModelFigures unseen = counted.get(m + names.size()).figures();
      accuracies[m] = unseen.heldOut().accuracy();
      models.put(
          names.get(m),
          new Candidate(
              entry.theta(),
              new ModelFigures(
                  seen.upper(),
                  unseen.heldOut(),
                  seen.test(),
                  unseen.heldOutErrors(),
                  seen.testErrors()),
              calibration.map(found -> found.calibrated().means()[of]).orElse(Double.NaN),
              entry.judge(),
              entry.refitOf()));
    }
    String selected =
        calibration
            .map(found -> new NoHarm.HeldOut(found, accuracies))
            .map(found -> selected(finished, byMetric(found, finished.values())))
            .orElse(NoiseModels.NOISE_MODEL);
    int of = names.indexOf(selected);
    return new CleaningResult(
        learned.evaluation(),
        models,
        new CleaningResult.Choice(
            selected, counted.get(of + names.size()).heldOut(), counted.get(of).test()),
        learned.outer().course());
  }

  /** What the held-out rows say by the metric of the settings; of errors no temperature counts. */
  private NoHarm.HeldOut byMetric(NoHarm.HeldOut losses, Collection<Finished> models) {
    if (settings.metric() == SelectionMetric.LOSS) {
      return losses;
    }
    HeldOutFigures errors =
        comparisons.errors(models.stream().map(Finished::unseen).toList(), settings.metric());
    return new NoHarm.HeldOut(
        new Comparisons.Calibration(errors, errors),
        Arrays.stream(errors.means()).map(error -> 1 - error).toArray());
  }

  private String selected(Map<String, Finished> finished, NoHarm.HeldOut heldOut) {
    // The trusted rows' model knows nothing of a class that they lack.
    Set<String> excluded =
        settings.problem().judged().areAll()
            ? Set.of(Cleaning.ORACLE)
            : Set.of(Cleaning.ORACLE, Candidates.TRUSTED, Candidates.TRANSFER);
    NoHarm choice =
        kernel.model().isLinear()
            ? NoHarm.ofLinear(finished, heldOut)
            : NoHarm.ofNetworks(finished, heldOut);
    return choice.selected(excluded);
  }
}
