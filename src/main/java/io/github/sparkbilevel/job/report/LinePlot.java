package io.github.sparkbilevel.job.report;

import static io.github.sparkbilevel.job.report.Markup.element;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A line plot under construction: series over a common horizontal axis, then {@link #markup()}.
 *
 * <p>Points that are not finite (or, on a logarithmic axis, not positive) interrupt their line; a
 * series without any point is left out, and a plot without any series is nothing at all.
 */
public final class LinePlot {
  // Above this, a mark with a hint on every point would outweigh the rest of the page.
  private static final int MOST_HINTS = 250;

  private record Point(double x, double y) {}

  private record Series(String name, Tone tone, List<Point> points) {}

  private record Level(String name, Tone tone, double y) {}

  private final String title;
  private final String horizontalName;
  private final List<Series> series = new ArrayList<>();
  private final List<Level> levels = new ArrayList<>();
  private boolean logarithmic;
  private boolean horizontalLogarithmic;
  private double lowest = Double.POSITIVE_INFINITY;
  private double highest = Double.NEGATIVE_INFINITY;
  private double mark = Double.NaN;
  private String markName = "";

  /** An empty plot. */
  public LinePlot(String title, String horizontalName) {
    this.title = title;
    this.horizontalName = horizontalName;
  }

  /** Makes the vertical axis logarithmic. */
  public LinePlot logarithmic() {
    logarithmic = true;
    return this;
  }

  /** Makes the horizontal axis logarithmic. */
  public LinePlot horizontalLogarithmic() {
    horizontalLogarithmic = true;
    return this;
  }

  /** Makes the vertical axis cover at least this range, so that plots can be compared. */
  public LinePlot covering(double low, double high) {
    lowest = low;
    highest = high;
    return this;
  }

  /** Adds a line at one height across the plot; without a series beside it nothing is drawn. */
  public LinePlot level(String name, Tone tone, double y) {
    levels.add(new Level(name, tone, y));
    return this;
  }

  /**
   * Marks a place on the horizontal axis, and every series there. Not a number marks nothing, nor
   * does a place beside all points.
   */
  public LinePlot mark(double x, String name) {
    mark = x;
    markName = name;
    return this;
  }

  /** Adds a series of one point per row of figures, by the names of two of them. */
  public LinePlot series(
      String name, Tone tone, List<? extends JsonNode> rows, String x, String y) {
    return series(name, tone, rows, row -> Json.number(row, x), row -> Json.number(row, y));
  }

  /** Adds a series of one point per item. */
  public <T> LinePlot series(
      String name, Tone tone, List<T> items, ToDoubleFunction<T> x, ToDoubleFunction<T> y) {
    series.add(
        new Series(
            name,
            tone,
            items.stream().map(i -> new Point(x.applyAsDouble(i), y.applyAsDouble(i))).toList()));
    return this;
  }

  /** True when there is no point to draw. */
  public boolean isEmpty() {
    return drawn().isEmpty();
  }

  /** The figure; a sequence of nothing when there is no point to draw. */
  public Markup markup() {
    List<Series> drawn = drawn();
    if (drawn.isEmpty()) {
      return Markup.all();
    }
    double[] ys = all(drawn).mapToDouble(Point::y).toArray();
    double low = Math.min(lowest, DoubleStream.of(ys).min().orElseThrow());
    double high = Math.max(highest, DoubleStream.of(ys).max().orElseThrow());
    double left = all(drawn).mapToDouble(Point::x).min().orElseThrow();
    double right = all(drawn).mapToDouble(Point::x).max().orElseThrow();
    PlotFrame frame =
        new PlotFrame(
            horizontalLogarithmic ? Axis.logarithmic(left, right) : Axis.exact(left, right, 5),
            logarithmic ? Axis.logarithmic(low, high) : Axis.linear(low, high, 4));
    List<Markup> drawing = new ArrayList<>();
    if (mark >= left && mark <= right) {
      drawing.add(
          PlotFrame.line(frame.x(mark), frame.top(), frame.x(mark), frame.bottom(), "mark"));
      // Beside the line, on the side that has room.
      boolean leftSide = frame.x(mark) > (frame.left() + frame.right()) / 2;
      drawing.add(
          PlotFrame.words(
                  frame.x(mark) + (leftSide ? -4 : 4),
                  frame.top() - 5,
                  leftSide ? "end" : "start",
                  markName)
              .with("class", "mark"));
    }
    List<Markup> legend = new ArrayList<>();
    for (Series one : drawn) {
      draw(one, frame, drawing);
      legend.add(
          PlotFrame.legendEntry(one.name(), stroke(PlotFrame.line(1, 5, 25, 5, "line"), one)));
    }
    String name = drawn.size() > 1 ? title : title + " (" + drawn.get(0).name() + ")";
    return PlotFrame.figure(
        name, frame.picture(horizontalName, name + ". " + description(drawn), drawing), legend);
  }

  private List<Series> drawn() {
    List<Series> drawn = new ArrayList<>();
    series.stream().filter(s -> s.points().stream().anyMatch(this::canDraw)).forEach(drawn::add);
    if (!drawn.isEmpty()) {
      double[] xs = all(drawn).mapToDouble(Point::x).sorted().distinct().toArray();
      for (Level level : levels) {
        // From the first place to the last: one point if they are the same, or it would be lost.
        List<Point> ends =
            IntStream.of(0, xs.length - 1)
                .distinct()
                .mapToObj(i -> new Point(xs[i], level.y()))
                .toList();
        if (canDraw(ends.get(0))) {
          drawn.add(new Series(level.name(), level.tone(), ends));
        }
      }
    }
    return drawn;
  }

  private Stream<Point> all(List<Series> drawn) {
    return drawn.stream().flatMap(s -> s.points().stream()).filter(this::canDraw);
  }

  private boolean canDraw(Point point) {
    return Double.isFinite(point.x())
        && Double.isFinite(point.y())
        && (!logarithmic || point.y() > 0)
        && (!horizontalLogarithmic || point.x() > 0);
  }

  private static Markup stroke(Markup.Element shape, Series one) {
    Markup.Element coloured = shape.with("class", "line " + one.tone().cssClass());
    return one.tone().dash().isEmpty()
        ? coloured
        : coloured.with("stroke-dasharray", one.tone().dash());
  }

  private void draw(Series one, PlotFrame frame, List<Markup> drawing) {
    StringBuilder path = new StringBuilder();
    boolean penDown = false;
    for (Point point : one.points()) {
      if (canDraw(point)) {
        path.append(penDown ? 'L' : 'M')
            .append(PlotFrame.number(frame.x(point.x())))
            .append(' ')
            .append(PlotFrame.number(frame.y(point.y())));
      }
      penDown = canDraw(point);
    }
    drawing.add(stroke(element("path").with("d", path.toString()), one));
    List<Point> visible = one.points().stream().filter(this::canDraw).toList();
    for (Point point : visible) {
      boolean marked = point.x() == mark;
      if (marked || visible.size() == 1) {
        drawing.add(dot(point, frame, 4, "dot " + one.tone().cssClass()));
      }
      if (visible.size() <= MOST_HINTS) {
        String hint =
            "%s at %s %s: %s"
                .formatted(
                    one.name(),
                    horizontalName,
                    Numbers.significant(point.x()),
                    Numbers.significant(point.y()));
        drawing.add(dot(point, frame, 5, "hint").add(element("title", hint)));
      }
    }
  }

  private static Markup.Element dot(Point point, PlotFrame frame, int radius, String cssClass) {
    return element("circle")
        .with("class", cssClass)
        .with("cx", PlotFrame.number(frame.x(point.x())))
        .with("cy", PlotFrame.number(frame.y(point.y())))
        .with("r", Integer.toString(radius));
  }

  private String description(List<Series> drawn) {
    StringBuilder words = new StringBuilder();
    for (Series one : drawn) {
      List<Point> visible = one.points().stream().filter(this::canDraw).toList();
      Point first = visible.get(0);
      Point last = visible.get(visible.size() - 1);
      words.append(
          "%s: %s at first, %s at the end"
              .formatted(
                  one.name(), Numbers.significant(first.y()), Numbers.significant(last.y())));
      visible.stream()
          .filter(p -> p.x() == mark)
          .findFirst()
          .ifPresent(
              p -> words.append(", %s at the %s".formatted(Numbers.significant(p.y()), markName)));
      words.append(". ");
    }
    return words.toString().trim();
  }
}
