package io.github.sparkbilevel.job.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * A column of numbers that is left out when no row has one.
 *
 * @param decimals digits after the point; negative for as many significant digits
 */
record NumberColumn<T>(String title, int decimals, ToDoubleFunction<T> value) {

  static <T> NumberColumn<T> significant(String title, ToDoubleFunction<T> value) {
    return significant(title, 4, value);
  }

  static <T> NumberColumn<T> significant(String title, int digits, ToDoubleFunction<T> value) {
    return new NumberColumn<>(title, -digits, value);
  }

  /** A column of counts, of which a negative one is absent. */
  static <T> NumberColumn<T> count(String title, ToLongFunction<T> value) {
    return new NumberColumn<>(title, 0, row -> known(value.applyAsLong(row)));
  }

  /** A count as a number: not one when it is absent. */
  static double known(long count) {
    return count < 0 ? Double.NaN : count;
  }

  /** Adds those columns to a table that has its first ones, then a row for every item. */
  static <T> Table fill(
      Table table,
      List<T> rows,
      Function<T, List<Markup>> firstCells,
      List<NumberColumn<T>> columns,
      Predicate<T> marked) {
    List<NumberColumn<T>> present = present(rows, columns);
    present.forEach(column -> table.number(column.title()));
    for (T row : rows) {
      List<Markup> cells = new ArrayList<>(firstCells.apply(row));
      present.forEach(column -> cells.add(Markup.text(column.show(row))));
      table.row(marked.test(row), cells);
    }
    return table;
  }

  private static <T> List<NumberColumn<T>> present(List<T> rows, List<NumberColumn<T>> columns) {
    return columns.stream()
        .filter(c -> rows.stream().anyMatch(row -> Double.isFinite(c.value().applyAsDouble(row))))
        .toList();
  }

  private String show(T row) {
    double number = value.applyAsDouble(row);
    return decimals < 0 ? Numbers.significant(number, -decimals) : Numbers.fixed(number, decimals);
  }
}
