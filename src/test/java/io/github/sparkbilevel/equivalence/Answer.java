package io.github.sparkbilevel.equivalence;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a problem has for an answer: quantities, each with a number for every key. */
final class Answer {
  /** λ on the driver, by name; log-penalties less the logarithm of the setup's factor. */
  static final String LAMBDA = "lambda";

  /** The hypergradient, by name; entries of the same key add up. */
  static final String HYPERGRADIENT = "hypergradient";

  /** Objectives, losses and accuracies. */
  static final String FIGURES = "figures";

  static final String QUALITY = "quality";
  static final String WEIGHT = "weight";
  static final String FLAGGED = "flagged";

  /** Predictions for the test rows. */
  static final String PREDICTION = "prediction";

  private final Map<String, Map<String, List<Double>>> quantities = new TreeMap<>();

  /** Adds a number. */
  Answer put(String quantity, String key, double value) {
    quantities
        .computeIfAbsent(quantity, unused -> new LinkedHashMap<>())
        .computeIfAbsent(key, unused -> new ArrayList<>())
        .add(value);
    return this;
  }

  /** Numbers of an answer under other keys; those whose key becomes null are dropped. */
  Answer renamed(Keys keys) {
    Answer renamed = new Answer();
    quantities.forEach(
        (quantity, values) ->
            values.forEach(
                (key, list) -> {
                  String other = keys.of(quantity, key);
                  if (other != null) {
                    list.forEach(value -> renamed.put(quantity, other, value));
                  }
                }));
    return renamed;
  }

  /** The key of an untransformed answer for one of a transformed answer. */
  interface Keys {
    Keys SAME = (quantity, key) -> key;

    String of(String quantity, String key);
  }

  /**
   * What keeps this answer from being the expected one: a line for each quantity, with its worst
   * number; empty if all agree.
   *
   * @param tolerance times max(1, |expected|) is how far numbers may be apart; hypergradients are
   *     held against their largest entry
   */
  List<String> differencesFrom(Answer expected, double tolerance) {
    List<String> lines = new ArrayList<>();
    for (String quantity : expected.quantities.keySet()) {
      String line =
          difference(
              quantity,
              expected.quantities.get(quantity),
              quantities.getOrDefault(quantity, Map.of()),
              tolerance);
      if (line != null) {
        lines.add(line);
      }
    }
    return lines;
  }

  private static String difference(
      String quantity,
      Map<String, List<Double>> expected,
      Map<String, List<Double>> found,
      double tolerance) {
    if (!expected.keySet().equals(found.keySet())) {
      List<String> missing = new ArrayList<>(expected.keySet());
      missing.removeAll(found.keySet());
      List<String> more = new ArrayList<>(found.keySet());
      more.removeAll(expected.keySet());
      return "%s: without %s and with %s".formatted(quantity, brief(missing), brief(more));
    }
    boolean sums = quantity.equals(HYPERGRADIENT);
    double largest =
        expected.values().stream().mapToDouble(list -> Math.abs(sum(list))).max().orElse(0);
    double worst = -1;
    String where = null;
    int wrong = 0;
    for (Map.Entry<String, List<Double>> entry : expected.entrySet()) {
      double value = sums ? sum(entry.getValue()) : entry.getValue().get(0);
      List<Double> others = found.get(entry.getKey());
      for (double other : sums ? List.of(sum(others)) : others) {
        double distance = Math.abs(other - value) / (sums ? largest : Math.max(1, Math.abs(value)));
        boolean same = distance <= tolerance || Double.isNaN(value) && Double.isNaN(other);
        wrong += same ? 0 : 1;
        if (!same && !(distance <= worst)) {
          worst = distance;
          where = "%s of %s is %s, expected %s".formatted(quantity, entry.getKey(), other, value);
        }
      }
    }
    return where == null
        ? null
        : "%s (%d of %d differ, this by %.1e)".formatted(where, wrong, expected.size(), worst);
  }

  private static double sum(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).sum();
  }

  private static String brief(List<String> keys) {
    return keys.size() + " keys " + keys.subList(0, Math.min(5, keys.size()));
  }

  @Override
  public String toString() {
    return quantities.toString();
  }
}
