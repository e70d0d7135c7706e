package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DualSvc;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.model.SquaredHingeLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Φ and ∇Φ of the squared hinge against coordinate descent on the dual. */
class SquaredHingeTest {
  private static final int GROUPS = 3;

  private final Data data = TestProblems.of(new SquaredHingeLoss()).intercept(false).make();
  private final BilevelProblem problem =
      new BilevelProblem(
          data.model(),
          WeightFunction.ofGroups(GROUPS),
          Penalty.tuned(data.model(), Sharing.PER_FEATURE, false));

  private static double[] signs(Rows rows) {
    return Arrays.stream(rows.labels()).map(label -> 2 * label - 1).toArray();
  }

  private double[] solution(double[] lambda) {
    Rows train = data.train();
    double[] a = new double[train.count()];
    Arrays.setAll(
        a, i -> train.weight(i) / (1 + Math.exp(-lambda[train.groups()[i]])) / train.count());
    double[] c = Arrays.stream(lambda, GROUPS, lambda.length).map(Math::exp).toArray();
    return DualSvc.solve(train.x(), signs(train), a, c);
  }

  private double phi(double[] lambda) {
    Rows upper = data.upper();
    double[] a = new double[upper.count()];
    Arrays.setAll(a, i -> upper.weight(i) / Arrays.stream(upper.allWeights()).sum());
    return DualSvc.loss(upper.x(), signs(upper), a, solution(lambda));
  }

  @ParameterizedTest
  @EnumSource(names = {"EXACT", "JACOBI_CG"})
  void valueAndHypergradientEqualThoseOfTheDual(Curvature curvature) {
    try (BlockOracle oracle =
        new BlockOracle(problem, data.engine(), "auto", data.train().count())) {
      UpperObjective objective = new UpperObjective(oracle, new NewtonSystem(curvature, 0, 5, 6));
      for (long seed = 1; seed <= 3; seed++) {
        double[] lambda = TestProblems.vector(seed, problem.sharedSize(), 1);
        for (int j = GROUPS; j < lambda.length; j++) {
          lambda[j] -= 3;
        }
        UpperPoint point = objective.at(lambda, null, 1e-20);
        assertTrue(point.status().isUsable(), "" + point.status());
        assertArrayEquals(solution(lambda), point.evaluation().theta(), 1e-9);
        assertEquals(phi(lambda), point.value(), 1e-9);
        double[] differences = new double[lambda.length];
        for (int j = 0; j < lambda.length; j++) {
          double[] up = lambda.clone();
          double[] down = lambda.clone();
          up[j] += 1e-5;
          down[j] -= 1e-5;
          differences[j] = (phi(up) - phi(down)) / 2e-5;
        }
        double scale = Arrays.stream(differences).map(Math::abs).max().orElseThrow();
        assertArrayEquals(differences, point.hypergradient(), 1e-5 * scale);
        point.release();
      }
    }
  }
}
