package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.DenseReference.filled;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.WatchedEngine;
import io.github.sparkbilevel.bilevel.TuningSettings.Algorithm;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TuningTest {
  private static final double LOW = Math.log(1e-6);
  private static final double HIGH = Math.log(1e4);

  /** A run as it is set up; each method changes one thing. */
  private record Run(
      Data data,
      Sharing sharing,
      UpperVariable rows,
      Curvature curvature,
      Algorithm algorithm,
      double start,
      double low,
      double high,
      int iterations,
      int patience,
      double tolerance) {

    static Run of(Data data, Sharing sharing) {
      return new Run(
          data,
          sharing,
          UpperVariable.NONE,
          Curvature.EXACT,
          Algorithm.LBFGS,
          -2,
          LOW,
          HIGH,
          80,
          5,
          1e-7);
    }

    Run rows(UpperVariable variable) {
      return new Run(
          data,
          sharing,
          variable,
          curvature,
          algorithm,
          start,
          low,
          high,
          iterations,
          patience,
          tolerance);
    }

    Run by(Algorithm chosen, Curvature with) {
      return new Run(
          data, sharing, rows, with, chosen, start, low, high, iterations, patience, tolerance);
    }

    Run from(double lambda) {
      return new Run(
          data,
          sharing,
          rows,
          curvature,
          algorithm,
          lambda,
          low,
          high,
          iterations,
          patience,
          tolerance);
    }

    Run within(double least, double greatest) {
      return new Run(
          data,
          sharing,
          rows,
          curvature,
          algorithm,
          start,
          least,
          greatest,
          iterations,
          patience,
          tolerance);
    }

    Run until(int most, int patient, double share) {
      return new Run(
          data, sharing, rows, curvature, algorithm, start, low, high, most, patient, share);
    }

    BilevelProblem problem() {
      LinearModel model = data.model();
      return new BilevelProblem(model, rows, Penalty.tuned(model, sharing, false));
    }

    TuningSettings settings() {
      int size = problem().sharedSize();
      NboSettings nbo =
          NboSettings.of(curvature)
              .withProducts(5)
              .withIterations(iterations)
              .withPatience(patience)
              .withFactorRefresh(5)
              .withRows(0.1, -6, 6);
      double[] initial = filled(size, start);
      Arrays.fill(initial, 0, rows.size(), 1);
      return TuningSettings.of(problem(), nbo)
          .from(initial, filled(size, low), filled(size, high))
          .by(algorithm)
          .withTolerance(tolerance)
          .withSketchColumns(6)
          .withStep(0.3)
          .warmedUp(new CleaningSettings.WarmUp(1e-3, 100));
    }

    TuningResult on(WatchedEngine engine) {
      List<IterationRecord> told = new ArrayList<>();
      TuningResult result = new Tuning(settings(), engine, data.train().count(), told::add).run();
      assertEquals(told, result.course().history());
      assertEquals(0, engine.held(), "generations are left");
      return result;
    }

    TuningResult go() {
      return on(new WatchedEngine(data.engine()));
    }
  }

  private static Data classes(int k) {
    Loss loss = k == 2 ? new LogisticLoss() : new SoftmaxLoss(k);
    return TestProblems.of(loss).features(8).rows(80, 60, 0, 20).noisy(0.7, 0.2).make();
  }

  private static Data ridge() {
    return TestProblems.of(new SquaredLoss()).features(9).rows(30, 40, 0, 10).make();
  }

  /** Φ by loops over rows and Gaussian elimination, for a penalty per coefficient. */
  private static double phi(Data data, double[] c) {
    double[] zero = new double[c.length];
    double[] theta =
        new DenseReference(data.model(), data.train()).minimize(zero, data.train().weights(), c);
    double[] weights = data.upper().allWeights();
    return new DenseReference(data.model(), data.upper()).value(theta, weights, zero);
  }

  private static double[] strengths(Data data, double lambda) {
    double[] c = new double[data.model().size()];
    Arrays.setAll(c, j -> data.model().isIntercept(j) ? 0 : Math.exp(lambda));
    return c;
  }

  @ParameterizedTest
  @CsvSource({
    "-2, EXACT",
    "6, EXACT",
    "-11, EXACT",
    "-2, JACOBI_CG",
    "-4, JACOBI_CG",
    "-2, CG",
    "6, CG",
    "0, NYSTROM_CG"
  })
  void findsTheBestPenaltyOfARidgeProblem(double start, Curvature curvature) {
    Data data = ridge();
    double best = Double.POSITIVE_INFINITY;
    double at = Double.NaN;
    for (double lambda = LOW; lambda <= HIGH; lambda += 0.02) {
      double phi = phi(data, strengths(data, lambda));
      at = phi < best ? lambda : at;
      best = Math.min(best, phi);
    }
    assertTrue(at > LOW + 1 && at < HIGH - 1, "a minimum inside: " + at);
    TuningResult result = Run.of(data, Sharing.ONE).by(Algorithm.LBFGS, curvature).from(start).go();
    assertTrue(
        result.course().status() == Status.CONVERGED || result.course().status() == Status.STALLED);
    assertEquals(at, result.lambda()[0], 0.03);
    assertEquals(best, result.best().upperObjective(), 1e-4 * best);
    assertTrue(result.best().upperObjective() <= best * (1 + 1e-9), "at least as low as the scan");
    assertTrue(result.evaluations() <= 25, "" + result.evaluations());
  }

  /** A ridge problem whose answer is known: both parts have orthonormal columns. */
  private static final class Orthonormal {
    static final int SIGNALS = 3;
    static final int FEATURES = 12;
    static final double HIGH = Math.log(10);
    static final double LOW = Math.log(1e-3);

    final Data data;
    final double[] lambda = new double[FEATURES];
    final double best;

    /** What a feature would cost Φ if it were not penalised. */
    final double[] part = new double[FEATURES];

    /**
     * With Σ a aᵀ = n I, θ_j = z_j / (1 + e^{λ_j}) for z = Σ b a / n; and where the validation rows
     * are such and their labels are ⟨t, a⟩ and what no feature has a part in, Φ = ½ Σ (θ_j − t_j)²
     * and a constant: a signal is to be shrunk to its t_j, and noise, t_j = 0, without end.
     */
    Orthonormal() {
      Random random = new Random(5);
      Rows train = rows(random, 60, false);
      Rows upper = rows(random, 200, true);
      double[] z = moments(train);
      double[] t = moments(upper);
      double sum = 0;
      for (double label : upper.labels()) {
        sum += label * label / upper.count();
      }
      for (int j = 0; j < FEATURES; j++) {
        double exact = j < SIGNALS ? Math.log(z[j] / t[j] - 1) : Double.POSITIVE_INFINITY;
        // Where the training rows have less of a signal, it is not to be shrunk at all.
        lambda[j] = Math.max(LOW, Math.min(HIGH, Double.isNaN(exact) ? LOW : exact));
        double theta = z[j] / (1 + Math.exp(lambda[j]));
        part[j] = (z[j] - t[j]) * (z[j] - t[j]) / 2;
        sum += (theta - t[j]) * (theta - t[j]) - t[j] * t[j];
      }
      best = sum / 2;
      Block[] none = {};
      var partition =
          new PartitionData(
              new Block[] {TestProblems.block(train, FEATURES, 0, 60, Storage.DENSE_64)},
              new Block[] {TestProblems.block(upper, FEATURES, 0, 200, Storage.DENSE_64)},
              none,
              none);
      LinearModel model = new LinearModel(new SquaredLoss(), FEATURES, true);
      data = new Data(model, List.of(partition), train, upper, upper, upper);
    }

    private static double[] moments(Rows rows) {
      double[] z = new double[FEATURES];
      for (int i = 0; i < rows.count(); i++) {
        for (int j = 0; j < FEATURES; j++) {
          z[j] += rows.labels()[i] * rows.x()[i][j] / rows.count();
        }
      }
      return z;
    }

    private static Rows rows(Random random, int n, boolean noiseIsNoFeature) {
      double[][] columns = new double[FEATURES + 2][n];
      Arrays.fill(columns[0], 1);
      for (int c = 1; c < columns.length; c++) {
        Arrays.setAll(columns[c], i -> random.nextGaussian());
        for (int b = 0; b < c && (c <= FEATURES || noiseIsNoFeature); b++) {
          double share = Vectors.dot(columns[b], columns[c]) / n;
          columns[c] = Vectors.plus(columns[c], -share, columns[b]);
        }
        columns[c] = Vectors.scaled(Math.sqrt(n) / Vectors.norm(columns[c]), columns[c]);
      }
      double[][] x = new double[n][FEATURES];
      double[] labels = new double[n];
      long[] ids = new long[n];
      double[] noise = columns[FEATURES + 1];
      double mean = Arrays.stream(noise).average().orElseThrow();
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < FEATURES; j++) {
          x[i][j] = columns[1 + j][i];
        }
        labels[i] = 1.5 * x[i][0] - x[i][1] + 0.5 * x[i][2] + noise[i] - mean;
        ids[i] = i;
      }
      return new Rows(x, labels, filled(n, 1), null, ids, labels);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"KFAC", "EKFAC_CG", "NEUMANN", "IDENTITY"})
  void featuresOfPureNoiseAreDroppedAndSignalsShrunkAsTheyShouldBe(Curvature curvature) {
    Orthonormal known = new Orthonormal();
    TuningResult result =
        Run.of(known.data, Sharing.PER_FEATURE)
            .by(Algorithm.LBFGS, curvature)
            .within(Orthonormal.LOW, Orthonormal.HIGH)
            .until(200, 10, 1e-9)
            .go();
    assertTrue(result.course().status().isUsable());
    assertEquals(known.best, result.best().upperObjective(), 1e-5 * known.best);
    int dropped = 0;
    for (int j = 0; j < Orthonormal.FEATURES; j++) {
      double lambda = result.lambda()[j];
      if (j < Orthonormal.SIGNALS) {
        assertTrue(lambda >= Orthonormal.LOW && lambda <= Orthonormal.HIGH);
        assertEquals(Math.exp(known.lambda[j]), Math.exp(lambda), 5e-3);
      } else if (known.part[j] > 1e-4 * known.best) {
        assertEquals(Orthonormal.HIGH, lambda, 0, "on its bound");
        dropped++;
      }
    }
    assertTrue(dropped >= 6, dropped + " features of noise that matter");
  }

  private static List<Run> allKinds() {
    List<Run> all = new ArrayList<>();
    for (Data data : List.of(classes(2), classes(3), ridge())) {
      for (Sharing sharing : Sharing.values()) {
        for (Curvature curvature : Curvatures.SOLVING) {
          all.add(Run.of(data, sharing).by(Algorithm.LBFGS, curvature).until(40, 5, 1e-5));
        }
      }
      all.add(Run.of(data, Sharing.PER_FEATURE).rows(WeightFunction.ofGroups(3)));
    }
    return all;
  }

  @Test
  void valueFallsInEveryIterationAndEveryNumberIsWhatItSays() {
    for (Run run : allKinds()) {
      WatchedEngine engine = new WatchedEngine(run.data().engine());
      TuningResult result = run.on(engine);
      String text = run.sharing() + ", " + run.curvature() + ", " + run.data().model();
      assertTrue(result.course().status().isUsable(), text);
      List<IterationRecord> history = result.course().history();
      for (int k = 1; k < history.size(); k++) {
        double before = history.get(k - 1).figures().upper().loss();
        double now = history.get(k).figures().upper().loss();
        // An iterate evaluated once more, more exactly, may have been told too low before.
        assertTrue(now < before * (1 + 5e-5), now + " after " + before + " in " + k + ": " + text);
        assertTrue(history.get(k).spent().passes() > history.get(k - 1).spent().passes());
        assertTrue(history.get(k).spent().evaluations() > history.get(k - 1).spent().evaluations());
        assertEquals(k, history.get(k).iteration());
      }
      IterationRecord last = history.get(history.size() - 1);
      assertTrue(
          last.figures().upper().loss() < history.get(0).figures().upper().loss() - 1e-4, text);
      assertEquals(last.iteration(), result.course().bestIteration());
      assertArrayEquals(last.point().lambda(), result.lambda(), 0);
      assertEquals(
          result.best().upper().loss(),
          result.best().upperObjective(),
          1e-3 * result.best().upperObjective());
      // A sample of rows counts as a product.
      var products = engine.passes("Hessian product") + engine.passes("sample rows");
      assertEquals(products, result.products(), text);
      assertEquals(engine.ledger().passes(), engine.ledger().passes(Phase.OUTER));
      assertTrue(result.evaluations() <= 80);
      for (double lambda : result.lambda()) {
        assertTrue(lambda >= LOW && lambda <= HIGH);
      }
    }
  }

  @Test
  void endsWhenTheValueSettles() {
    Run run = Run.of(classes(3), Sharing.PER_COEFFICIENT);
    TuningResult soon = run.until(80, 2, 1e-2).go();
    TuningResult late = run.until(80, 5, 1e-6).go();
    assertEquals(Status.CONVERGED, soon.course().status());
    assertTrue(soon.evaluations() < late.evaluations());
    assertTrue(soon.best().upperObjective() > late.best().upperObjective());
    int last = soon.course().history().size() - 1;
    double before = soon.course().history().get(last - 2).figures().upper().loss();
    assertTrue(before - soon.best().upperObjective() <= 1e-2 * soon.best().upperObjective());
    double earlier = soon.course().history().get(last - 3).figures().upper().loss();
    double then = soon.course().history().get(last - 1).figures().upper().loss();
    assertTrue(earlier - then > 1e-2 * then, "and not before");
  }

  @Test
  void endsWithItsBudgetOfEvaluations() {
    for (int budget : new int[] {1, 2, 3, 5, 8}) {
      TuningResult result = Run.of(classes(3), Sharing.PER_COEFFICIENT).until(budget, 0, 0).go();
      assertTrue(result.evaluations() <= budget, budget + ": " + result.evaluations());
      assertEquals(Status.BUDGET_SPENT, result.course().status());
      assertTrue(Double.isFinite(result.best().upperObjective()));
    }
  }

  @Test
  void stationaryStartIsTheEnd() {
    // Φ of the ridge problem rises from here on, so that the bound holds the penalty.
    TuningResult held = Run.of(ridge(), Sharing.ONE).within(2, 6).from(2).go();
    assertEquals(Status.CONVERGED, held.course().status());
    assertArrayEquals(new double[] {2}, held.lambda(), 0);
    assertEquals(1, held.course().history().size());
    assertEquals(0, held.course().bestIteration());
    TuningResult best = Run.of(ridge(), Sharing.ONE).until(80, 10, 0).go();
    TuningResult again = Run.of(ridge(), Sharing.ONE).from(best.lambda()[0]).until(80, 10, 0).go();
    assertTrue(again.course().status().isUsable());
    assertEquals(best.lambda()[0], again.lambda()[0], 1e-3);
    assertTrue(again.evaluations() <= 15, "" + again.evaluations());
  }

  @Test
  void startOutsideOfTheBoundsIsMovedInside() {
    TuningResult result = Run.of(ridge(), Sharing.PER_FEATURE).within(-3, 0).from(-8).go();
    assertArrayEquals(filled(9, -3), result.course().history().get(0).point().lambda(), 0);
    for (double lambda : result.lambda()) {
      assertTrue(lambda >= -3 && lambda <= 0);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      names = {"EXACT", "JACOBI_CG"})
  void comesOutOfAFlatTail(Curvature curvature) {
    for (Data data : List.of(classes(2), classes(3), ridge())) {
      for (Sharing sharing : List.of(Sharing.ONE, Sharing.PER_FEATURE)) {
        Run run = Run.of(data, sharing).by(Algorithm.LBFGS, curvature);
        TuningResult poor = run.from(HIGH - 0.1).go();
        TuningResult usual = run.go();
        assertTrue(poor.course().status().isUsable());
        double first = poor.course().history().get(0).figures().upper().loss();
        double gain =
            (first - poor.best().upperObjective()) / (first - usual.best().upperObjective());
        assertTrue(gain >= 0.9, data.model() + ", " + sharing + ": " + gain + " of the gain");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Sharing.class,
      names = {"ONE", "PER_CLASS", "PER_FEATURE"})
  void nboComesNearTheSameValue(Sharing sharing) {
    for (Data data : List.of(classes(3), ridge())) {
      Run run = Run.of(data, sharing).until(150, 0, 0);
      TuningResult lbfgs = run.go();
      for (Curvature curvature : List.of(Curvature.EXACT, Curvature.JACOBI_CG)) {
        WatchedEngine engine = new WatchedEngine(data.engine());
        TuningResult nbo = run.by(Algorithm.NBO, curvature).on(engine);
        // With a penalty for each feature Φ has several minima.
        double ratio = nbo.best().upperObjective() / lbfgs.best().upperObjective();
        assertTrue(ratio < 1.02 && ratio > 0.95, data.model() + ": " + ratio);
        assertEquals(151, nbo.course().history().size());
        assertEquals(nbo.best().upper().loss(), nbo.best().upperObjective(), 0);
        assertEquals(engine.passes("Hessian product"), nbo.products());
        assertTrue(engine.ledger().passes(Phase.WARM_UP) > 0);
        assertTrue(engine.ledger().passes(Phase.OUTER) >= 150);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void twoRunsHaveTheSameBits(Algorithm algorithm) {
    for (Curvature curvature : Curvatures.SOLVING) {
      Run run = Run.of(classes(3), Sharing.PER_FEATURE).by(algorithm, curvature).until(25, 5, 1e-6);
      TuningResult first = run.go();
      TuningResult second = run.go();
      assertArrayEquals(first.lambda(), second.lambda(), 0);
      assertArrayEquals(first.theta(), second.theta(), 0);
      assertEquals(first.best().upperObjective(), second.best().upperObjective(), 0);
      assertEquals(first.course().history().size(), second.course().history().size());
      assertEquals(first.products(), second.products());
    }
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void dataThatAreNotNumbersAreAStatus(Algorithm algorithm) {
    Data data = classes(3);
    for (Curvature curvature : Curvatures.SOLVING) {
      Run run = Run.of(data, Sharing.PER_FEATURE).by(algorithm, curvature);
      WatchedEngine engine = new WatchedEngine(new LocalEngine(TestProblems.withNaN(data)));
      assertEquals(Status.NOT_FINITE, run.on(engine).course().status());
    }
  }

  @Test
  void modelIsTheOneThatTheBestPenaltiesTrain() {
    Data data = classes(2);
    for (Algorithm algorithm : Algorithm.values()) {
      TuningResult result = Run.of(data, Sharing.ONE).by(algorithm, Curvature.CG).go();
      double[] c = strengths(data, result.lambda()[0]);
      double[] theta =
          new DenseReference(data.model(), data.train())
              .minimize(new double[c.length], data.train().weights(), c);
      double error = Vectors.norm(Vectors.plus(result.theta(), -1, theta)) / Vectors.norm(theta);
      assertTrue(error <= 1e-2, algorithm + ": " + error);
      assertEquals(data.upper().count(), result.best().upper().rows());
      assertEquals(data.test().count(), result.best().test().rows());
      assertFalse(Double.isNaN(result.best().test().loss()));
    }
  }
}
