package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.block.Reals;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.LabelDraws;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.model.RowTile;
import io.github.sparkbilevel.model.RowWeights;
import io.github.sparkbilevel.problem.KnownRows;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.UpperRows;
import io.github.sparkbilevel.problem.Weighing;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;
import io.github.sparkbilevel.problem.sampling.RowDraw;
import java.util.List;

/**
 * The fused pass of an outer iteration: everything that is known of the point (θ, λ⁺).
 *
 * <p>Per training block, in one scan: outputs at θ and along u in one product with 2K columns;
 * where λ has an entry for every row, the row's hypergradient and its step λ_i → λ_i⁺; residuals
 * with the new weights; gradient and Hu in one transposed product with 2K columns. Over the trusted
 * blocks F and ∇F, over held-out and test blocks their tallies, and when asked the Kronecker
 * factors or the Hessian. Where an earlier pass left the outputs at (θ, u), the forward product is
 * not repeated.
 *
 * <p>All sums are over rows, not divided by n, and without the penalty.
 *
 * @param weighing how λ weighs rows
 * @param theta θ
 * @param tangent u, or null at a start
 * @param step the step of the λ_i, or null to leave them
 * @param extra what to compute beside
 * @param reuse whether the input holds the outputs at (θ, u)
 * @param upper which trusted rows make F
 * @param newtonStep v, to have Σ sℓ at θ + (1 − t) v for the {@link LowerObjective#lineSteps()}, or
 *     null
 * @param number of the pass; labels drawn for the Kronecker factors depend on it
 */
record EvaluatePass(
    BlockKernel kernel,
    Weighing weighing,
    double[] theta,
    double[] tangent,
    RowStep step,
    Extra extra,
    boolean reuse,
    UpperRows upper,
    double[] newtonStep,
    long number)
    implements Pass<PartitionState, PartitionState> {

  /** Where each sum lies. */
  record Layout(BlockKernel kernel, boolean tangent, boolean alongLine, Extra extra) {
    private Model model() {
      return kernel.model();
    }

    int loss() {
      return 0;
    }

    int gradient() {
      return 1;
    }

    int product() {
      return 1 + model().size();
    }

    int lossBefore() {
      return 1 + model().size() * (tangent ? 2 : 1);
    }

    int rowGradient() {
      return lossBefore() + 1;
    }

    int upper() {
      return rowGradient() + RowGradientNorms.SUMS;
    }

    int upperGradient() {
      return upper() + Tally.SUMS;
    }

    int heldOut() {
      return upperGradient() + model().size();
    }

    int test() {
      return heldOut() + Tally.SUMS;
    }

    int line() {
      return test() + Tally.SUMS;
    }

    int extras() {
      return line() + (alongLine ? LowerObjective.lineSteps().length : 0);
    }

    List<KroneckerFactors> factors(double[] sums, long rows) {
      return kernel.factors(sums, extras(), rows);
    }

    int length() {
      return Math.toIntExact(extras() + extra.numbers(kernel));
    }
  }

  Layout layout() {
    return new Layout(kernel, tangent != null, newtonStep != null, extra);
  }

  @Override
  public String name() {
    return "evaluate";
  }

  @Override
  public String kernels() {
    StringBuilder text = new StringBuilder(reuse ? "" : "outputs, ");
    text.append(step == null ? "" : "row step, ");
    text.append("G, ∇G").append(tangent == null ? "" : ", Hu").append(", F, ∇F, tallies");
    text.append(newtonStep == null ? "" : ", G along v");
    return text.append(extra == Extra.NONE ? "" : ", " + extra.kernels()).toString();
  }

  @Override
  public long bytes() {
    int vectors = 1 + (tangent == null ? 0 : 1) + (newtonStep == null ? 0 : 1);
    return 8L * vectors * theta.length;
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    if (input != null) {
      input.requireBelongsTo(data);
    }
    Layout layout = layout();
    double[] sums = new double[layout.length()];
    PartitionState state = trainingBlocks(data, input, layout, sums);
    upperBlocks(data.upper(), layout, sums);
    Tally.add(kernel, data.heldOut(), theta, sums, layout.heldOut());
    Tally.add(kernel, data.test(), theta, sums, layout.test());
    return new PassOutput<>(state, sums);
  }

  private PartitionState trainingBlocks(
      PartitionData data, PartitionState input, Layout layout, double[] sums) {
    Block[] blocks = data.train();
    BlockKernel lower = weighing.lower(kernel);
    PartitionState known = weighing.rowEntries(data, input);
    KnownRows all = new KnownRows(weighing, blocks, known);
    double[][] weights = new double[blocks.length][];
    Reals[] predictions = new Reals[blocks.length];
    for (int b = 0; b < blocks.length; b++) {
      Block block = lower.model().loss().given(blocks[b]);
      double[] kept = new double[block.rows()];
      weights[b] = kept;
      KnownRows ofBlock = all.block(b);
      double[] lambda = weighing.hasRowEntries() ? known.lambda()[b] : null;
      RowWeights weighted =
          (tile, s) -> {
            KnownRows here = ofBlock.tile(tile.from(), tile.rows());
            if (lambda != null) {
              stepRows(here, tile, lambda, layout, sums);
            }
            weighing.weigh(here, s);
            System.arraycopy(s, 0, kept, tile.from(), tile.rows());
          };
      RowOutputs rows =
          reuse
              ? input.outputs()[b]
              : RowOutputs.allocate(block.rows(), 1, lower.model().outputs(), tangent != null);
      if (reuse) {
        lower.evaluateFrom(block, theta, tangent, weighted, rows, sums, layout.loss());
      } else {
        lower.evaluate(block, theta, 1, tangent, weighted, rows, sums, layout.loss());
      }
      predictions[b] = Reals.beside(block.features(), rows.predictions());
      if (newtonStep != null) {
        lower.lossesAlong(
            block, theta, newtonStep, LowerObjective.lineSteps(), kept, sums, layout.line());
      }
      BlockKernel.At point = BlockKernel.At.one(theta, rows.predictions(), kept);
      switch (extra) {
        case NONE -> {}
        case DIAGONAL -> lower.hessianDiagonal(block, point, sums, layout.extras());
        case KRONECKER -> lower.kroneckerFactors(block, point, draws(), sums, layout.extras());
        case HESSIAN -> lower.hessian(block, point, sums, layout.extras());
      }
    }
    return new PartitionState(
        data.fingerprint(),
        known.lambda(),
        known.scores(),
        PartitionState.Seen.point(weights, predictions),
        null);
  }

  private LabelDraws draws() {
    return RowDraw.forLabels(kernel.model(), number);
  }

  /**
   * Moves the λ_i of a tile, and adds what is known of them before. The hypergradient of row i is
   * h_i / n with h_i = −b_i (∂s_i/∂λ_i) ⟨∇ℓ_i, u⟩.
   *
   * @param lambda the λ_i of the block
   */
  private void stepRows(
      KnownRows rows, RowTile tile, double[] lambda, Layout layout, double[] sums) {
    double[] before = new double[tile.rows()];
    weighing.weigh(rows, before);
    double[] mixed = new double[tile.rows()];
    if (tile.directional() != null) {
      weighing.pullBack(rows, tile.directional(), mixed, 0);
    }
    int lossBefore = layout.lossBefore();
    int rowGradient = layout.rowGradient();
    for (int t = 0; t < tile.rows(); t++) {
      double b = rows.baseWeight(t);
      RowGradientNorms.add(-mixed[t], b, sums, rowGradient);
      sums[lossBefore] += before[t] * tile.losses().value(t);
      // A row of weight 3 steps as each of three copies would.
      if (step != null && b != 0) {
        lambda[tile.from() + t] = step.apply(lambda[tile.from() + t], -mixed[t] / b);
      }
    }
  }

  private void upperBlocks(Block[] blocks, Layout layout, double[] sums) {
    int d = kernel.model().size();
    double[] part = new double[1 + d];
    for (Block block : blocks) {
      RowOutputs rows = RowOutputs.allocate(block.rows(), 1, kernel.model().outputs(), false);
      RowWeights chosen =
          (tile, s) -> {
            for (int i = 0; i < tile.rows(); i++) {
              int row = tile.from() + i;
              s[i] = upper.has(block, row) ? block.weight(row) : 0;
            }
          };
      kernel.evaluate(block, theta, 1, null, chosen, rows, part, 0);
      Tally.addRows(
          kernel.model().loss(), block, rows, i -> upper.has(block, i), sums, layout.upper());
    }
    System.arraycopy(part, 1, sums, layout.upperGradient(), d);
  }
}
