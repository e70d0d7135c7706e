package io.github.sparkbilevel.settings;

import static io.github.sparkbilevel.settings.ProblemSettings.BOUNDS;
import static io.github.sparkbilevel.settings.ProblemSettings.FAMILY;
import static io.github.sparkbilevel.settings.ProblemSettings.INITIAL;
import static io.github.sparkbilevel.settings.ProblemSettings.PENALTY;
import static io.github.sparkbilevel.settings.ProblemSettings.VARIABLE;
import static io.github.sparkbilevel.settings.SolverSettings.ALGORITHM;
import static io.github.sparkbilevel.settings.SolverSettings.CURVATURE;

import io.github.sparkbilevel.problem.BuiltInVariable;
import io.github.sparkbilevel.problem.UpperVariableProvider.Kind;
import io.github.sparkbilevel.problem.UpperVariables;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The rules across settings, for job files and for the params of stages alike: what goes with what,
 * and what a job cannot do.
 */
public record Rules(Given given, Use use) {
  /** Refuses values that contradict each other, in one sentence. */
  public void check() {
    checkModel();
    List<String> variables = variables();
    checkKinds(variables);
    checkGuide(variables);
    checkPurpose(variables);
    checkLayers(variables);
    checkBounds(variables);
    checkCurvature();
    checkBaselines();
    FoldRules.check(given, use, variables, algorithm());
    if (use.tunes()) {
      requireRising(RunSettings.SEARCH_RANGE, given.get(RunSettings.SEARCH_RANGE), "[1e-6, 1e2]");
    }
  }

  /** What is tuned. The arena runs every kind of weights, the default one among them. */
  public List<String> variables() {
    return use.job().equals(Keys.ARENA) ? VARIABLE.defaultIn(use) : given.get(VARIABLE);
  }

  /** How λ moves: what auto stands for depends on where the upper variable is. */
  public String algorithm() {
    String algorithm = given.get(ALGORITHM);
    if (!algorithm.equals("auto")) {
      return algorithm;
    }
    return use.tunes() && !variables().contains(Keys.EXAMPLE_WEIGHTS) ? Keys.LBFGS : Keys.NBO;
  }

  /** Where λ of each variable starts. */
  public List<Double> starts() {
    List<String> variables = variables();
    List<Double> initial = given.get(INITIAL);
    int count = variables.size();
    if (initial.size() > (count == 0 ? 0 : 1) && initial.size() != count) {
      throw given.refusal(
          INITIAL,
          "has %d numbers for %d %s; expected one number, or one for each variable"
              .formatted(initial.size(), count, count == 1 ? "variable" : "variables"));
    }
    if (initial.size() == count) {
      return initial;
    }
    // Nothing is said, or one number for weights and a penalty. Weights are what cleaning tunes
    // first, so the number is theirs; elsewhere every variable starts where it says.
    return variables.stream()
        .map(
            name ->
                !initial.isEmpty() && (!use.cleans() || Kind.WEIGHTS.has(name))
                    ? initial.get(0)
                    : start(name))
        .toList();
  }

  private double start(String name) {
    if (use.job().equals(Keys.HYPERGRADIENT)) {
      return 0;
    }
    double start = UpperVariables.named(name).start(given.get(PENALTY));
    if (start == Double.NEGATIVE_INFINITY) {
      throw given.refusal(
          PENALTY,
          "cannot be where the tuned penalty e^λ starts; try 0.01, or give %s a number for each"
                  .formatted(given.name(INITIAL))
              + " variable");
    }
    return start;
  }

  private void checkModel() {
    RealLabelRules.check(given, use);
    NetworkRules.check(given, use);
  }

  /** The order and the number of the names. */
  private void checkKinds(List<String> variables) {
    long weights = variables.stream().filter(Kind.WEIGHTS::has).count();
    if (weights > 1) {
      throw given.refusal(
          VARIABLE, "names two kinds of weights; expected one kind, alone or with a penalty");
    }
    for (Kind kind : List.of(Kind.PENALTY, Kind.SPARSITY)) {
      if (variables.stream().filter(kind::has).count() > 1) {
        throw given.refusal(
            VARIABLE,
            "names two %s penalties; expected one, alone or with one of another kind or weights"
                .formatted(kind == Kind.PENALTY ? "l2" : "l1 or group-lasso"));
      }
    }
    if (weights > 0 && !Kind.WEIGHTS.has(variables.get(0))) {
      throw given.refusal(
          VARIABLE, "is out of order; expected the weights first, then " + variables.get(0));
    }
  }

  /** A noise model starts from EM, as cleaning does, and shapes a loss that others do not know. */
  private void checkNoiseModel(List<String> variables) {
    if (!variables.contains(Keys.NOISE_MODEL)) {
      return;
    }
    if (!use.cleans() || use.job().equals(Keys.ARENA)) {
      throw given.refusal(
          VARIABLE,
          "names noise-model, which the job clean alone knows; got the job %s, try job = clean"
              .formatted(use.job()));
    }
    if (!algorithm().equals(Keys.NBO)) {
      throw given.refusal(
          ALGORITHM,
          "does not go with %s = noise-model, which nbo alone moves; try nbo"
              .formatted(given.name(VARIABLE)));
    }
  }

  /** What is learned without trusted rows. */
  private void checkGuide(List<String> variables) {
    if (!use.isGuided() && !variables.equals(List.of(Keys.NOISE_MODEL))) {
      throw given.refusal(
          VARIABLE,
          "is learned from trusted rows, of which there are none; give trusted rows, or take %s"
                  .formatted(Keys.NOISE_MODEL)
              + " alone, which needs none");
    }
  }

  /** What the job can tune. */
  private void checkPurpose(List<String> variables) {
    checkNoiseModel(variables);
    boolean weights = variables.stream().anyMatch(Kind.WEIGHTS::has);
    Optional<String> penalty =
        variables.stream().filter(name -> !Kind.WEIGHTS.has(name)).findFirst();
    checkSparsity(variables);
    if (use.cleans() && !weights) {
      throw given.refusal(
          VARIABLE,
          "names no weights to find wrong labels by; try %1$s or [%1$s, %2$s], or job = %3$s"
              .formatted(Keys.WEIGHT_FUNCTION, penalty.orElse(Keys.L2), Keys.TUNE));
    }
    for (String name : variables) {
      if (use.cleans() && !BuiltInVariable.labels().contains(name)) {
        throw given.refusal(
            VARIABLE,
            "names %s, which the job %s does not know; expected some of %s, or job = %s"
                .formatted(
                    name,
                    use.job(),
                    ProblemSettings.but(ProblemSettings.SPARSE, BuiltInVariable.labels()),
                    Keys.TUNE));
      }
    }
    if (use.cleans() && variables.contains(Keys.L2_PER_GROUP)) {
      throw given.refusal(
          VARIABLE, "names l2-per-group, which the job tune alone knows; try l2-per-feature");
    }
    if (use.job().equals(Keys.TUNE) && variables.contains(Keys.WEIGHT_FUNCTION)) {
      throw given.refusal(
          VARIABLE,
          "finds wrong labels, which the job %s does not; try job = %s with [%s, %s]"
              .formatted(
                  Keys.TUNE,
                  Keys.CLEAN,
                  Keys.WEIGHT_FUNCTION,
                  penalty.orElse(Keys.L2_PER_FEATURE)));
    }
    if (use.job().equals(Keys.TUNE) && weights && penalty.isEmpty()) {
      throw given.refusal(
          VARIABLE,
          "names no penalty to tune; try %2$s or [%1$s, %2$s]"
              .formatted(variables.get(0), Keys.L2_PER_FEATURE));
    }
    for (String name : List.of(Keys.EXAMPLE_WEIGHTS, Keys.WEIGHT_FUNCTION)) {
      if (use.job().equals(Keys.BENCHMARK) && variables.contains(name)) {
        throw given.refusal(
            VARIABLE,
            "names %s, which the job benchmark does not compare algorithms on; try penalties such as"
                    .formatted(name)
                + " l2-per-feature, or group-weights");
      }
    }
  }

  /** Where coefficients may become 0. */
  private void checkSparsity(List<String> variables) {
    Optional<String> sparsity = variables.stream().filter(Kind.SPARSITY::has).findFirst();
    if (sparsity.isEmpty()) {
      return;
    }
    String name = sparsity.get();
    if (!List.of(Keys.TUNE, Keys.HYPERGRADIENT).contains(use.job())) {
      throw given.refusal(
          VARIABLE,
          "names %s, which the jobs tune and hypergradient alone know; got the job %s, try %s"
              .formatted(name, use.job(), name.replaceFirst("l1|group-lasso", Keys.L2)));
    }
    if (use.network()) {
      throw given.refusal(
          VARIABLE,
          "names %s, which is for linear models; with %s = %s try l2 or l2-per-layer"
              .formatted(name, given.name(FAMILY), given.get(FAMILY)));
    }
    if (use.tunes() && variables.contains(Keys.EXAMPLE_WEIGHTS)) {
      throw given.refusal(
          VARIABLE,
          "names %1$s and %2$s, but lbfgs, which tunes %1$s, does not move %2$s; try %3$s"
              .formatted(name, Keys.EXAMPLE_WEIGHTS, Keys.GROUP_WEIGHTS));
    }
    if (use.tunes() && !algorithm().equals(Keys.LBFGS)) {
      throw given.refusal(
          ALGORITHM,
          "does not tune %s = %s, which makes coefficients 0; try lbfgs"
              .formatted(given.name(VARIABLE), name));
    }
  }

  /** The penalties of one layer, and those of several. */
  private void checkLayers(List<String> variables) {
    List<String> ofOneLayer =
        List.of(Keys.L2_PER_CLASS, Keys.L2_PER_FEATURE, Keys.L2_PER_GROUP, Keys.L2_BY_VARIANCE);
    String network = given.name(FAMILY) + " = " + (use.network() ? given.get(FAMILY) : Keys.MLP);
    for (String name : variables) {
      if (use.network() && ofOneLayer.contains(name)) {
        throw given.refusal(
            VARIABLE,
            "names %s, which is for linear models; with %s try l2 or l2-per-layer"
                .formatted(name, network));
      }
      if (!use.network() && name.equals(Keys.L2_PER_LAYER)) {
        throw given.refusal(
            VARIABLE, "names l2-per-layer, which is for %s; try l2".formatted(network));
      }
    }
  }

  private void checkBounds(List<String> variables) {
    List<Double> starts = starts();
    List<Double> bounds = given.get(BOUNDS).orElse(List.of());
    if (bounds.isEmpty()) {
      return;
    }
    requireRising(BOUNDS, bounds, "[-10, 10]");
    for (int i = 0; i < starts.size(); i++) {
      double start = starts.get(i);
      boolean within = bounds.get(0) <= start && start <= bounds.get(1);
      // The hypergradient job moves nothing, so its bounds have no effect.
      if (!within && !use.job().equals(Keys.HYPERGRADIENT)) {
        throw given.refusal(
            BOUNDS,
            String.format(
                Locale.ROOT,
                "leaves out %.4g, where %s starts; widen it, or give %s a number within it for each"
                    + " variable",
                start,
                variables.get(i),
                given.name(INITIAL)));
      }
    }
  }

  private void requireRising(Setting<?> setting, List<Double> pair, String example) {
    if (pair.get(0) >= pair.get(1)) {
      throw given.refusal(setting, "is empty; expected the smaller number first, try " + example);
    }
  }

  private void checkCurvature() {
    String curvature = given.get(CURVATURE);
    if (use.tunes() && Keys.MORE_CURVATURES.contains(curvature)) {
      throw given.refusal(
          CURVATURE,
          "does not solve systems to accuracy, as the job %s needs; try one of auto | %s"
              .formatted(use.job(), String.join(" | ", Keys.CURVATURES)));
    }
    if (curvature.equals("ekfac-cg") && !use.network() && use.cleans()) {
      throw given.refusal(CURVATURE, "is for networks; try kfac-cg");
    }
  }

  private void checkBaselines() {
    if (!RunSettings.BASELINES.jobs().contains(use.job())) {
      return;
    }
    List<String> offered = use.cleans() ? fitting(Keys.CLEAN_BASELINES, use) : Keys.TUNE_BASELINES;
    if (!use.isOfMllib(given.get(ProblemSettings.LOSS))) {
      offered = ProblemSettings.but(List.of(Keys.MLLIB), offered);
    }
    for (String name : given.get(RunSettings.BASELINES)) {
      if (!offered.contains(name)) {
        String why =
            !use.isGuided() && Keys.GUIDED_BASELINES.contains(name)
                ? "is fitted with trusted rows, of which there are none"
                : use.cleans() && name.equals(Keys.TRANSFER)
                    ? "is for linear models"
                    : use.cleans() && use.isOfRealLabels()
                        ? "is for classes"
                        : Keys.TUNE_BASELINES.contains(name) && use.tunes()
                            ? "fits one label a row, by the squared loss or cross-entropy"
                            : "the job " + use.job() + " does not fit";
        throw given.refusal(
            RunSettings.BASELINES,
            "names %s, which %s; try some of %s".formatted(name, why, String.join(" | ", offered)));
      }
    }
  }

  /** The settings of trusted rows, and of how λ is learned from them. */
  public static List<Setting<?>> ofTrustedRows() {
    List<Setting<?>> keys = new ArrayList<>(DataSettings.VALIDATION.roles());
    keys.addAll(
        List.of(
            INITIAL,
            ProblemSettings.STEP,
            BOUNDS,
            ProblemSettings.REFRESH,
            ALGORITHM,
            CURVATURE,
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

  /** Those of the models beside a cleaned one that can be fitted. */
  static List<String> fitting(List<String> baselines, Use use) {
    return baselines.stream()
        .filter(name -> use.isGuided() || !Keys.GUIDED_BASELINES.contains(name))
        .filter(name -> !use.network() || !name.equals(Keys.TRANSFER))
        .filter(
            name ->
                use.isOfRealLabels()
                    ? Keys.REAL_BASELINES.contains(name)
                    : !name.equals(Keys.LEAST_SQUARES))
        .toList();
  }

  /** Refuses weights of groups where rows have none. */
  public void requireGroups() {
    if (variables().contains(Keys.GROUP_WEIGHTS) && given.get(DataSettings.TRAIN.group).isEmpty()) {
      throw given.refusal(
          VARIABLE,
          "needs the group of each row; give %s, the column of the row's source"
              .formatted(given.name(DataSettings.TRAIN.group)));
    }
  }
}
