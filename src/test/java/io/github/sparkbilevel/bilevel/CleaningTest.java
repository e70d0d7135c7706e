package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.bilevel.CleaningResult.Candidate;
import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.fit.Comparisons;
import io.github.sparkbilevel.problem.fit.Judge;
import io.github.sparkbilevel.problem.fit.JudgingRule;
import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CleaningTest {
  private static final int ITERATIONS = 15;
  private static final NboSettings.Rotation ROTATION = new NboSettings.Rotation(3, 5);

  private enum Upper {
    WEIGHT_FUNCTION(new WeightFunction(WeightFunction.ALL_SCORES, 0)),
    GROUP_WEIGHTS(WeightFunction.ofGroups(4)),
    EXAMPLE_WEIGHTS(new ExampleWeights(1));

    @SuppressWarnings("ImmutableEnumChecker") // Its kinds are records of numbers.
    private final UpperVariable variable;

    Upper(UpperVariable variable) {
      this.variable = variable;
    }

    boolean isScored() {
      return variable.logOdds() > 0;
    }
  }

  /** 400 rows of 4 classes, of whose labels 40 % are wrong; 40 trusted rows and 30 held out. */
  private static Data data() {
    return TestProblems.of(new SoftmaxLoss(4))
        .features(8)
        .rows(400, 40, 30, 200)
        .groups(4)
        .folds(3)
        .noisy(1.5, 0.4)
        .make();
  }

  private static CleaningSettings settings(
      Data data, Upper upper, Curvature curvature, Set<Baseline> baselines) {
    BilevelProblem problem =
        new BilevelProblem(data.model(), upper.variable, Penalty.fixed(data.model(), 0.01, false));
    double[] lambda = new double[problem.sharedSize()];
    Arrays.fill(lambda, upper.isScored() ? 0 : 1);
    NboSettings nbo =
        NboSettings.of(curvature)
            .withProducts(2)
            .withIterations(ITERATIONS)
            .withPatience(0)
            .withFactorRefresh(5)
            .withRows(1, -8, 8)
            .rotating(upper.isScored() ? ROTATION : null);
    return CleaningSettings.of(problem, nbo)
        .from(lambda, -6, 6)
        .withStep(0.3)
        .warmedUp(new CleaningSettings.WarmUp(1e-2, 40))
        .comparedWith(baselines)
        .withSeed(7);
  }

  private record Outcome(CleaningResult result, LocalEngine engine, List<IterationRecord> told) {}

  private static Outcome run(List<PartitionData> partitions, CleaningSettings settings, int rows) {
    LocalEngine engine = new LocalEngine(partitions);
    List<IterationRecord> told = new ArrayList<>();
    Cleaning cleaning = new Cleaning(settings, engine, rows, told::add);
    return new Outcome(cleaning.compare(cleaning.learn()), engine, told);
  }

  private static Outcome run(Data data, Upper upper, Curvature curvature) {
    return run(
        data.partitions(),
        settings(data, upper, curvature, EnumSet.allOf(Baseline.class)),
        data.train().count());
  }

  /** Share of pairs of a wrong and a right label of which the wrong one has the lower quality. */
  private static double auroc(Data data, Judge judge) {
    BlockKernel kernel = BlockKernel.of(data.model(), "auto");
    List<Double> wrong = new ArrayList<>();
    List<Double> right = new ArrayList<>();
    for (PartitionData partition : data.partitions()) {
      for (Block block : partition.train()) {
        double[] quality = Comparisons.judge(kernel, block, judge).quality();
        for (int i = 0; i < block.rows(); i++) {
          (block.labels()[i] == block.truth()[i] ? right : wrong).add(quality[i]);
        }
      }
    }
    double pairs = 0;
    for (double w : wrong) {
      for (double r : right) {
        pairs += w < r ? 1 : w == r ? 0.5 : 0;
      }
    }
    return pairs / wrong.size() / right.size();
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"KFAC", "EKFAC_CG", "WORKING_SET", "NEUMANN", "IDENTITY"})
  void findsTheWrongLabels(Curvature curvature) {
    Data data = data();
    for (Upper upper : Upper.values()) {
      CleaningResult result = run(data, upper, curvature).result();
      double auroc = auroc(data, result.models().get(Cleaning.BILEVEL).judge());
      assertTrue(auroc > 0.9, upper + ": " + auroc);
    }
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void theAdjointOfInfluenceSolvesItsSystem(Upper upper) {
    Data data = data();
    CleaningSettings settings = settings(data, upper, Curvature.EXACT, Set.of());
    LocalEngine engine = data.engine();
    int n = data.train().count();
    Cleaning cleaning = new Cleaning(settings, engine, n, record -> {});
    Cleaning.Learned learned = cleaning.learn();
    double[] u = cleaning.adjoint(learned).orElseThrow();
    Evaluation point = learned.evaluation();
    LowerObjective<Evaluation> lower = cleaning.oracle().lower(point, point.lambda());
    double[] residual = Vectors.plus(lowerHessian(lower, point, u), -1, point.upperGradient());
    double norm = Vectors.norm(point.upperGradient());
    assertTrue(norm > 0);
    assertEquals(0, Vectors.norm(residual), 1e-3 * norm);
  }

  private static double[] lowerHessian(
      LowerObjective<Evaluation> lower, Evaluation point, double[] u) {
    Evaluation at = lower.at(point.theta(), Extra.NONE);
    double[] product = at.hessian(0).applyAll(new double[][] {u})[0];
    at.release();
    return product;
  }

  @Test
  void cleansBetterThanTheNoisyFit() {
    Data data = data();
    Map<String, Candidate> models =
        run(data, Upper.WEIGHT_FUNCTION, Curvature.KFAC_CG).result().models();
    Candidate bilevel = models.get(Cleaning.BILEVEL);
    Candidate noisy = models.get("noisy");
    assertTrue(auroc(data, bilevel.judge()) > auroc(data, noisy.judge()));
    assertTrue(bilevel.figures().test().loss() < noisy.figures().test().loss());
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void selectsTheRefitUnlessAnotherModelHasLessHeldOutLoss(Upper upper) {
    CleaningResult result = run(data(), upper, Curvature.EXACT).result();
    double selected = result.selectedModel().figures().heldOut().loss();
    assertTrue(selected <= result.models().get("cleaned").figures().heldOut().loss());
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void comparesWithEveryBaseline(Upper upper) {
    Data data = data();
    CleaningResult result = run(data, upper, Curvature.EXACT).result();
    assertEquals(
        Set.of(
            "bilevel",
            "noisy",
            "trusted",
            "trustedRefit",
            "transfer",
            "transferRefit",
            "confidentLearning",
            "noiseModel",
            "labellerModel",
            "goldLossCorrection",
            "forwardCorrection",
            "cleaned",
            "oracle"),
        result.models().keySet());
    assertEquals("bilevel", result.models().get("cleaned").refitOf());
    assertEquals("trusted", result.models().get("trustedRefit").refitOf());
    assertEquals("transfer", result.models().get("transferRefit").refitOf());
    assertInstanceOf(
        JudgingRule.Confident.class, result.models().get("confidentLearning").judge().rule());
    result
        .models()
        .forEach(
            (name, candidate) -> {
              assertEquals(data.model().size(), candidate.theta().length);
              assertEquals(data.upper().count(), candidate.figures().upper().rows());
              assertEquals(data.heldOut().count(), candidate.figures().heldOut().rows());
              assertEquals(data.test().count(), candidate.figures().test().rows());
            });
  }

  @Test
  void theSlopeOfTheTrustedLogOddsIsNeverNegative() {
    Data data = data();
    CleaningSettings settings =
        settings(data, Upper.WEIGHT_FUNCTION, Curvature.EXACT, EnumSet.noneOf(Baseline.class));
    settings.initialLambda()[WeightFunction.TRUSTED] = -1;
    List<IterationRecord> told = run(data.partitions(), settings, data.train().count()).told();
    for (IterationRecord record : told.subList(1, told.size())) {
      assertTrue(record.point().lambda()[WeightFunction.TRUSTED] >= 0);
    }
    assertEquals(ITERATIONS + 1, told.size());
  }

  @Test
  void makesOnlyTheBaselinesAskedFor() {
    Data data = data();
    CleaningSettings none =
        settings(data, Upper.EXAMPLE_WEIGHTS, Curvature.EXACT, EnumSet.noneOf(Baseline.class));
    CleaningResult result = run(data.partitions(), none, data.train().count()).result();
    assertEquals(Set.of(Cleaning.BILEVEL), result.models().keySet());
    assertEquals(Cleaning.BILEVEL, result.selected());
  }

  /** Plain models that are fitted by themselves are those that are fitted together. */
  @Test
  void plainModelsServeSeveralRuns() {
    Data data = data();
    CleaningSettings settings =
        settings(data, Upper.WEIGHT_FUNCTION, Curvature.EXACT, EnumSet.allOf(Baseline.class));
    CleaningResult together = run(data.partitions(), settings, data.train().count()).result();
    LocalEngine engine = new LocalEngine(data.partitions());
    Cleaning cleaning = new Cleaning(settings, engine, data.train().count(), record -> {});
    Map<String, Finished> plain = new HashMap<>();
    for (Baseline baseline : Baseline.values()) {
      if (baseline != Baseline.CLEANED && baseline != Baseline.LABELLER_MODEL) {
        plain.putAll(cleaning.plain(baseline));
      }
    }
    int passes = engine.ledger().passes(Phase.BASELINES);
    CleaningResult apart = cleaning.compare(cleaning.learn(), plain);
    assertTrue(engine.ledger().passes(Phase.BASELINES) - passes < passes, "plain models refitted");
    assertEquals(together.models().keySet(), apart.models().keySet());
    assertEquals(together.selected(), apart.selected());
    together
        .models()
        .forEach(
            (name, candidate) -> {
              ModelFigures one = candidate.figures();
              ModelFigures other = apart.models().get(name).figures();
              assertEquals(one.test().loss(), other.test().loss(), 5e-3, name);
              assertEquals(one.heldOut().loss(), other.heldOut().loss(), 5e-3, name);
            });
    assertThrows(IllegalArgumentException.class, () -> cleaning.plain(Baseline.CLEANED));
    assertThrows(IllegalArgumentException.class, () -> cleaning.plain(Baseline.LABELLER_MODEL));
  }

  @Test
  void theOracleIsFittedOnTheRightRows() {
    Data data = data();
    Map<String, Candidate> models =
        run(data, Upper.EXAMPLE_WEIGHTS, Curvature.EXACT).result().models();
    double oracle = models.get("oracle").figures().test().loss();
    assertTrue(oracle < models.get("noisy").figures().test().loss());
    assertTrue(oracle < models.get("trusted").figures().test().loss());
    assertEquals(1, auroc(data, models.get("oracle").judge()), 0.05);
  }

  @Test
  void plainFitsAreThoseOfTheirRows() {
    Data data = data();
    Map<String, Candidate> models =
        run(data, Upper.EXAMPLE_WEIGHTS, Curvature.EXACT).result().models();
    DenseReference noisy = new DenseReference(data.model(), data.train());
    double[] c = new double[data.model().size()];
    for (int j = 0; j < c.length; j++) {
      c[j] = data.model().isIntercept(j) ? 0 : 0.01;
    }
    double total = Arrays.stream(data.train().weights()).sum() / data.train().count();
    double[] s = Arrays.stream(data.train().weights()).map(w -> w / total).toArray();
    double[] theta = models.get("noisy").theta();
    double least = noisy.value(noisy.minimize(theta, s, c), s, c);
    assertEquals(least, noisy.value(theta, s, c), 1e-4 * least);
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void countsItsPhasesApart(Upper upper) {
    Data data = data();
    Outcome outcome = run(data, upper, Curvature.EXACT);
    var ledger = outcome.engine().ledger();
    assertEquals(ITERATIONS + 1, outcome.told().size());
    double halvings =
        outcome.told().stream()
            .mapToDouble(r -> -Math.log(r.step().stepLength()) / Math.log(2))
            .sum();
    int each = upper == Upper.EXAMPLE_WEIGHTS ? 1 : 2;
    assertEquals(ITERATIONS * each + halvings, ledger.passes(Phase.OUTER), 1e-9);
    assertTrue(ledger.passes(Phase.WARM_UP) >= 2);
    assertEquals(upper.isScored(), ledger.passes(Phase.POLISH) > 0);
    assertTrue(ledger.passes(Phase.BASELINES) >= 5);
    assertEquals(0, ledger.passes(Phase.SCORES));
    int all = 0;
    for (Phase phase : Phase.values()) {
      all += ledger.passes(phase);
    }
    assertEquals(ledger.passes(), all);
  }

  @Test
  void givesTheSameBitsOnEveryRun() {
    Data data = data();
    Map<String, Candidate> first =
        run(data, Upper.WEIGHT_FUNCTION, Curvature.KFAC_CG).result().models();
    Map<String, Candidate> second =
        run(data, Upper.WEIGHT_FUNCTION, Curvature.KFAC_CG).result().models();
    first.forEach(
        (name, candidate) ->
            assertArrayEquals(candidate.theta(), second.get(name).theta(), 0, name));
  }

  @Test
  void sparseRowsGiveTheModelOfDenseRows() {
    Data dense = data();
    Data sparse =
        TestProblems.of(new SoftmaxLoss(4))
            .features(8)
            .rows(400, 40, 30, 200)
            .groups(4)
            .folds(3)
            .noisy(1.5, 0.4)
            .storage(Storage.CSR_SHIFTED)
            .make();
    double[] a = run(dense, Upper.EXAMPLE_WEIGHTS, Curvature.EXACT).result().learned().theta();
    double[] b = run(sparse, Upper.EXAMPLE_WEIGHTS, Curvature.EXACT).result().learned().theta();
    assertTrue(DenseReference.distance(b, a) <= 1e-8, "" + DenseReference.distance(b, a));
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"KFAC", "EKFAC_CG", "WORKING_SET", "NEUMANN", "IDENTITY"})
  void featureThatIsNotANumberIsAStatus(Curvature curvature) {
    Data data = data();
    for (Upper upper : Upper.values()) {
      CleaningSettings settings = settings(data, upper, curvature, EnumSet.allOf(Baseline.class));
      CleaningResult result =
          run(TestProblems.withNaN(data), settings, data.train().count()).result();
      assertEquals(Status.NOT_FINITE, result.course().status(), upper + "");
    }
  }
}
