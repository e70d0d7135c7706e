package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.OuterCourse;
import io.github.sparkbilevel.bilevel.PenaltySearch;
import io.github.sparkbilevel.bilevel.RegularizationPath;
import io.github.sparkbilevel.bilevel.Sensitivity;
import io.github.sparkbilevel.bilevel.Solution;
import io.github.sparkbilevel.bilevel.TuningResult;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.settings.Keys;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The outcome of a tuning run; holds cached rows until it is closed. */
public final class TuningRun extends EstimatorRun {
  /** The name of the tuned model, beside those of the searches. */
  public static final String TUNED = "tuned";

  private static final int MOST_NAMES = 1000;

  private final double[][] bounds;
  private final Found found;
  private final PathSteps path;

  TuningRun(Setup setup, Means means, double[][] bounds, Found found, PathSteps path) {
    super(setup, means);
    this.bounds = bounds;
    this.found = found;
    this.path = path;
  }

  /**
   * What came of it.
   *
   * @param tuned by hypergradients
   * @param sensitivity of the upper objective to the tuned penalties
   * @param searches by name
   */
  record Found(
      TuningResult tuned,
      Optional<Sensitivity> sensitivity,
      Map<String, PenaltySearch.Found> searches,
      Refits refits,
      Folded folded) {}

  /**
   * What folds were for.
   *
   * @param count whose mean loss is the upper objective; 0 where that is of validation rows
   * @param judgement of what folds chose beside what validation rows chose; null without one
   */
  record Folded(int count, FoldJudgement judgement) {}

  /** The least and the greatest value of each entry of the driver's λ. */
  public double[][] bounds() {
    return bounds;
  }

  /** λ, the model and the history. */
  public TuningResult result() {
    return found.tuned;
  }

  /**
   * How the upper objective depends on each of the tuned penalties near what was chosen; empty
   * where that was not asked for, or weights of rows are tuned.
   */
  public Optional<Sensitivity> sensitivity() {
    return found.sensitivity;
  }

  /** What the searches found, by name. */
  public Map<String, PenaltySearch.Found> searches() {
    return found.searches;
  }

  @Override
  public OuterCourse course() {
    return found.tuned.course();
  }

  /**
   * Fits models by their penalty, from the strongest to the weakest, each started from the one
   * before it. Costs their passes, twice where models are fitted on validation rows too.
   *
   * @param points how many penalties, 2 or more, evenly in their logarithms over the range of the
   *     grid; those of an l1 penalty begin where the first feature comes in
   * @throws IllegalArgumentException unless one penalty was tuned and nothing else
   */
  public RegularizationPath regularizationPath(int points) {
    return path.run(points, engine(), data());
  }

  /** The models that were fitted once more. */
  public Refits refits() {
    return found.refits;
  }

  /** Number of folds whose mean loss is the upper objective; 0 where that is of validation rows. */
  public int folds() {
    return found.folded.count;
  }

  /**
   * What folds say of their own choice beside what validation rows chose, where they were asked.
   */
  public Optional<FoldJudgement> judgement() {
    return Optional.ofNullable(found.folded.judgement);
  }

  /** The selected model as it is handed out: fitted once more, where that was asked for. */
  public Solution model() {
    Selected selected = selected();
    return found.refits.models().getOrDefault(selected.name, selected.solution);
  }

  /** A model, and where it came from. */
  public record Selected(String name, Solution solution) {}

  /**
   * The model of least validation loss: a search that did better than tuning is not hidden. Where
   * folds judge, they decide between that model and their own choice.
   */
  public Selected selected() {
    if (judgement().filter(FoldJudgement::prefersFolds).isPresent()) {
      return byFolds(found.searches).orElseThrow();
    }
    return selected(found.tuned.best(), found.searches, folds() > 0);
  }

  /** The model of least loss over folds of all rows; empty where none was looked for. */
  static Optional<Selected> byFolds(Map<String, PenaltySearch.Found> searches) {
    return Keys.BY_FOLDS.stream()
        .filter(searches::containsKey)
        .flatMap(
            name ->
                searches.get(name).best().stream()
                    .map(trial -> new Selected(name, trial.solution())))
        .min(Comparator.comparingDouble(found -> found.solution().upperObjective()));
  }

  /**
   * The model of least loss.
   *
   * @param byFolds whether folds are what all losses are of, and not validation rows
   */
  static Selected selected(
      Solution tuned, Map<String, PenaltySearch.Found> searches, boolean byFolds) {
    Selected best = new Selected(TUNED, tuned);
    for (Map.Entry<String, PenaltySearch.Found> search : searches.entrySet()) {
      if (Keys.BY_FOLDS.contains(search.getKey()) && !byFolds) {
        continue; // Its loss is of other rows.
      }
      Optional<Solution> other = search.getValue().best().map(PenaltySearch.Trial::solution);
      if (other.isPresent() && other.get().upperObjective() < best.solution().upperObjective()) {
        best = new Selected(search.getKey(), other.get());
      }
    }
    return best;
  }

  /** The selected model as a Spark ML stage that takes features as they were read. */
  public PortableModel trained() {
    LinearModel model = (LinearModel) problem().model();
    double[] theta = model().theta();
    if (!data().tables().labelColumns().isEmpty()) {
      return TrainedModel.multiLabel(model, theta, data());
    }
    return model.loss().classes() == 0
        ? TrainedModel.regressor(model, theta, data())
        : TrainedModel.classifier(model, theta, data());
  }

  /** The penalties on their upper bound. */
  public TuningSummary.Dropped dropped() {
    double[] lambda = found.tuned.lambda();
    List<String> names = names();
    List<String> dropped = new ArrayList<>();
    long count = 0;
    for (int j = problem().weighingSize(); j < lambda.length; j++) {
      if (lambda[j] >= bounds[1][j]) {
        count++;
        if (count <= MOST_NAMES) {
          dropped.add(names.get(j));
        }
      }
    }
    return new TuningSummary.Dropped(count, dropped);
  }
}
