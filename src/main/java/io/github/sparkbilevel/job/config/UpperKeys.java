package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.job.config.ValueType.Choice;
import io.github.sparkbilevel.problem.BuiltInVariable;
import io.github.sparkbilevel.problem.UpperVariables;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The keys that say what the upper level tunes, and how it moves. */
final class UpperKeys {

  /** What {@code upper.variable = auto} stands for. */
  static final Auto<String> AUTO_VARIABLE = new Auto<>(Keys.WEIGHT_FUNCTION, Keys.L2_PER_FEATURE);

  final Key<Choice<List<String>>> variable;
  final Key<Optional<String>> groups;
  final Key<Choice<List<Double>>> initial;
  final Key<Choice<Double>> step;
  final Key<Optional<UpperConfig.Bounds>> bounds;
  final Key<Integer> refresh;
  final Key<Double> tolerance;
  private final List<Key<?>> all = new ArrayList<>();

  UpperKeys() {
    variable =
        put(
            Keys.key(
                    "upper.variable",
                    ValueType.name(BuiltInVariable.labels(), UpperVariables::names)
                        .nonEmptyList()
                        .orWord("auto"),
                    "auto",
                    "What the upper level tunes: one of the three kinds of weights, one of the"
                        + " penalties, or [weights, penalty]; a jar may add more (docs/extending.md);"
                        + " auto is "
                        + AUTO_VARIABLE.tune()
                        + " in the job tune and "
                        + AUTO_VARIABLE.clean()
                        + " elsewhere.")
                .notFor(Keys.ARENA));
    groups =
        put(
            Keys.key(
                    "upper.groups",
                    ValueType.string().orNull(),
                    "null",
                    "The CSV file that puts feature columns into groups for l2-per-group, with the"
                        + " header column,group.")
                .notFor(Keys.ARENA));
    initial =
        put(
            Keys.key(
                    "upper.initial",
                    ValueType.number().nonEmptyList().orWord("auto"),
                    "auto",
                    "Where the upper variable starts: one number, or one for each variable; auto is"
                        + " 0 for weights and ln(model.l2) for a penalty, 0 in the job"
                        + " hypergradient; in the job clean one number leaves a penalty beside"
                        + " weights at auto.")
                .in("λ: a weight is σ(λ), a penalty is e^λ"));
    step =
        put(
            Keys.key(
                    "upper.step",
                    ValueType.positive().orWord("auto"),
                    "auto",
                    "How far nbo moves the upper variable in one of the first iterations; auto is"
                        + " 0.2 for weights and penalties on the driver and 0.5 for"
                        + " example-weights.")
                .onlyFor(Keys.CLEAN, Keys.TUNE, Keys.BENCHMARK));
    bounds =
        put(
            Keys.key(
                    "upper.bounds",
                    ValueType.number()
                        .pair()
                        .as(b -> new UpperConfig.Bounds(b.get(0), b.get(1)))
                        .orNull(),
                    "null",
                    "The smallest and the largest value of the upper variable, as in [-10, 10].")
                .in("λ")
                .onlyFor(Keys.CLEAN, Keys.TUNE, Keys.BENCHMARK));
    refresh =
        put(
            Keys.key(
                    "upper.refresh",
                    ValueType.integer(1),
                    "5",
                    "After how many iterations the features of the weight function are computed"
                        + " anew.")
                .in("iterations")
                .onlyFor(Keys.CLEAN));
    tolerance =
        put(
            Keys.key(
                    "upper.tolerance",
                    ValueType.positive(),
                    "1e-5",
                    "The run ends when the upper objective has fallen, by nbo moved, by less than this"
                        + " share of itself over solver.patience iterations.")
                .onlyFor(Keys.TUNE));
  }

  private <T> Key<T> put(Key<T> key) {
    all.add(key);
    return key;
  }

  /** All of them, in the order of the documentation. */
  List<Key<?>> all() {
    return all;
  }
}
