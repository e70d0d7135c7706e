package io.github.sparkbilevel.job.report;

import static io.github.sparkbilevel.job.report.RunSections.word;

import io.github.sparkbilevel.job.report.TuningReport.Iterate;
import io.github.sparkbilevel.job.report.TuningReport.Search;
import io.github.sparkbilevel.job.report.TuningReport.Trial;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

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

  private record Point(double x, double y) {}

  private final TuningReport report;
  private final List<Search> searches;
  private final double best;
  private final double lowest;

  CourseSections(TuningReport report) {
    this.report = report;
    searches = report.searches().stream().limit(TuningReport.MOST_SEARCHES).toList();
    best =
        report.history().stream()
            .mapToDouble(Iterate::upperObjective)
            .filter(Double::isFinite)
            .min()
            .orElse(Double.NaN);
    lowest =
        DoubleStream.concat(
                DoubleStream.of(best),
                searches.stream()
                    .flatMap(search -> search.trials().stream())
                    .mapToDouble(Trial::upperObjective))
            .filter(Double::isFinite)
            .min()
            .orElse(Double.NaN);
  }

  /** Losses and gradients by pass and by second, and all iterations as numbers. */
  List<Markup> curves() {
    List<LinePlot> plots = new ArrayList<>();
    plots.add(course("Validation loss by pass", passes(), false));
    plots.add(course("Validation loss by second", seconds(), false));
    LinePlot distance = course("Distance from the lowest loss by pass", passes(), true);
    plots.add(distance);
    plots.add(course("Distance from the lowest loss by second", seconds(), true));
    List<Iterate> history = report.history();
    ToDoubleFunction<Iterate> pass = passes().ofIterate();
    if (knows(Iterate::heldOutObjective) || knows(Iterate::testLoss)) {
      plots.add(
          byPass("Losses by pass")
              .series("validation", Tone.FIRST, history, pass, Iterate::upperObjective)
              .series("held-out", Tone.SECOND, history, pass, Iterate::heldOutObjective)
              .series("test", Tone.THIRD, history, pass, Iterate::testLoss));
    }
    plots.add(
        byPass("Accuracy by pass")
            .series("test", Tone.THIRD, history, pass, Iterate::testAccuracy));
    plots.add(
        byPass("Root of the mean squared error by pass")
            .series("test", Tone.THIRD, history, pass, Iterate::testRmse));
    plots.add(
        byPass("Gradients by pass")
            .logarithmic()
            .series("lower gradient", Tone.FIRST, history, pass, Iterate::lowerGradientNorm)
            .series("hypergradient", Tone.SECOND, history, pass, Iterate::hypergradientNorm));
    List<Markup> figures = drawn(plots);
    if (figures.isEmpty()) {
      return List.of();
    }
    List<Markup> content = new ArrayList<>(List.of(Page.sideBySide(figures)));
    if (!distance.isEmpty()) {
      content.add(Page.note(explanation()));
    }
    if (!history.isEmpty()) {
      content.add(Page.folded("All iterations as numbers", historyTable()));
    }
    return content;
  }

  /** The validation loss of each penalty that was tried alone, beside that of the tuned ones. */
  List<Markup> grid() {
    List<Markup> figures =
        drawn(
            List.of(
                grid("Validation loss by penalty", false),
                grid("Distance from the lowest loss by penalty", true)));
    return figures.isEmpty()
        ? List.of()
        : List.of(
            Page.sideBySide(figures),
            Page.note(
                "The same model fitted with one penalty for all of its coefficients, and the level"
                    + " that the tuned penalties reach."));
  }

  private static List<Markup> drawn(List<LinePlot> plots) {
    return plots.stream().filter(plot -> !plot.isEmpty()).map(LinePlot::markup).toList();
  }

  private boolean knows(ToDoubleFunction<Iterate> value) {
    return report.history().stream().anyMatch(i -> Double.isFinite(value.applyAsDouble(i)));
  }

  private LinePlot byPass(String title) {
    return new LinePlot(title, "passes").mark(bestPlace(passes()), "best iterate");
  }

  private double bestPlace(Measure measure) {
    return report.history().stream()
        .filter(i -> i.iteration() == report.bestIteration())
        .mapToDouble(measure.ofIterate())
        .findFirst()
        .orElse(Double.NaN);
  }

  /** The tuning's validation loss beside the best so far of every search. */
  private LinePlot course(String title, Measure measure, boolean distance) {
    List<Point> tuned =
        report.history().stream()
            .map(i -> new Point(measure.ofIterate().applyAsDouble(i), i.upperObjective()))
            .toList();
    List<List<Point>> others = searches.stream().map(s -> bestSoFar(s, measure)).toList();
    double last =
        Stream.concat(Stream.of(tuned), others.stream())
            .mapToDouble(CourseSections::end)
            .filter(Double::isFinite)
            .max()
            .orElse(Double.NaN);
    LinePlot plot =
        plot(
            title,
            measure.name(),
            distance,
            Stream.concat(tuned.stream(), others.stream().flatMap(List::stream)));
    if (last > MUCH_LONGER * end(tuned)) {
      plot.horizontalLogarithmic();
    }
    add(plot, "tuned", Tone.FIRST, tuned, distance);
    for (int i = 0; i < others.size(); i++) {
      List<Point> steps = new ArrayList<>(others.get(i));
      if (!steps.isEmpty()) {
        steps.add(new Point(last, steps.get(steps.size() - 1).y()));
      }
      add(plot, word(searches.get(i).name()), SEARCH_TONES.get(i), steps, distance);
    }
    if (searches.isEmpty() && report.headline() != null) {
      plot.level(
          "best single penalty",
          Tone.SECOND,
          shown(report.headline().bestSinglePenalty(), distance));
    }
    return plot.mark(bestPlace(measure), "best iterate");
  }

  private LinePlot grid(String title, boolean distance) {
    List<List<Point>> curves =
        searches.stream()
            .map(
                search ->
                    search.trials().stream()
                        .filter(trial -> Double.isFinite(trial.penalty()))
                        .map(trial -> new Point(trial.penalty(), trial.upperObjective()))
                        .sorted(Comparator.comparingDouble(Point::x))
                        .toList())
            .toList();
    LinePlot plot =
        plot(title, "penalty", distance, curves.stream().flatMap(List::stream))
            .horizontalLogarithmic();
    for (int i = 0; i < curves.size(); i++) {
      add(plot, word(searches.get(i).name()), SEARCH_TONES.get(i), curves.get(i), distance);
    }
    double place =
        curves.stream()
            .flatMap(List::stream)
            .filter(point -> Double.isFinite(point.y()))
            .min(Comparator.comparingDouble(Point::y))
            .map(Point::x)
            .orElse(Double.NaN);
    return plot.level("tuned", Tone.FIRST, shown(best, distance))
        .mark(place, "best single penalty");
  }

  private static LinePlot plot(
      String title, String horizontalName, boolean distance, Stream<Point> points) {
    LinePlot plot = new LinePlot(title, horizontalName);
    DoubleSummaryStatistics range =
        points.mapToDouble(Point::y).filter(Double::isFinite).summaryStatistics();
    boolean wide = range.getMin() > 0 && range.getMax() > WIDE_RANGE * range.getMin();
    return distance || wide ? plot.logarithmic() : plot;
  }

  private void add(LinePlot plot, String name, Tone tone, List<Point> points, boolean distance) {
    plot.series(name, tone, points, Point::x, point -> shown(point.y(), distance));
  }

  /** The loss itself or its distance from the lowest; not a number where it is the lowest. */
  private double shown(double loss, boolean distance) {
    if (!distance) {
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
  private static List<Point> bestSoFar(Search search, Measure measure) {
    List<Point> steps = new ArrayList<>();
    double least = Double.NaN;
    for (Trial trial : search.trials()) {
      double place = measure.ofTrial().applyAsDouble(trial);
      if (Double.isFinite(least) && Double.isFinite(place)) {
        steps.add(new Point(place, least));
      }
      least = trial.upperObjective() >= least ? least : trial.upperObjective();
      if (Double.isFinite(least) && Double.isFinite(place)) {
        steps.add(new Point(place, least));
      }
    }
    return steps;
  }

  private String explanation() {
    String distance =
        "The distance is that from %s, the lowest validation loss of this run; a line ends where it"
                .formatted(Numbers.significant(lowest, 6))
            + " gets there.";
    return searches.isEmpty()
        ? distance
        : distance
            + " The line of a search is its best loss so far, and stays level after its end.";
  }

  private Markup historyTable() {
    return NumberColumn.fill(
            new Table("Outer iterations; the best is marked").number("iteration"),
            report.history(),
            one -> List.of(Markup.text(Numbers.count(one.iteration()))),
            List.of(
                NumberColumn.count("evaluations", Iterate::evaluations),
                NumberColumn.count("passes", Iterate::passes),
                new NumberColumn<>("seconds", 2, Iterate::seconds),
                NumberColumn.significant("validation loss", 6, Iterate::upperObjective),
                NumberColumn.significant("held-out loss", Iterate::heldOutObjective),
                NumberColumn.significant("lower objective", Iterate::lowerObjective),
                NumberColumn.significant("lower gradient", Iterate::lowerGradientNorm),
                NumberColumn.significant("hypergradient", Iterate::hypergradientNorm),
                NumberColumn.significant("test loss", Iterate::testLoss),
                new NumberColumn<>("test accuracy", 4, Iterate::testAccuracy),
                NumberColumn.significant("test RMSE", Iterate::testRmse)),
            one -> one.iteration() == report.bestIteration())
        .markup();
  }

  /** What a course is drawn against. */
  private record Measure(
      String name, ToDoubleFunction<Iterate> ofIterate, ToDoubleFunction<Trial> ofTrial) {}

  private static Measure passes() {
    return new Measure(
        "passes", i -> NumberColumn.known(i.passes()), t -> NumberColumn.known(t.passes()));
  }

  private static Measure seconds() {
    return new Measure("seconds", Iterate::seconds, Trial::seconds);
  }
}
