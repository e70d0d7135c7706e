package io.github.sparkbilevel.job.config;

import static io.github.sparkbilevel.job.config.Keys.UPPER;

import io.github.sparkbilevel.job.config.UpperConfig.Bounds;
import io.github.sparkbilevel.job.config.ValueType.Choice;
import io.github.sparkbilevel.problem.BuiltInVariable;
import io.github.sparkbilevel.problem.UpperVariableProvider.Kind;
import io.github.sparkbilevel.problem.UpperVariables;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** Reads what the upper level tunes, and refuses what the job cannot do. */
final class UpperReader {
  private final Values values;
  private final Folders folders;
  private final String job;

  UpperReader(Values values, Folders folders, String job) {
    this.values = values;
    this.folders = folders;
    this.job = job;
  }

  UpperConfig read(ModelConfig model, DataConfig data) {
    // The arena runs every kind of weights, the default one among them.
    List<String> auto = List.of(UpperKeys.AUTO_VARIABLE.in(job));
    List<String> variables =
        job.equals(Keys.ARENA) ? auto : values.get(UPPER.variable).orElse(auto);
    requireFits(variables);
    requireFits(model, variables);
    requireComparable(variables);
    Choice<Double> step = values.get(UPPER.step);
    UpperConfig upper =
        new UpperConfig(
            variables,
            values.get(UPPER.groups).map(folders::input),
            initial(model, variables),
            step.is("auto") ? OptionalDouble.empty() : OptionalDouble.of(step.value()),
            values.get(UPPER.bounds),
            values.get(UPPER.refresh),
            values.get(UPPER.tolerance));
    requireGroups(upper, data);
    requireRoom(upper);
    return upper;
  }

  /** The order and the number of the names, and those that the job can tune. */
  private void requireFits(List<String> variables) {
    long weights = variables.stream().filter(Kind.WEIGHTS::has).count();
    Optional<String> penalty = variables.stream().filter(Kind.PENALTY::has).findFirst();
    if (weights > 1) {
      throw values.error(
          UPPER.variable, "names two kinds of weights; expected one kind, alone or with a penalty");
    }
    if (variables.size() - weights > 1) {
      throw values.error(
          UPPER.variable, "names two penalties; expected one, alone or after weights");
    }
    if (variables.size() == 2 && Kind.PENALTY.has(variables.get(0))) {
      throw values.error(
          UPPER.variable,
          "is out of order; expected the weights first, then " + penalty.orElseThrow());
    }
    for (String name : variables) {
      if (Keys.cleans(job) && !BuiltInVariable.labels().contains(name)) {
        throw values.error(
            UPPER.variable,
            "names %s, which the job %s does not know; expected one of %s, or job = %s"
                .formatted(name, job, BuiltInVariable.labels(), Keys.TUNE));
      }
    }
    if (Keys.cleans(job) && weights == 0) {
      throw values.error(
          UPPER.variable,
          "names no weights to find wrong labels by; try %s or [%s, %s], or job = %s"
              .formatted(
                  Keys.WEIGHT_FUNCTION, Keys.WEIGHT_FUNCTION, penalty.orElseThrow(), Keys.TUNE));
    }
    if (job.equals(Keys.TUNE) && variables.contains(Keys.WEIGHT_FUNCTION)) {
      throw values.error(
          UPPER.variable,
          "finds wrong labels, which the job %s does not; try job = %s with [%s, %s]"
              .formatted(
                  Keys.TUNE,
                  Keys.CLEAN,
                  Keys.WEIGHT_FUNCTION,
                  penalty.orElse(Keys.L2_PER_FEATURE)));
    }
    if (job.equals(Keys.TUNE) && penalty.isEmpty()) {
      throw values.error(
          UPPER.variable,
          "names no penalty to tune; try %s or [%s, %s]"
              .formatted(Keys.L2_PER_FEATURE, variables.get(0), Keys.L2_PER_FEATURE));
    }
  }

  /** The penalties of one layer, and those of several. */
  private void requireFits(ModelConfig model, List<String> variables) {
    for (String name : variables) {
      if (model.isNetwork() && Keys.LINEAR_PENALTIES.contains(name)) {
        throw values.error(
            UPPER.variable,
            "names %s, which is for linear models; with model.family = mlp try l2 or l2-per-layer"
                .formatted(name));
      }
      if (!model.isNetwork() && name.equals(Keys.L2_PER_LAYER)) {
        throw values.error(
            UPPER.variable, "names l2-per-layer, which is for model.family = mlp; try l2");
      }
    }
  }

  /** What is on the driver and needs no features of rows. */
  private void requireComparable(List<String> variables) {
    for (String name : List.of(Keys.EXAMPLE_WEIGHTS, Keys.WEIGHT_FUNCTION)) {
      if (job.equals(Keys.BENCHMARK) && variables.contains(name)) {
        throw values.error(
            UPPER.variable,
            "names %s, which the job benchmark does not compare algorithms on; try penalties such as"
                    .formatted(name)
                + " l2-per-feature, or group-weights");
      }
    }
  }

  private void requireGroups(UpperConfig upper, DataConfig data) {
    boolean grouped = data.train().group().isPresent() || data.corrupt().byGroup();
    if (upper.variables().contains(Keys.GROUP_WEIGHTS) && !grouped) {
      throw values.error(
          UPPER.variable,
          "needs the group of each row; give data.train.group, the column of the row's source");
    }
    if (upper.variables().contains(Keys.L2_PER_GROUP) && upper.groups().isEmpty()) {
      throw values.error(
          UPPER.variable,
          "needs the group of each feature column; give upper.groups, a CSV file with the header"
              + " column,group");
    }
  }

  private List<Double> initial(ModelConfig model, List<String> variables) {
    List<Double> given = values.get(UPPER.initial).orElse(List.of());
    int count = variables.size();
    if (given.size() > 1 && given.size() != count) {
      throw values.error(
          UPPER.initial,
          "has %d numbers for %d %s; expected one number, or one for each variable"
              .formatted(given.size(), count, count == 1 ? "variable" : "variables"));
    }
    if (given.size() == count) {
      return given;
    }
    // Nothing is said, or one number for weights and a penalty. Weights are what the job clean
    // tunes first, so the number is theirs; the other jobs put every variable where they are told.
    boolean everywhere = !given.isEmpty() && !Keys.cleans(job);
    return variables.stream()
        .map(
            name ->
                everywhere || !given.isEmpty() && Kind.WEIGHTS.has(name)
                    ? given.get(0)
                    : start(name, model))
        .toList();
  }

  /** Where {@code auto} starts a variable. */
  private double start(String name, ModelConfig model) {
    if (job.equals(Keys.HYPERGRADIENT)) {
      return 0;
    }
    double start = UpperVariables.named(name).start(model.l2());
    if (start == Double.NEGATIVE_INFINITY) {
      throw values.error(
          Keys.MODEL_L2,
          "cannot be where the tuned penalty e^λ starts; try 0.01, or give upper.initial a number"
              + " for each variable");
    }
    return start;
  }

  private void requireRoom(UpperConfig upper) {
    if (upper.bounds().isEmpty()) {
      return;
    }
    Bounds bounds = upper.bounds().get();
    if (bounds.lower() >= bounds.upper()) {
      throw values.error(
          UPPER.bounds, "is empty; expected the smaller number first, try [-10, 10]");
    }
    for (String name : upper.variables()) {
      // The hypergradient job moves nothing, so its bounds have no effect.
      if (!job.equals(Keys.HYPERGRADIENT) && !bounds.contain(upper.initialOf(name))) {
        throw values.error(
            UPPER.bounds,
            String.format(
                Locale.ROOT,
                "leaves out %.4g, where %s starts; widen it, or give upper.initial a number within"
                    + " it for each variable",
                upper.initialOf(name),
                name));
      }
    }
  }
}
