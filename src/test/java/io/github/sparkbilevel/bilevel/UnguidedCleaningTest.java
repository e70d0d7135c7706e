package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.NoiseModel;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.fit.JudgingRule;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Cleaning without trusted rows. */
class UnguidedCleaningTest {
  private static final int CLASSES = 3;

  private static Data data() {
    return TestProblems.of(new SoftmaxLoss(CLASSES)).rows(900, 0, 0, 300).noisy(2, 0.3).make();
  }

  private static CleaningSettings settings(Data data, UpperVariable weights) {
    BilevelProblem problem =
        new BilevelProblem(data.model(), weights, Penalty.fixed(data.model(), 0.01, false));
    return CleaningSettings.of(problem, NboSettings.of(Curvature.CG))
        .comparedWith(EnumSet.of(Baseline.NOISY, Baseline.CLEANED, Baseline.CONFIDENT_LEARNING))
        .unguided();
  }

  private static NoiseModel noiseModel() {
    return new NoiseModel(Confusion.ofCounts(CLASSES, new double[CLASSES * CLASSES]));
  }

  @Test
  void theNoiseModelOfEmIsTheResultAndNothingIsMadeUpForTrustedRows() {
    Data data = data();
    LocalEngine engine = data.engine();
    List<IterationRecord> told = new ArrayList<>();
    Cleaning cleaning =
        new Cleaning(settings(data, noiseModel()), engine, data.train().count(), told::add);
    CleaningResult result = cleaning.compare(cleaning.learn());

    assertEquals("noiseModel", result.selected());
    assertEquals(
        Set.of("noiseModel", "noisy", "confidentLearning", "cleaned"), result.models().keySet());
    assertEquals("noiseModel", result.models().get("cleaned").refitOf());
    assertInstanceOf(JudgingRule.Posterior.class, result.selectedModel().judge().rule());
    assertEquals(Status.CONVERGED, result.course().status());
    assertEquals(0, result.course().bestIteration());
    assertEquals(told, result.course().history());
    assertEquals(1, told.size());
    assertTrue(Double.isNaN(told.get(0).step().hypergradientNorm()));
    result
        .models()
        .forEach(
            (name, model) -> {
              assertTrue(Double.isNaN(model.figures().heldOut().loss()), name);
              assertTrue(Double.isNaN(model.figures().upper().loss()), name);
              assertTrue(Double.isNaN(model.calibratedLoss()), name);
              assertEquals(data.test().count(), model.figures().test().rows(), name);
            });
    List<String> passes = engine.ledger().entries().stream().map(PassLedger.Entry::name).toList();
    assertFalse(passes.contains("trusted means"), passes::toString);
    assertEquals(0, engine.ledger().passes(Phase.OUTER));
    double noisy = result.models().get("noisy").figures().test().accuracy();
    double learned = result.selectedModel().figures().test().accuracy();
    assertTrue(learned >= noisy - 0.01, learned + " after " + noisy);
    assertArrayEquals(result.learned().theta(), result.selectedModel().theta());
  }

  @Test
  void weightsCannotBeLearnedFromNothing() {
    Data data = data();
    CleaningSettings weights = settings(data, new WeightFunction(WeightFunction.ALL_SCORES, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Cleaning(weights, data.engine(), data.train().count(), record -> {}));
  }

  @Test
  void theModelsThatEmFitsTogetherAreCounted() {
    assertEquals(
        NoiseModels.FOLDS + 1,
        settings(data(), noiseModel()).comparedWith(EnumSet.noneOf(Baseline.class)).mostFits());
  }
}
