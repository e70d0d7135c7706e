package io.github.sparkbilevel.problem.oracle;

import static io.github.sparkbilevel.DenseReference.distance;
import static io.github.sparkbilevel.DenseReference.filled;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.ScaledLoss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperRows;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.MixedProduct;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class BlockOracleTest {
  private static final double L2 = 0.1;

  private enum Upper {
    NONE(UpperVariable.NONE),
    EXAMPLE_WEIGHTS(new ExampleWeights(0.5)),
    GROUP_WEIGHTS(WeightFunction.ofGroups(3)),
    WEIGHT_FUNCTION(new WeightFunction(WeightFunction.ALL_SCORES, 3));

    @SuppressWarnings("ImmutableEnumChecker") // Its kinds are records of numbers.
    private final UpperVariable variable;

    Upper(UpperVariable variable) {
      this.variable = variable;
    }
  }

  /** An oracle with penalty tuned, at one point (θ, u, λ). */
  private static final class Setting {
    final Data data;
    final LocalEngine engine;
    final BlockOracle oracle;
    final double[] theta;
    final double[] adjoint;
    final double[] lambda;
    final double[] trusted;

    Setting(Data data, Upper upper) {
      this.data = data;
      engine = data.engine();
      BilevelProblem problem =
          new BilevelProblem(data.model(), upper.variable, Penalty.tuned(data.model(), false));
      oracle = new BlockOracle(problem, engine, "auto", data.train().count());
      int d = data.model().size();
      theta = TestProblems.vector(1, d, 0.6);
      adjoint = TestProblems.vector(2, d, 0.8);
      lambda = TestProblems.vector(3, problem.sharedSize(), 0.7);
      lambda[lambda.length - 1] = Math.log(L2);
      trusted = TestProblems.vector(4, 2 * d, 0.9);
      if (upper == Upper.WEIGHT_FUNCTION) {
        oracle.makeFeatures(trusted, 0, TestProblems.vector(8, d, 0.5));
        oracle.makeFeatures(trusted, 0, TestProblems.vector(5, d, 0.4));
      }
    }

    Setting(Upper upper) {
      this(TestProblems.of(new SoftmaxLoss(3)).make(), upper);
    }

    Query query() {
      return Query.at(theta, lambda).along(adjoint);
    }

    double[] weights(Evaluation evaluation) {
      return flatten(
          engine.states(oracle.states(evaluation)).stream().map(PartitionState::weights));
    }

    double[] rowLambda(Evaluation evaluation) {
      return flatten(engine.states(oracle.states(evaluation)).stream().map(PartitionState::lambda));
    }

    private static double[] flatten(Stream<double[][]> parts) {
      return parts.flatMap(Arrays::stream).flatMapToDouble(Arrays::stream).toArray();
    }

    double[] strengths() {
      double[] c = filled(theta.length, L2);
      for (int j = 0; j < c.length; j++) {
        c[j] = data.model().isIntercept(j) ? 0 : L2;
      }
      return c;
    }
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void anEvaluationDoesNotKeepThoseBeforeIt(Upper upper) throws InterruptedException {
    Setting setting = new Setting(upper);
    Evaluation last = setting.oracle.evaluate(setting.query());
    WeakReference<Evaluation> first = new WeakReference<>(last);
    for (int k = 0; k < 2; k++) {
      Evaluation next = setting.oracle.evaluate(setting.query().from(last, null));
      last.release();
      last = next;
    }
    for (int i = 0; i < 100 && first.get() != null; i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertNull(first.get());
    assertTrue(last.value() > 0);
  }

  private static void assertSameNumbers(Evaluation expected, Evaluation got, double tolerance) {
    assertEquals(expected.value(), got.value(), tolerance * Math.abs(expected.value()));
    assertClose(expected.gradient(), got.gradient(), tolerance);
    assertClose(expected.adjointProduct(), got.adjointProduct(), tolerance);
    assertClose(expected.upperGradient(), got.upperGradient(), tolerance);
    assertEquals(expected.upper().loss(), got.upper().loss(), tolerance);
    assertEquals(expected.heldOut().loss(), got.heldOut().loss(), tolerance);
    assertEquals(expected.test().loss(), got.test().loss(), tolerance);
    assertEquals(expected.rowGradient().norm(), got.rowGradient().norm(), tolerance);
  }

  private static void assertClose(double[] expected, double[] got, double tolerance) {
    assertTrue(distance(got, expected) <= tolerance, "" + distance(got, expected));
  }

  static Stream<Arguments> problems() {
    List<Arguments> all = new ArrayList<>();
    for (Loss loss :
        List.of(new ScaledLoss(new SquaredLoss(), 1.3), new LogisticLoss(), new SoftmaxLoss(4))) {
      for (Storage storage : List.of(Storage.DENSE_64, Storage.CSR, Storage.CSR_SHIFTED)) {
        for (boolean intercept : new boolean[] {true, false}) {
          all.add(Arguments.of(loss, storage, intercept));
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("problems")
  void evaluationEqualsTheFormulas(Loss loss, Storage storage, boolean intercept) {
    Data data = TestProblems.of(loss).storage(storage).intercept(intercept).make();
    for (Upper upper : Upper.values()) {
      Setting at = new Setting(data, upper);
      Evaluation got =
          at.oracle.evaluate(
              at.query().from(null, new RowStep(1, 0.5, 2, -3, 3)).with(Extra.HESSIAN));
      double[] s = at.weights(got);
      double[] c = at.strengths();
      DenseReference lower = new DenseReference(data.model(), data.train());
      DenseReference upperLevel = new DenseReference(data.model(), data.upper());
      double[] ofUpper = data.upper().allWeights();
      double[] none = new double[c.length];
      double[][] h = lower.hessian(at.theta, s, c);
      assertEquals(lower.value(at.theta, s, c), got.value(), 1e-12 * got.value());
      assertClose(lower.gradient(at.theta, s, c), got.gradient(), 1e-11);
      double[] product = DenseReference.times(h, at.adjoint);
      assertClose(product, got.adjointProduct(), 1e-11);
      assertClose(product, got.hessian(0).apply(at.adjoint), 1e-11);
      assertClose(
          Vectors.plus(product, 0.3, at.adjoint), got.hessian(0.3).apply(at.adjoint), 1e-11);
      double[] flat = Arrays.stream(h).flatMapToDouble(Arrays::stream).toArray();
      assertClose(flat, got.denseHessian(), 1e-11);
      assertEquals(upperLevel.value(at.theta, ofUpper, none), got.upper().loss(), 1e-12);
      assertClose(upperLevel.gradient(at.theta, ofUpper, none), got.upperGradient(), 1e-11);
      assertNull(got.factors());
    }
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void everyQuestionCostsOnePass(Upper upper) {
    Setting at = new Setting(upper);
    int before = at.engine.ledger().passes();
    Evaluation evaluation = at.oracle.evaluate(at.query().with(Extra.KRONECKER));
    assertEquals(before + 1, at.engine.ledger().passes());
    at.oracle.mixedProduct(evaluation, at.theta, at.adjoint);
    assertEquals(before + 2, at.engine.ledger().passes());
    evaluation.hessian(0.1).applyAll(new double[][] {at.theta, at.adjoint, at.theta});
    assertEquals(before + 3, at.engine.ledger().passes());
    at.oracle.makeFeatures(at.trusted, 0, at.theta);
    assertEquals(before + 4, at.engine.ledger().passes());
    at.oracle.lower(evaluation, at.lambda).at(at.theta, Extra.NONE);
    assertEquals(before + 5, at.engine.ledger().passes());
  }

  @Test
  void withoutACurrentModelItsFeatureHasNoWeight() {
    Data data = TestProblems.of(new SoftmaxLoss(3)).make();
    Setting given = new Setting(data, Upper.WEIGHT_FUNCTION);
    Setting without = new Setting(data, Upper.WEIGHT_FUNCTION);
    // At θ = 0 every label is as likely as any other. Other trusted models begin anew: what was the
    // model of the start before is forgotten.
    double[] others = TestProblems.vector(6, without.trusted.length, 1);
    given.oracle.makeFeatures(others, 1, given.theta);
    given.oracle.makeFeatures(given.trusted.clone(), 1, new double[given.theta.length]);
    without.oracle.makeFeatures(others, 1, given.theta);
    without.oracle.makeFeatures(without.trusted.clone(), 1, null);
    assertArrayEquals(
        given.weights(given.oracle.evaluate(given.query())),
        without.weights(without.oracle.evaluate(without.query())));
    assertThrows(
        IllegalArgumentException.class, () -> given.oracle.makeFeatures(given.trusted, 0, null));
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void evaluationBehindItsMixedProductGivesTheSameNumbers(Upper upper) {
    Setting plain = new Setting(upper);
    Setting reusing = new Setting(upper);
    Evaluation start = reusing.oracle.evaluate(reusing.query());
    Evaluation expected = plain.oracle.evaluate(plain.query());
    reusing.oracle.mixedProduct(start, reusing.theta, reusing.adjoint);
    Evaluation got = reusing.oracle.evaluate(reusing.query().from(start, null));
    assertSameNumbers(expected, got, 1e-13);
    boolean reuses = upper.variable instanceof WeightFunction;
    List<PassLedger.Entry> entries = reusing.engine.ledger().entries();
    assertEquals(!reuses, entries.get(entries.size() - 1).kernels().startsWith("outputs"));
  }

  @Test
  void refreshOfTheFeaturesCountsFromTheEvaluationAtThatPointOn() {
    Setting at = new Setting(Upper.WEIGHT_FUNCTION);
    Evaluation before = at.oracle.evaluate(at.query());
    double[] old = at.weights(before);
    double[] elsewhere = TestProblems.vector(9, at.theta.length, 0.6);
    MixedProduct plain = at.oracle.mixedProduct(before, elsewhere, at.adjoint);
    MixedProduct refreshing =
        at.oracle.mixedProduct(before, elsewhere, at.adjoint, OptionalInt.of(1));
    assertArrayEquals(plain.values(), refreshing.values(), 0);
    assertEquals(plain.lowerObjective(), refreshing.lowerObjective(), 0);
    // An evaluation at another point does not see the refresh, and does not use it up.
    assertArrayEquals(old, at.weights(at.oracle.evaluate(at.query())), 0);
    Evaluation there = at.oracle.evaluate(Query.at(elsewhere, at.lambda).along(at.adjoint));
    assertTrue(distance(at.weights(there), old) > 1e-3);
    // What was refreshed is what makeFeatures makes of the other trusted model and θ; the model of
    // the start stays.
    Setting made = new Setting(Upper.WEIGHT_FUNCTION);
    made.oracle.makeFeatures(made.trusted, 1, elsewhere);
    double[] expected = made.weights(made.oracle.evaluate(made.query()));
    assertClose(expected, at.weights(there), 1e-13);
    // From then on they count everywhere.
    assertClose(expected, at.weights(at.oracle.evaluate(at.query())), 1e-13);
  }

  @Test
  void rejectedMixedProductDoesNotChangeTheFeatures() {
    Setting at = new Setting(Upper.WEIGHT_FUNCTION);
    Evaluation point = at.oracle.evaluate(at.query());
    double[] old = at.weights(point);
    double[] rejected = TestProblems.vector(9, at.theta.length, 2);
    double[] taken = TestProblems.vector(10, at.theta.length, 0.5);
    at.oracle.mixedProduct(point, rejected, at.adjoint, OptionalInt.of(1));
    at.oracle.mixedProduct(point, taken, at.adjoint);
    Evaluation next = at.oracle.evaluate(Query.at(taken, at.lambda).along(at.adjoint));
    assertArrayEquals(old, at.weights(next), 0);
    Evaluation late = at.oracle.evaluate(Query.at(rejected, at.lambda).along(at.adjoint));
    assertArrayEquals(old, at.weights(late), 0);
  }

  @Test
  void weightsOfTheWeightFunctionAreTheSigmoidOfItsFeatures() {
    Setting at = new Setting(Upper.WEIGHT_FUNCTION);
    double[] got = at.weights(at.oracle.evaluate(at.query()));
    int n = at.data.train().count();
    int d = at.theta.length;
    DenseReference reference = new DenseReference(at.data.model(), at.data.train());
    double[][] scores = {
      logOdds(reference, Vectors.slice(at.trusted, 0, d), at.data.train()),
      logOdds(reference, TestProblems.vector(5, d, 0.4), at.data.train()),
      logOdds(reference, TestProblems.vector(8, d, 0.5), at.data.train())
    };
    double[] expected = new double[n];
    for (int i = 0; i < n; i++) {
      double x = at.lambda[0] + at.lambda[4 + at.data.train().groups()[i]];
      for (int f = 0; f < 3; f++) {
        x += at.lambda[1 + f] * scores[f][i];
      }
      expected[i] = at.data.train().weights()[i] / (1 + Math.exp(-x));
    }
    assertClose(expected, got, 1e-12);
  }

  private static double[] logOdds(DenseReference reference, double[] theta, Rows rows) {
    double[] x = new double[rows.count()];
    for (int i = 0; i < x.length; i++) {
      double p = Math.exp(-reference.loss(theta, i));
      x[i] = Math.max(-5, Math.min(5, Math.log(p / (1 - p))));
    }
    double mean = rows.mean(x);
    double deviation =
        Math.sqrt(rows.mean(Arrays.stream(x).map(v -> v * v).toArray()) - mean * mean);
    return Arrays.stream(x).map(v -> (v - mean) / deviation).toArray();
  }

  @Test
  void featuresHaveToBeMadeFirst() {
    Data data = TestProblems.of(new LogisticLoss()).make();
    BilevelProblem problem =
        new BilevelProblem(
            data.model(),
            new WeightFunction(WeightFunction.ALL_SCORES, 0),
            Penalty.fixed(data.model(), L2, false));
    BlockOracle oracle = new BlockOracle(problem, data.engine(), "auto", data.train().count());
    Query query = Query.at(new double[5], new double[3]);
    var thrown = assertThrows(IllegalStateException.class, () -> oracle.evaluate(query));
    assertTrue(thrown.getMessage().contains("makeFeatures"), thrown.getMessage());
  }

  @Test
  void rowsStepInsideTheEvaluationByTheFormula() {
    Setting at = new Setting(Upper.EXAMPLE_WEIGHTS);
    double initial = 0.5;
    Evaluation first =
        at.oracle.evaluate(at.query().from(null, new RowStep(0.7, 0.2, 1.5, -0.9, 1.2)));
    double[] stepped = at.rowLambda(first);
    DenseReference reference = new DenseReference(at.data.model(), at.data.train());
    double sumSquares = 0;
    double sumByWeight = 0;
    double sumWeights = 0;
    for (int i = 0; i < stepped.length; i++) {
      double w = at.data.train().weights()[i];
      double sigma = 1 / (1 + Math.exp(-initial));
      double h = -w * sigma * (1 - sigma) * reference.directional(at.theta, at.adjoint, i);
      double clipped = Math.max(-1.5, Math.min(1.5, h / w / 0.2));
      double expected = Math.max(-0.9, Math.min(1.2, initial - 0.7 * clipped));
      assertEquals(expected, stepped[i], 1e-13);
      assertEquals(w / (1 + Math.exp(-expected)), at.weights(first)[i], 1e-13);
      sumSquares += h * h;
      sumByWeight += h * h / w;
      sumWeights += w;
    }
    int n = stepped.length;
    assertEquals(Math.sqrt(sumByWeight / sumWeights), first.rowGradient().rootMeanSquare(), 1e-12);
    assertEquals(Math.sqrt(sumSquares) / n, first.rowGradient().norm(), 1e-12);
    assertTrue(distance(stepped, filled(n, initial)) > 0.1);
    // Rows that are taken on without a step stay where they are.
    Evaluation second = at.oracle.evaluate(at.query().from(first, null));
    assertArrayEquals(stepped, at.rowLambda(second), 0);
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void lowerObjectiveAtTheLambdaBeforeIsWhatItWasThere(Upper upper) {
    Setting at = new Setting(upper);
    Evaluation before = at.oracle.evaluate(at.query());
    double[] next = at.lambda.clone();
    next[next.length - 1] += 0.8;
    Evaluation after =
        at.oracle.evaluate(
            Query.at(at.theta, next).along(at.adjoint).from(before, new RowStep(1, 0.1, 3, -5, 5)));
    assertEquals(before.value(), after.lowerObjectiveAt(at.lambda), 1e-13);
    assertTrue(Math.abs(after.value() - before.value()) > 1e-3);
    MixedProduct mixed = at.oracle.mixedProduct(before, at.theta, at.adjoint);
    assertEquals(before.value(), mixed.lowerObjective(), 1e-13);
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void givesTheSameBitsOnTheSamePartitions(Upper upper) {
    Setting first = new Setting(upper);
    Setting second = new Setting(upper);
    Query query = first.query().with(Extra.HESSIAN);
    Evaluation a = first.oracle.evaluate(query);
    Evaluation b = second.oracle.evaluate(query);
    assertSameNumbers(a, b, 0);
    assertArrayEquals(a.denseHessian(), b.denseHessian(), 0);
    assertArrayEquals(
        first.oracle.mixedProduct(a, first.theta, first.adjoint).values(),
        second.oracle.mixedProduct(b, first.theta, first.adjoint).values(),
        0);
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void numberOfPartitionsChangesOnlyRounding(Upper upper) {
    for (Storage storage : List.of(Storage.DENSE_64, Storage.CSR_SHIFTED)) {
      TestProblems.Spec spec = TestProblems.of(new SoftmaxLoss(5)).storage(storage);
      Setting one = new Setting(spec.partitions(1).make(), upper);
      Evaluation expected = one.oracle.evaluate(one.query());
      double[] mixed = one.oracle.mixedProduct(expected, one.theta, one.adjoint).values();
      for (int partitions : new int[] {2, 4, 9, 70}) {
        Setting many = new Setting(spec.partitions(partitions).make(), upper);
        Evaluation got = many.oracle.evaluate(many.query());
        assertSameNumbers(expected, got, 1e-12);
        assertClose(mixed, many.oracle.mixedProduct(got, many.theta, many.adjoint).values(), 1e-12);
      }
    }
  }

  @Test
  void upperFoldsPartTheTrustedRows() {
    Setting at = new Setting(Upper.GROUP_WEIGHTS);
    Evaluation all = at.oracle.evaluate(at.query());
    double[] sum = new double[at.theta.length];
    double loss = 0;
    long rows = 0;
    double weight = 0;
    for (int fold = 0; fold < 2; fold++) {
      Evaluation part = at.oracle.evaluate(at.query().over(new UpperRows(fold)));
      double ofFold = 0;
      for (int i = 0; i < at.data.upper().count(); i++) {
        ofFold += at.data.upper().groups()[i] == fold ? at.data.upper().weight(i) : 0;
      }
      Vectors.addTo(sum, ofFold, part.upperGradient());
      loss += ofFold * part.upper().loss();
      rows += part.upper().rows();
      weight += ofFold;
      assertTrue(part.upper().rows() > 0 && part.upper().rows() < all.upper().rows());
    }
    assertEquals(all.upper().rows(), rows);
    assertEquals(all.upper().loss(), loss / weight, 1e-13);
    assertClose(all.upperGradient(), Vectors.scaled(1 / weight, sum), 1e-12);
  }

  @Test
  void stateOfOtherRowsIsRefused() {
    Setting at = new Setting(Upper.EXAMPLE_WEIGHTS);
    Evaluation evaluation = at.oracle.evaluate(at.query());
    Data other = TestProblems.of(new SoftmaxLoss(3)).seed(77).make();
    PartitionState state = at.engine.states(at.oracle.states(evaluation)).get(0);
    BlockKernel kernel = BlockKernel.of(at.data.model(), "auto");
    HessianPass pass = new HessianPass(kernel, null, at.adjoint);
    var thrown =
        assertThrows(
            IllegalStateException.class, () -> pass.apply(other.partitions().get(0), state));
    assertTrue(thrown.getMessage().contains("does not belong"), thrown.getMessage());
  }

  @Test
  void ledgerNamesWhatEachPassFused() {
    Setting at = new Setting(Upper.EXAMPLE_WEIGHTS);
    at.engine.ledger().enter(PassLedger.Phase.OUTER);
    Evaluation evaluation =
        at.oracle.evaluate(
            at.query().from(null, new RowStep(1, 1, 1, -1, 1)).with(Extra.KRONECKER));
    evaluation.hessian(0).applyAll(new double[][] {at.theta, at.adjoint});
    List<PassLedger.Entry> entries = at.engine.ledger().entries();
    assertEquals(2, at.engine.ledger().passes(PassLedger.Phase.OUTER));
    assertEquals("outputs, row step, G, ∇G, Hu, F, ∇F, tallies, A, B", entries.get(0).kernels());
    assertEquals("HV, 2 columns", entries.get(1).kernels());
    assertEquals(2L * 8 * at.theta.length, entries.get(1).bytesOut());
    assertEquals(
        (long) at.engine.partitions().size() * 2 * 8 * at.theta.length, entries.get(1).bytesBack());
  }

  @Test
  void refusesAProblemWithoutRows() {
    Data data = TestProblems.of(new LogisticLoss()).make();
    BilevelProblem problem =
        new BilevelProblem(data.model(), Penalty.fixed(data.model(), 1, false));
    LocalEngine engine = data.engine();
    assertThrows(IllegalArgumentException.class, () -> new BlockOracle(problem, engine, "auto", 0));
    assertThrows(IllegalArgumentException.class, () -> new LocalEngine(List.of()));
  }
}
