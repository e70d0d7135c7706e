package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.bilevel.TuningSettings.Algorithm;
import io.github.sparkbilevel.curvature.KroneckerEigen;
import io.github.sparkbilevel.curvature.KroneckerSettings;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.Lasso;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.training.Training;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A run that is cut off after any iteration, written down as bytes, and gone on with in fresh
 * objects ends with the bits of the run that was not.
 */
class ResumeTest {
  private static final int ITERATIONS = 7;

  /** A run over an engine of its own, from a checkpoint or from the beginning. */
  private interface Run {
    RunBits go(LocalEngine engine, MemoryCheckpoints checkpoints);
  }

  private static void assertSameFromEveryIteration(Data data, Run run) {
    LocalEngine engine = data.engine();
    MemoryCheckpoints whole = new MemoryCheckpoints(engine, null);
    RunBits expected = run.go(engine, whole);
    assertTrue(whole.offered().size() > 3, "offered " + whole.offered().size());
    List<MemoryCheckpoints.Saved> all = new ArrayList<>(whole.offered());
    all.add(whole.end());
    for (int k = 0; k < all.size(); k++) {
      LocalEngine fresh = data.engine();
      MemoryCheckpoints rest = new MemoryCheckpoints(fresh, all.get(k));
      assertEquals(expected, run.go(fresh, rest), "resumed after iteration " + k);
    }
  }

  private static Data data() {
    return TestProblems.of(new SoftmaxLoss(4))
        .features(6)
        .rows(80, 30, 20, 20)
        .groups(4)
        .folds(3)
        .noisy(1.5, 0.4)
        .make();
  }

  private static RunBits clean(
      CleaningSettings settings, long rows, LocalEngine engine, MemoryCheckpoints checkpoints) {
    Cleaning cleaning = new Cleaning(settings, engine, rows, record -> {}, checkpoints);
    CleaningResult result = cleaning.compare(cleaning.learn());
    RunBits bits = new RunBits().add(result.course().history()).add(engine.ledger());
    bits.add(
        result.course().bestIteration(),
        result.course().status().name().hashCode(),
        result.selected().hashCode());
    for (CleaningResult.Candidate model : result.models().values()) {
      bits.add(model.theta()).add(model.figures().upper());
      bits.add(model.figures().heldOut()).add(model.figures().test());
    }
    for (PartitionState state : engine.states(cleaning.oracle().states(result.learned()))) {
      Arrays.stream(state.weights()).forEach(bits::add);
    }
    return bits;
  }

  /** Each upper variable with every second curvature; each curvature with half of them. */
  static Stream<Arguments> cleanings() {
    List<Arguments> all = new ArrayList<>();
    for (ResumedUpper upper : ResumedUpper.values()) {
      for (Curvature curvature : Curvature.values()) {
        boolean linear = curvature != Curvature.EKFAC_CG && curvature != Curvature.WORKING_SET;
        if (linear && (upper.ordinal() + curvature.ordinal()) % 2 == 0) {
          all.add(Arguments.of(upper, curvature));
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("cleanings")
  void clean(ResumedUpper upper, Curvature curvature) {
    Data data = data();
    BilevelProblem problem = upper.problem(data.model());
    double[] lambda = new double[problem.sharedSize()];
    Arrays.fill(lambda, upper.isScored() ? 0 : 1);
    NboSettings.Rotation rotation = upper.isScored() ? new NboSettings.Rotation(3, 3) : null;
    NboSettings nbo =
        NboSettings.of(curvature)
            .withProducts(2)
            .withIterations(ITERATIONS)
            .withPatience(4)
            .withFactorRefresh(4)
            .withRows(1, -8, 8)
            .rotating(rotation);
    CleaningSettings.WarmUp warmUp = new CleaningSettings.WarmUp(1e-2, 40);
    CleaningSettings settings =
        CleaningSettings.of(problem, nbo)
            .from(lambda, -6, 6)
            .withStep(0.3)
            .warmedUp(warmUp)
            .comparedWith(EnumSet.of(Baseline.CLEANED))
            .withSeed(7);
    assertSameFromEveryIteration(
        data, (engine, checkpoints) -> clean(settings, data.train().count(), engine, checkpoints));
  }

  static Stream<Arguments> networks() {
    List<Arguments> all = new ArrayList<>();
    KroneckerSettings averaged = new KroneckerSettings(0.5, KroneckerEigen.Damping.PER_FACTOR);
    for (ResumedUpper upper : ResumedUpper.values()) {
      for (Training.Optimizer optimizer : Training.Optimizer.values()) {
        all.add(Arguments.of(upper, Curvature.KFAC_CG, optimizer, averaged));
      }
      all.add(
          Arguments.of(
              upper, Curvature.EKFAC_CG, Training.Optimizer.ADAM, KroneckerSettings.DEFAULT));
      all.add(Arguments.of(upper, Curvature.KFAC, null, KroneckerSettings.DEFAULT));
    }
    return all.stream();
  }

  /** Without an optimizer θ takes Newton steps. */
  @ParameterizedTest
  @MethodSource("networks")
  void cleanByANetwork(
      ResumedUpper upper,
      Curvature curvature,
      Training.Optimizer optimizer,
      KroneckerSettings factors) {
    Data data =
        TestProblems.of(new SoftmaxLoss(4))
            .features(6)
            .rows(80, 30, 20, 20)
            .groups(4)
            .folds(2)
            .noisy(1.5, 0.4)
            .weighted(false)
            .storage(Storage.DENSE_32)
            .make();
    Network model = Network.dense(new SoftmaxLoss(4), 6, List.of(7), Activation.TANH);
    BilevelProblem problem = upper.problem(model);
    Training adam =
        new Training(new Training.Rule(Training.Optimizer.ADAM, 5e-3, 16, 20), 1, false, 3);
    Training each =
        optimizer == null
            ? null
            : new Training(new Training.Rule(optimizer, 5e-3, 16, 20), 1, false, 3);
    NboSettings.Rotation rotation = upper.isScored() ? new NboSettings.Rotation(2, 3) : null;
    NboSettings nbo =
        NboSettings.of(curvature)
            .withProducts(3)
            .withIterations(6)
            .withDamping(1e-2)
            .withPatience(0)
            .withFactorRefresh(4)
            .withRows(0.7, -8, 8)
            .rotating(rotation)
            .with(each, factors);
    CleaningSettings settings =
        CleaningSettings.of(problem, nbo)
            .from(new double[problem.sharedSize()], -6, 6)
            .withStep(0.4)
            .warmedUp(new CleaningSettings.WarmUp(1e-2, 40))
            .comparedWith(EnumSet.of(Baseline.CLEANED))
            .withSeed(7)
            .with(new CleaningSettings.Networks(adam, adam));
    assertSameFromEveryIteration(
        data, (engine, checkpoints) -> clean(settings, data.train().count(), engine, checkpoints));
  }

  private static RunBits tune(
      TuningSettings settings, long rows, LocalEngine engine, MemoryCheckpoints checkpoints) {
    TuningResult result = new Tuning(settings, engine, rows, record -> {}, checkpoints).run();
    return new RunBits()
        .add(result.course().history())
        .add(engine.ledger())
        .add(result.lambda())
        .add(result.theta())
        .add(result.best().upperObjective(), result.course().bestIteration(), result.evaluations())
        .add(result.products(), result.course().status().name().hashCode())
        .add(result.best().upper())
        .add(result.best().test());
  }

  private static TuningSettings settings(
      BilevelProblem problem, Algorithm algorithm, Curvature curvature) {
    NboSettings nbo =
        NboSettings.of(curvature)
            .withProducts(5)
            .withIterations(14)
            .withPatience(5)
            .withFactorRefresh(5)
            .withRows(0.1, -6, 6);
    return settings(problem, algorithm, nbo);
  }

  private static TuningSettings settings(
      BilevelProblem problem, Algorithm algorithm, NboSettings nbo) {
    double[] low = new double[problem.sharedSize()];
    double[] high = low.clone();
    double[] start = low.clone();
    Arrays.fill(low, -12);
    Arrays.fill(high, 6);
    Arrays.fill(start, -2);
    Arrays.fill(start, 0, problem.weighingSize(), 1);
    CleaningSettings.WarmUp warmUp = new CleaningSettings.WarmUp(1e-3, 100);
    return TuningSettings.of(problem, nbo)
        .from(start, low, high)
        .by(algorithm)
        .withTolerance(1e-7)
        .withSketchColumns(6)
        .withStep(0.3)
        .warmedUp(warmUp);
  }

  static Stream<Arguments> tunings() {
    List<Arguments> all = new ArrayList<>();
    for (Curvature curvature : Curvature.values()) {
      if (curvature.solves()) {
        for (Algorithm algorithm : Algorithm.values()) {
          all.add(Arguments.of(UpperVariable.NONE, algorithm, curvature));
          all.add(Arguments.of(WeightFunction.ofGroups(4), algorithm, curvature));
        }
        all.add(Arguments.of(new ExampleWeights(1), Algorithm.NBO, curvature));
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("tunings")
  void tune(UpperVariable rows, Algorithm algorithm, Curvature curvature) {
    Data data =
        TestProblems.of(new SoftmaxLoss(3))
            .features(6)
            .rows(50, 30, 0, 10)
            .groups(4)
            .noisy(0.7, 0.2)
            .make();
    BilevelProblem problem =
        new BilevelProblem(
            data.model(), rows, Penalty.tuned(data.model(), Sharing.PER_FEATURE, false));
    TuningSettings settings = settings(problem, algorithm, curvature);
    assertSameFromEveryIteration(
        data, (engine, checkpoints) -> tune(settings, data.train().count(), engine, checkpoints));
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      names = {"EXACT", "JACOBI_CG", "WORKING_SET"})
  void tuneWhereCoefficientsAreZero(Curvature curvature) {
    Data data = TestProblems.of(new SoftmaxLoss(3)).features(6).rows(50, 30, 0, 10).make();
    BilevelProblem problem =
        new BilevelProblem(
            data.model(),
            Penalty.fixed(data.model(), 1e-3, false),
            new Lasso(Penalty.tuned(data.model(), Sharing.PER_FEATURE, false)));
    TuningSettings settings = settings(problem, Algorithm.LBFGS, curvature);
    assertSameFromEveryIteration(
        data, (engine, checkpoints) -> tune(settings, data.train().count(), engine, checkpoints));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "soba share=0.25",
        "ma-soba",
        "saba share=0.25",
        "nsbo-saga share=0.5",
        "f2sa share=0.5",
        "bome",
        "qnbo"
      })
  void tuneByAnAlgorithmOfTheField(String algorithm) {
    Data data =
        TestProblems.of(new SoftmaxLoss(3))
            .features(6)
            .rows(50, 30, 0, 10)
            .groups(4)
            .noisy(0.7, 0.2)
            .make();
    NboSettings field =
        NboSettings.of(Curvature.EXACT)
            .withProducts(5)
            .withIterations(5)
            .withPatience(5)
            .withFactorRefresh(5)
            .withRows(0.1, -6, 6)
            .by(new FieldSettings(Contender.of(algorithm), 3));
    for (UpperVariable rows : List.of(UpperVariable.NONE, WeightFunction.ofGroups(4))) {
      BilevelProblem problem =
          new BilevelProblem(
              data.model(), rows, Penalty.tuned(data.model(), Sharing.PER_FEATURE, false));
      TuningSettings settings = settings(problem, Algorithm.NBO, field);
      assertSameFromEveryIteration(
          data, (engine, checkpoints) -> tune(settings, data.train().count(), engine, checkpoints));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"soba share=0.25", "saba share=0.25", "aid-cg"})
  void cleanByAnAlgorithmOfTheField(String algorithm) {
    Data data = data();
    BilevelProblem problem = ResumedUpper.WEIGHT_FUNCTION_OF_GROUPS_AND_L2.problem(data.model());
    NboSettings field =
        NboSettings.of(Curvature.CG)
            .withProducts(2)
            .withIterations(ITERATIONS)
            .withPatience(0)
            .withFactorRefresh(4)
            .withRows(1, -8, 8)
            .rotating(new NboSettings.Rotation(3, 3))
            .by(new FieldSettings(Contender.of(algorithm), 3));
    CleaningSettings settings =
        CleaningSettings.of(problem, field)
            .from(new double[problem.sharedSize()], -6, 6)
            .withStep(0.3)
            .warmedUp(new CleaningSettings.WarmUp(1e-2, 40))
            .comparedWith(EnumSet.of(Baseline.CLEANED))
            .withSeed(7);
    assertSameFromEveryIteration(
        data, (engine, checkpoints) -> clean(settings, data.train().count(), engine, checkpoints));
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void moreIterationsThanTheRunThatWasCutOff(Algorithm algorithm) {
    Data data = TestProblems.of(new SoftmaxLoss(3)).features(8).rows(80, 60, 0, 20).make();
    BilevelProblem problem =
        new BilevelProblem(data.model(), Penalty.tuned(data.model(), Sharing.PER_FEATURE, false));
    TuningSettings more = settings(problem, algorithm, Curvature.EXACT);
    NboSettings nbo =
        NboSettings.of(Curvature.EXACT)
            .withProducts(5)
            .withIterations(9)
            .withPatience(5)
            .withFactorRefresh(5)
            .withRows(0.1, -6, 6);
    TuningSettings fewer =
        TuningSettings.of(problem, nbo)
            .from(more.initialLambda(), more.low(), more.high())
            .by(algorithm)
            .withTolerance(more.tolerance())
            .withSketchColumns(more.sketchColumns())
            .withStep(more.step())
            .warmedUp(more.warmUp());
    LocalEngine engine = data.engine();
    RunBits expected =
        tune(more, data.train().count(), engine, new MemoryCheckpoints(engine, null));
    LocalEngine first = data.engine();
    MemoryCheckpoints cut = new MemoryCheckpoints(first, null);
    tune(fewer, data.train().count(), first, cut);
    for (MemoryCheckpoints.Saved saved : cut.offered()) {
      LocalEngine second = data.engine();
      assertEquals(
          expected, tune(more, data.train().count(), second, new MemoryCheckpoints(second, saved)));
    }
  }
}
