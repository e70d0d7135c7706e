package io.github.sparkbilevel.problem.oracle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RowSampleTest {
  private static final int FEATURES = 4;

  /** An evaluation with group weights that differ, and a penalty that is tuned. */
  private static Evaluation evaluation(Data data, LocalEngine engine, Model model) {
    BilevelProblem problem =
        new BilevelProblem(model, WeightFunction.ofGroups(3), Penalty.tuned(model, true));
    BlockOracle oracle = new BlockOracle(problem, engine, "auto", data.train().count());
    double[] lambda = {-1, 0.5, 2, -3};
    return oracle.lower(null, lambda).at(TestProblems.vector(1, model.size(), 0.6), Extra.NONE);
  }

  private static Data many(Storage storage, int partitions) {
    return TestProblems.of(new LogisticLoss())
        .rows(4000, 10, 5, 5)
        .storage(storage)
        .partitions(partitions)
        .make();
  }

  @ParameterizedTest
  @EnumSource(Storage.class)
  void allRowsAreTheObjectiveItself(Storage storage) {
    Data data = TestProblems.of(new SoftmaxLoss(3)).storage(storage).make();
    Network network = Network.dense(new SoftmaxLoss(3), FEATURES, List.of(5), Activation.TANH);
    for (Model model : List.of(data.model(), network)) {
      LocalEngine engine = data.engine();
      Evaluation point = evaluation(data, engine, model);
      int passes = engine.ledger().passes();
      RowSample sample = point.sample(1000, 7);
      assertEquals(passes + 1, engine.ledger().passes());
      LowerObjective.Point over = point.over(sample);
      double c = Math.exp(-3);
      assertClose(Vectors.plus(point.gradient(), -c, point.theta()), over.gradient());
      double[] v = TestProblems.vector(2, model.size(), 1);
      assertClose(point.hessian(0.1).apply(v), over.hessian(0.1 + c).apply(v));
      assertEquals(passes + 2, engine.ledger().passes(), "one draw and one product of all rows");
      Evaluation whole = evaluationWithFactors(data, model);
      for (int l = 0; l < over.factors().size(); l++) {
        KroneckerFactors expected = whole.factors().get(l);
        assertClose(expected.inputs(), over.factors().get(l).inputs());
        assertClose(expected.outputs(), over.factors().get(l).outputs());
      }
    }
  }

  private static Evaluation evaluationWithFactors(Data data, Model model) {
    BilevelProblem problem =
        new BilevelProblem(model, WeightFunction.ofGroups(3), Penalty.tuned(model, true));
    BlockOracle oracle = new BlockOracle(problem, data.engine(), "auto", data.train().count());
    double[] theta = TestProblems.vector(1, model.size(), 0.6);
    return oracle.lower(null, new double[] {-1, 0.5, 2, -3}).at(theta, Extra.KRONECKER);
  }

  /** To the rounding of features to float32. */
  private static void assertClose(double[] expected, double[] got) {
    double error = Vectors.norm(Vectors.plus(got, -1, expected));
    assertTrue(error <= 1e-6 * Vectors.norm(expected), error + " of " + Vectors.norm(expected));
  }

  @Test
  void theRowsAreThoseOfTheDrawWhateverThePartitions() {
    TreeSet<String> before = null;
    for (int partitions : new int[] {1, 3, 7}) {
      Data data = many(Storage.DENSE_64, partitions);
      RowSample sample = evaluation(data, data.engine(), data.model()).sample(400, 3);
      TreeSet<String> rows = rows(sample);
      // 400 of 4,000 by chance: the standard deviation is 19.
      assertTrue(rows.size() > 300 && rows.size() < 500, "" + rows.size());
      assertTrue(before == null || before.equals(rows));
      before = rows;
    }
  }

  @Test
  void anotherDrawHasOtherRowsAndTheSameOneTheSameBits() {
    Data data = many(Storage.DENSE_32, 3);
    Evaluation point = evaluation(data, data.engine(), data.model());
    RowSample sample = point.sample(400, 3);
    assertArrayEquals(sample.rows(), point.sample(400, 3).rows());
    TreeSet<String> common = rows(sample);
    common.retainAll(rows(point.sample(400, 4)));
    assertFalse(common.size() > 100, "" + common.size());
    assertNotEquals(0, common.size());
  }

  @Test
  void goesThroughASnapshotToTheBit() {
    Data data = many(Storage.CSR_SHIFTED, 3);
    RowSample sample = evaluation(data, data.engine(), data.model()).sample(100, 3);
    Snapshot snapshot = new Snapshot();
    sample.save(snapshot.in("sample"));
    RowSample restored = RowSample.restored(snapshot.in("sample"));
    assertArrayEquals(sample.rows(), restored.rows());
    assertArrayEquals(sample.theta(), restored.theta());
    assertEquals(null, RowSample.restored(snapshot.in("other")));
  }

  private static TreeSet<String> rows(RowSample sample) {
    TreeSet<String> rows = new TreeSet<>();
    int length = RowSample.numbers(FEATURES);
    for (int at = 0; at < sample.rows().length; at += length) {
      rows.add(Arrays.toString(Arrays.copyOfRange(sample.rows(), at, at + length)));
    }
    return rows;
  }
}
