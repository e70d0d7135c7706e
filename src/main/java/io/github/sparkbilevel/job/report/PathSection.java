package io.github.sparkbilevel.job.report;

import static io.github.sparkbilevel.job.report.Markup.element;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;

/** The part of a tuning page that shows a regularisation path. */
final class PathSection {
  private static final String HORIZONTAL = "ln penalty";

  /** Losses further apart would be flat where it matters. */
  private static final double WIDE_RANGE = 5;

  /** Numbers of features stand above so many places. */
  private static final int COUNTS = 7;

  /** What the names of marks take. */
  private static final double ROOM = 50;

  private static final double WIDE_ROOM = 150;

  /**
   * A place on the horizontal axis.
   *
   * @param down how far below the top its name stands
   * @param leftFrom beyond it the name stands on the left
   */
  private record Mark(double x, String name, double down, double leftFrom) {}

  private final JsonNode path;
  private final List<JsonNode> curve = new ArrayList<>();
  private final PathLines lines;
  private final double tuned;

  /**
   * The section of a page.
   *
   * @param summary the figures of {@code summary.json}
   * @param tuned λ that tuning chose
   */
  PathSection(JsonNode summary, PathLines lines, double[] tuned) {
    this.path = summary.path("regularizationPath");
    this.lines = lines;
    this.tuned = tuned.length == 1 ? tuned[0] : Double.NaN;
    path.path("curve").forEach(curve::add);
  }

  /** Nothing where there is no path. */
  Markup all() {
    if (curve.isEmpty()) {
      return Markup.all();
    }
    return Markup.all(
        Page.sideBySide(List.of(coefficients(), losses())),
        Page.note(
            "A model for each of %s penalties, the strongest on the right. Coefficients are those of the features as the model takes them; the %s largest are drawn. Above the picture stands how many features are in the model."
                .formatted(Numbers.count(curve.size()), Numbers.count(lines.lines().size()))),
        choice());
  }

  private Markup choice() {
    JsonNode best = path.path("best");
    JsonNode simple = path.path("oneStandardError");
    return simple.isObject()
        ? Page.note(
            "Least loss %s ± %s at the penalty %s, with %s features. The strongest penalty within one standard error of it is %s: loss %s, %s features."
                .formatted(
                    significant(best, "loss"),
                    significant(best, "standardError"),
                    significant(best, "penalty"),
                    Numbers.count((long) Json.number(best, "features")),
                    significant(simple, "penalty"),
                    significant(simple, "loss"),
                    Numbers.count((long) Json.number(simple, "features"))))
        : Markup.all();
  }

  private static String significant(JsonNode figures, String name) {
    return Numbers.significant(Json.number(figures, name));
  }

  private static double lambda(JsonNode point) {
    return Math.log(Json.number(point, "penalty"));
  }

  /** The loss by penalty, and how far it may be off. */
  private Markup losses() {
    DoubleSummaryStatistics range =
        curve.stream().mapToDouble(point -> loss(point, 0)).summaryStatistics();
    LinePlot plot = new LinePlot("Loss by penalty", HORIZONTAL);
    if (range.getMin() > 0 && range.getMax() > WIDE_RANGE * range.getMin()) {
      plot.logarithmic();
    }
    return plot.series("loss", Tone.FIRST, curve, PathSection::lambda, point -> loss(point, 0))
        .series(
            "one standard error more",
            Tone.THIRD,
            curve,
            PathSection::lambda,
            point -> loss(point, 1))
        .series(
            "one standard error less",
            Tone.FOURTH,
            curve,
            PathSection::lambda,
            point -> loss(point, -1))
        .mark(lambda(path.path("oneStandardError")), "within one standard error")
        .markup();
  }

  private static double loss(JsonNode point, int errors) {
    return Json.number(point, "loss") + errors * Json.number(point, "standardError");
  }

  private Markup coefficients() {
    double low = 0;
    double high = 0;
    for (PathLines.Line line : lines.lines()) {
      for (double value : line.values()) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    PlotFrame frame =
        new PlotFrame(
            Axis.exact(lambda(curve.get(curve.size() - 1)), lambda(curve.get(0)), 5),
            Axis.linear(low, high, 4));
    List<Markup> drawing = new ArrayList<>();
    for (int i = lines.lines().size() - 1; i >= 0; i--) {
      drawing.add(line(lines.lines().get(i), Tone.values()[i % Tone.values().length], frame));
    }
    counts(frame, drawing);
    double simple = lambda(path.path("oneStandardError"));
    mark(new Mark(tuned, "tuned", 10, frame.left() + ROOM), frame, drawing);
    mark(
        new Mark(simple, "within one standard error", 22, frame.right() - WIDE_ROOM),
        frame,
        drawing);
    return PlotFrame.figure(
        "Coefficients by penalty",
        frame.picture(HORIZONTAL, "Coefficients by the logarithm of the penalty", drawing),
        List.of());
  }

  private Markup line(PathLines.Line line, Tone tone, PlotFrame frame) {
    StringBuilder d = new StringBuilder();
    for (int i = 0; i < curve.size(); i++) {
      d.append(i == 0 ? 'M' : 'L')
          .append(PlotFrame.number(frame.x(lambda(curve.get(i)))))
          .append(' ')
          .append(PlotFrame.number(frame.y(line.values()[i])));
    }
    return element("path")
        .with("class", "line thin " + tone.cssClass())
        .with("d", d.toString())
        .add(element("title", line.name()));
  }

  /** Numbers of features above the picture. */
  private void counts(PlotFrame frame, List<Markup> drawing) {
    for (int c = 0; c < COUNTS; c++) {
      // Not at the ends, where the numbers of the other axis are.
      JsonNode point = curve.get((int) ((c + 0.5) * curve.size() / COUNTS));
      drawing.add(
          PlotFrame.words(
              frame.x(lambda(point)),
              frame.top() - 5,
              "middle",
              Numbers.count((long) Json.number(point, "features"))));
    }
  }

  private static void mark(Mark mark, PlotFrame frame, List<Markup> drawing) {
    double x = frame.x(mark.x);
    if (!(x >= frame.left() - 1 && x <= frame.right() + 1)) {
      return;
    }
    boolean isLeft = x > mark.leftFrom;
    drawing.add(PlotFrame.line(x, frame.top(), x, frame.bottom(), "mark"));
    drawing.add(
        PlotFrame.words(
                x + (isLeft ? -4 : 4), frame.top() + mark.down, isLeft ? "end" : "start", mark.name)
            .with("class", "mark"));
  }
}
