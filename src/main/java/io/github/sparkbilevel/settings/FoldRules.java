package io.github.sparkbilevel.settings;

import static io.github.sparkbilevel.settings.ProblemSettings.VARIABLE;
import static io.github.sparkbilevel.settings.SolverSettings.ALGORITHM;
import static io.github.sparkbilevel.settings.SolverSettings.CURVATURE;

import io.github.sparkbilevel.problem.UpperVariableProvider.Kind;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What goes with cross-validation in the job {@code tune}. */
public final class FoldRules {
  private FoldRules() {}

  /** What cross-validation tunes, and how. */
  static void check(Given given, Use use, List<String> variables, String algorithm) {
    if (!use.job().equals(Keys.TUNE)) {
      return;
    }
    boolean folded = key(given).isPresent();
    List<String> baselines = given.get(RunSettings.BASELINES);
    // The default list leaves it out, with a notice, where it does not fit.
    boolean asked = !baselines.equals(Keys.TUNE_DEFAULT);
    if (!folded && !(asked && baselines.contains(Keys.CROSS_VALIDATION))) {
      return;
    }
    Setting<?> key = folded ? key(given).get() : RunSettings.BASELINES;
    if (variables.stream().anyMatch(Kind.WEIGHTS::has)) {
      throw given.refusal(
          key,
          "cross-validates penalties, and %s names %s, which weighs rows; leave one of them out"
              .formatted(given.name(VARIABLE), variables.get(0)));
    }
    if (folded && !List.of(Keys.LBFGS, Keys.NBO).contains(algorithm)) {
      throw given.refusal(
          ALGORITHM,
          "does not go with %s; try %s or %s".formatted(given.name(key), Keys.LBFGS, Keys.NBO));
    }
    if (folded
        && !List.of("auto", "exact", "jacobi-cg", "working-set", "cg")
            .contains(given.get(CURVATURE))) {
      throw given.refusal(
          CURVATURE,
          "does not go with %s; try auto, exact, jacobi-cg, working-set or cg"
              .formatted(given.name(key)));
    }
  }

  /** What asks for cross-validation as the upper objective, if anything does. */
  public static Optional<Setting<?>> key(Given given) {
    return Stream.<Setting<? extends Optional<?>>>of(
            DataSettings.VALIDATION.folds, DataSettings.VALIDATION.foldColumn)
        .filter(key -> given.get(key).isPresent())
        .<Setting<?>>map(key -> key)
        .findFirst();
  }
}
