package io.github.sparkbilevel.job;

import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.bilevel.PenaltySearch.Found;
import io.github.sparkbilevel.bilevel.PenaltySearch.Trial;
import io.github.sparkbilevel.bilevel.TuningResult;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.config.Keys;
import io.github.sparkbilevel.ml.TuningRun;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.PassLedger;
import io.github.sparkbilevel.problem.PassLedger.Phase;
import io.github.sparkbilevel.problem.Tally;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The figures of a tuning job, as {@code summary.json} shows them.
 *
 * @param mllib what MLlib's grid found, or null
 */
record TuneSummary(
    JobContext context,
    TuningRun run,
    MllibSearch.Found mllib,
    double readSeconds,
    double writeSeconds) {

  /** Of more dropped features than this the summary gives the number alone. */
  private static final int MOST_NAMES = 1000;

  Map<String, Object> asMap() {
    JobConfig config = context.config();
    TuningResult result = run.result();
    Map<String, Object> map = new LinkedHashMap<>();
    SummaryHead.addTo(map, context, run.data());
    map.put("variables", config.upper().variables());
    map.put("hyperparameters", run.problem().sharedSize());
    map.put("algorithm", config.solver().algorithm());
    map.put("curvature", run.curvature().curvature().label());
    map.put("curvatureReason", run.curvature().reason());
    map.put("iterations", result.history().size() - 1);
    map.put("bestIteration", result.bestIteration());
    map.put("evaluations", result.evaluations());
    map.put("products", result.products());
    map.put("status", result.status().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    map.put("advice", result.status().advice());
    map.put("passes", ledger().passes(Phase.OUTER));
    map.put(
        "passesByPhase",
        LedgerRow.passesByPhase(
            ledger(), Phase.WARM_UP, Phase.OUTER, Phase.POLISH, Phase.BASELINES));
    map.put("seconds", seconds());
    map.put("upperObjective", result.upperObjective());
    map.put("startObjective", result.history().get(0).upper().loss());
    map.put("metrics", metrics(run.selected().test(), run.selected().upper()));
    Map<String, Object> dropped = new LinkedHashMap<>();
    List<String> names = run.dropped(MOST_NAMES);
    dropped.put("count", run.droppedCount());
    dropped.put("names", names);
    map.put("dropped", dropped);
    map.put("baselines", baselines());
    map.put("selected", run.selected().name());
    map.put("ledger", LedgerRow.of(ledger()));
    return map;
  }

  PassLedger ledger() {
    return run.engine().ledger();
  }

  Map<String, Double> seconds() {
    Map<String, Double> seconds = new LinkedHashMap<>();
    seconds.put("total", context.totalSeconds());
    seconds.put("startup", context.startupSeconds());
    seconds.put("load", readSeconds + run.seconds().load());
    seconds.put("solve", run.seconds().solve());
    for (Map.Entry<String, Found> search : run.searches().entrySet()) {
      List<Trial> trials = search.getValue().trials();
      seconds.put(search.getKey(), trials.get(trials.size() - 1).seconds());
    }
    if (mllib != null) {
      seconds.put(Keys.MLLIB, mllib.seconds());
    }
    seconds.put("write", writeSeconds);
    return seconds;
  }

  private Map<String, Object> metrics(Tally test, Tally validation) {
    Map<String, Object> map = new LinkedHashMap<>();
    Loss loss = run.problem().model().loss();
    if (loss instanceof SquaredLoss) {
      map.put("testRmse", test.rootMeanSquaredError());
      map.put("validationRmse", validation.rootMeanSquaredError());
    } else if (loss.classes() > 0) {
      map.put("testAccuracy", test.accuracy());
      map.put("validationAccuracy", validation.accuracy());
    }
    map.put("testLoss", test.loss());
    map.put("validationLoss", validation.loss());
    map.put("heldOutAccuracy", Double.NaN);
    map.put("heldOutLoss", Double.NaN);
    return map;
  }

  private Map<String, Object> baselines() {
    Map<String, Object> map = new LinkedHashMap<>();
    run.searches().forEach((name, found) -> map.put(name, search(found)));
    if (mllib != null) {
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("upperObjective", mllib.upperObjective());
      figures.put("penalty", mllib.penalty());
      figures.put("seconds", mllib.seconds());
      figures.put("secondsToReach", secondsToReach(mllib.upperObjective()));
      figures.put("penalties", mllib.penalties());
      figures.put("losses", mllib.losses());
      map.put(Keys.MLLIB, figures);
    }
    return map;
  }

  private Map<String, Object> search(Found found) {
    Map<String, Object> map = new LinkedHashMap<>();
    Trial last = found.trials().get(found.trials().size() - 1);
    if (found.best() >= 0) {
      Trial best = found.bestTrial();
      map.put("upperObjective", best.upper().loss());
      if (best.lambda().length == 1) {
        map.put("penalty", Math.exp(best.lambda()[0]));
      }
      map.putAll(metrics(best.test(), best.upper()));
      map.put("secondsToBest", best.seconds());
      map.put("secondsToReach", secondsToReach(best.upper().loss()));
      map.put("evaluationsToReach", evaluationsToReach(best.upper().loss()));
    }
    map.put("trials", found.trials().size());
    map.put("passes", last.passes());
    map.put("seconds", last.seconds());
    List<Map<String, Object>> curve = new ArrayList<>();
    for (Trial trial : found.trials()) {
      Map<String, Object> point = new LinkedHashMap<>();
      if (trial.lambda().length == 1) {
        point.put("penalty", Math.exp(trial.lambda()[0]));
      }
      point.put("upperObjective", trial.upper().loss());
      point.put("testLoss", trial.test().loss());
      point.put("passes", trial.passes());
      point.put("seconds", trial.seconds());
      curve.add(point);
    }
    map.put("curve", curve);
    return map;
  }

  /** When tuning had come as far as a value; NaN when it never did. */
  double secondsToReach(double value) {
    return firstAt(value) == null ? Double.NaN : firstAt(value).seconds();
  }

  private double evaluationsToReach(double value) {
    return firstAt(value) == null ? Double.NaN : firstAt(value).evaluations();
  }

  private IterationRecord firstAt(double value) {
    return run.result().history().stream()
        .filter(record -> record.upper().loss() <= value)
        .findFirst()
        .orElse(null);
  }

  /** What came out, in one line. */
  String sentence() {
    TuningResult result = run.result();
    StringBuilder line =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "F from %.6f to %.6f in %d evaluations, %d passes; %,d of %,d penalties at their"
                    + " upper bound; selected: %s",
                result.history().get(0).upper().loss(),
                result.upperObjective(),
                result.evaluations(),
                ledger().passes(Phase.OUTER),
                run.droppedCount(),
                run.problem().penalty().size(),
                run.selected().name()));
    for (Map.Entry<String, Found> search : run.searches().entrySet()) {
      if (search.getValue().best() >= 0) {
        line.append(
            String.format(
                Locale.ROOT,
                "; best of %s %.6f",
                search.getKey(),
                search.getValue().bestTrial().upper().loss()));
      }
    }
    return line.toString();
  }
}
