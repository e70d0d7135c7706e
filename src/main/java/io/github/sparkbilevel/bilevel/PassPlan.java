package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.bilevel.CleaningSettings.Networks;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import java.util.Map;
import java.util.Set;

/**
 * The most passes of a run, as its settings limit them; iterations that stop early and fits that
 * converge take fewer. Fits that begin with a sample of the rows may take a few more, most of them
 * over the sample.
 *
 * @param iterations the most outer iterations
 * @param searched what the searches beside a tuning run take, in outer iterations of it
 * @param most the most passes of each phase; those of a missing one are not limited, or none
 */
public record PassPlan(int iterations, int searched, Map<Phase, Integer> most) {
  /** Features of the weight function, and figures of models, in passes of their own. */
  private static final int EXTRA = 4;

  /** Those of a tuning run, which counts by the iteration. */
  public static PassPlan ofTuning(int iterations, int searched) {
    return new PassPlan(iterations, searched, Map.of(Phase.POLISH, Tuning.MOST_POLISH_PASSES));
  }

  /** Those of a cleaning run. */
  public static PassPlan of(CleaningSettings settings) {
    Networks networks = settings.networks();
    boolean scored = settings.problem().logOdds() > 0;
    int fit = networks == null ? PlainModels.MOST_PASSES : networks.plain().passes();
    int warmUp = networks == null ? settings.warmUp().maxPasses() : networks.warmUp().passes();
    int polish =
        networks == null ? ofLinearPolish() : 2 * Polish.ROUNDS * networks.polish().passes();
    if (settings.problem().shapesLoss()) {
      warmUp += fit + NoiseFit.mostPasses();
    }
    int iterations = settings.isGuided() ? settings.nbo().iterations() : 0;
    return new PassPlan(
        iterations,
        0,
        Map.of(
            Phase.WARM_UP,
            warmUp + (scored ? fit : 0) + EXTRA,
            Phase.OUTER,
            iterations * (settings.nbo().products() + 2),
            Phase.POLISH,
            scored ? polish + EXTRA : 0,
            Phase.BASELINES,
            ofBaselines(settings.baselines(), fit) + EXTRA,
            Phase.SCORES,
            settings.isGuided() ? Cleaning.INFLUENCE_PRODUCTS : 0));
  }

  private static int ofLinearPolish() {
    return (Polish.ROUNDS - 1) * Polish.PASSES + Polish.LAST_PASSES;
  }

  /** Those that share their passes are fitted together: all, and then all refits. */
  private static int ofBaselines(Set<Baseline> baselines, int fit) {
    int passes = baselines.isEmpty() ? 0 : 2 * fit;
    passes += baselines.contains(Baseline.TRANSFER) ? fit : 0;
    passes += baselines.contains(Baseline.LABELLER_MODEL) ? LabellerFit.mostPasses() : 0;
    int confused = (int) NoiseModels.ALL.stream().filter(baselines::contains).count();
    return passes + confused * NoiseFit.mostPasses();
  }
}
