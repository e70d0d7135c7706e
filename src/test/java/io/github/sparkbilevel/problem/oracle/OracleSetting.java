package io.github.sparkbilevel.problem.oracle;

import static io.github.sparkbilevel.DenseReference.filled;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import java.util.Arrays;
import java.util.stream.Stream;

/** An oracle with penalty tuned, at one point (θ, u, λ). */
final class OracleSetting {
  static final double L2 = 0.1;

  final Data data;
  final LocalEngine engine;
  final BlockOracle oracle;
  final double[] theta;
  final double[] adjoint;
  final double[] lambda;
  final double[] trusted;

  OracleSetting(Data data, OracleUpper upper) {
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
    if (upper == OracleUpper.WEIGHT_FUNCTION) {
      oracle.makeFeatures(trusted, 0, TestProblems.vector(8, d, 0.5));
      oracle.makeFeatures(trusted, 0, TestProblems.vector(5, d, 0.4));
    }
  }

  OracleSetting(OracleUpper upper) {
    this(TestProblems.of(new SoftmaxLoss(3)).make(), upper);
  }

  Query query() {
    return Query.at(theta, lambda).along(adjoint);
  }

  double[] weights(Evaluation evaluation) {
    return flatten(engine.states(oracle.states(evaluation)).stream().map(PartitionState::weights));
  }

  double[] rowLambda(Evaluation evaluation) {
    return flatten(engine.states(oracle.states(evaluation)).stream().map(PartitionState::lambda));
  }

  static double[] flatten(Stream<double[][]> parts) {
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
