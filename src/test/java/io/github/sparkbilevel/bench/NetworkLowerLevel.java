package io.github.sparkbilevel.bench;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.Hypergradients;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.training.Training;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Passes that the lower level of a network takes from ten passes of training to its solution, on
 * MNIST with 40 % of the labels moved to the next class, by the curvature that preconditions (CG
 * for none).
 *
 * <p>Arguments: folder, rows, units of the hidden layer, l2, activation, bound of ‖∇G‖∞, most
 * passes, then the curvatures.
 */
public final class NetworkLowerLevel {
  private NetworkLowerLevel() {}

  /** Prints a line for each curvature. */
  public static void main(String[] args) throws Exception {
    int rows = Integer.parseInt(args[1]);
    Activation activation = Activation.valueOf(args[4].toUpperCase(Locale.ROOT));
    Network model =
        Network.dense(new SoftmaxLoss(10), 784, List.of(Integer.parseInt(args[2])), activation);
    var problem =
        new BilevelProblem(
            model, new ExampleWeights(0), Penalty.fixed(model, Double.parseDouble(args[3]), false));
    var engine = new LocalEngine(MnistRows.load(Path.of(args[0]), rows, 300, false, 0.4, 1, 1));
    var oracle = new BlockOracle(problem, engine, "auto", rows);
    double[] lambda = new double[0];
    double[] start =
        Hypergradients.trained(oracle, lambda, model.initial(1), Training.adam(10, 1).batch(128));
    for (int i = 7; i < args.length; i++) {
      var solver =
          new Hypergradients(
              Double.parseDouble(args[5]), Integer.parseInt(args[6]), Curvature.SKETCH_COLUMNS);
      long begun = System.nanoTime();
      var solved = solver.solve(oracle, lambda, start, Curvature.valueOf(args[i]));
      System.out.printf(
          "%-10s %s, %d passes, G %.6f, gradient %.1e, %.1f s%n",
          args[i],
          solved.status(),
          solved.passes(),
          solved.evaluation().value(),
          Vectors.normInf(solved.evaluation().gradient()),
          (System.nanoTime() - begun) / 1e9);
      solved.evaluation().release();
    }
  }
}
