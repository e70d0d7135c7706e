package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.PreparedTables.Given;
import io.github.sparkbilevel.data.PreparedTables.Request;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The labels of the tables of a run, checked against each other.
 *
 * @param validation null without
 * @param test null without
 */
record CheckedLabels(Request request, Table train, Table validation, Table test) {

  /**
   * The classes of the training labels, which all others are of.
   *
   * @param given rows at hand, whose label column may carry names; null for files
   * @throws DataException when there is one class only, or a label of none
   */
  ClassIndex classes(Given given) {
    List<String> names = given == null ? null : given.classNames(request.train().label());
    if (names == null && (given == null || !given.indices())) {
      return classes();
    }
    int most = names == null ? TableStats.MAX_LABELS : names.size();
    int last = requireIndices(train, most);
    if (names == null) {
      names = IntStream.rangeClosed(0, last).mapToObj(Integer::toString).toList();
    }
    Set<String> used = new HashSet<>(train.stats().labels());
    if (used.size() < 2) {
      throw oneClass(names.get(last));
    }
    for (Table table : new Table[] {validation, test}) {
      if (table != null) {
        requireIndices(table, names.size());
        used.addAll(table.stats().labels());
      }
    }
    return ClassIndex.indexed(names, used);
  }

  /** Checks that every label is a whole number from 0 to below {@code most}; the greatest one. */
  private int requireIndices(Table table, int most) {
    int last = 0;
    for (String label : table.stats().labels()) {
      int index = label.matches("[0-9]{1,9}") ? Integer.parseInt(label) : -1;
      if (index < 0 || index >= most) {
        throw new DataException(
            table.origin()
                + ": the label column '"
                + request.train().label()
                + "' has "
                + Names.quote(label)
                + ", expected the index of a class, a whole number from 0 to "
                + (most - 1)
                + "; make it with Spark's StringIndexer");
      }
      last = Math.max(last, index);
    }
    return last;
  }

  private DataException oneClass(String only) {
    return new DataException(
        train.origin()
            + " has one class only ("
            + only
            + ") in its training rows, expected at least two; is "
            + request.train().key("train", "label")
            + " right?");
  }

  private ClassIndex classes() {
    ClassIndex classes = ClassIndex.of(train);
    if (classes.size() < 2) {
      throw oneClass(classes.name(0));
    }
    requireSeen("validation", validation);
    requireSeen("test", test);
    return classes;
  }

  private void requireSeen(String role, Table table) {
    if (table == null) {
      return;
    }
    List<String> unseen = table.stats().labelsMissingIn(train.stats(), TableStats.MAX_LABELS);
    if (!unseen.isEmpty()) {
      String spelling = LabelSpellings.advice(unseen, train.stats().labels());
      throw new DataException(
          table.origin()
              + " has "
              + role
              + " labels that no training row has: "
              + Names.shortList(unseen)
              + ", expected some of "
              + Names.shortList(ClassIndex.of(train).names())
              + "; "
              + (spelling == null ? "remove those rows" : spelling));
    }
  }

  /** Labels that are numbers, or several in a row; refuses others. */
  Labels numbers() {
    if (!request.train().labelColumns().isEmpty()) {
      SeveralLabels several = new SeveralLabels(request.train().labelColumns());
      several.requireBoth(train);
      return several;
    }
    requireNumbers(train);
    requireNumbers(validation);
    requireNumbers(test);
    return new RealLabels();
  }

  private static void requireNumbers(Table table) {
    if (table != null && table.stats().textLabel() != null) {
      throw new DataException(
          row(table, table.stats().textLabelRow())
              + ": the label is "
              + Names.quote(table.stats().textLabel())
              + ", expected a finite number for model.family = linear; "
              + RealLabels.ADVICE);
    }
  }

  /** How messages call a row. */
  static String row(Table table, String id) {
    return table.origin()
        + ", "
        + (table.hasIds() ? "row with id " + Names.quote(id) : "row " + id + " (counted from 0)");
  }
}
