package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.RowVariable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CurvatureTest {

  private static BilevelProblem problem(int features, int classes) {
    LinearModel model = new LinearModel(new SoftmaxLoss(classes), features, false);
    return new BilevelProblem(model, new RowVariable.None(), Penalty.fixed(model, 1, false));
  }

  @ParameterizedTest
  @CsvSource({
    "128, 2, false, EXACT",
    "128, 2, true, EXACT",
    "129, 2, false, KFAC_CG",
    "129, 2, true, CG",
    "784, 10, false, KFAC_CG",
    "3000, 10, false, CG"
  })
  void choiceIsBySizeAndStorage(int features, int classes, boolean sparse, Curvature expected) {
    Curvature.Choice choice = Curvature.choose(problem(features, classes), sparse);
    assertEquals(expected, choice.curvature());
    assertTrue(choice.reason().contains("d = " + features * classes), choice.reason());
    assertTrue(expected.fits(problem(features, classes)), "a choice that can work");
  }

  @Test
  void reasonNamesTheMemoryOfTheFactors() {
    assertEquals(
        "dense features and factors of less than 1 MiB for d = 640",
        Curvature.choose(problem(64, 10), false).reason());
    assertEquals(
        "dense features and factors of 51 MiB for d = 7840",
        Curvature.choose(problem(784, 10), false).reason());
  }

  @Test
  void hessianThatDoesNotFitTheDriverIsRefusedWithWhatToUse() {
    assertTrue(Curvature.EXACT.fits(problem(2048, 2)));
    assertFalse(Curvature.EXACT.fits(problem(2049, 2)));
    BilevelProblem large = problem(3000, 10);
    for (Curvature curvature : new Curvature[] {Curvature.EXACT, Curvature.KFAC_CG}) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> curvature.requireFits(large, Curvature.SKETCH_COLUMNS))
              .getMessage();
      assertTrue(message.contains("curvature = " + curvature.label()), message);
      assertTrue(message.contains("use curvature = "), message);
    }
    assertTrue(Curvature.CG.fits(large));
  }

  @Test
  void labelsAreThoseOfJobFiles() {
    assertEquals("kfac-cg", Curvature.KFAC_CG.label());
    assertEquals("exact", Curvature.EXACT.label());
    assertEquals("cg", Curvature.CG.label());
  }
}
