package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.WatchedEngine;
import io.github.sparkbilevel.bilevel.Sensitivity.Estimate;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Lasso;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.UpperParts;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.problem.sampling.Folds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Changes of Φ equal those of cold solutions, and slopes of parts differences of their losses. */
class SensitivityTest {
  private static final Folds PARTS = new Folds(UpperParts.COUNT, 0, 37);
  private static final double[] LAMBDA = {-3, -1, -2, -4};

  private final Data data = TestProblems.of(new SoftmaxLoss(3)).rows(60, 50, 0, 5).make();
  private final WatchedEngine engine = new WatchedEngine(data.engine());

  private double[] solution(double[] lambda) {
    double[] c = new double[data.model().size()];
    int q = data.model().columnLength();
    Arrays.setAll(c, j -> data.model().isIntercept(j) ? 0 : Math.exp(lambda[j % q]));
    double[] zero = new double[c.length];
    return new DenseReference(data.model(), data.train()).minimize(zero, data.train().weights(), c);
  }

  /** Mean loss of some validation rows, and their weight. */
  private double[] loss(double[] theta, IntStream rows) {
    DenseReference upper = new DenseReference(data.model(), data.upper());
    double[] sums = new double[2];
    rows.forEach(
        i -> {
          sums[0] += data.upper().weight(i) * upper.loss(theta, i);
          sums[1] += data.upper().weight(i);
        });
    return new double[] {sums[0] / sums[1], sums[1]};
  }

  /** Φ, and the mean loss of each part; the last row has the weights of the parts. */
  private double[][] phi(double[] theta) {
    Rows upper = data.upper();
    double[] whole = loss(theta, IntStream.range(0, upper.count()));
    List<double[]> parts = new ArrayList<>();
    for (int part = 0; part < UpperParts.COUNT; part++) {
      int own = part;
      double[] of =
          loss(
              theta,
              IntStream.range(0, upper.count()).filter(i -> PARTS.of(upper.ids()[i]) == own));
      if (of[1] > 0) {
        parts.add(of);
      }
    }
    return new double[][] {
      {whole[0]},
      parts.stream().mapToDouble(of -> of[0]).toArray(),
      parts.stream().mapToDouble(of -> of[1] / whole[1]).toArray()
    };
  }

  private static double error(double[] x, double[] shares) {
    double mean = IntStream.range(0, x.length).mapToDouble(b -> shares[b] * x[b]).sum();
    double squares =
        IntStream.range(0, x.length).mapToDouble(b -> Math.pow(shares[b] * (x[b] - mean), 2)).sum();
    return Math.sqrt(squares * x.length / (x.length - 1));
  }

  private static double[] moved(int j, double change) {
    double[] lambda = LAMBDA.clone();
    lambda[j] += change;
    return lambda;
  }

  private static double[] difference(double[] a, double[] b, double by) {
    double[] difference = new double[a.length];
    Arrays.setAll(difference, i -> (a[i] - b[i]) / by);
    return difference;
  }

  private void assertEstimate(double[][] from, double[][] to, double by, Estimate got) {
    double expected = (to[0][0] - from[0][0]) / by;
    double error = error(difference(to[1], from[1], by), from[2]);
    assertEquals(expected, got.value(), 1e-3 * error + 1e-7);
    assertEquals(error, got.standardError(), 2e-3 * error);
  }

  private Solution chosen(double[] lambda, double[] theta) {
    return new Solution(lambda, theta, Double.NaN, null, null);
  }

  private Sensitivity of(BilevelProblem problem, Curvature curvature, Solution chosen) {
    return new SensitivityAnalysis(problem, curvature, 6, "auto", List.of())
        .run(engine, data.train().count(), chosen)
        .orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      names = {"EXACT", "JACOBI_CG", "KFAC_CG"})
  void equalsDifferencesOfColdSolutions(Curvature curvature) {
    BilevelProblem problem =
        new BilevelProblem(data.model(), Penalty.tuned(data.model(), Sharing.PER_FEATURE, false));
    double[] theta = solution(LAMBDA);
    double[] near = theta.clone();
    Arrays.setAll(near, j -> 1.01 * theta[j]);
    Sensitivity found = of(problem, curvature, chosen(LAMBDA, near));
    double[][] at = phi(theta);
    assertEquals(at[1].length, found.parts());
    double h = 1e-4;
    for (int j = 0; j < LAMBDA.length; j++) {
      assertEstimate(
          phi(solution(moved(j, -h))), phi(solution(moved(j, h))), 2 * h, found.slopes().get(j));
      assertEstimate(at, phi(solution(moved(j, -Math.log(10)))), 1, found.tenth().get(j));
      assertEstimate(at, phi(solution(moved(j, Math.log(10)))), 1, found.tenfold().get(j));
    }
    assertEquals(0, engine.held(), "generations are left");
    assertEquals(engine.ledger().passes(), engine.ledger().passes(Phase.EVALUATION));
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      names = {"EXACT", "JACOBI_CG"})
  void movesAnL1PenaltyPastKinks(Curvature curvature) {
    BilevelProblem problem =
        new BilevelProblem(
            data.model(),
            Penalty.fixed(data.model(), 0.01, false),
            new Lasso(Penalty.tuned(data.model(), false)));
    double[] lambda = {-3.5};
    double[] phi = new double[3];
    int[] zeros = new int[3];
    try (BlockOracle oracle = new BlockOracle(problem, engine, "auto", data.train().count())) {
      for (int i = 0; i < 3; i++) {
        UpperPoint cold =
            new UpperObjective(oracle, new NewtonSystem(curvature, 0, 5, 6))
                .at(new double[] {lambda[0] + (i - 1) * Math.log(10)}, null, 1e-12);
        phi[i] = cold.value();
        zeros[i] = (int) Arrays.stream(cold.evaluation().theta()).filter(c -> c == 0).count();
        cold.release();
      }
    }
    assertTrue(zeros[0] < zeros[2], "features leave the model");
    Sensitivity found = of(problem, curvature, chosen(lambda, oneStart()));
    assertEquals(phi[0] - phi[1], found.tenth().get(0).value(), 1e-5 * phi[1]);
    assertEquals(phi[2] - phi[1], found.tenfold().get(0).value(), 1e-5 * phi[1]);
  }

  private double[] oneStart() {
    return new double[data.model().size()];
  }

  @Test
  void ofManyPenaltiesItKnowsTheSlopesAlone() {
    Data wide = TestProblems.of(new SoftmaxLoss(3)).features(13).rows(60, 50, 0, 5).make();
    BilevelProblem problem =
        new BilevelProblem(wide.model(), Penalty.tuned(wide.model(), Sharing.PER_FEATURE, false));
    double[] lambda = new double[13];
    Sensitivity found =
        new SensitivityAnalysis(problem, Curvature.EXACT, 6, "auto", List.of())
            .run(
                new WatchedEngine(wide.engine()),
                wide.train().count(),
                chosen(lambda, new double[wide.model().size()]))
            .orElseThrow();
    assertEquals(13, found.slopes().size());
    assertTrue(found.slopes().stream().allMatch(slope -> slope.standardError() > 0));
    assertTrue(found.tenth().isEmpty());
    assertTrue(found.relevant().isEmpty());
  }

  @Test
  void penaltiesMatterWhoseChangeExceedsItsStandardError() {
    // Mean 2; deviations −1, 1, 1 of shares ½, ¼, ¼: √(3/2 (¼ + 1/16 + 1/16)) = ¾.
    Estimate estimate = Estimate.of(2, new double[] {1, 3, 3}, new double[] {0.5, 0.25, 0.25});
    assertEquals(0.75, estimate.standardError(), 1e-15);
    Estimate small = new Estimate(0.5, 0.75);
    Estimate lower = new Estimate(-0.8, 0.75);
    Sensitivity sensitivity =
        new Sensitivity(
            3,
            List.of(small, small, small, small),
            List.of(small, estimate, small, Estimate.UNKNOWN),
            List.of(small, small, lower, Estimate.UNKNOWN));
    assertEquals(List.of(1, 2), sensitivity.relevant());
  }
}
