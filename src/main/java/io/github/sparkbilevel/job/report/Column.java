package io.github.sparkbilevel.job.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A column of a table over rows of figures.
 *
 * @param hint an explanation, shown on hovering over the head; empty for none
 * @param style the CSS class of its cells, empty for words
 * @param known whether a row has the figure; a column that no row has is left out
 * @param cell what a row shows
 */
record Column(
    String title,
    String hint,
    String style,
    Predicate<JsonNode> known,
    Function<JsonNode, Markup> cell) {
  private static final String NUMBER = "number";

  /** A column of words. */
  static Column words(String title, Function<JsonNode, Markup> cell) {
    return new Column(title, "", "", row -> true, cell);
  }

  /** A column of texts, cut where they are longer than a number of characters. */
  static Column words(String title, String path, int longest) {
    return words(title, row -> Markup.clipped(Json.text(row, path), longest));
  }

  /** A column of numbers that are shown in a way of their own. */
  static Column number(String title, Function<JsonNode, Markup> cell) {
    return new Column(title, "", NUMBER, row -> true, cell);
  }

  /** A column of the numbers at a path; it is left out if no row has one. */
  static Column number(String title, String path, DoubleFunction<String> format) {
    return new Column(
        title,
        "",
        NUMBER,
        row -> Double.isFinite(Json.number(row, path)),
        row -> Markup.text(format.apply(Json.number(row, path))));
  }

  /** With so many digits after the point. */
  static Column fixed(String title, String path, int decimals) {
    return number(title, path, value -> Numbers.fixed(value, decimals));
  }

  /** With so many significant digits. */
  static Column significant(String title, String path, int digits) {
    return number(title, path, value -> Numbers.significant(value, digits));
  }

  /** Counts. */
  static Column count(String title, String path) {
    return fixed(title, path, 0);
  }

  /** The same column with an explanation of its head. */
  Column hint(String text) {
    return new Column(title, text, style, known, cell);
  }

  Markup.Element head() {
    Markup.Element head = styled(Markup.element("th", title).with("scope", "col"));
    return hint.isEmpty() ? head : head.with("title", hint);
  }

  Markup.Element styled(Markup.Element element) {
    return style.isEmpty() ? element : element.with("class", style);
  }
}
