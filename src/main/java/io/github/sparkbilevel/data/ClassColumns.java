package io.github.sparkbilevel.data;

import java.util.ArrayList;
import java.util.List;

/** Columns that each belong to a class, in the order of the classes. */
final class ClassColumns {
  private ClassColumns() {}

  /**
   * Refuses columns of probabilities that are not one for each class, or whose names end with those
   * of the classes in another order.
   */
  static void requireFit(TableSpec train, ClassIndex classes) {
    List<String> columns = train.probabilities();
    if (columns.isEmpty()) {
      return;
    }
    String key = train.key("train", "probabilities");
    if (columns.size() != classes.size()) {
      throw new IllegalArgumentException(
          "%s names %d columns (%s), expected one for each of the %d classes, in this order: %s"
              .formatted(
                  key,
                  columns.size(),
                  Names.shortList(columns),
                  classes.size(),
                  Names.shortList(classes.names())));
    }
    List<String> sorted = byName(columns, classes.names());
    if (!sorted.isEmpty() && !sorted.equals(columns)) {
      throw new IllegalArgumentException(
          "%s = [%s] is in another order than the classes, %s; the names suggest [%s]; put them in this order, or rename the columns"
              .formatted(
                  key,
                  String.join(", ", columns),
                  Names.shortList(classes.names()),
                  String.join(", ", sorted)));
    }
  }

  /** The columns in the order of the classes that their names end with; none if some do not. */
  private static List<String> byName(List<String> columns, List<String> classes) {
    List<String> sorted = new ArrayList<>();
    for (String name : classes) {
      List<String> own = columns.stream().filter(column -> isOf(column, name)).toList();
      if (own.size() != 1) {
        return List.of();
      }
      sorted.add(own.get(0));
    }
    return sorted;
  }

  /** Whether the name of a column is that of a class, or ends with it behind a separator. */
  private static boolean isOf(String column, String name) {
    int before = column.length() - name.length() - 1;
    if (!column.endsWith(name) || before < 0) {
      return column.equals(name);
    }
    char separator = column.charAt(before);
    // p10 is of the class 10 and not of the class 0.
    return Character.isDigit(name.charAt(0))
        ? !Character.isDigit(separator)
        : !Character.isLetterOrDigit(separator);
  }
}
