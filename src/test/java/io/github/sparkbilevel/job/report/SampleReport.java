package io.github.sparkbilevel.job.report;

import io.github.sparkbilevel.job.report.CleaningReport.Candidate;
import io.github.sparkbilevel.job.report.CleaningReport.Detection;
import io.github.sparkbilevel.job.report.CleaningReport.Headline;
import io.github.sparkbilevel.job.report.CleaningReport.Iterate;
import io.github.sparkbilevel.job.report.CleaningReport.LabelMatrix;
import io.github.sparkbilevel.job.report.CleaningReport.Ranking;
import io.github.sparkbilevel.job.report.CleaningReport.SuspiciousRow;
import io.github.sparkbilevel.job.report.RunReport.DataSource;
import io.github.sparkbilevel.job.report.RunReport.Facts;
import io.github.sparkbilevel.job.report.RunReport.PassGroup;
import io.github.sparkbilevel.job.report.RunReport.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Made-up reports that look like real ones, the same on every call. */
final class SampleReport {
  static final double NONE = Double.NaN;

  private SampleReport() {}

  /** A report with every part, with so many classes; the function draws a row, or gives null. */
  static CleaningReport full(int classes, IntFunction<Picture> draw) {
    return new CleaningReport(
        new RunReport(
            facts(classes),
            List.of(
                new PassGroup("warm-up", "value, gradient", 9, 187_200, 187_400, 6.1, 58.4),
                new PassGroup(
                    "advance",
                    "mixed product, value, gradient, H·u",
                    40,
                    1_664_000,
                    834_000,
                    9.7,
                    402),
                new PassGroup("hessian", "two-column product", 80, 3_328_000, 1_664_000, 5.2, 431),
                new PassGroup("score", "probabilities", 2, 10_400, 0, 14.3, 28.6)),
            List.of(
                new Timing("start Spark", 3.412),
                new Timing("load", 1.087),
                new Timing("solve", 4.903),
                new Timing("write", 2.114)),
            "job = clean\nseed = 42\ndata {\n  train { path = \"datasets/digits.csv\", limit = 1000 }\n}\n",
            List.of("The training rows and the trusted rows share 3 ids: rows 17, 240 and 388.")),
        new Headline(412, 1000, "test", 0.731, 0.941),
        history(),
        12,
        histogram(6, 1000),
        histogram(5, 1000),
        matrix(classes),
        suspicious(classes, draw),
        candidates(),
        new Detection(402, 412, 0.951, 0.975, 0.963, ranking(0.9942), ranking(0.9817)));
  }

  /** A report with nothing but the facts of the run. */
  static CleaningReport bare() {
    return new CleaningReport(
        new RunReport(
            new Facts(
                "bare",
                "clean",
                null,
                4,
                2,
                "logistic",
                "weight-function",
                "nbo",
                "exact",
                1,
                "0.1.0",
                "2025-11-21 17:15",
                "local[2]"),
            null,
            null,
            null,
            null),
        null,
        null,
        -1,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  static Facts facts(int classes) {
    return new Facts(
        "digits, 40 % of the labels redrawn",
        "clean",
        List.of(
            new DataSource("train", "datasets/digits.csv", 1000),
            new DataSource("trusted", "67 of 100 rows drawn by the seed", 67),
            new DataSource("held out", "33 of 100 rows drawn by the seed", 33),
            new DataSource("test", "the rest of datasets/digits.csv", 697)),
        64,
        classes,
        "softmax, l2 = 0.01",
        "weight-function",
        "nbo, 2 products, 40 iterations",
        "auto: exact (d = 650)",
        42,
        "0.1.0",
        "2025-11-21 17:15:03 UTC",
        "local[2]");
  }

  static List<Iterate> history() {
    List<Iterate> history = new ArrayList<>();
    for (int k = 1; k <= 40; k++) {
      double fall = Math.exp(-k / 6.0);
      double overfit = 0.0016 * Math.max(0, k - 12);
      history.add(
          new Iterate(
              k,
              9 + 3L * k,
              0.12 * k,
              0.21 + 1.1 * fall,
              0.33 + 1.05 * fall + overfit,
              0.48 + 0.6 * fall,
              0.3 * Math.exp(-k / 2.5) + 1e-6 * (1 + k % 3),
              0.05 * fall + 2e-4,
              0.93 - 0.2 * fall - overfit,
              0.31 + 1.0 * fall + overfit / 2,
              0.941 - 0.21 * fall - overfit / 2));
    }
    return history;
  }

  static Histogram histogram(int sharpness, long rows) {
    long[] all = new long[20];
    long[] wrong = new long[20];
    for (int bin = 0; bin < 20; bin++) {
      double x = (bin + 0.5) / 20;
      wrong[bin] = Math.round(0.4 * rows * sharpness / 12 * Math.exp(-sharpness * x * 1.6));
      all[bin] =
          wrong[bin] + Math.round(0.6 * rows * sharpness / 15 * Math.exp(-sharpness * (1 - x)));
    }
    return Histogram.of(0, 1, all, wrong);
  }

  static LabelMatrix matrix(int classes) {
    long[][] counts = new long[classes][classes];
    for (int i = 0; i < classes; i++) {
      for (int j = 0; j < classes; j++) {
        counts[i][j] = i == j ? 55 + i % 7 : Math.max(0, (i * 7 + j * 3) % 13 - 4);
      }
    }
    counts[classes - 1][0] = 31;
    return LabelMatrix.of(names(classes), counts);
  }

  static List<String> names(int classes) {
    return IntStream.range(0, classes)
        .mapToObj(c -> classes <= 10 ? Integer.toString(c) : String.valueOf((char) ('A' + c)))
        .toList();
  }

  static List<SuspiciousRow> suspicious(int classes, IntFunction<Picture> draw) {
    List<String> names = names(classes);
    List<SuspiciousRow> rows = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      int suggested = i * 7 % classes;
      rows.add(
          new SuspiciousRow(
              Integer.toString(i * 19 + 3),
              names.get((suggested + 1 + i % 3) % classes),
              names.get(suggested),
              1e-6 * Math.pow(1.2, i),
              0.002 + 0.0003 * i,
              names.get(i % 17 == 16 ? (suggested + 1) % classes : suggested),
              draw.apply(i)));
    }
    return rows;
  }

  static List<Candidate> candidates() {
    return List.of(
        new Candidate(
            "trained on the noisy labels", 0.727, 1.02, 0.96, 0.731, 0.998, 0.957, 0.938, false),
        new Candidate(
            "trained on the trusted rows", 0.848, 0.604, 0.581, 0.861, 0.571, 0.961, 0.952, false),
        new Candidate(
            "  refit on the rows it keeps", 0.909, 0.402, 0.371, 0.915, 0.377, NONE, NONE, false),
        new Candidate("confident learning", 0.879, 0.488, 0.47, 0.886, 0.462, 0.971, 0.958, false),
        new Candidate(
            "  refit on the rows it keeps", 0.909, 0.391, 0.364, 0.917, 0.369, NONE, NONE, false),
        new Candidate("cleaned", 0.939, 0.297, 0.296, 0.937, 0.308, NONE, NONE, false),
        new Candidate("bilevel model", 0.939, 0.288, 0.286, 0.941, 0.301, 0.994, 0.991, true));
  }

  private static Ranking ranking(double auroc) {
    return new Ranking(auroc, auroc - 0.003);
  }
}
