package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Distinct names in numeric order where all are numbers, else in text order, and their indices. */
final class SortedNames implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String[] names;
  private final Map<String, Integer> indices = new HashMap<>();

  private SortedNames(String[] names) {
    this.names = names;
    for (int i = 0; i < names.length; i++) {
      indices.put(names[i], i);
    }
  }

  static SortedNames of(Collection<String> given) {
    Comparator<String> order = Comparator.naturalOrder();
    if (given.stream().allMatch(Numbers::isFinite)) {
      order = Comparator.<String>comparingDouble(Numbers::parse).thenComparing(order);
    }
    TreeSet<String> sorted = new TreeSet<>(order);
    sorted.addAll(given);
    return new SortedNames(sorted.toArray(new String[0]));
  }

  int size() {
    return names.length;
  }

  String name(int index) {
    return names[index];
  }

  List<String> names() {
    return Collections.unmodifiableList(java.util.Arrays.asList(names));
  }

  /** The index, or −1. */
  int find(String name) {
    return indices.getOrDefault(name, -1);
  }
}
