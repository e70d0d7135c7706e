package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.block.Reals;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.LabelDraws;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.model.RowWeights;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;
import io.github.sparkbilevel.problem.sampling.RowDraw;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Losses and gradients of several plain models at once, each over its own rows.
 *
 * <p>Sums, model after model: the weighted loss, the gradient (d numbers); behind them, if asked
 * for, the Gram matrix of the features of all training rows and the mean curvature of the first
 * model's outputs.
 *
 * @param theta the models' parameters, d each
 * @param number of the pass; labels drawn for the Kronecker factors depend on it
 */
record FitPass(BlockKernel kernel, List<FitRows> fits, double[] theta, Extra extra, long number)
    implements Pass<FitState, FitState> {

  int stride() {
    return 1 + kernel.model().size();
  }

  int extras() {
    return fits.size() * stride();
  }

  @Override
  public String name() {
    return "fit";
  }

  @Override
  public String kernels() {
    return "ℓ, ∇ℓ of " + fits.size() + (extra == Extra.KRONECKER ? " models, A, B" : " models");
  }

  @Override
  public long bytes() {
    return 8L * theta.length;
  }

  @Override
  public PassOutput<FitState> apply(PartitionData data, FitState input) {
    int more = extra == Extra.KRONECKER ? kernel.factorSums() : 0;
    double[] sums = new double[extras() + more];
    Loss loss = kernel.model().loss();
    Reals[] training = part(data.train(), loss::given, input.training(), true, sums);
    Reals[] trusted = part(data.trusted(), loss::known, input.trusted(), false, sums);
    return new PassOutput<>(
        new FitState(data.fingerprint(), input.training(), input.trusted(), training, trusted),
        sums);
  }

  private Reals[] part(
      Block[] blocks,
      UnaryOperator<Block> labelled,
      double[][] weights,
      boolean isTraining,
      double[] sums) {
    int[] sets = SelectPass.indices(fits, isTraining);
    Reals[] predictions = new Reals[blocks.length];
    if (sets.length == 0) {
      return predictions;
    }
    int d = kernel.model().size();
    double[] stacked = gather(theta, sets, d);
    for (int b = 0; b < blocks.length; b++) {
      Block block = labelled.apply(blocks[b]);
      RowOutputs outputs =
          RowOutputs.allocate(block.rows(), sets.length, kernel.model().outputs(), false);
      double[] part = new double[sets.length * (1 + d)];
      kernel.evaluate(
          block,
          stacked,
          sets.length,
          null,
          RowWeights.of(weights[b], block.rows()),
          outputs,
          part,
          0);
      for (int s = 0; s < sets.length; s++) {
        int at = sets[s] * (1 + d);
        sums[at] += part[s];
        for (int j = 0; j < d; j++) {
          sums[at + 1 + j] += part[sets.length + s * d + j];
        }
      }
      predictions[b] = Reals.beside(block.features(), outputs.predictions());
      if (extra == Extra.KRONECKER) {
        double[] base = new double[block.rows()];
        Arrays.setAll(base, block::weight);
        BlockKernel.At point =
            BlockKernel.At.one(stacked, firstSet(outputs.predictions(), block.rows()), base);
        LabelDraws draws = RowDraw.forLabels(kernel.model(), number);
        kernel.kroneckerFactors(block, point, draws, sums, extras());
      }
    }
    return predictions;
  }

  private double[] firstSet(double[] predictions, int rows) {
    return Arrays.copyOf(predictions, rows * kernel.model().outputs());
  }

  static double[] gather(double[] stacked, int[] sets, int d) {
    double[] result = new double[sets.length * d];
    for (int s = 0; s < sets.length; s++) {
      System.arraycopy(stacked, sets[s] * d, result, s * d, d);
    }
    return result;
  }
}
