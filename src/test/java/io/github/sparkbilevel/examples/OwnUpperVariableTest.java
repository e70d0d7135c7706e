package io.github.sparkbilevel.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.Hypergradients;
import io.github.sparkbilevel.bilevel.Hypergradients.Solved;
import io.github.sparkbilevel.bilevel.InMemoryTuning;
import io.github.sparkbilevel.bilevel.TuningResult;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.ml.TunedLogisticRegression;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.KnownRows;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperFacts;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.UpperVariableProvider;
import io.github.sparkbilevel.problem.UpperVariables;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Upper variables that the library does not have, written outside its packages. */
class OwnUpperVariableTest {
  private static final int FEATURES = 3;
  private static final int CLASSES = 3;

  // guide: variable
  /** A weight e^λ_k for the rows of class k, kept near 1 by E(λ) = τ/2 ‖λ‖². */
  record ClassWeights(int classes, double tau) implements UpperVariable {
    @Override
    public int size() {
      return classes;
    }

    @Override
    public boolean weighsRows() {
      return true;
    }

    @Override
    public void weigh(KnownRows rows, double[] lambda, double[] s) {
      for (int i = 0; i < rows.count(); i++) {
        s[i] = Math.exp(lambda[(int) rows.label(i)]);
      }
    }

    @Override
    public void pullBack(KnownRows rows, double[] lambda, double[] a, double[] out, int at) {
      for (int i = 0; i < rows.count(); i++) {
        int k = (int) rows.label(i);
        out[at + k] += rows.baseWeight(i) * Math.exp(lambda[k]) * a[i];
      }
    }

    @Override
    public double upperTerm(double[] lambda) {
      double sum = 0;
      for (double value : lambda) {
        sum += value * value;
      }
      return tau / 2 * sum;
    }

    @Override
    public void addUpperTermGradient(double[] lambda, double[] out, int at) {
      for (int k = 0; k < classes; k++) {
        out[at + k] += tau * lambda[k];
      }
    }

    @Override
    public String entryName(int k, UpperFacts facts) {
      return "class " + facts.names().classes().get(k);
    }
  }

  /** Registers it as {@code class-weights}. */
  public static final class ClassWeightsProvider implements UpperVariableProvider {
    @Override
    public String label() {
      return "class-weights";
    }

    @Override
    public Kind kind() {
      return Kind.WEIGHTS;
    }

    @Override
    public double[] bounds() {
      return new double[] {-3, 3};
    }

    @Override
    public double meaning(double lambda) {
      return Math.exp(lambda);
    }

    @Override
    public UpperVariable create(UpperFacts facts, double start) {
      int classes = facts.names().classes().size();
      if (classes == 0) {
        throw new IllegalArgumentException(
            "the upper variable class-weights needs classes, found real labels; try group-weights");
      }
      return new ClassWeights(classes, 0.01);
    }
  }

  // guide: end

  /** A ridge R(θ, λ) = e^λ/2 ‖θ − p‖² around coefficients that are known beforehand. */
  record PriorRidge(double[] prior) implements UpperVariable {
    @Override
    public int size() {
      return 1;
    }

    @Override
    public double penalty(double[] theta, double[] lambda) {
      double sum = 0;
      for (int j = 0; j < theta.length; j++) {
        sum += (theta[j] - prior[j]) * (theta[j] - prior[j]);
      }
      return Math.exp(lambda[0]) / 2 * sum;
    }

    @Override
    public void addPenaltyProduct(double[] v, double[] lambda, double[] out) {
      for (int j = 0; j < v.length; j++) {
        out[j] += Math.exp(lambda[0]) * v[j];
      }
    }

    @Override
    public void addPenaltyGradient(double[] theta, double[] lambda, double[] out) {
      for (int j = 0; j < theta.length; j++) {
        out[j] += Math.exp(lambda[0]) * (theta[j] - prior[j]);
      }
    }

    @Override
    public double[] penaltyMixedProduct(double[] theta, double[] u, double[] lambda) {
      double sum = 0;
      for (int j = 0; j < theta.length; j++) {
        sum += (theta[j] - prior[j]) * u[j];
      }
      return new double[] {Math.exp(lambda[0]) * sum};
    }

    @Override
    public double[] penaltyLambdaGradient(double[] theta, double[] lambda) {
      return new double[] {penalty(theta, lambda)};
    }
  }

  /** Rows of three classes; every second row of class 2 has lost its label to class 1. */
  private static Block block(int rows, long seed, boolean noisy) {
    Random random = new Random(seed);
    double[] x = new double[rows * FEATURES];
    double[] labels = new double[rows];
    double[] weights = new double[rows];
    for (int i = 0; i < rows; i++) {
      int k = random.nextInt(CLASSES);
      for (int j = 0; j < FEATURES; j++) {
        x[i * FEATURES + j] = random.nextGaussian() + (j == k ? 1.5 : 0);
      }
      labels[i] = noisy && k == 2 && i % 2 == 0 ? 1 : k;
      weights[i] = 0.5 + random.nextDouble();
    }
    long[] ids = LongStream.range(0, rows).toArray();
    return new Block(ids, DenseFeatures.ofDoubles(rows, FEATURES, x), labels).withWeights(weights);
  }

  private static LinearModel model() {
    return new LinearModel(new SoftmaxLoss(CLASSES), FEATURES, true);
  }

  private static PriorRidge prior() {
    return new PriorRidge(new Random(5).doubles(model().size(), -1, 1).toArray());
  }

  /** Φ and ∇Φ at a λ. */
  private record Point(double phi, double[] gradient) {
    static Point at(BilevelProblem problem, double[] lambda) {
      Block[] none = {};
      PartitionData rows =
          new PartitionData(
              new Block[] {block(120, 1, true)}, new Block[] {block(80, 2, false)}, none, none);
      LocalEngine engine = new LocalEngine(List.of(rows));
      Hypergradients exact = new Hypergradients(1e-10, 200, 10);
      try (BlockOracle oracle = new BlockOracle(problem, engine, "auto", 120)) {
        double[] start = new double[problem.model().size()];
        Solved solved = exact.solve(oracle, lambda, start, Curvature.CG);
        return new Point(
            solved.upperObjective(),
            exact.answers(oracle, solved, List.of(Curvature.CG)).get(0).shared());
      }
    }
  }

  @Test
  void hypergradientIsThatOfDifferences() {
    BilevelProblem problem = new BilevelProblem(model(), new ClassWeights(CLASSES, 0.3), prior());
    double[] lambda = {0.4, -0.7, 0.9, Math.log(0.05)};
    double[] differences = new double[lambda.length];
    double h = 1e-4;
    for (int j = 0; j < lambda.length; j++) {
      double[] up = lambda.clone();
      double[] down = lambda.clone();
      up[j] += h;
      down[j] -= h;
      differences[j] = (Point.at(problem, up).phi() - Point.at(problem, down).phi()) / (2 * h);
    }
    assertArrayEquals(differences, Point.at(problem, lambda).gradient(), 1e-7);
  }

  @Test
  void isTunedLikeThoseOfTheLibrary() {
    LinearModel model = model();
    Block train = block(120, 1, true);
    Block validation = block(80, 2, false);
    // guide: tune
    TuningResult result =
        InMemoryTuning.of(model, new ClassWeights(3, 0.01), Penalty.tuned(model, false))
            .run(train, validation);
    // guide: end
    assertTrue(result.course().status().isUsable());
    assertTrue(
        result.best().upperObjective() < result.course().history().get(0).figures().upper().loss());
    assertTrue(result.lambda()[2] > result.lambda()[1], "the class that lost rows weighs more");
  }

  @Test
  void isFoundByItsName() throws IOException {
    UpperVariableProvider[] found = new UpperVariableProvider[1];
    String[] both = {"class-weights", "l2"};
    withJar(
        () -> {
          found[0] = UpperVariables.named("class-weights");
          assertTrue(UpperVariables.names().contains("class-weights"));
          assertTrue(UpperVariableProvider.Kind.WEIGHTS.has("class-weights"));
          assertArrayEquals(
              both, new TunedLogisticRegression().setUpperVariables(both).getUpperVariables());
        });
    assertSame(ClassWeightsProvider.class, found[0].getClass());
    UpperFacts.Names names =
        new UpperFacts.Names(List.of("x", "y", "z"), List.of("a", "b", "c"), List.of());
    UpperVariable made = found[0].create(new UpperFacts(model(), false, null, names, null), 0);
    assertEquals(CLASSES, made.size());
    assertEquals("class b", made.entryName(1, new UpperFacts(model(), false, null, names, null)));
    assertEquals(0, found[0].start(0.5), 0);
  }

  @Test
  void isUnknownWithoutItsJar() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> UpperVariables.named("class-weights"));
    for (String name : UpperVariables.names()) {
      assertTrue(e.getMessage().contains(name), e.getMessage());
    }
    assertFalse(UpperVariables.names().contains("class-weights"));
    TunedLogisticRegression tuner = new TunedLogisticRegression();
    assertThrows(
        IllegalArgumentException.class,
        () -> tuner.setUpperVariables(new String[] {"class-weights", "l2"}));
    assertThrows(
        IllegalArgumentException.class,
        () -> tuner.setUpperVariables(new String[] {"weight-function"}));
  }

  @Test
  void weightsComeFirst() {
    UpperVariable weights = new ClassWeights(CLASSES, 0);
    Penalty penalty = Penalty.tuned(model(), false);
    assertThrows(
        IllegalArgumentException.class, () -> new BilevelProblem(model(), penalty, weights));
    assertThrows(
        IllegalArgumentException.class, () -> new BilevelProblem(model(), weights, weights));
  }

  /** Does something where the service file of this test is on the class path of the thread. */
  private static void withJar(Runnable action) throws IOException {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    URL[] jar = {Path.of("src/test/resources/own-variables/").toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(jar, before)) {
      thread.setContextClassLoader(loader);
      action.run();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
