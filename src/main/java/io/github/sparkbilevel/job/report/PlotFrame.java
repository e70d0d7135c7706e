package io.github.sparkbilevel.job.report;

import static io.github.sparkbilevel.job.report.Markup.element;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The frame of a plot in SVG: a horizontal and a vertical axis with ticks, grid lines and names,
 * and the arithmetic from numbers to places inside it.
 *
 * <p>Drawn by hand, not by a chart library: those that write SVG from Java draw letters as outlines
 * in the fonts of the machine (no text for a screen reader, an error where no font is installed),
 * fix the colours (no dark theme) and name their clip paths by hash codes (other bytes on every
 * run).
 */
record PlotFrame(Axis horizontal, Axis vertical) {
  // Names of series may come from data.
  private static final int TITLE_LENGTH = 60;
  private static final int NAME_LENGTH = 32;
  private static final double WIDTH = 400;
  private static final double HEIGHT = 232;
  private static final double LEFT = 52;
  private static final double RIGHT = 388;
  private static final double TOP = 16;
  private static final double BOTTOM = 188;

  double x(double value) {
    return LEFT + horizontal.place(value) * (RIGHT - LEFT);
  }

  double y(double value) {
    return BOTTOM - vertical.place(value) * (BOTTOM - TOP);
  }

  double top() {
    return TOP;
  }

  double bottom() {
    return BOTTOM;
  }

  double left() {
    return LEFT;
  }

  double right() {
    return RIGHT;
  }

  /** The picture: grid and axes below, the drawing above them. */
  Markup picture(String horizontalName, String description, List<? extends Markup> drawing) {
    List<Markup> parts = new ArrayList<>();
    for (double tick : vertical.ticks()) {
      parts.add(line(LEFT, y(tick), RIGHT, y(tick), "grid"));
      parts.add(words(LEFT - 6, y(tick) + 4, "end", vertical.label(tick)));
    }
    for (double tick : horizontal.ticks()) {
      parts.add(line(x(tick), BOTTOM, x(tick), BOTTOM + 4, "axis"));
      parts.add(words(x(tick), BOTTOM + 17, "middle", horizontal.label(tick)));
    }
    parts.add(line(LEFT, BOTTOM, RIGHT, BOTTOM, "axis"));
    parts.add(words((LEFT + RIGHT) / 2, BOTTOM + 36, "middle", horizontalName));
    parts.addAll(drawing);
    return element("svg")
        .with("xmlns", "http://www.w3.org/2000/svg")
        .with("viewBox", "0 0 " + number(WIDTH) + " " + number(HEIGHT))
        .with("role", "img")
        .with("aria-label", description)
        .addAll(parts);
  }

  static Markup.Element line(double x1, double y1, double x2, double y2, String cssClass) {
    return element("line")
        .with("class", cssClass)
        .with("x1", number(x1))
        .with("y1", number(y1))
        .with("x2", number(x2))
        .with("y2", number(y2));
  }

  static Markup.Element words(double x, double y, String anchor, String words) {
    return element("text", words)
        .with("x", number(x))
        .with("y", number(y))
        .with("text-anchor", anchor);
  }

  /** A place in the picture, to a hundredth of a pixel. */
  static String number(double value) {
    String digits = String.format(Locale.ROOT, "%.2f", value);
    return digits.endsWith(".00") ? digits.substring(0, digits.length() - 3) : digits;
  }

  /** A figure: its title, the picture, and the legend where there is more than one series. */
  static Markup figure(String title, Markup picture, List<? extends Markup> legend) {
    Markup.Element caption =
        element(
            "figcaption",
            element("span", Markup.clipped(title, TITLE_LENGTH)).with("class", "title"));
    if (legend.size() > 1) {
      caption = caption.add(element("span").with("class", "legend").addAll(legend));
    }
    return element("figure", caption, picture);
  }

  /** An entry of the legend with its own small drawing. */
  static Markup legendEntry(String name, Markup sample) {
    return element("span")
        .with("class", "entry")
        .add(
            element("svg")
                .with("xmlns", "http://www.w3.org/2000/svg")
                .with("viewBox", "0 0 26 10")
                .with("width", "26")
                .with("height", "10")
                .with("aria-hidden", "true")
                .add(sample),
            Markup.clipped(name, NAME_LENGTH));
  }
}
