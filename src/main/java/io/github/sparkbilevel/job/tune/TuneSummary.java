package io.github.sparkbilevel.job.tune;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.bilevel.PenaltySearch.Found;
import io.github.sparkbilevel.bilevel.PenaltySearch.Trial;
import io.github.sparkbilevel.bilevel.Solution;
import io.github.sparkbilevel.bilevel.TuningResult;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.Summaries;
import io.github.sparkbilevel.ml.TuningRun;
import io.github.sparkbilevel.ml.TuningSummary;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.settings.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The figures of a tuning job, as {@code summary.json} shows them.
 *
 * @param mllib what MLlib's grid found, or null
 */
record TuneSummary(TuningRun run, MllibSearch.Found mllib) {

  private static final Map<String, String> MODELS =
      Map.of(
          TuningRun.TUNED, "tuned by hypergradient",
          Keys.GRID, "best single penalty of the grid",
          Keys.RANDOM, "best of the random penalties",
          Keys.CROSS_VALIDATION, "one penalty by cross-validation",
          Keys.CROSS_VALIDATION_BY_VARIANCE, "two penalties by variance, by cross-validation",
          Keys.MLLIB, "MLlib with the best penalty of its grid");

  /** The summary, its seconds left to be filled in. */
  ObjectNode of(JobContext context) {
    Optional<ArrayNode> byLabel = LabelFigures.of(run, context.config().solver().backend());
    TuningSummary found = TuningSummary.of(run);
    ObjectNode summary = Summaries.of(context, run);
    summary.set("variables", Json.tree(context.config().upper().variables()));
    summary.put("hyperparameters", run.problem().sharedSize());
    summary.setAll(Json.<ObjectNode>tree(found.tuning()));
    summary.remove("sensitivity");
    found
        .sensitivity()
        .map(sensitivity -> new SensitivityFigures(sensitivity, run.names()).summary())
        .ifPresent(figures -> summary.set("sensitivity", figures));
    summary.put("startObjective", start());
    if (run.folds() > 0) {
      summary.put("folds", run.folds());
    }
    summary.set("metrics", metrics());
    byLabel.ifPresent(figures -> summary.set("metricsByLabel", figures));
    refit(run.selected().name())
        .ifPresent(
            figures -> {
              figures
                  .put("rows", run.refits().rows())
                  .put("passes", run.refits().passes())
                  .put("seconds", run.refits().seconds())
                  .set("before", test(run.selected().solution().test()));
              summary.set("refit", figures);
            });
    gain().ifPresent(figures -> summary.set("gain", figures));
    run.judgement().ifPresent(figures -> summary.set("judgement", Json.tree(figures)));
    summary.set("dropped", Json.tree(found.dropped()));
    summary.set("baselines", baselines());
    summary.put("selected", found.selected());
    summary.set("ledger", Summaries.ledger(ledger()));
    return summary;
  }

  private PassLedger ledger() {
    return run.engine().ledger();
  }

  private double start() {
    return run.course().history().get(0).figures().upper().loss();
  }

  /** Those of the model that is saved; of validation rows, before it was fitted on them too. */
  private ObjectNode metrics() {
    return metrics(run.model().test(), run.selected().solution().upper());
  }

  private ObjectNode metrics(Solution solution) {
    return metrics(solution.test(), solution.upper());
  }

  /** The test figures of a model that was fitted once more. */
  private Optional<ObjectNode> refit(String name) {
    return Optional.ofNullable(run.refits().models().get(name)).map(model -> test(model.test()));
  }

  private ObjectNode test(Tally test) {
    ObjectNode figures = Json.object();
    figures.put("testLoss", test.loss());
    Loss loss = run.problem().model().loss();
    if (loss instanceof SquaredLoss) {
      figures.put("testRmse", test.rootMeanSquaredError());
    } else if (loss.hasAccuracy()) {
      figures.put("testAccuracy", test.accuracy());
    }
    return figures;
  }

  /**
   * By how much the losses fell below those of the best single penalty of the grid, or of the start
   * where there was no grid, all models fitted on training rows alone.
   */
  private Optional<ObjectNode> gain() {
    Optional<Solution> grid =
        Optional.ofNullable(run.searches().get(Keys.GRID))
            .flatMap(Found::best)
            .map(Trial::solution);
    ModelFigures start = run.course().history().get(0).figures();
    Solution tuned = run.result().best();
    double test = grid.map(Solution::test).orElse(start.test()).loss() - tuned.test().loss();
    double validation =
        grid.map(Solution::upperObjective).orElse(start.upper().loss()) - tuned.upperObjective();
    return Double.isFinite(test) && validation > 0
        ? Optional.of(
            Json.object()
                .put("beside", grid.isPresent() ? Keys.GRID : "start")
                .put("validation", validation)
                .put("test", test)
                .put("fitToValidationRows", Math.max(0, Math.min(1, 1 - test / validation))))
        : Optional.empty();
  }

  private ObjectNode metrics(Tally test, Tally validation) {
    Loss loss = run.problem().model().loss();
    ObjectNode metrics = Json.object();
    if (loss instanceof SquaredLoss) {
      metrics
          .put("testRmse", test.rootMeanSquaredError())
          .put("validationRmse", validation.rootMeanSquaredError());
    } else if (loss.hasAccuracy()) {
      metrics.put("testAccuracy", test.accuracy()).put("validationAccuracy", validation.accuracy());
    }
    return metrics
        .put("testLoss", test.loss())
        .put("validationLoss", validation.loss())
        .put("heldOutAccuracy", Double.NaN)
        .put("heldOutLoss", Double.NaN);
  }

  private ObjectNode baselines() {
    ObjectNode baselines = Json.object();
    run.searches()
        .forEach(
            (name, found) -> {
              ObjectNode figures =
                  Keys.BY_FOLDS.contains(name) ? crossValidation(found) : search(found);
              refit(name).ifPresent(refit -> figures.set("refit", refit));
              baselines.set(name, figures);
            });
    if (mllib != null) {
      ObjectNode figures =
          baselines
              .putObject(Keys.MLLIB)
              .put("upperObjective", mllib.upperObjective())
              .put("penalty", mllib.penalty())
              .put("seconds", mllib.seconds());
      figures.setAll(reach(mllib.upperObjective()));
      figures.set("penalties", Json.tree(mllib.penalties()));
      figures.set("losses", Json.tree(mllib.losses()));
    }
    return baselines;
  }

  /** Penalties by folds of all rows, whose loss is not that of validation rows. */
  private static ObjectNode crossValidation(Found found) {
    ObjectNode figures = Json.object();
    found
        .best()
        .map(Trial::solution)
        .ifPresent(
            best -> {
              double[] lambda = best.lambda();
              if (lambda.length == 1) {
                figures.put("penalty", Math.exp(lambda[0]));
              } else {
                figures
                    .putObject("penalties")
                    .put("leastVariance", Math.exp(lambda[0]))
                    .put("greatestVariance", Math.exp(lambda[1]));
              }
              figures.put("foldLoss", best.upperObjective());
            });
    return figures.put("passes", found.last().passes()).put("seconds", found.last().seconds());
  }

  private ObjectNode search(Found found) {
    ObjectNode figures = Json.object();
    found
        .best()
        .ifPresent(
            best -> {
              figures.setAll(trial(best));
              figures.setAll(metrics(best.solution()));
              figures.put("secondsToBest", best.seconds());
              figures.setAll(reach(best.solution().upperObjective()));
            });
    figures
        .put("trials", found.trials().size())
        .put("passes", found.last().passes())
        .put("seconds", found.last().seconds());
    ArrayNode curve = figures.putArray("curve");
    found.trials().forEach(trial -> curve.add(trial(trial)));
    return figures;
  }

  private static ObjectNode trial(Trial trial) {
    ObjectNode figures = Json.object();
    Solution solution = trial.solution();
    if (solution.lambda().length == 1) {
      figures.put("penalty", Math.exp(solution.lambda()[0]));
    }
    return figures
        .put("upperObjective", solution.upperObjective())
        .put("testLoss", solution.test().loss())
        .put("passes", trial.passes())
        .put("seconds", trial.seconds());
  }

  /** When tuning had come as far as a value; not numbers when it never did. */
  private ObjectNode reach(double value) {
    Optional<IterationRecord> first =
        run.course().history().stream()
            .filter(record -> record.figures().upper().loss() <= value)
            .findFirst();
    return Json.object()
        .put("secondsToReach", first.map(record -> record.spent().seconds()).orElse(Double.NaN))
        .put(
            "evaluationsToReach",
            first.map(record -> (double) record.spent().evaluations()).orElse(Double.NaN));
  }

  /** The tuned model and those of the baselines, as the report compares them. */
  List<ObjectNode> candidates() {
    TuningResult result = run.result();
    List<IterationRecord> history = run.course().history();
    ObjectNode tuned =
        metrics(result.best())
            .put("name", TuningRun.TUNED)
            .put("trials", result.evaluations())
            .put("upperObjective", result.best().upperObjective())
            .put("passes", ledger().passes(Phase.OUTER))
            .put("secondsToBest", history.get(history.size() - 1).spent().seconds())
            .put("seconds", run.seconds().solve());
    refit(TuningRun.TUNED).ifPresent(figures -> tuned.set("refit", figures));
    List<ObjectNode> candidates = new ArrayList<>(List.of(tuned));
    candidates.addAll(Json.members(baselines()));
    candidates.removeIf(
        candidate -> !candidate.has("upperObjective") && !candidate.has("foldLoss"));
    for (ObjectNode candidate : candidates) {
      String name = Json.text(candidate, "name");
      if (name.equals(Keys.MLLIB)) {
        candidate.put("trials", mllib.penalties().length);
      }
      candidate.put("name", MODELS.get(name)).put("selected", name.equals(run.selected().name()));
    }
    return candidates;
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
                start(),
                result.best().upperObjective(),
                result.evaluations(),
                ledger().passes(Phase.OUTER),
                run.dropped().count(),
                run.problem().penaltySize(),
                run.selected().name()));
    if (run.problem().hasKinks()) {
      line.append(
          String.format(
              Locale.ROOT, "; %,d features in use", TuningSummary.NonZero.of(run).features()));
    }
    run.searches()
        .forEach(
            (name, found) ->
                found
                    .best()
                    .map(trial -> trial.solution().upperObjective())
                    .ifPresent(
                        loss ->
                            line.append(
                                String.format(Locale.ROOT, "; best of %s %.6f", name, loss))));
    return line.toString();
  }
}
