package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.Benchmark;
import io.github.sparkbilevel.bilevel.Benchmark.Curve;
import io.github.sparkbilevel.bilevel.Benchmark.Point;
import io.github.sparkbilevel.bilevel.Contender;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.output.OutputFolder;
import io.github.sparkbilevel.job.report.BenchmarkPage;
import io.github.sparkbilevel.job.report.BenchmarkReport;
import io.github.sparkbilevel.ml.PreparedData;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * What a benchmark found, in the shapes of its outputs.
 *
 * @param curves every run
 * @param targets values of Φ
 * @param contenders the algorithms, in the order of the job file
 */
record BenchmarkOutputs(List<Curve> curves, List<Double> targets, List<Contender> contenders) {

  /** A line for every point of every run; what is not known is empty. */
  void writeResults(OutputFolder output) throws IOException {
    try (BufferedWriter csv =
        new BufferedWriter(
            new OutputStreamWriter(output.create("results.csv"), StandardCharsets.UTF_8))) {
      csv.write(
          "run,algorithm,seed,iteration,seconds,passes,rows,gradients,products,upperObjective,"
              + "testLoss,testAccuracy\n");
      for (Curve curve : curves) {
        for (Point point : curve.points()) {
          csv.write(
              String.join(
                      ",",
                      Csv.quoted(curve.contender().text()),
                      curve.contender().algorithm(),
                      Long.toString(curve.seed()),
                      Integer.toString(point.iteration()),
                      number(point.seconds()),
                      Integer.toString(point.cost().passes()),
                      count(point.cost().rows()),
                      count(point.cost().gradients()),
                      count(point.cost().products()),
                      number(point.upperObjective()),
                      point.test().rows() == 0 ? "" : number(point.test().loss()),
                      point.test().rows() == 0 ? "" : number(point.test().accuracy()))
                  + "\n");
        }
      }
    }
  }

  private static String number(double value) {
    return Double.isFinite(value) ? Double.toString(value) : "";
  }

  private static String count(long value) {
    return value < 0 ? "" : Long.toString(value);
  }

  void writeSummary(
      JobContext context, PreparedData data, Curvature.Choice choice, double[] loadAndSolve)
      throws IOException {
    Map<String, Object> summary = new LinkedHashMap<>();
    SummaryHead.addTo(summary, context, data);
    summary.put("variables", context.config().upper().variables());
    summary.put("curvature", choice.curvature().label());
    summary.put("curvatureReason", choice.reason());
    Map<String, Object> runs = new LinkedHashMap<>();
    for (Contender contender : contenders) {
      runs.put(contender.text(), ofContender(contender));
    }
    summary.put("runs", runs);
    Map<String, Object> seconds = new LinkedHashMap<>();
    seconds.put("total", context.totalSeconds());
    seconds.put("startup", context.startupSeconds());
    seconds.put("load", loadAndSolve[0]);
    seconds.put("solve", loadAndSolve[1]);
    summary.put("seconds", seconds);
    context.output().writeText(OutputFolder.SUMMARY, Json.pretty(summary));
  }

  private List<Curve> of(Contender contender) {
    return curves.stream().filter(curve -> curve.contender().equals(contender)).toList();
  }

  private Map<String, Object> ofContender(Contender contender) {
    List<Curve> own = of(contender);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("algorithm", contender.algorithm());
    map.put("options", contender.options());
    if (own.get(0).objection() != null) {
      map.put("objection", own.get(0).objection());
      return map;
    }
    map.put("repetitions", own.size());
    map.put(
        "statuses",
        own.stream().map(curve -> curve.status().name().toLowerCase(Locale.ROOT)).toList());
    map.put("leastUpperObjective", quartiles(own.stream().map(Curve::least).toList()));
    map.put("passes", quartiles(last(own, point -> point.cost().passes())));
    map.put("seconds", quartiles(last(own, Point::seconds)));
    Map<String, Object> reached = new LinkedHashMap<>();
    for (double target : targets) {
      reached.put(Double.toString(target), reached(own, target));
    }
    map.put("targets", reached);
    return map;
  }

  private static Map<String, Object> reached(List<Curve> own, double target) {
    List<Point> first =
        own.stream().map(curve -> curve.reached(target)).flatMap(Optional::stream).toList();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("reached", first.size());
    map.put("of", own.size());
    if (!first.isEmpty()) {
      map.put("seconds", quartiles(first.stream().map(Point::seconds).toList()));
      map.put(
          "passes",
          quartiles(first.stream().map(point -> (double) point.cost().passes()).toList()));
      if (first.get(0).cost().rows() >= 0) {
        map.put(
            "rows", quartiles(first.stream().map(point -> (double) point.cost().rows()).toList()));
      }
    }
    return map;
  }

  private static List<Double> last(List<Curve> own, ToDoubleFunction<Point> figure) {
    return own.stream()
        .map(curve -> figure.applyAsDouble(curve.points().get(curve.points().size() - 1)))
        .toList();
  }

  private static Map<String, Double> quartiles(List<Double> numbers) {
    return Benchmark.quartiles(numbers);
  }

  void writeReport(JobContext context, RunFacts facts) throws IOException {
    Map<String, Double> seconds = new LinkedHashMap<>();
    seconds.put("all", context.totalSeconds());
    BenchmarkReport report =
        new BenchmarkReport(
            facts.report(seconds),
            targets,
            contenders.stream().map(this::row).sorted(order()).toList(),
            curves.stream()
                .filter(curve -> curve.objection() == null)
                .map(BenchmarkOutputs::course)
                .toList());
    context.output().writeText("report.html", BenchmarkPage.html(report));
  }

  /** By seconds to the least target, those that reach it first, then by the least Φ. */
  private Comparator<BenchmarkReport.Row> order() {
    return Comparator.<BenchmarkReport.Row>comparingDouble(
            row -> Double.isNaN(row.secondsToTarget()) ? Double.MAX_VALUE : row.secondsToTarget())
        .thenComparingDouble(row -> Double.isNaN(row.least()) ? Double.MAX_VALUE : row.least());
  }

  private BenchmarkReport.Row row(Contender contender) {
    List<Curve> own = of(contender);
    if (own.get(0).objection() != null) {
      return BenchmarkReport.Row.refused(contender.text(), own.get(0).objection());
    }
    double target = targets.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
    List<Point> reached =
        own.stream().map(curve -> curve.reached(target)).flatMap(Optional::stream).toList();
    // The median of all runs: unknown where half of them or more did not come there.
    boolean known = 2 * reached.size() > own.size();
    return new BenchmarkReport.Row(
        contender.text(),
        "",
        own.size(),
        reached.size(),
        known ? median(reached.stream().map(Point::seconds).toList()) : Double.NaN,
        known
            ? median(reached.stream().map(point -> (double) point.cost().passes()).toList())
            : Double.NaN,
        known && reached.get(0).cost().rows() >= 0
            ? median(reached.stream().map(point -> (double) point.cost().rows()).toList())
            : Double.NaN,
        median(own.stream().map(Curve::least).toList()),
        median(last(own, point -> point.cost().passes())),
        median(last(own, Point::seconds)));
  }

  private static double median(List<Double> numbers) {
    return Benchmark.quartiles(numbers).get("median");
  }

  private static BenchmarkReport.Course course(Curve curve) {
    return new BenchmarkReport.Course(
        curve.contender().text(),
        curve.seed(),
        curve.points().stream()
            .map(
                point ->
                    new BenchmarkReport.Step(
                        point.seconds(),
                        point.cost().passes(),
                        point.cost().rows(),
                        point.cost().gradients(),
                        point.cost().products(),
                        point.upperObjective()))
            .toList());
  }

  /** A line for each contender, in the order of the table. */
  List<String> sentences() {
    return contenders.stream()
        .map(this::row)
        .sorted(order())
        .map(BenchmarkOutputs::sentence)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static String sentence(BenchmarkReport.Row row) {
    if (!row.objection().isEmpty()) {
      return row.name() + " does not apply: " + row.objection();
    }
    String target =
        Double.isNaN(row.secondsToTarget())
            ? ""
            : String.format(
                Locale.ROOT,
                ", target after %.2f s and %,.0f passes",
                row.secondsToTarget(),
                row.passesToTarget());
    return String.format(
        Locale.ROOT, "%s: median least upper objective %.6f%s", row.name(), row.least(), target);
  }
}
