package io.github.sparkbilevel.job.report;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A column of numbers that is left out when no row has one.
 *
 * @param decimals digits after the point; negative for four significant digits
 */
record NumberColumn<T>(String title, int decimals, ToDoubleFunction<T> value) {

  static <T> NumberColumn<T> significant(String title, ToDoubleFunction<T> value) {
    return new NumberColumn<>(title, -1, value);
  }

  static <T> List<NumberColumn<T>> present(List<T> rows, List<NumberColumn<T>> columns) {
    return columns.stream()
        .filter(c -> rows.stream().anyMatch(row -> Double.isFinite(c.value().applyAsDouble(row))))
        .toList();
  }

  String show(T row) {
    double number = value.applyAsDouble(row);
    return decimals < 0 ? Numbers.significant(number) : Numbers.fixed(number, decimals);
  }
}
