package io.github.sparkbilevel.problem.oracle;

import static io.github.sparkbilevel.DenseReference.distance;
import static io.github.sparkbilevel.problem.oracle.BlockOracleTest.assertClose;
import static io.github.sparkbilevel.problem.oracle.OracleSetting.L2;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.MixedProduct;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import java.util.Arrays;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The row features of the weight function in an oracle. */
class RowFeaturesTest {

  @Test
  void withoutACurrentModelItsFeatureHasNoWeight() {
    Data data = TestProblems.of(new SoftmaxLoss(3)).make();
    OracleSetting given = new OracleSetting(data, OracleUpper.WEIGHT_FUNCTION);
    OracleSetting without = new OracleSetting(data, OracleUpper.WEIGHT_FUNCTION);
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

  @Test
  void refreshOfTheFeaturesCountsFromTheEvaluationAtThatPointOn() {
    OracleSetting at = new OracleSetting(OracleUpper.WEIGHT_FUNCTION);
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
    OracleSetting made = new OracleSetting(OracleUpper.WEIGHT_FUNCTION);
    made.oracle.makeFeatures(made.trusted, 1, elsewhere);
    double[] expected = made.weights(made.oracle.evaluate(made.query()));
    assertClose(expected, at.weights(there), 1e-13);
    // From then on they count everywhere.
    assertClose(expected, at.weights(at.oracle.evaluate(at.query())), 1e-13);
  }

  @Test
  void rejectedMixedProductDoesNotChangeTheFeatures() {
    OracleSetting at = new OracleSetting(OracleUpper.WEIGHT_FUNCTION);
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
    OracleSetting at = new OracleSetting(OracleUpper.WEIGHT_FUNCTION);
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
}
