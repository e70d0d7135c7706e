package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.curvature.KroneckerSettings;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.solve.Status;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hypergradients through networks against differences of Φ, with the lower level solved. */
class NetworkHypergradientTest {
  private static final int GROUPS = 3;

  private static Data data(Loss loss) {
    return TestProblems.of(loss).groups(GROUPS).make();
  }

  /** Group weights, and a penalty for each layer. */
  private static BilevelProblem problem(Data data, Activation activation) {
    Network model =
        Network.dense(data.model().loss(), 4, List.of(5, 3), activation).withExactHessian(true);
    return new BilevelProblem(
        model,
        WeightFunction.ofGroups(GROUPS),
        Penalty.tuned(model, Penalty.Sharing.PER_LAYER, true));
  }

  private static double[] lambda() {
    return new double[] {0.3, -0.4, 0.8, -2.2, -2.5, -1.9};
  }

  private static double[] solution(BlockOracle oracle, double[] lambda, double[] start) {
    Hypergradients.Solved solved = solver().solve(oracle, lambda, start, Curvature.EXACT);
    assertEquals(Status.CONVERGED, solved.status());
    solved.evaluation().release();
    return solved.evaluation().theta();
  }

  private static Hypergradients solver() {
    return new Hypergradients(1e-10, 2000, Curvature.SKETCH_COLUMNS);
  }

  @ParameterizedTest
  @EnumSource(
      value = Activation.class,
      names = {"TANH", "GELU"})
  void equalTheDifferencesOfTheUpperObjective(Activation activation) {
    for (Loss loss : List.of(new SoftmaxLoss(3), new SquaredLoss())) {
      Data data = data(loss);
      BilevelProblem problem = problem(data, activation);
      BlockOracle oracle = new BlockOracle(problem, data.engine(), "auto", data.train().count());
      double[] lambda = lambda();
      double[] theta = solution(oracle, lambda, problem.model().initial(3));
      Hypergradients.Solved solved = solver().solve(oracle, lambda, theta, Curvature.EXACT);
      List<Hypergradients.Answer> answers =
          solver()
              .answers(
                  oracle, solved, List.of(Curvature.EXACT, Curvature.CG, Curvature.SAMPLED_CG));
      double h = 1e-3;
      for (int j = 0; j < lambda.length; j++) {
        double[] phi = new double[5];
        for (int t = -2; t <= 2; t++) {
          double[] moved = lambda.clone();
          moved[j] += t * h;
          Hypergradients.Solved at = solver().solve(oracle, moved, theta, Curvature.EXACT);
          assertEquals(Status.CONVERGED, at.status());
          phi[t + 2] = at.upperObjective();
          at.evaluation().release();
        }
        double expected = (8 * (phi[3] - phi[1]) - (phi[4] - phi[0])) / (12 * h);
        for (Hypergradients.Answer answer : answers) {
          assertEquals(expected, answer.shared()[j], 1e-8, activation + " " + loss + " entry " + j);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      names = {"CG", "KFAC_CG", "EKFAC_CG", "SAMPLED_CG", "JACOBI_CG", "NYSTROM_CG"})
  void everySolverOfTheGaussNewtonSystemGivesTheSame(Curvature curvature) {
    Data data = data(new SoftmaxLoss(3));
    Network model = Network.dense(data.model().loss(), 4, List.of(5, 3), Activation.RELU);
    BilevelProblem problem =
        new BilevelProblem(model, WeightFunction.ofGroups(GROUPS), Penalty.fixed(model, 0.1, true));
    BlockOracle oracle = new BlockOracle(problem, data.engine(), "auto", data.train().count());
    double[] lambda = new double[GROUPS];
    var point = oracle.lower(null, lambda).at(model.initial(3), Extra.NONE);
    var budget = new Hypergradients.Budget(0.01, 400, KroneckerSettings.DEFAULT);
    double[] expected = solver().answer(oracle, point, Curvature.EXACT, budget).shared();
    double[] got = solver().answer(oracle, point, curvature, budget).shared();
    assertTrue(Vectors.norm(Vectors.plus(got, -1, expected)) <= 1e-8 * Vectors.norm(expected));
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      names = {
        "CG",
        "KFAC_CG",
        "EKFAC_CG",
        "KFAC",
        "SAMPLED_CG",
        "EXACT",
        "JACOBI_CG",
        "NYSTROM_CG"
      })
  void newtonStepsInATrustRegionSolveTheLowerLevelOfANetwork(Curvature curvature) {
    Data data = data(new SoftmaxLoss(3));
    Network model = Network.dense(data.model().loss(), 4, List.of(6), Activation.TANH);
    BilevelProblem problem = new BilevelProblem(model, Penalty.fixed(model, 0.1, true));
    LocalEngine engine = data.engine();
    BlockOracle oracle = new BlockOracle(problem, engine, "auto", data.train().count());
    var lower = oracle.lower(null, new double[0]);
    var result =
        new LowerSolver(0, 1e-7, 3000)
            .minimize(lower, model.initial(5), new NewtonSystem(curvature, 0, 1));
    assertEquals(Status.CONVERGED, result.status());
    assertEquals(engine.ledger().passes(), result.passes());
  }

  @Test
  void notConvexWithTheHessianFromAFarStartStillFindsAMinimum() {
    Data data = data(new SoftmaxLoss(3));
    BilevelProblem problem = problem(data, Activation.TANH);
    BlockOracle oracle = new BlockOracle(problem, data.engine(), "auto", data.train().count());
    double[] far = TestProblems.vector(3, problem.model().size(), 4);
    solution(oracle, lambda(), far);
  }
}
