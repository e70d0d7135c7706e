package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.problem.Tally;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The course of a run, for {@code history.jsonl} and for the person who watches. */
final class History {
  /** λ of more entries is not written out in every line. */
  private static final int MOST_LAMBDA = 100;

  private History() {}

  /** A line for each iteration. */
  static String lines(List<IterationRecord> history, Curvature curvature, boolean classes) {
    StringBuilder lines = new StringBuilder();
    history.forEach(record -> lines.append(line(record, curvature, classes)));
    return lines.toString();
  }

  /** The line of an iteration. */
  static String line(IterationRecord record, Curvature curvature, boolean classes) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("iteration", record.iteration());
    line.put("passes", record.passes());
    line.put("seconds", record.seconds());
    line.put("upperObjective", record.upper().loss());
    line.put("heldOutObjective", record.heldOut().loss());
    line.put("lowerObjective", record.lowerObjective());
    line.put("lowerGradientNorm", record.lowerGradientNorm());
    line.put("hypergradientNorm", record.hypergradientNorm());
    line.put("curvature", curvature.label());
    line.put("products", record.products());
    line.put("stepLength", record.stepLength());
    line.put("evaluations", record.evaluations());
    line.put("heldOutAccuracy", record.heldOut().accuracy());
    if (record.test().rows() > 0) {
      if (classes) {
        line.put("testAccuracy", record.test().accuracy());
      } else {
        line.put("testRmse", record.test().rootMeanSquaredError());
      }
      line.put("testLoss", record.test().loss());
    }
    if (record.lambda().length > 0 && record.lambda().length <= MOST_LAMBDA) {
      line.put("lambda", record.lambda());
    }
    return Json.line(line);
  }

  /** Tells how an iteration went. */
  static void show(Console console, IterationRecord record, int iterations) {
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "iteration %d/%d  passes %d  F %.4f  G %.4f",
            record.iteration(),
            iterations,
            record.passes(),
            record.upper().loss(),
            record.lowerObjective()));
    append(line, "held-out", record.heldOut());
    append(line, "test", record.test());
    console.progress(
        line.append(String.format(Locale.ROOT, "  %.1f s", record.seconds()))
            .append(timeLeft(record, iterations))
            .toString());
  }

  /**
   * What the iterations left will take if they take as long as those before; a run may end sooner.
   */
  static String timeLeft(IterationRecord record, int iterations) {
    int done = record.iteration();
    if (done == 0 || done >= iterations) {
      return "";
    }
    double seconds = record.seconds() / done * (iterations - done);
    return seconds < 90
        ? String.format(Locale.ROOT, ", about %.0f s left", Math.ceil(seconds))
        : String.format(Locale.ROOT, ", about %.0f min left", Math.ceil(seconds / 60));
  }

  private static void append(StringBuilder line, String name, Tally tally) {
    if (tally.rows() > 0) {
      line.append(String.format(Locale.ROOT, "  %s loss %.4f", name, tally.loss()));
      if (!Double.isNaN(tally.accuracy())) {
        line.append(String.format(Locale.ROOT, " accuracy %.4f", tally.accuracy()));
      }
    }
  }
}
