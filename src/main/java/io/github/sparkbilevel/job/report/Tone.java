package io.github.sparkbilevel.job.report;

/**
 * How a series is drawn. Colour and dash differ together, so that the series can be told apart in
 * print and by readers who do not see the colours; {@code page.css} holds the colours of both
 * themes.
 */
public enum Tone {
  /** A solid line in the first colour. */
  FIRST("first", ""),
  /** A dashed line in the second colour. */
  SECOND("second", "7 4"),
  /** A dotted line in the third colour. */
  THIRD("third", "2 4"),
  /** A line of dashes and dots in the fourth colour. */
  FOURTH("fourth", "9 3 2 3"),
  /** A line of long dashes in the fifth colour. */
  FIFTH("fifth", "12 4"),
  /** A line of short dashes in the sixth colour. */
  SIXTH("sixth", "4 3"),
  /** A line of dashes and two dots in the seventh colour. */
  SEVENTH("seventh", "9 3 2 3 2 3"),
  /** A line of sparse dots in the eighth colour. */
  EIGHTH("eighth", "2 7");

  private final String cssClass;
  private final String dash;

  Tone(String cssClass, String dash) {
    this.cssClass = cssClass;
    this.dash = dash;
  }

  String cssClass() {
    return cssClass;
  }

  /** An SVG dash array, empty for a solid line. */
  String dash() {
    return dash;
  }
}
