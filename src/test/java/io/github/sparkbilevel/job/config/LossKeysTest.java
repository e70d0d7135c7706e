package io.github.sparkbilevel.job.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Losses, and what real labels take. */
class LossKeysTest extends JobFileCases {
  @Test
  void lossesOfRealLabelsAreThoseOfLinearModels() {
    assertEquals("squared", tune("model.family=linear").model().loss());
    for (String loss : List.of("poisson", "huber 2.5", "quantile 0.9")) {
      assertEquals(loss, tune("model.family=linear", "model.loss=" + loss).model().loss());
      assertTrue(tuneError("model.loss=" + loss).contains("model.family = linear"));
      assertTrue(
          tuneError("model.family=linear", "model.loss=" + loss, "baselines=[grid, mllib]")
              .endsWith("try some of grid | random | cross-validation"));
    }
    for (String loss : List.of("quantile 1.5", "quantile", "huber -1", "cauchy")) {
      String error = tuneError("model.family=linear", "model.loss=" + loss);
      assertTrue(error.contains("model.loss") && error.contains("expected"), error);
    }
  }

  @Test
  void squaredHingeIsForTwoClassesAndNotForCleaning() {
    assertEquals("cross-entropy", tune().model().loss());
    String hinge = "model.loss=squared-hinge";
    assertEquals("squared-hinge", tune("model.family=logistic", hinge).model().loss());
    assertEquals(
        "squared-hinge",
        hypergradient("model.family=logistic", hinge, "upper.variable=l2").model().loss());
    for (String family : List.of("softmax", "linear")) {
      String error = tuneError("model.family=" + family, hinge);
      assertTrue(error.contains("model.loss") && error.contains("= logistic"), error);
    }
    assertTrue(tuneError("model.family=linear", "model.loss=cross-entropy").contains("= logistic"));
    String cleaning = error("model.family=logistic", hinge);
    assertTrue(cleaning.contains("model.loss") && cleaning.contains("tune"), cleaning);
    assertTrue(
        tuneError("model.family=logistic", hinge, "baselines=[mllib]")
            .endsWith("try some of grid | random | cross-validation"));
  }

  @Test
  void realValuedLabelsAreForTheSameJobs() {
    assertEquals("linear", tune("model.family=linear").model().family());
    assertEquals(
        "linear", hypergradient("model.family=linear", "upper.variable=l2").model().family());
    JobConfig cleaning = job("model.family=linear");
    assertEquals("huber", cleaning.model().loss());
    assertEquals(List.of("weight-function"), cleaning.upper().variables());
    assertEquals(List.of("noisy", "least-squares", "trusted", "cleaned"), cleaning.baselines());
    assertEquals("squared", job("model.family=linear", "model.loss=squared").model().loss());
  }

  @ParameterizedTest
  @CsvSource({
    "upper.variable=noise-model, upper.variable",
    "model.loss=poisson, model.loss",
    "model.loss=huberr, model.loss",
    "model.loss=quantile 0.9, model.loss",
    "'data.train.votes=[a, b]', data.train.votes",
    "'data.train.probabilities=[a, b]', data.train.probabilities",
    "selection.metric=accuracy, selection.metric",
    "output.softLabels=true, output.softLabels",
    "review.rows=10, review.rows",
    "baselines=[confident-learning], baselines",
    "baselines=[noise-model], baselines",
    "baselines=[gold-loss-correction], baselines",
    "data.validation=null, model.family",
    "model.family=multi-label, model.family",
  })
  void whatIsForClassesIsRefusedWhereRealLabelsAreCleaned(String override, String key) {
    String error = error("model.family=linear", override);
    assertTrue(error.startsWith(key + " = "), error);
  }

  @Test
  void whatIsForRealLabelsIsRefusedWhereClassesAreCleaned() {
    assertTrue(error("baselines=[least-squares]").startsWith("baselines = "));
    assertTrue(error("model.loss=huber").startsWith("model.loss = "));
    String weighed =
        assertThrows(
                ConfigException.class,
                () -> hypergradient("model.family=linear", "upper.variable=weight-function"))
            .getMessage();
    assertTrue(weighed.startsWith("upper.variable = "), weighed);
  }
}
