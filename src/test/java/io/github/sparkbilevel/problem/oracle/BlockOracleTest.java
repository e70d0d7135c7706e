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
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.ScaledLoss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperRows;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.MixedProduct;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class BlockOracleTest {
  @ParameterizedTest
  @EnumSource(OracleUpper.class)
  void anEvaluationDoesNotKeepThoseBeforeIt(OracleUpper upper) throws InterruptedException {
    OracleSetting setting = new OracleSetting(upper);
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

  static void assertClose(double[] expected, double[] got, double tolerance) {
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
    for (OracleUpper upper : OracleUpper.values()) {
      OracleSetting at = new OracleSetting(data, upper);
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
  @EnumSource(OracleUpper.class)
  void everyQuestionCostsOnePass(OracleUpper upper) {
    OracleSetting at = new OracleSetting(upper);
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

  @ParameterizedTest
  @EnumSource(OracleUpper.class)
  void evaluationBehindItsMixedProductGivesTheSameNumbers(OracleUpper upper) {
    OracleSetting plain = new OracleSetting(upper);
    OracleSetting reusing = new OracleSetting(upper);
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
  void rowsStepInsideTheEvaluationByTheFormula() {
    OracleSetting at = new OracleSetting(OracleUpper.EXAMPLE_WEIGHTS);
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
  @EnumSource(OracleUpper.class)
  void lowerObjectiveAtTheLambdaBeforeIsWhatItWasThere(OracleUpper upper) {
    OracleSetting at = new OracleSetting(upper);
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
  @EnumSource(OracleUpper.class)
  void givesTheSameBitsOnTheSamePartitions(OracleUpper upper) {
    OracleSetting first = new OracleSetting(upper);
    OracleSetting second = new OracleSetting(upper);
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
  @EnumSource(OracleUpper.class)
  void numberOfPartitionsChangesOnlyRounding(OracleUpper upper) {
    for (Storage storage : List.of(Storage.DENSE_64, Storage.CSR_SHIFTED)) {
      TestProblems.Spec spec = TestProblems.of(new SoftmaxLoss(5)).storage(storage);
      OracleSetting one = new OracleSetting(spec.partitions(1).make(), upper);
      Evaluation expected = one.oracle.evaluate(one.query());
      double[] mixed = one.oracle.mixedProduct(expected, one.theta, one.adjoint).values();
      for (int partitions : new int[] {2, 4, 9, 70}) {
        OracleSetting many = new OracleSetting(spec.partitions(partitions).make(), upper);
        Evaluation got = many.oracle.evaluate(many.query());
        assertSameNumbers(expected, got, 1e-12);
        assertClose(mixed, many.oracle.mixedProduct(got, many.theta, many.adjoint).values(), 1e-12);
      }
    }
  }

  @Test
  void upperFoldsPartTheTrustedRows() {
    OracleSetting at = new OracleSetting(OracleUpper.GROUP_WEIGHTS);
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
    OracleSetting at = new OracleSetting(OracleUpper.EXAMPLE_WEIGHTS);
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
    OracleSetting at = new OracleSetting(OracleUpper.EXAMPLE_WEIGHTS);
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
