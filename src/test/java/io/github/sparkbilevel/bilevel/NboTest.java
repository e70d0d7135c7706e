package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.DenseReference.distance;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.problem.snapshot.Checkpoints;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class NboTest {
  private static final int ITERATIONS = 12;
  private static final NboSettings.Rotation ROTATION = new NboSettings.Rotation(2, 5);

  private enum Upper {
    EXAMPLE_WEIGHTS(new ExampleWeights(2), false, 1),
    EXAMPLE_WEIGHTS_AND_L2(new ExampleWeights(2), true, 1),
    L2(UpperVariable.NONE, true, 1),
    GROUP_WEIGHTS(WeightFunction.ofGroups(3), false, 2),
    GROUP_WEIGHTS_AND_L2(WeightFunction.ofGroups(3), true, 2),
    WEIGHT_FUNCTION(new WeightFunction(WeightFunction.ALL_SCORES, 0), false, 2),
    WEIGHT_FUNCTION_OF_GROUPS_AND_L2(new WeightFunction(WeightFunction.ALL_SCORES, 3), true, 2);

    @SuppressWarnings("ImmutableEnumChecker") // Its kinds are records of numbers.
    private final UpperVariable variable;

    private final boolean tunesPenalty;
    private final int passesBesideProducts;

    Upper(UpperVariable variable, boolean tunesPenalty, int passesBesideProducts) {
      this.variable = variable;
      this.tunesPenalty = tunesPenalty;
      this.passesBesideProducts = passesBesideProducts;
    }

    boolean isScored() {
      return variable.logOdds() > 0;
    }
  }

  private static final class Run {
    final LocalEngine engine;
    final BlockOracle oracle;
    final NewtonSystem system;
    final double[] lambda;
    final List<IterationRecord> told = new ArrayList<>();
    final NboSettings settings;
    final Data data;

    Run(Data data, Upper upper, Curvature curvature, int products, NboSettings.Rotation rotation) {
      this.data = data;
      engine = data.engine();
      Penalty penalty =
          upper.tunesPenalty
              ? Penalty.tuned(data.model(), false)
              : Penalty.fixed(data.model(), 0.05, false);
      BilevelProblem problem = new BilevelProblem(data.model(), upper.variable, penalty);
      oracle = new BlockOracle(problem, engine, "auto", data.train().count());
      lambda = new double[problem.sharedSize()];
      Arrays.fill(lambda, 1);
      if (upper.tunesPenalty) {
        lambda[lambda.length - 1] = Math.log(0.05);
      }
      int d = data.model().size();
      if (upper.isScored()) {
        oracle.makeFeatures(
            TestProblems.vector(3, (ROTATION.folds() + 1) * d, 1), 0, new double[d]);
      }
      system = new NewtonSystem(curvature, 0, 4);
      settings =
          NboSettings.of(curvature)
              .withProducts(products)
              .withIterations(ITERATIONS)
              .withPatience(0)
              .withFactorRefresh(4)
              .withRows(0.3, -6, 6)
              .rotating(rotation);
    }

    Evaluation start(double tolerance) {
      return new LowerSolver(tolerance, 1e-13, 300)
          .minimize(oracle.lower(null, lambda), new double[data.model().size()], system)
          .point();
    }

    OuterResult run(Evaluation start) {
      return new Nbo(context(told::add), settings, new Adam(0.2, -6, 6)).run(start);
    }

    OuterContext context(Consumer<IterationRecord> listener) {
      return new OuterContext(oracle, system, listener, Checkpoints.NONE);
    }
  }

  private static Data data() {
    return TestProblems.of(new SoftmaxLoss(3)).features(6).rows(90, 40, 0, 20).make();
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void lowersTheUpperObjective(Upper upper) {
    for (Curvature curvature : Curvatures.SOLVING) {
      Run run = new Run(data(), upper, curvature, 3, null);
      if (upper.tunesPenalty) {
        run.lambda[run.lambda.length - 1] = 0.5;
      }
      OuterResult result = run.run(run.start(1e-4));
      double first = result.course().history().get(0).figures().upper().loss();
      double last = result.course().history().get(ITERATIONS).figures().upper().loss();
      assertTrue(last < first - 1e-3, curvature + ": from " + first + " to " + last);
      assertEquals(Status.BUDGET_SPENT, result.course().status());
      assertEquals(ITERATIONS, result.course().bestIteration(), "nothing was held out: the last");
    }
  }

  static Stream<Arguments> passes() {
    List<Arguments> all = new ArrayList<>();
    for (Upper upper : Upper.values()) {
      for (int products : new int[] {1, 2, 5}) {
        all.add(Arguments.of(upper, Curvature.CG, products, products));
        all.add(Arguments.of(upper, Curvature.KFAC_CG, products, products));
      }
      all.add(Arguments.of(upper, Curvature.EXACT, 2, 0));
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("passes")
  void iterationCostsItsProductsAndOnePassOrTwo(
      Upper upper, Curvature curvature, int products, int spent) {
    Run run = new Run(data(), upper, curvature, products, upper.isScored() ? ROTATION : null);
    List<IterationRecord> history = run.run(run.start(1e-4)).course().history();
    assertEquals(ITERATIONS + 1, history.size());
    int each = spent + upper.passesBesideProducts;
    for (int k = 1; k <= ITERATIONS; k++) {
      assertEquals(1, history.get(k).step().stepLength(), "a full step");
      assertEquals(spent, history.get(k).step().products());
      if (k > 1) {
        assertEquals(
            each, history.get(k).spent().passes() - history.get(k - 1).spent().passes(), "at " + k);
      }
    }
    assertEquals(ITERATIONS * each, run.engine.ledger().passes(Phase.OUTER));
    assertEquals(history, run.told);
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void everyCurvatureReachesTheSameHypergradient(Upper upper) {
    List<double[]> hypergradients = new ArrayList<>();
    List<double[]> rows = new ArrayList<>();
    for (Curvature curvature : Curvatures.SOLVING) {
      Run run = new Run(data(), upper, curvature, 120, null);
      double[] seen = new double[run.lambda.length];
      LambdaRule watch =
          (lambda, hypergradient, f, lag) -> {
            System.arraycopy(hypergradient, 0, seen, 0, seen.length);
            return new Adam(0.2, -6, 6).propose(lambda, hypergradient, f, lag);
          };
      NboSettings once =
          NboSettings.of(curvature)
              .withProducts(120)
              .withIterations(1)
              .withPatience(0)
              .withFactorRefresh(4)
              .withRows(0.3, -6, 6);
      OuterResult result = new Nbo(run.context(r -> {}), once, watch).run(run.start(1e-9));
      hypergradients.add(seen);
      if (run.oracle.problem().hasExampleWeights()) {
        rows.add(rowLambda(run, result.best()));
      }
    }
    for (int c = 1; c < hypergradients.size() && hypergradients.get(0).length > 0; c++) {
      double error = distance(hypergradients.get(c), hypergradients.get(0));
      assertTrue(error <= 1e-7, "" + error);
    }
    for (int c = 1; c < rows.size(); c++) {
      double error = distance(rows.get(c), rows.get(0));
      assertTrue(error <= 1e-7, "" + error);
    }
  }

  private static double[] rowLambda(Run run, Evaluation evaluation) {
    return run.engine.states(run.oracle.states(evaluation)).stream()
        .map(PartitionState::lambda)
        .flatMap(Arrays::stream)
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void givesTheSameBitsOnEveryRun(Upper upper) {
    List<double[]> thetas = new ArrayList<>();
    List<List<IterationRecord>> histories = new ArrayList<>();
    for (int repeat = 0; repeat < 2; repeat++) {
      Run run = new Run(data(), upper, Curvature.KFAC_CG, 2, upper.isScored() ? ROTATION : null);
      OuterResult result = run.run(run.start(1e-4));
      thetas.add(result.best().theta());
      histories.add(result.course().history());
    }
    assertArrayEquals(thetas.get(0), thetas.get(1), 0);
    for (int k = 0; k <= ITERATIONS; k++) {
      IterationRecord a = histories.get(0).get(k);
      IterationRecord b = histories.get(1).get(k);
      assertEquals(a.point().lowerObjective(), b.point().lowerObjective(), 0);
      assertEquals(a.step().hypergradientNorm(), b.step().hypergradientNorm(), 0);
      assertEquals(a.figures().upper(), b.figures().upper());
      assertArrayEquals(a.point().lambda(), b.point().lambda(), 0);
    }
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void cutOfTheRowsChangesOnlyRounding(Upper upper) {
    List<double[]> thetas = new ArrayList<>();
    for (int partitions : new int[] {1, 3, 6}) {
      Data data =
          TestProblems.of(new SoftmaxLoss(3))
              .features(6)
              .rows(90, 40, 0, 20)
              .partitions(partitions)
              .make();
      Run run = new Run(data, upper, Curvature.CG, 3, upper.isScored() ? ROTATION : null);
      thetas.add(run.run(run.start(1e-4)).best().theta());
    }
    assertTrue(distance(thetas.get(1), thetas.get(0)) <= 1e-10);
    assertTrue(distance(thetas.get(2), thetas.get(0)) <= 1e-10);
  }

  @Test
  void returnsTheLastIterateWithinOneStandardErrorOfTheLeastHeldOutLoss() {
    Data data =
        TestProblems.of(new SoftmaxLoss(3)).features(6).rows(90, 25, 60, 20).noisy(1, 0.4).make();
    Run run = new Run(data, Upper.EXAMPLE_WEIGHTS, Curvature.EXACT, 1, null);
    NboSettings patient =
        NboSettings.of(Curvature.EXACT)
            .withProducts(1)
            .withIterations(60)
            .withPatience(6)
            .withFactorRefresh(4)
            .withRows(2, -8, 8);
    OuterResult result =
        new Nbo(run.context(r -> {}), patient, new Adam(0.2, -6, 6)).run(run.start(1e-4));
    double least = Double.POSITIVE_INFINITY;
    double error = 0;
    int expected = 0;
    for (IterationRecord record : result.course().history()) {
      if (record.figures().heldOut().loss() < least) {
        least = record.figures().heldOut().loss();
        error = record.figures().heldOut().standardError();
      }
      if (record.figures().heldOut().loss() <= least + error) {
        expected = record.iteration();
      }
    }
    assertEquals(expected, result.course().bestIteration());
    IterationRecord best = result.course().history().get(expected);
    assertEquals(best.figures().heldOut(), result.best().heldOut());
    if (result.course().status() == Status.STALLED) {
      assertEquals(
          expected + 6,
          result.course().history().get(result.course().history().size() - 1).iteration());
    }
    assertTrue(Vectors.isFinite(result.best().theta()));
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"KFAC", "EKFAC_CG", "NEUMANN", "IDENTITY"})
  void featureThatIsNotANumberIsAStatus(Curvature curvature) {
    Data clean = TestProblems.of(new LogisticLoss()).make();
    Data data =
        new Data(
            clean.model(),
            TestProblems.withNaN(clean),
            clean.train(),
            clean.upper(),
            clean.heldOut(),
            clean.test());
    for (Upper upper : Upper.values()) {
      Run run = new Run(data, upper, curvature, 3, null);
      OuterResult result = run.run(run.start(1e-4));
      assertEquals(Status.NOT_FINITE, result.course().status(), upper + "");
      assertEquals(0, result.course().bestIteration());
    }
  }
}
