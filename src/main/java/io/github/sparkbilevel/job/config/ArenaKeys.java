package io.github.sparkbilevel.job.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The keys that say what the cells of the arena are. */
final class ArenaKeys {
  final Key<List<Map<String, Object>>> data;
  final Key<List<String>> corruptions;
  final Key<List<Long>> trusted;
  final Key<Integer> repetitions;

  /** The share of the labels that a corruption draws; by-group has its own. */
  final Map<String, Key<Double>> fractions = new LinkedHashMap<>();

  private final List<Key<?>> all = new ArrayList<>();

  ArenaKeys() {
    data =
        put(
            Keys.key(
                "arena.data",
                ValueType.groups(),
                "[]",
                "The data sets: groups of the keys of data, as in [{ name = digits, train { path ="
                    + " \"a.csv\" } }], that go before those given under data; [] is the one under"
                    + " data alone."));
    corruptions =
        put(
            Keys.key(
                "arena.corruptions",
                ValueType.name(Keys.CORRUPTIONS.toArray(String[]::new)).nonEmptyList(),
                "[" + String.join(", ", Keys.CORRUPTIONS) + "]",
                "The ways to spoil labels, as in data.corrupt.kind."));
    trusted =
        put(
            Keys.key(
                    "arena.trusted",
                    ValueType.longInteger(1).nonEmptyList(),
                    "[100, 300, 1000]",
                    "How many trusted rows are drawn from the training rows, before labels are"
                        + " spoiled.")
                .in("rows"));
    repetitions =
        put(
            Keys.key(
                "arena.repetitions",
                ValueType.integer(1),
                "1",
                "How often each cell is drawn, with seeds that follow one another; tables show"
                    + " means, arena.csv every draw."));
    fraction("uniform", "0.5");
    fraction("next-class", "0.4");
    fraction("weak-labeller", "0.6");
  }

  private void fraction(String corruption, String share) {
    fractions.put(
        corruption,
        put(
            Keys.key(
                    "arena.fraction." + corruption,
                    ValueType.between(0, 1),
                    share,
                    "The share of the labels that " + corruption + " draws.")
                .in("share of the rows")));
  }

  private <T> Key<T> put(Key<T> key) {
    Key<T> own = key.onlyFor(Keys.ARENA);
    all.add(own);
    return own;
  }

  /** All of them, in the order of the documentation. */
  List<Key<?>> all() {
    return all;
  }
}
