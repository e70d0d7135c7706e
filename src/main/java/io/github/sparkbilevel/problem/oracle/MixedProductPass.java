package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.block.Reals;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.model.TileColumn;
import io.github.sparkbilevel.problem.KnownRows;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.RowScores;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.Weighing;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;
import java.util.Arrays;

/**
 * The mixed product of the row weights at (θ, u), with λ as it is.
 *
 * <p>Sums Σ b_i ⟨∇ℓ_i, u⟩ ∇_λ s_i for a λ on the driver, the norms of the row hypergradients for a
 * λ beside the rows, and the lower loss with the weights of λ. It leaves the outputs at θ and along
 * u, so that the {@link EvaluatePass} behind it needs no forward product.
 *
 * <p>With a refresh it also leaves the row features at θ, for the passes that follow; the sums are
 * still those of the features before.
 *
 * @param weighing how λ weighs rows
 * @param refresh the trusted model that serves from now on, or null to leave the row features
 */
record MixedProductPass(
    BlockKernel kernel, Weighing weighing, double[] theta, double[] tangent, Integer refresh)
    implements Pass<PartitionState, PartitionState> {

  static final int LOSS = 0;
  static final int ROW_GRADIENT = 1;
  static final int MIXED = ROW_GRADIENT + RowGradientNorms.SUMS;

  /** Where the moments of refreshed row features lie. */
  int moments() {
    return MIXED + weighing.lambda().length;
  }

  @Override
  public String name() {
    return "mixed product";
  }

  @Override
  public String kernels() {
    return "outputs, ∇²G·u, G" + (refresh != null ? ", row features" : "");
  }

  @Override
  public long bytes() {
    return 8L * (theta.length + tangent.length);
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    if (input != null) {
      input.requireBelongsTo(data);
    }
    double[] sums = new double[moments() + RowScores.SUMS];
    RowScores[] scores = input == null ? null : input.scores();
    scores = scores == null ? null : scores.clone();
    Block[] blocks = data.train();
    KnownRows all = weighing.rows(data, input);
    RowOutputs[] outputs = new RowOutputs[blocks.length];
    BlockKernel lower = weighing.lower(kernel);
    Loss loss = lower.model().loss();
    int k = loss.outputs();
    for (int b = 0; b < blocks.length; b++) {
      Block block = loss.given(blocks[b]);
      RowOutputs rows = RowOutputs.allocate(block.rows(), 1, k, true);
      lower.predict(block, theta, 1, tangent, rows);
      outputs[b] = rows;
      if (weighing.variable().shapesLoss()) {
        addResidualProducts(all.block(b), rows, sums);
      } else {
        addProducts(all.block(b), rows.losses(), rows.directional(loss, block.labels()), sums);
      }
      if (refresh != null) {
        double[] current = new double[block.rows()];
        Arrays.setAll(current, i -> loss.logOdds(rows.losses()[i]));
        scores[b] = scores[b].with(refresh, Reals.beside(block.features(), current));
        scores[b].addMoments(block, weighing.variable().judged(), sums, moments());
      }
    }
    return new PassOutput<>(
        new PartitionState(
            data.fingerprint(),
            input == null ? null : input.lambda(),
            scores,
            PartitionState.Seen.forward(outputs),
            null),
        sums);
  }

  private void addResidualProducts(KnownRows rows, RowOutputs outputs, double[] sums) {
    int n = rows.count();
    for (int i = 0; i < n; i++) {
      sums[LOSS] += rows.baseWeight(i) * outputs.losses()[i];
    }
    weighing
        .variable()
        .pullBackResiduals(
            rows,
            weighing.lambda(),
            new UpperVariable.AlongTile(
                kernel.model().loss(),
                outputs.predictions(kernel.model().loss(), n, 0),
                new OutputTile(outputs.tangents(), 0, n, n)),
            sums,
            MIXED);
  }

  private void addProducts(KnownRows rows, double[] losses, double[] along, double[] sums) {
    double[] s = new double[rows.count()];
    weighing.weigh(rows, s);
    for (int i = 0; i < s.length; i++) {
      sums[LOSS] += s[i] * losses[i];
    }
    if (!weighing.hasRowEntries()) {
      weighing.pullBack(rows, TileColumn.of(along), sums, MIXED);
      return;
    }
    double[] mixed = new double[s.length];
    weighing.pullBack(rows, TileColumn.of(along), mixed, 0);
    for (int i = 0; i < s.length; i++) {
      RowGradientNorms.add(-mixed[i], rows.baseWeight(i), sums, ROW_GRADIENT);
    }
  }
}
