package io.github.sparkbilevel.problem;

import static io.github.sparkbilevel.DenseReference.distance;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.WatchedEngine;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.problem.pass.PassLedger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What an evaluation knows of other penalties, of the diagonal, and of the way that it came. */
class PenaltyViewTest {

  /** An oracle with a penalty for each feature, and two λ that weigh rows alike. */
  private static final class Setting {
    final Data data;
    final WatchedEngine engine;
    final BlockOracle oracle;
    final double[] theta;
    final double[] adjoint;
    final double[] lambda;
    final double[] other;

    Setting(Loss loss, Storage storage, UpperVariable rows) {
      data = TestProblems.of(loss).storage(storage).make();
      engine = new WatchedEngine(data.engine());
      Penalty penalty = Penalty.tuned(data.model(), Penalty.Sharing.PER_FEATURE, false);
      BilevelProblem problem = new BilevelProblem(data.model(), rows, penalty);
      oracle = new BlockOracle(problem, engine, "auto", data.train().count());
      theta = TestProblems.vector(1, data.model().size(), 0.6);
      adjoint = TestProblems.vector(2, data.model().size(), 0.8);
      lambda = TestProblems.vector(3, problem.sharedSize(), 1);
      other = lambda.clone();
      for (int j = rows.size(); j < other.length; j++) {
        other[j] += j % 2 == 0 ? 1.5 : -2;
      }
    }

    Query query(double[] at, Extra extra) {
      return Query.at(theta, at).along(adjoint).with(extra);
    }
  }

  static Stream<Arguments> settings() {
    List<Arguments> all = new ArrayList<>();
    List<UpperVariable> variables = List.of(UpperVariable.NONE, WeightFunction.ofGroups(3));
    for (Loss loss : List.of(new LogisticLoss(), new SoftmaxLoss(3), new SquaredLoss())) {
      for (Storage storage : List.of(Storage.DENSE_64, Storage.CSR_SHIFTED)) {
        for (UpperVariable rows : variables) {
          all.add(Arguments.of(loss, storage, rows));
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void isWhatAnEvaluationAtTheOtherPenaltyWouldBe(Loss loss, Storage storage, UpperVariable rows) {
    Setting at = new Setting(loss, storage, rows);
    Evaluation known = at.oracle.evaluate(at.query(at.lambda, Extra.HESSIAN));
    Evaluation fresh = at.oracle.evaluate(at.query(at.other, Extra.HESSIAN));
    int passes = at.engine.ledger().passes();
    Evaluation view = at.oracle.underPenalty(known, at.other);
    assertArrayEquals(at.other, view.lambda(), 0);
    assertArrayEquals(at.theta, view.theta(), 0);
    assertEquals(fresh.value(), view.value(), 0);
    assertArrayEquals(fresh.gradient(), view.gradient(), 0);
    assertArrayEquals(fresh.adjointProduct(), view.adjointProduct(), 0);
    assertArrayEquals(fresh.upperGradient(), view.upperGradient(), 0);
    assertEquals(fresh.upper(), view.upper());
    assertEquals(fresh.heldOut(), view.heldOut());
    assertEquals(fresh.test(), view.test());
    assertArrayEquals(fresh.denseHessian(), view.denseHessian(), 0);
    assertEquals(known.value(), view.lowerObjectiveAt(at.lambda), 0);
    assertEquals(passes, at.engine.ledger().passes(), "nothing of it costs a pass");
    double[][] directions = {at.adjoint, at.theta};
    double[][] expected = fresh.hessian(0.3).applyAll(directions);
    double[][] got = view.hessian(0.3).applyAll(directions);
    for (int c = 0; c < directions.length; c++) {
      assertArrayEquals(expected[c], got[c], 0);
    }
    assertEquals(passes + 2, at.engine.ledger().passes());
    assertTrue(distance(view.gradient(), known.gradient()) > 0.05, "the penalties do differ");
  }

  @Test
  void viewOfAViewIsAViewOfTheEvaluation() {
    Setting at = new Setting(new LogisticLoss(), Storage.DENSE_64, UpperVariable.NONE);
    Evaluation known = at.oracle.evaluate(at.query(at.lambda, Extra.NONE));
    Evaluation back =
        at.oracle.underPenalty(at.oracle.underPenalty(known, at.other), at.lambda.clone());
    assertEquals(known.value(), back.value(), 0);
    assertArrayEquals(known.gradient(), back.gradient(), 0);
    assertArrayEquals(known.upperGradient(), back.upperGradient(), 0);
    assertArrayEquals(known.adjointProduct(), back.adjointProduct(), 0);
  }

  @Test
  void releasingAViewLeavesTheEvaluationAlone() {
    Setting at = new Setting(new LogisticLoss(), Storage.DENSE_64, UpperVariable.NONE);
    Evaluation known = at.oracle.evaluate(at.query(at.lambda, Extra.NONE));
    Evaluation view = at.oracle.underPenalty(known, at.other);
    view.release();
    assertEquals(1, at.engine.held());
    double[][] one = {at.adjoint};
    known.hessian(0).applyAll(one);
    known.release();
    assertEquals(0, at.engine.held());
  }

  @ParameterizedTest
  @EnumSource(Extra.class)
  void whatBelongsToTheEvaluationAloneIsNotInTheView(Extra extra) {
    Setting at = new Setting(new SoftmaxLoss(3), Storage.CSR, UpperVariable.NONE);
    Evaluation known =
        at.oracle.evaluate(at.query(at.lambda, extra).afterStep(TestProblems.vector(9, 15, 1)));
    assertEquals(extra == Extra.KRONECKER, known.factors() != null);
    assertEquals(extra == Extra.DIAGONAL, known.dataDiagonal() != null);
    assertEquals(extra == Extra.HESSIAN, known.denseHessian() != null);
    assertNotNull(known.alongLine());
    Evaluation view = at.oracle.underPenalty(known, at.other);
    assertNull(view.factors());
    assertNull(view.dataDiagonal());
    assertNull(view.alongLine());
    assertEquals(extra == Extra.HESSIAN, view.denseHessian() != null);
    assertSame(known.upperGradient(), view.upperGradient());
  }

  @ParameterizedTest
  @MethodSource("settings")
  void dataDiagonalIsThatOfTheHessianWithoutPenalty(
      Loss loss, Storage storage, UpperVariable rows) {
    Setting at = new Setting(loss, storage, rows);
    Evaluation dense = at.oracle.evaluate(at.query(at.lambda, Extra.HESSIAN));
    Evaluation diagonal = at.oracle.evaluate(at.query(at.lambda, Extra.DIAGONAL));
    double[] c = at.oracle.lower(null, at.lambda).penaltyDiagonal();
    double[] expected = new double[c.length];
    Arrays.setAll(expected, j -> dense.denseHessian()[j + j * c.length] - c[j]);
    assertTrue(distance(diagonal.dataDiagonal(), expected) <= 1e-12);
    assertEquals(dense.value(), diagonal.value(), 0);
    assertArrayEquals(dense.gradient(), diagonal.gradient(), 0);
    List<PassLedger.Entry> entries = at.engine.ledger().entries();
    assertTrue(entries.get(1).kernels().endsWith(", diag H"), entries.get(1).kernels());
    int d = c.length;
    long more = entries.get(0).bytesBack() - entries.get(1).bytesBack();
    assertEquals(8L * at.data.partitions().size() * (d * d - d), more, "d numbers, not d²");
  }

  @ParameterizedTest
  @MethodSource("settings")
  void valuesAlongTheLineAreEvaluationsAtItsPoints(Loss loss, Storage storage, UpperVariable rows) {
    Setting at = new Setting(loss, storage, rows);
    double[] v = TestProblems.vector(8, at.theta.length, 2);
    for (Extra extra : Extra.values()) {
      Evaluation reached = at.oracle.evaluate(at.query(at.lambda, extra).afterStep(v));
      double[] values = reached.alongLine();
      double[] steps = LowerObjective.lineSteps();
      assertEquals(steps.length, values.length);
      for (int t = 0; t < steps.length; t += 3) {
        double[] shorter = Vectors.plus(at.theta, 1 - steps[t], v);
        double expected = at.oracle.evaluate(Query.at(shorter, at.lambda)).value();
        assertEquals(expected, values[t], 1e-12 * (1 + expected), "step " + steps[t]);
      }
      Evaluation plain = at.oracle.evaluate(at.query(at.lambda, extra));
      assertArrayEquals(plain.gradient(), reached.gradient(), 0);
      assertNull(plain.alongLine());
    }
  }

  @Test
  void gradientUnderEveryPenaltyIsThatOfTheReference() {
    Setting at = new Setting(new SoftmaxLoss(3), Storage.CSR_SHIFTED, UpperVariable.NONE);
    DenseReference reference = new DenseReference(at.data.model(), at.data.train());
    Evaluation known = at.oracle.evaluate(at.query(at.lambda, Extra.NONE));
    for (double scale : new double[] {1e-10, 1, 1e4}) {
      double[] lambda = DenseReference.filled(at.lambda.length, Math.log(scale));
      double[] c = new double[at.theta.length];
      Arrays.setAll(c, j -> at.data.model().isIntercept(j) ? 0 : scale);
      double[] expected = reference.gradient(at.theta, at.data.train().weights(), c);
      double error = distance(at.oracle.underPenalty(known, lambda).gradient(), expected);
      assertTrue(error <= 1e-13, "" + error);
    }
  }
}
