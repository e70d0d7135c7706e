package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.fit.FitRows;
import io.github.sparkbilevel.problem.fit.SelectionMetric;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The metric decides which model is returned. */
class ModelChoiceTest {
  private static final Data DATA =
      TestProblems.of(new LogisticLoss()).rows(200, 60, 200, 50).noisy(2, 0).make();

  private static CleaningResult result(SelectionMetric metric, Map<String, Finished> models) {
    BilevelProblem problem =
        new BilevelProblem(
            DATA.model(), WeightFunction.ofGroups(3), Penalty.fixed(DATA.model(), 0.01, false));
    CleaningSettings settings =
        CleaningSettings.of(problem, NboSettings.of(Curvature.EXACT)).selectedBy(metric);
    Cleaning.Learned learned =
        new Cleaning.Learned(new OuterResult(null, null), null, null, null, null);
    return new ModelChoice(settings, DATA.engine(), BlockKernel.of(DATA.model(), "auto"))
        .of(learned, models);
  }

  private static double[] fitted() {
    PlainModels.How how = new PlainModels.How(0.01, Curvature.EXACT, null, 1, 1);
    return new PlainFitter(BlockKernel.of(DATA.model(), "auto"), DATA.engine(), how)
        .fit(List.of(new FitRows.Noisy()), List.of(), null);
  }

  @Test
  void byTheLossCertaintyCountsAndByTheOthersItDoesNot() {
    double[] good = fitted();
    double[] sure = Vectors.scaled(200, good);
    double[] worse = good.clone();
    worse[worse.length - 1] += 1.5;
    Map<String, Finished> models = new LinkedHashMap<>();
    models.put(Cleaning.BILEVEL, Finished.fitted(sure, sure));
    models.put(Candidates.LABELLER_MODEL, Finished.fitted(worse, worse));
    CleaningResult byLoss = result(SelectionMetric.LOSS, models);
    assertEquals(Candidates.LABELLER_MODEL, byLoss.selected());
    for (SelectionMetric metric :
        List.of(SelectionMetric.ACCURACY, SelectionMetric.BALANCED_ACCURACY)) {
      CleaningResult by = result(metric, models);
      assertEquals(Cleaning.BILEVEL, by.selected(), metric.label());
      assertTrue(
          by.selectedModel().figures().heldOut().accuracy()
              > byLoss.selectedModel().figures().heldOut().accuracy());
    }
    // A shift of all log-odds changes no rank.
    models.put(Cleaning.BILEVEL, Finished.fitted(worse, worse));
    models.put(Candidates.LABELLER_MODEL, Finished.fitted(good, good));
    assertEquals(Cleaning.BILEVEL, result(SelectionMetric.AUC, models).selected());
    assertEquals(
        Candidates.LABELLER_MODEL, result(SelectionMetric.BALANCED_ACCURACY, models).selected());
  }

  @Test
  void theChoiceHasTheRecallOfTheModelThatIsReturned() {
    double[] seen = fitted();
    double[] unseen = new double[seen.length];
    unseen[unseen.length - 1] = 5;
    CleaningResult.Choice choice =
        result(SelectionMetric.LOSS, Map.of(Cleaning.BILEVEL, Finished.fitted(seen, unseen)))
            .choice();
    assertEquals(0, choice.heldOutRecall()[0]);
    assertEquals(1, choice.heldOutRecall()[1]);
    assertTrue(choice.testRecall()[0] > 0.7 && choice.testRecall()[0] < 1.01);
    assertEquals(2, choice.testRecall().length);
  }
}
