package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CurvatureTest {

  private static BilevelProblem problem(int features, int classes) {
    LinearModel model = new LinearModel(new SoftmaxLoss(classes), features, false);
    return new BilevelProblem(model, Penalty.fixed(model, 1, false));
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

  @ParameterizedTest
  @CsvSource({"128, EXACT", "129, JACOBI_CG", "3000, JACOBI_CG"})
  void tunedPenaltiesOfSparseRowsTakeTheDiagonal(int features, Curvature expected) {
    LinearModel model = new LinearModel(new SoftmaxLoss(2), features, false);
    Penalty tuned = Penalty.tuned(model, Penalty.Sharing.PER_FEATURE, false);
    BilevelProblem problem = new BilevelProblem(model, tuned);
    assertEquals(expected, Curvature.choose(problem, true).curvature());
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
  void noProductLeftBesideThatOfThePreconditionerIsRefused() {
    for (Curvature curvature : List.of(Curvature.SAMPLED_CG, Curvature.NYSTROM_CG)) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      NboSettings.of(curvature)
                          .withProducts(1)
                          .withIterations(5)
                          .withPatience(0)
                          .withFactorRefresh(20)
                          .withRows(0.3, -6, 6))
              .getMessage();
      assertEquals(
          "curvature = "
              + curvature.label()
              + " takes a product for its preconditioner; got products = 1, expected 2 or more; use"
              + " more products or curvature = cg",
          message);
    }
  }

  @Test
  void rowsOfASampleCountForTheDriverBesideTheirFactors() {
    BilevelProblem problem = network(4000, 8);
    assertTrue(Curvature.SAMPLED_CG.fits(problem));
    long bytes = Curvature.SAMPLED_CG.driverBytes(problem, Curvature.SKETCH_COLUMNS);
    long factors = Curvature.KFAC_CG.driverBytes(problem, Curvature.SKETCH_COLUMNS);
    assertEquals(1000L * 20 * 4002, bytes - factors);
  }

  private static BilevelProblem network(int features, Integer... hidden) {
    Network model = Network.dense(new SoftmaxLoss(10), features, List.of(hidden), Activation.RELU);
    return new BilevelProblem(model, new ExampleWeights(0), Penalty.fixed(model, 1, false));
  }

  @Test
  void networksOfLayersUpTo4096UnitsHaveFactors() {
    for (BilevelProblem problem :
        List.of(
            network(784, 256),
            network(784, 512, 512),
            network(4096, 4096),
            network(784, 4096, 4096),
            network(784, 2048, 2048, 2048, 2048))) {
      for (Curvature curvature : List.of(Curvature.KFAC_CG, Curvature.KFAC, Curvature.EKFAC_CG)) {
        assertTrue(curvature.fits(problem), curvature + " " + problem.model());
      }
      assertEquals(Curvature.KFAC_CG, Curvature.choose(problem, false).curvature());
      assertEquals(Curvature.KFAC_CG, Curvature.choose(problem, true).curvature());
    }
    assertEquals(
        "a network and factors of 31 MiB for d = 203530",
        Curvature.choose(network(784, 256), false).reason());
  }

  private static String refusal(Curvature curvature, BilevelProblem problem) {
    assertFalse(curvature.fits(problem));
    return assertThrows(
            IllegalArgumentException.class,
            () -> curvature.requireFits(problem, Curvature.SKETCH_COLUMNS))
        .getMessage();
  }

  @Test
  void networksWhoseFactorsDoNotFitTheDriverAreRefusedWithTheMemoryThatTheyWouldTake() {
    assertEquals(
        "curvature = kfac-cg would hold factors of 1,167 MiB for a layer of 784 inputs and 4,097"
            + " outputs; expected at most 4,096; use curvature = cg or narrower layers",
        refusal(Curvature.KFAC_CG, network(784, 4097)));
    assertEquals(
        "curvature = ekfac-cg would hold factors of 1,145 MiB for a layer of 5,000 inputs and 64"
            + " outputs; expected at most 4,096; use curvature = cg or narrower layers",
        refusal(Curvature.EKFAC_CG, network(5000, 64)));
    assertEquals(
        "curvature = kfac would hold factors of 2,702 MiB for 4 layers; expected at most 2,048"
            + " MiB; use curvature = cg or narrower layers",
        refusal(Curvature.KFAC, network(784, 4096, 4096, 4096)));
    for (BilevelProblem problem : List.of(network(784, 4097), network(784, 4096, 4096, 4096))) {
      Curvature.Choice choice = Curvature.choose(problem, false);
      assertEquals(Curvature.CG, choice.curvature());
      assertTrue(choice.reason().startsWith("the factors would take "), choice.reason());
    }
  }

  @Test
  void whatDoesNotFitIsRefusedBeforeAnyPass() {
    BilevelProblem problem = network(8, 4097);
    LocalEngine engine =
        TestProblems.of(new SoftmaxLoss(10)).features(8).rows(20, 10, 0, 0).make().engine();
    NboSettings nbo =
        NboSettings.of(Curvature.KFAC_CG)
            .withProducts(2)
            .withIterations(1)
            .withDamping(0.1)
            .withPatience(0)
            .withFactorRefresh(5)
            .withRows(1, -8, 8);
    CleaningSettings settings =
        CleaningSettings.of(problem, nbo)
            .from(new double[0], -6, 6)
            .withStep(0.1)
            .warmedUp(new CleaningSettings.WarmUp(1e-2, 9))
            .comparedWith(EnumSet.noneOf(CleaningSettings.Baseline.class))
            .withSeed(1);
    assertThrows(
        IllegalArgumentException.class, () -> new Cleaning(settings, engine, 20, record -> {}));
    BlockOracle oracle = new BlockOracle(problem, engine, "auto", 20);
    Hypergradients methods = new Hypergradients(1e-8, 10, Curvature.SKETCH_COLUMNS);
    double[] theta = new double[problem.model().size()];
    assertThrows(
        IllegalArgumentException.class,
        () -> methods.solve(oracle, new double[0], theta, Curvature.KFAC_CG));
    assertEquals(0, engine.ledger().passes());
  }

  @Test
  void labelsAreThoseOfJobFiles() {
    assertEquals("kfac-cg", Curvature.KFAC_CG.label());
    assertEquals("exact", Curvature.EXACT.label());
    assertEquals("cg", Curvature.CG.label());
  }
}
