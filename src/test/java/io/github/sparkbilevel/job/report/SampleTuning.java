package io.github.sparkbilevel.job.report;

import io.github.sparkbilevel.job.report.RunReport.DataSource;
import io.github.sparkbilevel.job.report.RunReport.Facts;
import io.github.sparkbilevel.job.report.RunReport.PassGroup;
import io.github.sparkbilevel.job.report.RunReport.Timing;
import io.github.sparkbilevel.job.report.TuningReport.Candidate;
import io.github.sparkbilevel.job.report.TuningReport.Headline;
import io.github.sparkbilevel.job.report.TuningReport.Hyperparameters;
import io.github.sparkbilevel.job.report.TuningReport.Iterate;
import io.github.sparkbilevel.job.report.TuningReport.Path;
import io.github.sparkbilevel.job.report.TuningReport.Penalty;
import io.github.sparkbilevel.job.report.TuningReport.Search;
import io.github.sparkbilevel.job.report.TuningReport.Trial;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Made-up reports of tuning jobs that look like real ones, the same on every call. */
final class SampleTuning {
  static final double NONE = Double.NaN;
  static final double UPPER_BOUND = Math.log(1e4);

  private SampleTuning() {}

  /** A report with every part, for a problem of so many features. */
  static TuningReport full(int features) {
    return new TuningReport(
        run("reuters, a penalty per feature", features),
        new Headline(0.693147, 0.203498, 0.2108, "test accuracy", 0.9137),
        history(40),
        40,
        candidates(),
        List.of(
            new Search("grid", gridTrials(0.2108, 22, 0.9)),
            new Search("random", randomTrials()),
            new Search("MLlib grid", gridTrials(0.21081, -1, 3.4))),
        penalties(features, history(40).size()));
  }

  /** A report after a start and nothing else, without baselines and without a test set. */
  static TuningReport single() {
    return new TuningReport(
        run("one iteration", 22),
        new Headline(NONE, 0.52164250, NONE, null, NONE),
        List.of(
            new Iterate(0, 1, 9, 0.31, 0.52164250, NONE, 0.5471, 3.1e-9, 0.0458, NONE, NONE, NONE)),
        0,
        List.of(new Candidate("tuned", 1, 0.52164250, NONE, NONE, NONE, 9, 0.31, 0.31, true)),
        null,
        new Hyperparameters(
            "features",
            1,
            0,
            0,
            null,
            List.of(new Penalty("all", -2)),
            null,
            Histogram.of(-24, 10, new long[] {0, 1, 0}, null),
            List.of(new Path("all", List.of(-2.0)))));
  }

  /** A report with nothing but the facts of the run. */
  static TuningReport bare() {
    return new TuningReport(
        new RunReport(facts("bare", 4), null, null, null, null), null, null, -1, null, null, null);
  }

  static RunReport run(String title, int features) {
    return new RunReport(
        facts(title, features),
        List.of(
            new PassGroup("solve: newton", "value, gradient", 96, 3_187_200, 3_187_400, 6.1, 598),
            new PassGroup("solve: cg", "H·v", 212, 14_664_000, 14_834_000, 9.7, 2056),
            new PassGroup("upper", "value, gradient, mixed product", 41, 998_000, 997_000, 7, 301)),
        List.of(new Timing("load", 1.087), new Timing("solve", 4.903), new Timing("write", 0.314)),
        "job = tune\nupper { variable = l2-per-feature }\n",
        List.of("The feature \"w7\" occurs in the validation rows only."));
  }

  private static Facts facts(String title, int features) {
    return new Facts(
        title,
        "tune",
        List.of(
            new DataSource("train", "shared/reuters.svm.bz2", 7000),
            new DataSource("validation", "a third of the training rows", 2333)),
        features,
        -1,
        "logistic",
        "l2-per-feature",
        "lbfgs",
        "nystrom-cg",
        42,
        "0.2.0",
        "2025-11-25 10:15 UTC",
        "local[2]");
  }

  static List<Iterate> history(int iterations) {
    List<Iterate> history = new ArrayList<>();
    for (int k = 0; k <= iterations; k++) {
      double fall = Math.exp(-k / 5.0);
      history.add(
          new Iterate(
              k,
              k + 1L + k / 7,
              9 + 9L * k,
              0.31 + 0.115 * k,
              0.203498 + 0.489649 * (fall - (double) k / iterations * Math.exp(-iterations / 5.0)),
              0.2133 + 0.48 * fall,
              0.19 + 0.5 * fall,
              1e-5 * fall * (1 + k % 3),
              0.05 * fall + 2e-5,
              0.2121 + 0.478 * fall,
              0.9137 - 0.38 * fall,
              NONE));
    }
    return history;
  }

  static List<Trial> gridTrials(double best, int passesEach, double secondsEach) {
    return IntStream.range(0, 17)
        .mapToObj(
            i -> {
              double exponent = 4 - i * 0.875;
              return new Trial(
                  Math.pow(10, exponent),
                  passesEach < 0 ? -1 : (i + 1L) * passesEach,
                  (i + 1) * secondsEach,
                  Math.min(0.6931, best + 0.012 * Math.pow(exponent + 3.875, 2)));
            })
        .toList();
  }

  private static List<Trial> randomTrials() {
    return IntStream.range(0, 30)
        .mapToObj(i -> new Trial(NONE, 20 + 14L * i, 0.6 + 0.31 * i, 0.31 + 0.03 * (i * 7 % 11)))
        .toList();
  }

  static List<Candidate> candidates() {
    return List.of(
        new Candidate("tuned penalties", 46, 0.203498, 0.2121, 0.9137, NONE, 369, 4.91, 4.91, true),
        new Candidate("start", 1, 0.693147, 0.6902, 0.5337, NONE, 9, 0.31, 0.31, false),
        new Candidate(
            "best single penalty of the grid",
            17,
            0.2108,
            0.2199,
            0.9084,
            NONE,
            374,
            8.1,
            15.3,
            false),
        new Candidate("random search", 30, 0.31, 0.3214, 0.8699, NONE, 426, 0.6, 9.59, false),
        new Candidate(
            "Spark MLlib, best of the grid",
            17,
            0.21081,
            0.21991,
            0.9083,
            NONE,
            -1,
            30.6,
            57.8,
            false));
  }

  static Hyperparameters penalties(int features, int iterations) {
    long[] counts = new long[30];
    for (int bin = 0; bin < 30; bin++) {
      counts[bin] = Math.round(features / 14.0 * Math.exp(-Math.pow((bin - 17) / 5.0, 2) / 2));
    }
    counts[29] = features / 8;
    List<Path> paths = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      int path = i;
      paths.add(
          new Path(
              "word_" + i,
              IntStream.range(0, iterations)
                  .mapToObj(k -> Math.min(UPPER_BOUND, (path - 6) * (1 - Math.exp(-k / 8.0)) * 2))
                  .toList()));
    }
    return new Hyperparameters(
        "features",
        features,
        features / 8,
        3,
        IntStream.range(0, Math.min(features / 8, TuningReport.MOST_DROPPED + 5))
            .mapToObj(i -> "dropped_" + i)
            .toList(),
        IntStream.range(0, 25).mapToObj(i -> new Penalty("big_" + i, 9 - 0.3 * i)).toList(),
        IntStream.range(0, 25).mapToObj(i -> new Penalty("small_" + i, -23 + 0.4 * i)).toList(),
        Histogram.of(Math.log(1e-10), UPPER_BOUND, counts, null),
        paths);
  }
}
