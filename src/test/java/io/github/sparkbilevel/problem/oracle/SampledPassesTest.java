package io.github.sparkbilevel.problem.oracle;

import static io.github.sparkbilevel.DenseReference.distance;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.WatchedEngine;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.pass.Work;
import io.github.sparkbilevel.problem.sampling.Draw;
import io.github.sparkbilevel.problem.sampling.LocalProgram;
import io.github.sparkbilevel.problem.sampling.RowSampling;
import io.github.sparkbilevel.problem.sampling.SampleSource;
import io.github.sparkbilevel.problem.sampling.Sampled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Draws are parts of all rows: what they add up to, and that they are the same every time. */
class SampledPassesTest {
  private static final double TOLERANCE = 1e-12;

  /**
   * 60 training rows in 3 weighted groups and 26 trusted ones, in 2 partitions and an empty one.
   */
  private static final class Fixture {
    final Data data;
    final BilevelProblem problem;
    final WatchedEngine engine;
    final BlockOracle oracle;
    final int d;
    final double[] lambda;
    final double[] theta;
    final double[] u;
    final double[] v;

    Fixture(Storage storage) {
      this(storage, WeightFunction.ofGroups(3));
    }

    Fixture(Storage storage, UpperVariable rows) {
      data = TestProblems.of(new SoftmaxLoss(3)).storage(storage).make();
      Penalty penalty = Penalty.tuned(data.model(), Penalty.Sharing.PER_FEATURE, false);
      problem = new BilevelProblem(data.model(), rows, penalty);
      engine = new WatchedEngine(data.engine());
      oracle = new BlockOracle(problem, engine, "auto", data.train().count());
      d = data.model().size();
      lambda = TestProblems.vector(1, problem.sharedSize(), 1);
      theta = TestProblems.vector(2, d, 1);
      u = TestProblems.vector(3, d, 1);
      v = TestProblems.vector(4, d, 1);
    }

    SampledPasses samples(RowSampling sampling) {
      return oracle.samples(sampling, data.upper().count());
    }

    Draw everything(double[] at) {
      return Draw.gradient(at, lambda).along(u).withUpper();
    }
  }

  private static List<double[]> numbers(Sampled s) {
    return List.of(
        s.lowerGradient(),
        s.products()[0],
        s.mixedProduct(),
        s.lambdaGradient(),
        s.upperGradient());
  }

  private static void assertClose(List<double[]> expected, List<double[]> got) {
    for (int i = 0; i < expected.size(); i++) {
      assertTrue(distance(got.get(i), expected.get(i)) < TOLERANCE, "numbers " + i);
    }
  }

  private static List<double[]> mean(SampledPasses samples, Draw draw, int draws) {
    List<double[]> sums = null;
    for (int i = 0; i < draws; i++) {
      List<double[]> now = numbers(samples.draw(draw));
      if (sums == null) {
        sums = new ArrayList<>();
        for (double[] x : now) {
          sums.add(new double[x.length]);
        }
      }
      for (int j = 0; j < now.size(); j++) {
        Vectors.addTo(sums.get(j), 1.0 / draws, now.get(j));
      }
    }
    return sums;
  }

  @ParameterizedTest
  @EnumSource(Storage.class)
  void allRowsGiveWhatTheOracleGives(Storage storage) {
    Fixture at = new Fixture(storage);
    Sampled all = at.samples(RowSampling.all()).draw(at.everything(at.theta));
    Evaluation evaluation = at.oracle.evaluate(Query.at(at.theta, at.lambda).along(at.u));
    double[] mixed = at.oracle.mixedProduct(evaluation, at.theta, at.u).values();
    double[] lambdaGradient = new double[at.lambda.length];
    for (int j = 0; j < lambdaGradient.length; j++) {
      double[] e = new double[lambdaGradient.length];
      e[j] = 1e-5;
      Evaluation above = at.oracle.evaluate(Query.at(at.theta, Vectors.plus(at.lambda, 1, e)));
      Evaluation below = at.oracle.evaluate(Query.at(at.theta, Vectors.plus(at.lambda, -1, e)));
      lambdaGradient[j] = (above.value() - below.value()) / 2e-5;
      above.release();
      below.release();
    }
    assertTrue(distance(all.lowerGradient(), evaluation.gradient()) < TOLERANCE);
    assertTrue(distance(all.products()[0], evaluation.adjointProduct()) < TOLERANCE);
    assertTrue(distance(all.mixedProduct(), mixed) < TOLERANCE);
    assertTrue(distance(all.lambdaGradient(), lambdaGradient) < 1e-8);
    assertTrue(distance(all.upperGradient(), evaluation.upperGradient()) < TOLERANCE);
    assertEquals(60 + 26, all.rows());
    evaluation.release();
  }

  @ParameterizedTest
  @CsvSource({"1, true", "2, false", "5, false", "5, true", "7, true", "64, false", "64, true"})
  void meanOverAnEpochIsThatOfAllRows(int batches, boolean fixed) {
    Fixture at = new Fixture(Storage.DENSE_64);
    Draw draw = at.everything(at.theta);
    List<double[]> expected = numbers(at.samples(RowSampling.all()).draw(draw));
    SampledPasses samples = at.samples(new RowSampling(batches, fixed, 5));
    assertClose(expected, mean(samples, draw, batches));
    assertClose(expected, mean(samples, draw, batches));
  }

  @ParameterizedTest
  @EnumSource(Storage.class)
  void storagesGiveTheSameSamples(Storage storage) {
    RowSampling sampling = new RowSampling(4, false, 9);
    Fixture dense = new Fixture(Storage.DENSE_64);
    Fixture other = new Fixture(storage);
    List<double[]> expected = numbers(dense.samples(sampling).draw(dense.everything(dense.theta)));
    List<double[]> got = numbers(other.samples(sampling).draw(other.everything(other.theta)));
    for (int i = 0; i < expected.size(); i++) {
      double tolerance = storage.isSingle() ? 1e-5 : TOLERANCE;
      assertTrue(distance(got.get(i), expected.get(i)) < tolerance, "numbers " + i);
    }
  }

  @Test
  void drawsAreTheSameBitsInEveryRunAndOthersForOtherSeeds() {
    List<List<double[]>> runs = new ArrayList<>();
    for (long seed : new long[] {5, 5, 6}) {
      Fixture at = new Fixture(Storage.DENSE_64);
      SampledPasses samples = at.samples(new RowSampling(4, false, seed));
      List<double[]> run = new ArrayList<>();
      for (int i = 0; i < 9; i++) {
        run.addAll(numbers(samples.draw(at.everything(at.theta))));
      }
      runs.add(run);
    }
    for (int i = 0; i < runs.get(0).size(); i++) {
      assertArrayEquals(runs.get(0).get(i), runs.get(1).get(i));
    }
    assertFalse(Arrays.equals(runs.get(0).get(0), runs.get(2).get(0)));
  }

  @Test
  void columnsShareADrawAndGiveWhatEachAlone() {
    Fixture at = new Fixture(Storage.DENSE_64);
    RowSampling sampling = new RowSampling(3, false, 5);
    Sampled both = at.samples(sampling).draw(Draw.products(at.theta, at.lambda, at.u, at.v));
    Sampled first = at.samples(sampling).draw(Draw.products(at.theta, at.lambda, at.u));
    Sampled second = at.samples(sampling).draw(Draw.products(at.theta, at.lambda, at.v));
    assertTrue(distance(both.products()[0], first.products()[0]) < TOLERANCE);
    assertTrue(distance(both.products()[1], second.products()[0]) < TOLERANCE);
    assertTrue(distance(both.mixedProduct(), first.mixedProduct()) < TOLERANCE);
    assertNull(both.lowerGradient());
    assertNull(both.upperGradient());
    Sampled upper = at.samples(sampling).draw(Draw.upperGradient(at.theta, at.lambda));
    assertNull(upper.mixedProduct());
    assertEquals(0, upper.products().length);
  }

  @Test
  void weightFunctionIsSampledWithItsFeatures() {
    Fixture at = new Fixture(Storage.DENSE_64, new WeightFunction(WeightFunction.ALL_SCORES, 3));
    at.oracle.makeFeatures(TestProblems.vector(7, 2 * at.d, 1), 1, at.theta);
    Draw draw = at.everything(at.theta);
    List<double[]> all = numbers(at.samples(RowSampling.all()).draw(draw));
    Evaluation evaluation = at.oracle.evaluate(Query.at(at.theta, at.lambda).along(at.u));
    double[] mixed = at.oracle.mixedProduct(evaluation, at.theta, at.u).values();
    assertTrue(distance(all.get(0), evaluation.gradient()) < TOLERANCE);
    assertTrue(distance(all.get(2), mixed) < TOLERANCE);
    assertClose(all, mean(at.samples(new RowSampling(6, true, 5)), draw, 6));
    evaluation.release();
    try (SagaPasses saga = at.samples(new RowSampling(6, true, 5)).withMemory(draw)) {
      assertClose(all, numbers(saga.draw(draw)));
    }
    at.oracle.close();
    assertEquals(0, at.engine.held());
  }

  @Test
  void networkIsSampled() {
    Data data = TestProblems.of(new SoftmaxLoss(3)).make();
    Network model = Network.dense(new SoftmaxLoss(3), 4, List.of(5), Activation.TANH);
    BilevelProblem problem = new BilevelProblem(model, Penalty.tuned(model, false));
    BlockOracle oracle = new BlockOracle(problem, data.engine(), "auto", data.train().count());
    double[] lambda = {-2};
    double[] theta = model.initial(3);
    double[] u = TestProblems.vector(3, model.size(), 1);
    Evaluation evaluation = oracle.evaluate(Query.at(theta, lambda).along(u));
    Draw draw = Draw.gradient(theta, lambda).along(u).withUpper();
    SampledPasses samples = oracle.samples(new RowSampling(5, false, 5), data.upper().count());
    List<double[]> mean = mean(samples, draw, 5);
    assertTrue(distance(mean.get(0), evaluation.gradient()) < TOLERANCE);
    assertTrue(distance(mean.get(1), evaluation.adjointProduct()) < TOLERANCE);
    assertTrue(distance(mean.get(4), evaluation.upperGradient()) < TOLERANCE);
  }

  @Test
  void memoryTakesTheNoiseAwayOnceThePointStandsStill() {
    Fixture at = new Fixture(Storage.DENSE_64);
    Draw here = at.everything(at.theta);
    Draw there = at.everything(at.v);
    List<double[]> allHere = numbers(at.samples(RowSampling.all()).draw(here));
    List<double[]> allThere = numbers(at.samples(RowSampling.all()).draw(there));
    SampledPasses plain = at.samples(new RowSampling(5, true, 5));
    try (SagaPasses saga = plain.withMemory(here)) {
      for (int i = 0; i < 7; i++) {
        assertClose(allHere, numbers(saga.draw(here)));
      }
      Sampled first = saga.draw(there);
      assertTrue(distance(first.lowerGradient(), allThere.get(0)) > 1e-3, "one draw is noisy");
      // What is drawn now and then of another kind is a plain sample.
      assertEquals(1, saga.draw(Draw.products(at.theta, at.lambda, at.u)).products().length);
      for (int i = 0; i < 9; i++) {
        saga.draw(there);
      }
      assertClose(allThere, numbers(saga.draw(there)));
      assertEquals(1, at.engine.held());
    }
    assertEquals(0, at.engine.held());
    assertTrue(at.engine.mostHeld() <= 2);
  }

  @Test
  void memoryOfOneDrawIsTheTextbookEstimate() {
    Fixture at = new Fixture(Storage.DENSE_64);
    RowSampling sampling = new RowSampling(5, true, 5);
    Draw here = at.everything(at.theta);
    Draw there = at.everything(at.v);
    List<double[]> all = numbers(at.samples(RowSampling.all()).draw(here));
    List<double[]> sampleHere = numbers(at.samples(sampling).draw(here));
    List<double[]> sampleThere = numbers(at.samples(sampling).draw(there));
    try (SagaPasses saga = at.samples(sampling).withMemory(here)) {
      List<double[]> got = numbers(saga.draw(there));
      // The penalty is no part of the memory: of the data, S = now − remembered + mean.
      double[] strengths = at.problem.penaltyDiagonal(at.lambda);
      double[] expected = Vectors.plus(sampleThere.get(0), -1, sampleHere.get(0));
      Vectors.addTo(expected, 1, all.get(0));
      assertTrue(strengths[0] > 0);
      assertTrue(distance(got.get(0), expected) < TOLERANCE);
      double[] upper = Vectors.plus(sampleThere.get(4), -1, sampleHere.get(4));
      assertTrue(distance(got.get(4), Vectors.plus(upper, 1, all.get(4))) < TOLERANCE);
    }
  }

  /** A gradient step on θ and a step of u, at λ as it is. */
  private record Program(double[] lambda) implements LocalProgram {
    @Override
    public double[][] step(SampleSource source, double[][] vectors, long number) {
      Sampled s = source.draw(Draw.gradient(vectors[0], lambda).along(vectors[1]).withUpper());
      double[] residual = Vectors.plus(s.products()[0], -1, s.upperGradient());
      return new double[][] {
        Vectors.plus(vectors[0], -0.1, s.lowerGradient()), Vectors.plus(vectors[1], -0.1, residual)
      };
    }
  }

  @Test
  void oneLocalStepIsTheStepOfASample() {
    Fixture at = new Fixture(Storage.DENSE_64);
    Program program = new Program(at.lambda);
    double[][] start = {at.theta, at.u};
    SampledPasses passes = at.samples(new RowSampling(4, false, 5));
    double[][] first = passes.localSteps(program, start, 1, 0);
    double[][] second = passes.localSteps(program, first, 1, 1);
    SampledPasses samples = at.samples(new RowSampling(4, false, 5));
    double[][] expected = program.step(samples, program.step(samples, start, 0), 1);
    assertTrue(distance(second[0], expected[0]) < TOLERANCE);
    assertTrue(distance(second[1], expected[1]) < TOLERANCE);
  }

  @Test
  void localStepsOfOnePartitionAreTheAlgorithmItself() {
    Data data = TestProblems.of(new SoftmaxLoss(3)).partitions(1).make();
    Penalty penalty = Penalty.tuned(data.model(), false);
    BilevelProblem problem = new BilevelProblem(data.model(), penalty);
    double[] lambda = {-2};
    double[][] start = {
      TestProblems.vector(1, data.model().size(), 1), TestProblems.vector(2, data.model().size(), 1)
    };
    LocalEngine engine = data.engine();
    BlockOracle oracle = new BlockOracle(problem, engine, "auto", data.train().count());
    Program program = new Program(lambda);
    RowSampling sampling = new RowSampling(4, false, 5);
    SampledPasses passes = oracle.samples(sampling, data.upper().count());
    engine.ledger().enter(PassLedger.Phase.OUTER);
    double[][] local = passes.localSteps(program, start, 8, 0);
    assertEquals(1, engine.ledger().passes(PassLedger.Phase.OUTER));
    // Two epochs, each of all rows.
    assertEquals(new Work(16, 8, 2 * (60 + 26)), engine.ledger().work(PassLedger.Phase.OUTER));
    SampledPasses samples = oracle.samples(sampling, data.upper().count());
    double[][] expected = start;
    for (int i = 0; i < 8; i++) {
      expected = program.step(samples, expected, i);
    }
    assertTrue(distance(local[0], expected[0]) < TOLERANCE);
    assertTrue(distance(local[1], expected[1]) < TOLERANCE);
    // Draws go on where the pass left them.
    assertArrayEquals(
        samples.draw(Draw.gradient(start[0], lambda)).lowerGradient(),
        passes.draw(Draw.gradient(start[0], lambda)).lowerGradient());
  }

  @Test
  void ledgerCountsWork() {
    Fixture at = new Fixture(Storage.DENSE_64);
    PassLedger ledger = at.oracle.ledger();
    ledger.enter(PassLedger.Phase.OUTER);
    SampledPasses samples = at.samples(new RowSampling(4, false, 5));
    for (int i = 0; i < 4; i++) {
      samples.draw(at.everything(at.theta));
    }
    assertEquals(new Work(8, 4, 60 + 26), ledger.work(PassLedger.Phase.OUTER));
    ledger.enter(PassLedger.Phase.POLISH);
    Evaluation evaluation = at.oracle.evaluate(Query.at(at.theta, at.lambda).along(at.u));
    assertEquals(new Work(2, 1, 60 + 26), ledger.work(PassLedger.Phase.POLISH));
    evaluation.hessian(0).applyAll(new double[][] {at.u, at.v, at.theta});
    assertEquals(new Work(2, 4, 60 + 26 + 60), ledger.work(PassLedger.Phase.POLISH));
    at.oracle.mixedProduct(evaluation, at.theta, at.u);
    assertEquals(new Work(2, 4, 60 + 26 + 120), ledger.work(PassLedger.Phase.POLISH));
    assertEquals(Work.NONE, ledger.work(PassLedger.Phase.SCORES));
    evaluation.release();
  }

  @Test
  void misuseSaysWhatItGot() {
    Fixture rows = new Fixture(Storage.DENSE_64, new ExampleWeights(0));
    var beside =
        assertThrows(IllegalArgumentException.class, () -> rows.samples(RowSampling.all()));
    assertTrue(beside.getMessage().contains("got a λ beside the rows"));
    var share =
        assertThrows(IllegalArgumentException.class, () -> RowSampling.ofShare(0, false, 1));
    assertTrue(share.getMessage().contains("got a batch share of 0.0"));
    assertThrows(IllegalArgumentException.class, () -> new RowSampling(0, false, 1));
    assertEquals(20, RowSampling.ofShare(0.05, false, 1).batches());
    Fixture at = new Fixture(Storage.DENSE_64);
    SampledPasses moving = at.samples(new RowSampling(4, false, 1));
    var cut =
        assertThrows(
            IllegalArgumentException.class, () -> moving.withMemory(at.everything(at.theta)));
    assertTrue(cut.getMessage().contains("fixed"));
    SampledPasses fixed = at.samples(new RowSampling(4, true, 1));
    Draw part = Draw.gradient(at.theta, at.lambda);
    assertThrows(IllegalArgumentException.class, () -> fixed.withMemory(part));
  }
}
