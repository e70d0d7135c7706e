package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.settings.DataSettings;
import io.github.sparkbilevel.settings.ProblemSettings;
import io.github.sparkbilevel.settings.RunSettings;
import io.github.sparkbilevel.settings.Setting;
import io.github.sparkbilevel.settings.SolverSettings;
import java.util.ArrayList;
import java.util.List;

/** The keys of trusted rows, and of how λ is learned from them. */
final class TrustedKeys {
  private TrustedKeys() {}

  static List<Setting<?>> all() {
    List<Setting<?>> keys = new ArrayList<>(DataSettings.VALIDATION.roles());
    keys.addAll(
        List.of(
            ProblemSettings.INITIAL,
            ProblemSettings.STEP,
            ProblemSettings.BOUNDS,
            ProblemSettings.REFRESH,
            SolverSettings.ALGORITHM,
            SolverSettings.CURVATURE,
            SolverSettings.PRODUCTS,
            SolverSettings.ITERATIONS,
            SolverSettings.WARMUP_PASSES,
            SolverSettings.WARMUP_TOLERANCE,
            SolverSettings.DAMPING,
            SolverSettings.PATIENCE,
            SolverSettings.HELD_OUT,
            RunSettings.CHECKPOINT_PATH));
    return keys;
  }
}
