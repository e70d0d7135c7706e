package io.github.sparkbilevel.bench;

import io.github.sparkbilevel.bilevel.Benchmark;
import io.github.sparkbilevel.bilevel.BenchmarkSetting;
import io.github.sparkbilevel.bilevel.Contender;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Bounds;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Gradients and Hessian products that algorithms take on logistic problems of known condition
 * number κ: a penalty for each feature, features with variances from 1 down to about 1/κ.
 *
 * <p>The target is 90 % of the way from Φ at the start to the least Φ that L-BFGS finds. Arguments:
 * the κ, then the runs as {@code job = benchmark} names them, separated by commas.
 */
public final class ConditionNumber {
  private static final int FEATURES = 30;
  private static final int ROWS = 2000;
  private static final double START = -4;

  private ConditionNumber() {}

  /** Prints one line per κ and run. */
  public static void main(String[] args) {
    String kappas = args.length > 0 ? args[0] : "30,100,300,1000,3000,10000";
    String runs = args.length > 1 ? args[1] : "nbo,nbo-gd,amigo,aid-cg,one-step,unrolled,lbfgs";
    for (String kappa : kappas.split(",", -1)) {
      compare(Double.parseDouble(kappa), List.of(runs.split(",", -1)));
    }
  }

  private static void compare(double kappa, List<String> runs) {
    LinearModel model = new LinearModel(new LogisticLoss(), FEATURES, false);
    BilevelProblem problem =
        new BilevelProblem(model, Penalty.tuned(model, Penalty.Sharing.PER_FEATURE, false));
    LocalEngine engine = new LocalEngine(rows(kappa));
    double[] lambda = new double[FEATURES];
    double[] low = new double[FEATURES];
    double[] high = new double[FEATURES];
    // Penalties from ever more than the least curvature of the data: κ stays what it is.
    Arrays.fill(lambda, START);
    Arrays.fill(low, Math.log(0.2 / kappa));
    Arrays.fill(high, 2);
    var reference =
        benchmark(problem, engine, lambda, low, high, 60, Double.NaN).run(Contender.of("lbfgs"), 1);
    double first = reference.points().get(0).upperObjective();
    double target = first - 0.9 * (first - reference.least());
    System.out.printf(
        "kappa %6.0f: start %.5f, least %.5f, target %.5f%n",
        kappa, first, reference.least(), target);
    for (String run : runs) {
      var curve =
          benchmark(problem, engine, lambda, low, high, 3000, target).run(Contender.of(run), 1);
      Optional<Benchmark.Point> point = curve.reached(target);
      System.out.printf(
          "  %-12s %s%n",
          run,
          point
              .map(
                  p ->
                      "iterations %5d, passes %6d, gradients %6d, products %6d, %.2f s"
                          .formatted(
                              p.iteration(),
                              p.cost().passes(),
                              p.cost().gradients(),
                              p.cost().products(),
                              p.seconds()))
              .orElse("not reached, least %.5f (%s)".formatted(curve.least(), curve.status())));
    }
  }

  private static Benchmark benchmark(
      BilevelProblem problem,
      LocalEngine engine,
      double[] lambda,
      double[] low,
      double[] high,
      int iterations,
      double target) {
    return new Benchmark(
        new BenchmarkSetting(
            problem,
            new BenchmarkSetting.Start(lambda, new Bounds(low, high)),
            new BenchmarkSetting.Solver(Curvature.CG, 3, 0.1, Curvature.SKETCH_COLUMNS, "auto"),
            new BenchmarkSetting.Budget(iterations, 60, target),
            new BenchmarkSetting.Searches(new double[] {1e-6, 1}, false)),
        engine,
        ROWS);
  }

  private static List<PartitionData> rows(double kappa) {
    Random random = new Random(7);
    double[] w = new double[FEATURES];
    double[] scale = new double[FEATURES];
    for (int j = 0; j < FEATURES; j++) {
      scale[j] = Math.pow(kappa, -0.5 * j / (FEATURES - 1));
      // Two thirds of the features tell nothing, and are what penalties are for.
      w[j] = j % 3 == 0 ? 1.5 * random.nextGaussian() / scale[j] : 0;
    }
    Block[] train = {block(ROWS, w, scale, random)};
    Block[] upper = {block(ROWS, w, scale, random)};
    return List.of(new PartitionData(train, upper, new Block[0], new Block[0]));
  }

  private static Block block(int n, double[] w, double[] scale, Random random) {
    double[] x = new double[n * FEATURES];
    double[] labels = new double[n];
    long[] ids = new long[n];
    for (int i = 0; i < n; i++) {
      double z = 0;
      for (int j = 0; j < FEATURES; j++) {
        x[i * FEATURES + j] = scale[j] * random.nextGaussian();
        z += w[j] * x[i * FEATURES + j];
      }
      labels[i] = random.nextDouble() < 1 / (1 + Math.exp(-z)) ? 1 : 0;
      ids[i] = i;
    }
    return new Block(ids, DenseFeatures.ofDoubles(n, FEATURES, x), labels).withGroups(new int[n]);
  }
}
