package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.BilevelProblem;
import java.util.List;

/**
 * Where an algorithm stands; the arrays are not to be changed.
 *
 * @param theta θ
 * @param adjoint u, an estimate of H⁻¹∇_θF
 * @param lambda the driver's λ
 * @param memory what else the algorithm and its rule for λ carry on; empty at a start
 */
public record AlgorithmState(
    double[] theta, double[] adjoint, double[] lambda, List<double[]> memory) {

  /** Copies the list. */
  public AlgorithmState {
    memory = List.copyOf(memory);
  }

  /** A start with u = 0. */
  public static AlgorithmState start(BilevelProblem problem, double[] theta, double[] lambda) {
    if (theta.length != problem.model().size() || lambda.length != problem.sharedSize()) {
      throw new IllegalArgumentException(
          "got θ and λ of lengths %d and %d, expected %d and %d"
              .formatted(
                  theta.length, lambda.length, problem.model().size(), problem.sharedSize()));
    }
    return new AlgorithmState(theta, new double[theta.length], lambda, List.of());
  }

  /** The vector of the memory at a place; zero before the first iteration. */
  public double[] memory(int place, int length) {
    return place < memory.size() ? memory.get(place) : new double[length];
  }

  /** Whether θ, u and λ are numbers. */
  public boolean isFinite() {
    return Vectors.isFinite(theta) && Vectors.isFinite(adjoint) && Vectors.isFinite(lambda);
  }

  /** All vectors, one after the other. */
  double[][] vectors() {
    double[][] all = new double[3 + memory.size()][];
    all[0] = theta;
    all[1] = adjoint;
    all[2] = lambda;
    for (int i = 0; i < memory.size(); i++) {
      all[3 + i] = memory.get(i);
    }
    return all;
  }

  static AlgorithmState of(double[][] vectors) {
    List<double[]> memory = List.of(vectors).subList(3, vectors.length);
    return new AlgorithmState(vectors[0], vectors[1], vectors[2], memory);
  }
}
