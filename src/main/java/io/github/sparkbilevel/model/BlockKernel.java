package io.github.sparkbilevel.model;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.Reals;
import io.github.sparkbilevel.linalg.KroneckerBasis;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.Vectors;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The data terms of a model over one block: every sum over rows that a pass needs.
 *
 * <p>With s the weight of a row, z its outputs, J = ∂z/∂θ, r the residual and C the curvature of
 * the {@link Loss}:
 *
 * <pre>
 *   loss       Σ s ℓ
 *   gradient   Σ s Jᵀ r
 *   product    Σ s Jᵀ C J v         for a direction v; with {@link Model#exactHessian()} the Hessian
 *   Hessian    Σ s Jᵀ C J           (d × d)
 * </pre>
 *
 * Nothing is divided by n and no penalty is added here. <em>Sets</em> are parameter vectors (or
 * directions) of length d lying one after the other. Rows are worked on in tiles that fit the cache
 * and bound the memory; the results are added to a flat array of sums at an offset.
 */
public sealed interface BlockKernel extends Serializable permits LinearKernel, LayerKernel {

  /** The kernel of a model, with a dense backend by its name, or {@code auto}. */
  static BlockKernel of(Model model, String backend) {
    return model.kernel(backend);
  }

  /** The model. */
  Model model();

  /** The sums of the same model under another loss. */
  BlockKernel with(Loss loss);

  /**
   * Where the n rows of a block are linearised.
   *
   * @param theta the sets of parameters; null where {@link Model#isLinear()} makes them superfluous
   * @param predictions as left in {@link RowOutputs#predictions()} at θ
   * @param weights sets × n
   * @param sets number of sets
   */
  record At(double[] theta, double[] predictions, double[] weights, int sets) {

    /** One set. */
    public static At one(double[] theta, double[] predictions, double[] weights) {
      return new At(theta, predictions, weights, 1);
    }

    /** The predictions of some rows for one set. */
    OutputTile predictions(int set, int from, int rows) {
      int n = weights.length / sets;
      int outputs = predictions.length / Math.max(1, weights.length);
      return new OutputTile(predictions, set * outputs * n + from, n, rows);
    }

    /** The weights from a row on, for one set. */
    TileColumn weights(int set, int from) {
      return new TileColumn(weights, set * (weights.length / sets) + from);
    }
  }

  /**
   * Forward product, weights, and transposed product of a block in one scan.
   *
   * <p>Adds at {@code at}: the weighted loss of each set; then the gradients of each set; then,
   * with a tangent u, the Hessian product with u. Needs {@code sets == 1} for a tangent.
   *
   * @param theta the sets of parameters
   * @param tangent u, or null
   * @param outputs filled with what the forward product gives
   */
  void evaluate(
      Block block,
      double[] theta,
      int sets,
      double[] tangent,
      RowWeights weights,
      RowOutputs outputs,
      double[] sums,
      int at);

  /** Forward product only: fills {@code outputs}. */
  void predict(Block block, double[] theta, int sets, double[] tangent, RowOutputs outputs);

  /**
   * As {@link #evaluate} for one set, where {@link #predict} left the outputs: a linear model saves
   * the forward product.
   */
  void evaluateFrom(
      Block block,
      double[] theta,
      double[] tangent,
      RowWeights weights,
      RowOutputs outputs,
      double[] sums,
      int at);

  /**
   * Hessian products with several directions: adds one vector of length d for each.
   *
   * @param directions length d each, one after the other
   * @param setOf the set at which each direction is taken
   */
  void product(Block block, At point, double[] directions, int[] setOf, double[] sums, int at);

  /**
   * As {@link #product(Block, At, double[], int[], double[], int)}, at the one set of a point to
   * which products come back: what is made of it may be kept as long as its predictions live.
   *
   * @param predictions K × n, with the weights that they were kept with
   */
  default void product(
      Block block,
      double[] theta,
      Reals predictions,
      double[] weights,
      double[] directions,
      double[] sums,
      int at) {
    At point = At.one(theta, predictions.values(), weights);
    product(block, point, directions, new int[directions.length / model().size()], sums, at);
  }

  /**
   * Adds what {@link #factors} reads, {@link #factorSums()} numbers, for one set.
   *
   * @param draws random numbers for labels drawn from the model, where {@link Fisher} wants them
   */
  void kroneckerFactors(Block block, At point, LabelDraws draws, double[] sums, int at);

  /**
   * Adds, laid out as θ, the diagonal of Σ s Jᵀ C J in the bases of each block of parameters, for
   * one set; for networks.
   */
  void eigenScales(Block block, At point, List<KroneckerBasis> bases, double[] sums, int at);

  /** Adds the diagonal of the Hessian at {@code at}, for one set. */
  void hessianDiagonal(Block block, At point, double[] sums, int at);

  /**
   * Adds Σ s ℓ at θ + (1 − t) v for each step t.
   *
   * @param weights s of each row
   */
  void lossesAlong(
      Block block,
      double[] theta,
      double[] v,
      double[] steps,
      double[] weights,
      double[] sums,
      int at);

  /** Adds the Hessian (d × d), of which at least the lower triangle, for one set. */
  void hessian(Block block, At point, double[] sums, int at);

  /**
   * Number of sums that make the Kronecker factors: those of every block of parameters, and Σ s.
   */
  default int factorSums() {
    long length = 1;
    for (ParameterBlock block : model().parameters()) {
      length += block.factorSize() + (long) block.outputs() * block.outputs();
    }
    return Math.toIntExact(length);
  }

  /**
   * The factors of each block of parameters: A divided by Σ s, B by the number of rows, so that B ⊗
   * A has the size of the data part of H. With rows weighted by s on both sides it is exact for one
   * layer whose outputs have constant curvature.
   *
   * @param rows what B is divided by
   */
  default List<KroneckerFactors> factors(double[] sums, int at, double rows) {
    double total = sums[at + factorSums() - 1];
    double ofInputs = total > 0 ? 1 / total : 0;
    List<KroneckerFactors> factors = new ArrayList<>();
    int next = at;
    for (ParameterBlock block : model().parameters()) {
      int a = Math.toIntExact(block.factorSize());
      int b = block.outputs() * block.outputs();
      factors.add(
          new KroneckerFactors(
              Vectors.scaled(ofInputs, Vectors.slice(sums, next, a)),
              Vectors.scaled(1 / rows, Vectors.slice(sums, next + a, b)),
              block.height()));
      next += a + b;
    }
    return factors;
  }
}
