package io.github.sparkbilevel.job.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.bilevel.Benchmark.Curve;
import io.github.sparkbilevel.bilevel.Benchmark.Point;
import io.github.sparkbilevel.bilevel.Contender;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.report.BenchmarkPage;
import io.github.sparkbilevel.job.report.Page;
import io.github.sparkbilevel.job.run.Csv;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.RunFacts;
import io.github.sparkbilevel.job.run.RunResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * What a benchmark found, in the shapes of its outputs.
 *
 * @param curves every run
 * @param targets values of Φ
 * @param contenders the algorithms, in the order of the job file
 */
record BenchmarkOutputs(List<Curve> curves, List<Double> targets, List<Contender> contenders) {
  private static final List<String> RESULTS =
      List.of(
          "run",
          "algorithm",
          "seed",
          "iteration",
          "seconds",
          "passes",
          "rows",
          "gradients",
          "products",
          "upperObjective",
          "testLoss",
          "testAccuracy");

  /**
   * Writes the results, and makes the report.
   *
   * @param summary of the job, to which the figures of the runs are added
   */
  RunResult write(JobContext context, ObjectNode summary) throws IOException {
    ObjectNode runs = summary.putObject("runs");
    for (Contender contender : contenders) {
      runs.set(contender.text(), ofContender(contender));
    }
    List<ObjectNode> points = points();
    context.output().writeText("results.csv", Csv.of(RESULTS, points));
    List<ObjectNode> ranked = ranked(runs);
    ranked.forEach(run -> context.console().line(sentence(run)));
    Page page =
        BenchmarkPage.of(RunFacts.of(context, summary, "validation"), summary, ranked, points);
    return RunResult.of(summary, page);
  }

  /** A row of figures for every point of every run; what is not known is left out. */
  private List<ObjectNode> points() {
    List<ObjectNode> points = new ArrayList<>();
    for (Curve curve : curves) {
      for (Point point : curve.points()) {
        ObjectNode figures =
            Json.object()
                .put("run", curve.contender().text())
                .put("algorithm", curve.contender().algorithm())
                .put("seed", curve.seed())
                .put("iteration", point.iteration())
                .put("seconds", point.seconds())
                .put("passes", point.cost().passes())
                .put("upperObjective", point.upperObjective());
        putCount(figures, "rows", point.cost().rows());
        putCount(figures, "gradients", point.cost().gradients());
        putCount(figures, "products", point.cost().products());
        if (point.test().rows() > 0) {
          figures.put("testLoss", point.test().loss());
          figures.put("testAccuracy", point.test().accuracy());
        }
        points.add(figures);
      }
    }
    return points;
  }

  private static void putCount(ObjectNode figures, String name, long count) {
    if (count >= 0) {
      figures.put(name, count);
    }
  }

  private ObjectNode ofContender(Contender contender) {
    List<Curve> own = curves.stream().filter(curve -> curve.contender().equals(contender)).toList();
    ObjectNode figures = Json.object().put("algorithm", contender.algorithm());
    figures.set("options", Json.tree(contender.options()));
    if (own.get(0).objection() != null) {
      return figures.put("objection", own.get(0).objection());
    }
    figures
        .put("repetitions", own.size())
        .set("statuses", Json.tree(own.stream().map(curve -> curve.status().label()).toList()));
    figures.set("leastUpperObjective", quartiles(own, Curve::least));
    figures.set("passes", quartiles(own, curve -> last(curve).cost().passes()));
    figures.set("seconds", quartiles(own, curve -> last(curve).seconds()));
    ObjectNode reached = figures.putObject("targets");
    for (double target : targets) {
      reached.set(Double.toString(target), reached(own, target));
    }
    return figures;
  }

  private static ObjectNode reached(List<Curve> own, double target) {
    List<Point> first =
        own.stream().map(curve -> curve.reached(target)).flatMap(Optional::stream).toList();
    ObjectNode figures = Json.object().put("reached", first.size()).put("of", own.size());
    if (!first.isEmpty()) {
      figures.set("seconds", quartiles(first, Point::seconds));
      figures.set("passes", quartiles(first, point -> point.cost().passes()));
      if (first.get(0).cost().rows() >= 0) {
        figures.set("rows", quartiles(first, point -> point.cost().rows()));
      }
    }
    return figures;
  }

  private static Point last(Curve curve) {
    return curve.points().get(curve.points().size() - 1);
  }

  private static <T> JsonNode quartiles(List<T> items, ToDoubleFunction<T> figure) {
    double[] sorted = items.stream().mapToDouble(figure).sorted().toArray();
    return Json.tree(
        Map.of(
            "lowerQuartile", quantile(sorted, 0.25),
            "median", quantile(sorted, 0.5),
            "upperQuartile", quantile(sorted, 0.75)));
  }

  /** By linear interpolation. */
  private static double quantile(double[] sorted, double share) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(sorted.length - 1, below + 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  /**
   * The contenders by seconds to the least target, those that reach it first, then by the least Φ.
   * Each has the figures of that target under {@code target}; the medians are those of all its
   * runs, unknown where half of them or more did not come there.
   */
  private List<ObjectNode> ranked(JsonNode runs) {
    double least = targets.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
    List<ObjectNode> ranked = Json.members(runs);
    for (ObjectNode run : ranked) {
      if (run.path("targets").get(Double.toString(least)) instanceof ObjectNode figures) {
        int reached = figures.path("reached").asInt();
        ObjectNode target = run.putObject("target").put("value", least).put("reached", reached);
        if (2 * reached > figures.path("of").asInt()) {
          target.setAll(figures);
        }
      }
    }
    ranked.sort(
        Comparator.<ObjectNode>comparingDouble(run -> known(run, "target/seconds/median"))
            .thenComparingDouble(run -> known(run, "leastUpperObjective/median")));
    return ranked;
  }

  private static double known(JsonNode run, String path) {
    double figure = Json.number(run, path);
    return Double.isNaN(figure) ? Double.MAX_VALUE : figure;
  }

  private static String sentence(JsonNode run) {
    String name = Json.text(run, "name");
    if (run.has("objection")) {
      return name + " does not apply: " + Json.text(run, "objection");
    }
    double seconds = Json.number(run, "target/seconds/median");
    String target =
        Double.isNaN(seconds)
            ? ""
            : String.format(
                Locale.ROOT,
                ", target after %.2f s and %,.0f passes",
                seconds,
                Json.number(run, "target/passes/median"));
    return String.format(
        Locale.ROOT,
        "%s: median least upper objective %.6f%s",
        name,
        Json.number(run, "leastUpperObjective/median"),
        target);
  }
}
