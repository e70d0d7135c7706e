package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.bilevel.PenaltySearch.Found;
import io.github.sparkbilevel.bilevel.PenaltySearch.Trial;
import io.github.sparkbilevel.bilevel.TuningResult;
import io.github.sparkbilevel.job.report.Histogram;
import io.github.sparkbilevel.job.report.TuningReport;
import io.github.sparkbilevel.ml.TuningRun;
import io.github.sparkbilevel.problem.PassLedger.Phase;
import io.github.sparkbilevel.problem.Tally;
import io.github.sparkbilevel.settings.Keys;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/** Fills the report page of a tuning job from its summary. */
record TuneReport(TuneSummary summary) {
  private static final int BINS = 40;
  private static final Map<String, String> MODELS =
      Map.of(
          Keys.GRID, "best single penalty of the grid",
          Keys.RANDOM, "best of the random penalties",
          Keys.MLLIB, "MLlib with the best penalty of its grid");
  private static final Map<String, String> UNITS =
      Map.of(
          Keys.L2, "penalties",
          Keys.L2_PER_CLASS, "classes",
          Keys.L2_PER_FEATURE, "features",
          Keys.L2_PER_COEFFICIENT, "coefficients",
          Keys.L2_PER_GROUP, "groups");

  TuningReport build() {
    TuningResult result = summary.run().result();
    return new TuningReport(
        new RunFacts(
                summary.context(),
                summary.run().data(),
                summary.run().curvature(),
                summary.ledger(),
                "validation")
            .report(summary.seconds()),
        headline(),
        result.history().stream().map(this::iterate).toList(),
        result.bestIteration(),
        candidates(),
        searches(),
        hyperparameters());
  }

  private boolean isReal() {
    return summary.run().problem().model().loss().classes() == 0;
  }

  private double rmse(Tally tally) {
    return isReal() ? tally.rootMeanSquaredError() : Double.NaN;
  }

  private TuningReport.Headline headline() {
    Found grid = summary.run().searches().get(Keys.GRID);
    TuningRun.Selected selected = summary.run().selected();
    return new TuningReport.Headline(
        summary.run().result().history().get(0).upper().loss(),
        selected.upperObjective(),
        grid == null || grid.best() < 0 ? Double.NaN : grid.bestTrial().upper().loss(),
        isReal() ? "test RMSE" : "test accuracy",
        isReal() ? rmse(selected.test()) : selected.test().accuracy());
  }

  private TuningReport.Iterate iterate(IterationRecord record) {
    return new TuningReport.Iterate(
        record.iteration(),
        record.evaluations(),
        record.passes(),
        record.seconds(),
        record.upper().loss(),
        record.heldOut().loss(),
        record.lowerObjective(),
        record.lowerGradientNorm(),
        record.hypergradientNorm(),
        record.test().loss(),
        record.test().accuracy(),
        rmse(record.test()));
  }

  private List<TuningReport.Candidate> candidates() {
    TuningResult result = summary.run().result();
    String selected = summary.run().selected().name();
    List<TuningReport.Candidate> candidates = new ArrayList<>();
    IterationRecord last = result.history().get(result.history().size() - 1);
    candidates.add(
        new TuningReport.Candidate(
            "tuned by hypergradient",
            result.evaluations(),
            result.upperObjective(),
            result.test().loss(),
            result.test().accuracy(),
            rmse(result.test()),
            summary.ledger().passes(Phase.OUTER),
            last.seconds(),
            summary.run().seconds().solve(),
            selected.equals(TuningRun.TUNED)));
    summary
        .run()
        .searches()
        .forEach(
            (name, found) -> {
              if (found.best() >= 0) {
                candidates.add(candidate(name, found, selected));
              }
            });
    if (summary.mllib() != null) {
      candidates.add(
          new TuningReport.Candidate(
              MODELS.get(Keys.MLLIB),
              summary.mllib().penalties().length,
              summary.mllib().upperObjective(),
              Double.NaN,
              Double.NaN,
              Double.NaN,
              -1,
              Double.NaN,
              summary.mllib().seconds(),
              false));
    }
    return candidates;
  }

  private TuningReport.Candidate candidate(String name, Found found, String selected) {
    Trial best = found.bestTrial();
    Trial last = found.trials().get(found.trials().size() - 1);
    return new TuningReport.Candidate(
        MODELS.get(name),
        found.trials().size(),
        best.upper().loss(),
        best.test().loss(),
        best.test().accuracy(),
        rmse(best.test()),
        last.passes(),
        best.seconds(),
        last.seconds(),
        name.equals(selected));
  }

  /** Of ours alone: MLlib measures its losses on rows that it cuts itself. */
  private List<TuningReport.Search> searches() {
    List<TuningReport.Search> searches = new ArrayList<>();
    summary
        .run()
        .searches()
        .forEach(
            (name, found) ->
                searches.add(
                    new TuningReport.Search(
                        name, found.trials().stream().map(TuneReport::trial).toList())));
    return searches;
  }

  private static TuningReport.Trial trial(Trial trial) {
    double penalty = trial.lambda().length == 1 ? Math.exp(trial.lambda()[0]) : Double.NaN;
    return new TuningReport.Trial(penalty, trial.passes(), trial.seconds(), trial.upper().loss());
  }

  private TuningReport.Hyperparameters hyperparameters() {
    int from = summary.run().problem().rows().size();
    double[] lambda = summary.run().result().lambda();
    List<String> names = summary.run().names();
    double[][] bounds = summary.run().bounds();
    Comparator<Integer> rising =
        Comparator.<Integer>comparingDouble(j -> lambda[j]).thenComparing(j -> j);
    // No penalty is both among the largest and among the smallest.
    int free = (int) (lambda.length - from - summary.run().droppedCount());
    List<Integer> smallest = first(free / 2, from, lambda, rising, bounds[1]);
    List<Integer> largest = first(free - free / 2, from, lambda, rising.reversed(), bounds[1]);
    long atLower =
        IntStream.range(from, lambda.length).filter(j -> lambda[j] <= bounds[0][j]).count();
    return new TuningReport.Hyperparameters(
        UNITS.get(summary.context().config().upper().penalty().orElseThrow()),
        lambda.length - from,
        summary.run().droppedCount(),
        atLower,
        summary.run().dropped(TuningReport.MOST_DROPPED),
        penalties(largest, names, lambda),
        penalties(smallest, names, lambda),
        histogram(from, lambda),
        paths(largest, smallest, names));
  }

  /** The first penalties in an order, at most so many; those on the upper bound are left out. */
  private static List<Integer> first(
      int most, int from, double[] lambda, Comparator<Integer> order, double[] high) {
    PriorityQueue<Integer> last = new PriorityQueue<>(order.reversed());
    for (int j = from; j < lambda.length; j++) {
      if (lambda[j] < high[j]) {
        last.add(j);
        if (last.size() > Math.min(most, TuningReport.MOST_PENALTIES)) {
          last.poll();
        }
      }
    }
    return last.stream().sorted(order).toList();
  }

  private static List<TuningReport.Penalty> penalties(
      List<Integer> chosen, List<String> names, double[] lambda) {
    return chosen.stream().map(j -> new TuningReport.Penalty(names.get(j), lambda[j])).toList();
  }

  private static Histogram histogram(int from, double[] lambda) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (int j = from; j < lambda.length; j++) {
      low = Math.min(low, lambda[j]);
      high = Math.max(high, lambda[j]);
    }
    if (!(low < high)) {
      return null;
    }
    long[] counts = new long[BINS];
    for (int j = from; j < lambda.length; j++) {
      counts[(int) Math.min(BINS - 1, BINS * (lambda[j] - low) / (high - low))]++;
    }
    return Histogram.of(low, high, counts, null);
  }

  /** The ways of some of the largest and smallest penalties, where the history has them. */
  private List<TuningReport.Path> paths(
      List<Integer> largest, List<Integer> smallest, List<String> names) {
    List<IterationRecord> history = summary.run().result().history();
    if (history.get(0).lambda().length == 0) {
      return List.of();
    }
    int half = TuningReport.MOST_PATHS / 2;
    List<Integer> chosen = new ArrayList<>(largest.subList(0, Math.min(half, largest.size())));
    smallest.stream().filter(j -> !chosen.contains(j)).limit(half).forEach(chosen::add);
    List<TuningReport.Path> paths = new ArrayList<>();
    for (int j : chosen) {
      paths.add(
          new TuningReport.Path(
              names.get(j), history.stream().map(record -> record.lambda()[j]).toList()));
    }
    return paths;
  }
}
