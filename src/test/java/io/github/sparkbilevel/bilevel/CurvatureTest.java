package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.block.BlockLayout;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
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
  private static final TrainingRows SPARSE = new TrainingRows(1000, 1, BlockLayout.SPARSE_ROWS);

  private static BilevelProblem problem(int features, int outputs) {
    Loss loss = outputs == 1 ? new LogisticLoss() : new SoftmaxLoss(outputs);
    LinearModel model = new LinearModel(loss, features, false);
    return new BilevelProblem(model, Penalty.fixed(model, 1, false));
  }

  private static TrainingRows dense(long rows, int partitions) {
    return new TrainingRows(rows, partitions, BlockLayout.SINGLE_PANELS);
  }

  @ParameterizedTest
  @CsvSource({
    // As for the digits, MNIST, and small tables.
    "1000, 1, 64, 10, KFAC_CG",
    "100, 1, 784, 10, KFAC_CG",
    "10000, 2, 784, 10, KFAC_CG",
    "1000, 1, 20, 2, EXACT",
    "1000, 1, 20, 5, EXACT",
    "10000, 1, 20, 2, EXACT",
    "10000, 1, 20, 5, EXACT",
    "10000, 1, 20, 26, KFAC_CG",
    "10000, 2, 100, 5, KFAC_CG",
    "10000, 2, 784, 26, KFAC_CG",
    "1000000, 6, 20, 5, KFAC_CG",
    "1000000, 6, 20, 26, KFAC_CG",
    "1000000, 24, 100, 2, KFAC_CG",
    "10000000, 48, 20, 2, KFAC_CG",
    "10000000, 48, 20, 5, KFAC_CG",
    "10000000, 1870, 784, 1, CG",
    "1000, 1, 9000, 2, CG"
  })
  void denseRowsAreChosenForByCost(
      long rows, int partitions, int features, int outputs, Curvature expected) {
    BilevelProblem problem = problem(features, outputs);
    Curvature.Choice choice = Curvature.choose(problem, dense(rows, partitions), 2);
    assertEquals(expected, choice.curvature(), choice.reason());
    assertTrue(expected.fits(problem), "a choice that can work");
  }

  @ParameterizedTest
  @CsvSource({
    "400, 1, 64, 10, EXACT",
    "50000, 2, 22, 1, EXACT",
    "1000000, 24, 100, 1, EXACT",
    "1000000, 24, 100, 5, KFAC_CG",
    "1000, 1, 784, 10, KFAC_CG"
  })
  void solvesToAccuracyAreWorthMoreForH(
      long rows, int partitions, int features, int outputs, Curvature expected) {
    TrainingRows of = new TrainingRows(rows, partitions, BlockLayout.DOUBLE_ROWS);
    Curvature.Choice choice =
        Curvature.chooseToSolve(problem(features, outputs), of, Curvature.SKETCH_COLUMNS);
    assertEquals(expected, choice.curvature(), choice.reason());
  }

  private static boolean isExact(TrainingRows rows, int features, int outputs, int products) {
    return Curvature.choose(problem(features, outputs), rows, products).curvature()
        == Curvature.EXACT;
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "5, 1", "20, 1", "20, 5", "20, 26", "100, 2", "784, 1"})
  void moreRowsPartitionsOrClassesNeverLeadToTheHessian(int features, int outputs) {
    boolean before = true;
    for (long rows = 100; rows <= 100_000_000; rows *= 2) {
      boolean exact = isExact(dense(rows, 2), features, outputs, 2);
      assertTrue(before || !exact, rows + " rows");
      assertTrue(exact || !isExact(dense(rows, 200), features, outputs, 2), rows + " rows");
      assertTrue(exact || !isExact(dense(rows, 2), features, outputs + 3, 2), rows + " rows");
      assertTrue(!exact || isExact(dense(rows, 2), features, outputs, 3), rows + " rows");
      before = exact;
    }
  }

  @Test
  void reasonHasTheEstimatesOfTheTwoBest() {
    assertEquals(
        "estimates of a step: exact 17 ms, kfac-cg 33 ms",
        Curvature.choose(problem(20, 5), dense(1000, 1), 2).reason());
  }

  @ParameterizedTest
  @CsvSource({"128, false, EXACT", "129, false, CG", "128, true, EXACT", "129, true, JACOBI_CG"})
  void sparseRowsAreChosenForBySize(int features, boolean tuned, Curvature expected) {
    LinearModel model = new LinearModel(new SoftmaxLoss(2), features, false);
    Penalty penalty =
        tuned
            ? Penalty.tuned(model, Penalty.Sharing.PER_FEATURE, false)
            : Penalty.fixed(model, 1, false);
    Curvature.Choice choice = Curvature.choose(new BilevelProblem(model, penalty), SPARSE, 2);
    assertEquals(expected, choice.curvature());
    assertTrue(choice.reason().contains("d = " + 2 * features), choice.reason());
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
      assertEquals(Curvature.KFAC_CG, Curvature.choose(problem, dense(1000, 1), 5).curvature());
      assertEquals(Curvature.KFAC_CG, Curvature.choose(problem, SPARSE, 5).curvature());
    }
    assertEquals(
        "a network and factors of 31 MiB for d = 203530",
        Curvature.choose(network(784, 256), dense(1000, 1), 5).reason());
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
      Curvature.Choice choice = Curvature.choose(problem, dense(1000, 1), 5);
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
