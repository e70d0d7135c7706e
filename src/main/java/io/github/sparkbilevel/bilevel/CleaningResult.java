package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.problem.fit.Judge;
import io.github.sparkbilevel.problem.fit.JudgingRule;
import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import java.util.Map;

/**
 * What a cleaning run found.
 *
 * @param learned the evaluation at the learned λ; its states hold the rows' weights
 * @param models every model by its name: {@code bilevel}, and the baselines with their refits
 * @param choice the model that won on the held-out rows: it does no harm
 * @param course of the outer loop, of which the bilevel model came
 */
public record CleaningResult(
    Evaluation learned, Map<String, Candidate> models, Choice choice, OuterCourse course) {

  /**
   * The model that is returned.
   *
   * @param name of the model
   * @param heldOutRecall the recall of each class on the held-out rows, by the model that did not
   *     see them; NaN of a class without rows
   * @param testRecall the same on the test rows, by the model itself
   */
  public record Choice(String name, double[] heldOutRecall, double[] testRecall) {}

  /** The name of the model that was selected. */
  public String selected() {
    return choice.name();
  }

  /**
   * A finished model.
   *
   * @param theta its parameters
   * @param figures how it does on upper, held-out and test rows
   * @param calibratedLoss its mean loss on the held-out rows at the temperature that suits it best
   * @param judge how it judges the training rows, or null if it was fitted to their judgement
   * @param refitOf the model by whose judgements of the training rows it was fitted, or null
   */
  public record Candidate(
      double[] theta, ModelFigures figures, double calibratedLoss, Judge judge, String refitOf) {

    /** How labels are confused, or null where the model does not know. */
    public Confusion confusion() {
      return judge != null && judge.rule() instanceof JudgingRule.Posterior posterior
          ? posterior.confusion()
          : null;
    }

    /** How the model itself judges rows, whatever it was fitted to. */
    public Judge ownJudge() {
      return confusion() == null ? Judge.preferring(theta) : judge;
    }
  }

  /** The model that was selected. */
  public Candidate selectedModel() {
    return models.get(selected());
  }
}
