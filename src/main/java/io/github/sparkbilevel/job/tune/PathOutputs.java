package io.github.sparkbilevel.job.tune;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.bilevel.RegularizationPath;
import io.github.sparkbilevel.bilevel.RegularizationPath.Point;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.output.OutputFolder;
import io.github.sparkbilevel.job.report.PathLines;
import io.github.sparkbilevel.job.run.Csv;
import io.github.sparkbilevel.ml.TuningRun;
import io.github.sparkbilevel.ml.TuningSummary.NonZero;
import io.github.sparkbilevel.ml.prepare.Problems;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.problem.UpperFacts;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A regularisation path: its files, its part of the summary, and its lines in the report.
 *
 * @param model of every point
 * @param facts know the names of features and outputs
 * @param passes that it took
 * @param seconds that it took
 */
record PathOutputs(
    LinearModel model, UpperFacts facts, RegularizationPath path, int passes, double seconds) {
  private static final List<String> LOSS_COLUMNS =
      List.of("penalty", "loss", "standardError", "features", "coefficients");

  /** More lines in a picture cannot be told apart. */
  private static final int MOST_LINES = 40;

  /** Fits so many models. */
  static PathOutputs of(TuningRun run, int points) {
    long start = System.nanoTime();
    int before = run.engine().ledger().passes();
    RegularizationPath path = run.regularizationPath(points);
    LinearModel model = (LinearModel) run.problem().model();
    return new PathOutputs(
        model,
        Problems.facts(model, run.data()),
        path,
        run.engine().ledger().passes() - before,
        (System.nanoTime() - start) / 1e9);
  }

  /** Losses and counts by penalty, and every coefficient that is not 0. */
  void write(OutputFolder output) throws IOException {
    output.writeText(
        "path/losses.csv", Csv.of(LOSS_COLUMNS, path.points().stream().map(this::point).toList()));
    try (BufferedWriter csv = Csv.open(output, "path/coefficients.csv")) {
      csv.write("penalty,feature,output,coefficient\n");
      for (Point point : path.points()) {
        for (int j = 0; j < point.theta().length; j++) {
          if (point.theta()[j] != 0) {
            csv.write(point.penalty() + "," + Csv.quoted(feature(j)) + ",");
            csv.write(Csv.quoted(output(j)) + "," + point.theta()[j] + "\n");
          }
        }
      }
    }
  }

  private String feature(int j) {
    int feature = j % model.columnLength();
    return feature == model.features() ? UpperFacts.INTERCEPT : facts.feature(feature);
  }

  /** Empty where there is one output. */
  private String output(int j) {
    return model.outputs() == 1
        ? ""
        : Objects.requireNonNullElse(facts.output(j / model.columnLength()), "");
  }

  private ObjectNode point(Point point) {
    NonZero nonZero = NonZero.of(model, point.theta());
    return Json.object()
        .put("penalty", point.penalty())
        .put("loss", point.loss())
        .put("standardError", point.standardError())
        .put("features", nonZero.features())
        .put("coefficients", nonZero.coefficients());
  }

  /** What {@code summary.json} says. */
  ObjectNode summary() {
    ObjectNode summary = Json.object().put("passes", passes).put("seconds", seconds);
    path.best().ifPresent(best -> summary.set("best", point(best)));
    path.withinOneStandardError().ifPresent(point -> summary.set("oneStandardError", point(point)));
    summary.set("curve", Json.tree(path.points().stream().map(this::point).toList()));
    return summary;
  }

  /** The largest coefficients by penalty, intercepts left out. */
  PathLines lines() {
    double[] most = new double[model.size()];
    for (Point point : path.points()) {
      for (int j = 0; j < most.length; j++) {
        most[j] = Math.max(most[j], Math.abs(point.theta()[j]));
      }
    }
    List<Integer> largest =
        IntStream.range(0, most.length)
            .filter(j -> most[j] > 0 && !model.isIntercept(j))
            .boxed()
            .sorted(Comparator.<Integer>comparingDouble(j -> -most[j]).thenComparing(j -> j))
            .limit(MOST_LINES)
            .toList();
    List<PathLines.Line> lines = new ArrayList<>();
    for (int j : largest) {
      String output = output(j);
      lines.add(
          new PathLines.Line(
              output.isEmpty() ? feature(j) : feature(j) + ":" + output,
              path.points().stream().mapToDouble(point -> point.theta()[j]).toArray()));
    }
    return new PathLines(lines);
  }
}
