package io.github.sparkbilevel.job.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The parts of a tuning page that show losses: the course of the tuning beside that of the searches
 * it is compared with, and the curve of a single penalty.
 */
final class CourseSections {
  private static final List<Tone> SEARCH_TONES = List.of(Tone.SECOND, Tone.THIRD, Tone.FOURTH);
  // Losses further apart than this are flat lines at the foot of a linear axis.
  private static final double WIDE_RANGE = 50;
  // A search that takes this many times the tuning's seconds would press it against the left side.
  private static final double MUCH_LONGER = 5;
  // Differences below this share of the lowest loss are rounding, and would stretch the axis.
  private static final double SMALLEST_GAP = 1e-6;

  private static final String PASSES = "passes";
  private static final String LOSS = "upperObjective";

  /** What a plot shows of a loss. */
  private enum Scale {
    LOSS,
    DISTANCE
  }

  private record Point(double x, double y) {}

  private final JsonNode summary;
  private final List<? extends JsonNode> history;
  private final List<ObjectNode> searches;
  private final double best;
  private final double lowest;

  CourseSections(JsonNode summary, List<? extends JsonNode> history) {
    this.summary = summary;
    this.history = history;
    searches =
        Json.members(summary.path("baselines")).stream()
            .filter(search -> search.has("curve"))
            .limit(SEARCH_TONES.size())
            .toList();
    best = least(history.stream());
    lowest =
        least(Stream.concat(history.stream(), searches.stream().flatMap(CourseSections::trials)));
  }

  private static Stream<JsonNode> trials(JsonNode search) {
    return StreamSupport.stream(search.path("curve").spliterator(), false);
  }

  private static double least(Stream<? extends JsonNode> points) {
    return points
        .mapToDouble(row -> Json.number(row, LOSS))
        .filter(Double::isFinite)
        .min()
        .orElse(Double.NaN);
  }

  /** Losses and gradients by pass and by second. */
  Markup curves() {
    List<LinePlot> plots = new ArrayList<>();
    plots.add(course("Validation loss by pass", PASSES, Scale.LOSS));
    plots.add(course("Validation loss by second", "seconds", Scale.LOSS));
    plots.add(course("Distance from the lowest loss by pass", PASSES, Scale.DISTANCE));
    plots.add(course("Distance from the lowest loss by second", "seconds", Scale.DISTANCE));
    if (knows("heldOutObjective") || knows("testLoss")) {
      plots.add(
          byPass("Losses by pass")
              .series("validation", Tone.FIRST, history, PASSES, LOSS)
              .series("held-out", Tone.SECOND, history, PASSES, "heldOutObjective")
              .series("test", Tone.THIRD, history, PASSES, "testLoss"));
    }
    plots.add(
        byPass("Accuracy by pass").series("test", Tone.THIRD, history, PASSES, "testAccuracy"));
    plots.add(
        byPass("Root of the mean squared error by pass")
            .series("test", Tone.THIRD, history, PASSES, "testRmse"));
    plots.add(
        byPass("Gradients by pass")
            .logarithmic()
            .series("lower gradient", Tone.FIRST, history, PASSES, "lowerGradientNorm")
            .series("hypergradient", Tone.SECOND, history, PASSES, "hypergradientNorm"));
    return Page.sideBySide(plots.stream().map(LinePlot::markup).toList());
  }

  /** The validation loss of each penalty that was tried alone, beside that of the tuned ones. */
  Markup grid() {
    return Page.sideBySide(
        List.of(
            grid("Validation loss by penalty", Scale.LOSS),
            grid("Distance from the lowest loss by penalty", Scale.DISTANCE)));
  }

  private boolean knows(String figure) {
    return history.stream().anyMatch(row -> Double.isFinite(Json.number(row, figure)));
  }

  private boolean isBest(JsonNode iteration) {
    return Json.number(iteration, "iteration") == Json.number(summary, "bestIteration");
  }

  private LinePlot byPass(String title) {
    return new LinePlot(title, PASSES).mark(bestPlace(PASSES), "best iterate");
  }

  private double bestPlace(String measure) {
    return history.stream()
        .filter(this::isBest)
        .mapToDouble(row -> Json.number(row, measure))
        .findFirst()
        .orElse(Double.NaN);
  }

  /** The tuning's validation loss beside the best so far of every search. */
  private LinePlot course(String title, String measure, Scale scale) {
    List<Point> tuned = points(history.stream(), measure).toList();
    List<List<Point>> others =
        searches.stream().map(search -> bestSoFar(trials(search), measure)).toList();
    double last =
        Stream.concat(Stream.of(tuned), others.stream())
            .mapToDouble(CourseSections::end)
            .filter(Double::isFinite)
            .max()
            .orElse(Double.NaN);
    LinePlot plot =
        plot(
            title,
            measure,
            scale,
            Stream.concat(tuned.stream(), others.stream().flatMap(List::stream)));
    if (last > MUCH_LONGER * end(tuned)) {
      plot.horizontalLogarithmic();
    }
    add(plot, "tuned", Tone.FIRST, tuned, scale);
    for (int i = 0; i < others.size(); i++) {
      List<Point> steps = new ArrayList<>(others.get(i));
      if (!steps.isEmpty()) {
        steps.add(new Point(last, steps.get(steps.size() - 1).y()));
      }
      add(plot, Json.text(searches.get(i), "name"), SEARCH_TONES.get(i), steps, scale);
    }
    return plot.mark(bestPlace(measure), "best iterate");
  }

  private static Stream<Point> points(Stream<? extends JsonNode> rows, String measure) {
    return rows.map(row -> new Point(Json.number(row, measure), Json.number(row, LOSS)));
  }

  private Markup grid(String title, Scale scale) {
    List<List<Point>> curves =
        searches.stream()
            .map(
                search ->
                    points(trials(search), "penalty")
                        .filter(point -> Double.isFinite(point.x()))
                        .sorted(Comparator.comparingDouble(Point::x))
                        .toList())
            .toList();
    LinePlot plot =
        plot(title, "penalty", scale, curves.stream().flatMap(List::stream))
            .horizontalLogarithmic();
    for (int i = 0; i < curves.size(); i++) {
      add(plot, Json.text(searches.get(i), "name"), SEARCH_TONES.get(i), curves.get(i), scale);
    }
    double place =
        curves.stream()
            .flatMap(List::stream)
            .filter(point -> Double.isFinite(point.y()))
            .min(Comparator.comparingDouble(Point::y))
            .map(Point::x)
            .orElse(Double.NaN);
    return plot.level("tuned", Tone.FIRST, shown(best, scale))
        .mark(place, "best single penalty")
        .markup();
  }

  private static LinePlot plot(
      String title, String horizontalName, Scale scale, Stream<Point> points) {
    LinePlot plot = new LinePlot(title, horizontalName);
    DoubleSummaryStatistics range =
        points.mapToDouble(Point::y).filter(Double::isFinite).summaryStatistics();
    boolean wide = range.getMin() > 0 && range.getMax() > WIDE_RANGE * range.getMin();
    return scale == Scale.DISTANCE || wide ? plot.logarithmic() : plot;
  }

  private void add(LinePlot plot, String name, Tone tone, List<Point> points, Scale scale) {
    plot.series(name, tone, points, Point::x, point -> shown(point.y(), scale));
  }

  /** The loss itself or its distance from the lowest; not a number where it is the lowest. */
  private double shown(double loss, Scale scale) {
    if (scale == Scale.LOSS) {
      return loss;
    }
    double gap = loss - lowest;
    return gap > SMALLEST_GAP * Math.abs(lowest) ? gap : Double.NaN;
  }

  private static double end(List<Point> points) {
    return points.stream().mapToDouble(Point::x).filter(Double::isFinite).max().orElse(Double.NaN);
  }

  /**
   * Level until a better value is there: a straight line to it would promise what was not known.
   */
  private static List<Point> bestSoFar(Stream<JsonNode> trials, String measure) {
    List<Point> steps = new ArrayList<>();
    double least = Double.NaN;
    for (Point trial : points(trials, measure).toList()) {
      if (Double.isFinite(least) && Double.isFinite(trial.x())) {
        steps.add(new Point(trial.x(), least));
      }
      least = trial.y() >= least ? least : trial.y();
      if (Double.isFinite(least) && Double.isFinite(trial.x())) {
        steps.add(new Point(trial.x(), least));
      }
    }
    return steps;
  }

  /** What the distance is; nothing where no distance is drawn. */
  Markup explanation() {
    if (course("", PASSES, Scale.DISTANCE).isEmpty()) {
      return Markup.all();
    }
    String distance =
        "The distance is that from %s, the lowest validation loss of this run; a line ends where it"
                .formatted(Numbers.significant(lowest, 6))
            + " gets there.";
    return Page.note(
        searches.isEmpty()
            ? distance
            : distance
                + " The line of a search is its best loss so far, and stays level after its end.");
  }

  /** All iterations as numbers. */
  Markup iterations() {
    return Page.folded(
        "All iterations as numbers",
        new Table(
                "Outer iterations; the best is marked",
                Column.count("iteration", "iteration"),
                Column.count("evaluations", "evaluations"),
                Column.count("passes", PASSES),
                Column.fixed("seconds", "seconds", 2),
                Column.significant("validation loss", LOSS, 6),
                Column.significant("held-out loss", "heldOutObjective", 4),
                Column.significant("lower objective", "lowerObjective", 4),
                Column.significant("lower gradient", "lowerGradientNorm", 4),
                Column.significant("hypergradient", "hypergradientNorm", 4),
                Column.significant("test loss", "testLoss", 4),
                Column.fixed("test accuracy", "testAccuracy", 4),
                Column.significant("test RMSE", "testRmse", 4))
            .marking(this::isBest)
            .of(history));
  }
}
