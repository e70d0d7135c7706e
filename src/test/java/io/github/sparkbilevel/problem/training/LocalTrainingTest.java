package io.github.sparkbilevel.problem.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.model.RowWeights;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.training.Training.Optimizer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps of stochastic training in one partition, in float64 and in float32. */
class LocalTrainingTest {
  private static final int ROWS = 40;
  private static final Network MODEL =
      Network.dense(new SoftmaxLoss(3), 4, List.of(6), Activation.TANH);
  private static final BlockKernel KERNEL = BlockKernel.of(MODEL, "auto");
  private static final int D = MODEL.size();

  private static Block[] blocks(Storage storage) {
    Data data = TestProblems.of(new SoftmaxLoss(3)).rows(ROWS, 0, 0, 0).make();
    return new Block[] {
      TestProblems.block(data.train(), 4, 0, 11, storage),
      TestProblems.block(data.train(), 4, 11, ROWS, storage)
    };
  }

  private static double[] penalty() {
    double[] c = new double[D];
    Arrays.setAll(c, j -> 0.01 * (j % 3));
    return c;
  }

  private static Training training(Optimizer optimizer, int batch, double step) {
    return new Training(new Training.Rule(optimizer, step, batch, 1), 1, false, 5);
  }

  private static Trained train(Storage storage, Training training, double[] theta, int passes) {
    Trained trained = Trained.from(theta, 1, training);
    for (int pass = 0; pass < passes; pass++) {
      double[] sums = new double[trained.stride()];
      new LocalTraining(KERNEL, blocks(storage), training, penalty(), true)
          .run(trained, 0, pass, (b, i) -> 1, sums);
      trained = trained.next(sums);
    }
    return trained;
  }

  /** The mean gradient over all rows, and of the penalty. */
  private static double[] gradient(double[] theta) {
    double[] sums = new double[1 + D];
    for (Block block : blocks(Storage.DENSE_64)) {
      RowOutputs outputs = RowOutputs.allocate(block.rows(), 1, 3, false);
      KERNEL.evaluate(block, theta, 1, null, RowWeights.constant(1.0 / ROWS), outputs, sums, 0);
    }
    double[] g = Vectors.slice(sums, 1, D);
    double[] c = penalty();
    Arrays.setAll(g, j -> g[j] + c[j] * theta[j]);
    return g;
  }

  @ParameterizedTest
  @EnumSource(Storage.class)
  void momentumWithAllRowsInABatchIsTheRecurrence(Storage storage) {
    double[] theta = MODEL.initial(1);
    Trained got = train(storage, training(Optimizer.MOMENTUM, ROWS, 0.1), theta, 3);
    double[] velocity = new double[D];
    double[] expected = theta.clone();
    for (int step = 0; step < 3; step++) {
      velocity = Vectors.plus(gradient(expected), 0.9, velocity);
      Vectors.addTo(expected, -0.1, velocity);
    }
    double tolerance = storage.isSingle() ? 1e-6 : 1e-14;
    assertArrayEquals(expected, got.theta(), tolerance);
    assertArrayEquals(velocity, got.first(), tolerance);
    assertEquals(3, got.steps()[0]);
  }

  @ParameterizedTest
  @EnumSource(Storage.class)
  void adamWithAllRowsInABatchIsTheRecurrenceOfKingmaAndBa(Storage storage) {
    double[] theta = MODEL.initial(1);
    Trained got = train(storage, training(Optimizer.ADAM, ROWS, 0.01), theta, 3);
    double[] m = new double[D];
    double[] v = new double[D];
    double[] expected = theta.clone();
    for (int t = 1; t <= 3; t++) {
      double[] g = gradient(expected);
      for (int j = 0; j < D; j++) {
        m[j] = 0.9 * m[j] + 0.1 * g[j];
        v[j] = 0.999 * v[j] + 0.001 * g[j] * g[j];
        double mean = m[j] / (1 - Math.pow(0.9, t));
        double square = v[j] / (1 - Math.pow(0.999, t));
        expected[j] -= 0.01 * mean / (Math.sqrt(square) + 1e-8);
      }
    }
    double tolerance = storage.isSingle() ? 2e-5 : 1e-12;
    assertArrayEquals(expected, got.theta(), tolerance);
    assertArrayEquals(m, got.first(), tolerance);
    assertArrayEquals(v, got.second(), tolerance);
  }

  @ParameterizedTest
  @EnumSource(Optimizer.class)
  void manyBatchesInFloat32AreThoseInFloat64UpToRounding(Optimizer optimizer) {
    Training training = training(optimizer, 7, 3e-3);
    double[] theta = MODEL.initial(1);
    Trained exact = train(Storage.DENSE_64, training, theta, 4);
    Trained single = train(Storage.DENSE_32, training, theta, 4);
    assertEquals(exact.steps()[0], single.steps()[0]);
    assertArrayEquals(exact.theta(), single.theta(), 1e-4);
    double moved = Vectors.norm(Vectors.plus(exact.theta(), -1, theta));
    assertTrue(moved > 0.1, "moved by " + moved);
  }

  @Test
  void stepsFarBelowTheResolutionOfFloat32AreNotLost() {
    // In float32 a coefficient near 1 does not notice 1e-9; ten thousand of them are 1e-5.
    double[] theta = new double[D];
    Arrays.setAll(theta, j -> 1 + 1e-9 * j);
    Training training = training(Optimizer.MOMENTUM, ROWS, 1e-9);
    double[] g = gradient(theta);
    Trained got = train(Storage.DENSE_32, training, theta, 50);
    double[] expected = train(Storage.DENSE_64, training, theta, 50).theta();
    double[] moved = Vectors.plus(got.theta(), -1, theta);
    double[] exactly = Vectors.plus(expected, -1, theta);
    assertTrue(Vectors.normInf(exactly) < 1e-6, "steps are small");
    double error = Vectors.norm(Vectors.plus(moved, -1, exactly)) / Vectors.norm(exactly);
    assertTrue(error < 1e-4, "relative error of what was moved: " + error);
    assertTrue(Vectors.norm(g) > 0);
  }

  @Test
  void rowsWithoutWeightAreNeverDrawn() {
    Block[] blocks = blocks(Storage.DENSE_32);
    Training training = training(Optimizer.ADAM, 4, 0.01);
    Trained start = Trained.from(MODEL.initial(1), 1, training);
    double[] some = new double[start.stride()];
    new LocalTraining(KERNEL, blocks, training, penalty(), true)
        .run(start, 0, 1, (b, i) -> b == 0 ? 1 : 0, some);
    double[] alone = new double[start.stride()];
    new LocalTraining(KERNEL, new Block[] {blocks[0]}, training, penalty(), true)
        .run(start, 0, 1, (b, i) -> 1, alone);
    assertArrayEquals(alone, some, 1e-12);
    double[] none = new double[start.stride()];
    new LocalTraining(KERNEL, blocks, training, penalty(), true)
        .run(start, 0, 1, (b, i) -> 0, none);
    assertArrayEquals(new double[start.stride()], none);
  }

  @ParameterizedTest
  @EnumSource(Optimizer.class)
  void whatFadesAwayLeavesNoSubnormalNumbers(Optimizer optimizer) {
    // Nothing reaches the first unit, so that its weights know the penalty alone.
    Network model = Network.dense(new SoftmaxLoss(3), 4, List.of(6), Activation.RELU);
    double[] theta = model.initial(1);
    theta[4] = -1e4;
    Training training = new Training(new Training.Rule(optimizer, 1e-2, ROWS, 6000), 1, false, 5);
    Trained start = Trained.from(theta, 1, training);
    double[] sums = new double[start.stride()];
    new LocalTraining(
            BlockKernel.of(model, "auto"), blocks(Storage.DENSE_32), training, penalty(), true)
        .run(start, 0, 0, (b, i) -> 1, sums);
    Trained end = start.next(sums);
    assertEquals(6000, end.steps()[0]);
    for (double[] vector :
        Arrays.asList(end.theta(), end.first(), end.second() == null ? theta : end.second())) {
      for (double value : vector) {
        assertTrue(value == 0 || Math.abs(value) >= Float.MIN_NORMAL, "got " + value);
      }
    }
  }

  @Test
  void fewRowsAreGoneThroughAgainUntilTheStepsAreTaken() {
    for (int[] leastAndTaken : new int[][] {{1, 6}, {6, 6}, {8, 8}, {13, 13}}) {
      Training training =
          new Training(new Training.Rule(Optimizer.ADAM, 1e-3, 7, leastAndTaken[0]), 1, false, 5);
      Trained trained = train(Storage.DENSE_32, training, MODEL.initial(1), 1);
      assertEquals(leastAndTaken[1], trained.steps()[0]);
    }
  }
}
