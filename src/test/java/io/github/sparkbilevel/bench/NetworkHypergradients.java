package io.github.sparkbilevel.bench;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.Hypergradients;
import io.github.sparkbilevel.bilevel.Hypergradients.Answer;
import io.github.sparkbilevel.bilevel.Hypergradients.Budget;
import io.github.sparkbilevel.bilevel.KroneckerSettings;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.curvature.KroneckerEigen.Damping;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Fisher;
import io.github.sparkbilevel.model.Mlp;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.BlockOracle;
import io.github.sparkbilevel.problem.Evaluation;
import io.github.sparkbilevel.problem.Extra;
import io.github.sparkbilevel.problem.LocalEngine;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.RowVariable;
import io.github.sparkbilevel.problem.Trained;
import io.github.sparkbilevel.problem.Training;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Relative error and cosine of the hypergradient of the row weights of MNIST through a network, by
 * method and products, against KFAC-CG run for 150 products; seconds, and passes beside the
 * products.
 *
 * <p>Arguments: folder, rows, hidden widths (256 or 512,512), l2, damping, training passes, Fisher
 * (exact, drawn, empirical), damping kind (exact, per-factor).
 */
public final class NetworkHypergradients {
  private NetworkHypergradients() {}

  /** Prints one line per method and number of products. */
  public static void main(String[] args) throws Exception {
    int rows = Integer.parseInt(args[1]);
    List<Integer> hidden = new ArrayList<>();
    for (String width : args[2].split(",")) {
      hidden.add(Integer.parseInt(width));
    }
    double l2 = Double.parseDouble(args[3]);
    double damping = Double.parseDouble(args[4]);
    Fisher fisher =
        switch (args[6]) {
          case "exact" -> new Fisher.Exact();
          case "drawn" -> new Fisher.MonteCarlo(1, 3);
          default -> new Fisher.Empirical();
        };
    KroneckerSettings factors =
        new KroneckerSettings(0, args[7].equals("exact") ? Damping.EXACT : Damping.PER_FACTOR);
    List<PartitionData> data = MnistRows.load(Path.of(args[0]), rows, 300, false, 0.4, 1, 1);
    Mlp model = Mlp.of(new SoftmaxLoss(10), 784, hidden, Activation.RELU).with(fisher);
    BilevelProblem problem =
        new BilevelProblem(
            model, new RowVariable.ExampleWeights(0), Penalty.fixed(model, l2, false));
    LocalEngine engine = new LocalEngine(data);
    BlockOracle oracle = new BlockOracle(problem, engine, "auto", rows);
    var lower = oracle.lower(null, new double[0]);
    double[] start = model.initial(1);
    Training training = Training.adam(Integer.parseInt(args[5]), 1);
    Evaluation before = lower.at(start, Extra.NONE);
    Trained trained = lower.trainAll(before, Trained.from(start, 1, training), training);
    Evaluation point = lower.at(trained.theta(), Extra.NONE);
    System.out.printf(
        "G %.4f, |∇G| %.2e, test %.4f%n",
        point.value(), Vectors.norm(point.gradient()), point.test().accuracy());
    Hypergradients methods = new Hypergradients(1e-8, 0, Curvature.SKETCH_COLUMNS);
    Answer exact =
        methods.answer(oracle, point, Curvature.KFAC_CG, new Budget(damping, 150, factors));
    double[] expected = rowGradient(data, model, trained.theta(), exact.adjoint());
    System.out.printf(
        "exact: %s, %d passes, %.1f s%n", exact.status(), exact.passes(), exact.seconds());
    for (Curvature method :
        List.of(
            Curvature.IDENTITY,
            Curvature.NEUMANN,
            Curvature.CG,
            Curvature.KFAC,
            Curvature.KFAC_CG,
            Curvature.EKFAC_CG)) {
      boolean direct = method == Curvature.IDENTITY || method == Curvature.KFAC;
      for (int products : direct ? new int[] {0} : new int[] {1, 3, 5, 10}) {
        int scales = method == Curvature.EKFAC_CG ? 1 : 0;
        Budget budget = new Budget(damping, Math.max(1, products + scales), factors);
        Answer answer = methods.answer(oracle, point, method, budget);
        double[] got = rowGradient(data, model, trained.theta(), answer.adjoint());
        double[] error = Vectors.plus(got, -1, expected);
        System.out.printf(
            "%-9s T = %2d: error %.3f, cosine %.4f, length %.2f, %d passes, %.2f s%n",
            method.label(),
            products,
            Vectors.norm(error) / Vectors.norm(expected),
            Vectors.dot(got, expected) / Vectors.norm(got) / Vectors.norm(expected),
            Vectors.norm(got) / Vectors.norm(expected),
            answer.passes(),
            answer.seconds());
      }
    }
  }

  /** ⟨∇ℓ_i, u⟩ of every training row. */
  private static double[] rowGradient(
      List<PartitionData> data, Mlp model, double[] theta, double[] u) {
    BlockKernel kernel = BlockKernel.of(model, "auto");
    int k = model.outputs();
    List<Double> all = new ArrayList<>();
    for (PartitionData partition : data) {
      for (Block block : partition.train()) {
        RowOutputs outputs = RowOutputs.allocate(block.rows(), 1, k, true);
        kernel.predict(block, theta, 1, u, outputs);
        for (int i = 0; i < block.rows(); i++) {
          all.add(
              model
                  .loss()
                  .directional(
                      outputs.predictions(),
                      i * k,
                      block.labels()[i],
                      outputs.tangents(),
                      i * k,
                      1));
        }
      }
    }
    return all.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
