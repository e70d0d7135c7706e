package io.github.sparkbilevel.ml;

import com.fasterxml.jackson.annotation.JsonAlias;
import io.github.sparkbilevel.bilevel.PenaltySearch;
import io.github.sparkbilevel.bilevel.Sensitivity;
import io.github.sparkbilevel.bilevel.TuningResult;
import io.github.sparkbilevel.model.LinearModel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How a tuned model came about; saved with the model.
 *
 * @param run rows, course and cost of the run
 * @param tuning what tuning came to
 * @param selected the model that was taken: the tuned one, or that of a search that did better
 * @param searches what the searches found, by name
 * @param dropped what the penalties leave out of the model
 */
public record TuningSummary(
    RunSummary run, Tuning tuning, String selected, Map<String, Search> searches, Dropped dropped) {

  /**
   * What tuning came to.
   *
   * @param upperObjective validation loss of the tuned model
   * @param evaluations how often the upper objective was evaluated
   * @param products Hessian products spent
   * @param nonZero what the selected model is made of; null in models that were saved before
   * @param sensitivity of the validation loss to each penalty, in the order of the penalties; null
   *     where it was not asked for or not found
   */
  public record Tuning(
      double upperObjective,
      int evaluations,
      int products,
      NonZero nonZero,
      Sensitivity sensitivity) {}

  /**
   * What a model is made of.
   *
   * @param coefficients that are not 0, intercepts left out
   * @param features with such a coefficient
   */
  public record NonZero(int coefficients, int features) {
    /** Those of the selected model. */
    public static NonZero of(TuningRun run) {
      return of((LinearModel) run.problem().model(), run.model().theta());
    }

    /** Those of θ. */
    public static NonZero of(LinearModel model, double[] theta) {
      int q = model.columnLength();
      int[] used =
          IntStream.range(0, theta.length)
              .filter(j -> theta[j] != 0 && j % q < model.features())
              .toArray();
      int features = (int) Arrays.stream(used).map(j -> j % q).distinct().count();
      return new NonZero(used.length, features);
    }
  }

  /**
   * What a search found.
   *
   * @param upperObjective the least validation loss; NaN when no trial was usable
   * @param trials number of trials
   * @param passes passes of all of them
   * @param seconds seconds of all of them
   */
  public record Search(double upperObjective, int trials, int passes, double seconds) {
    private static Search of(PenaltySearch.Found found) {
      double best = found.best().map(trial -> trial.solution().upperObjective()).orElse(Double.NaN);
      PenaltySearch.Trial last = found.last();
      return new Search(best, found.trials().size(), last.passes(), last.seconds());
    }
  }

  /**
   * Penalties on their upper bound.
   *
   * @param count how many there are
   * @param names the first thousand of their names
   */
  public record Dropped(
      @JsonAlias("droppedCount") long count, @JsonAlias("dropped") List<String> names) {}

  /**
   * How the validation loss depends on each penalty near what was chosen, and which of them matter;
   * empty where that was not asked for, where weights of rows are tuned, and in models that were
   * saved before.
   */
  public Optional<Sensitivity> sensitivity() {
    return Optional.ofNullable(tuning.sensitivity());
  }

  /** The summary of a run. */
  public static TuningSummary of(TuningRun run) {
    TuningResult result = run.result();
    Map<String, Search> searches = new LinkedHashMap<>();
    run.searches().forEach((name, found) -> searches.put(name, Search.of(found)));
    return new TuningSummary(
        RunSummary.of(run),
        new Tuning(
            result.best().upperObjective(),
            result.evaluations(),
            result.products(),
            NonZero.of(run),
            run.sensitivity().orElse(null)),
        run.selected().name(),
        searches,
        run.dropped());
  }
}
