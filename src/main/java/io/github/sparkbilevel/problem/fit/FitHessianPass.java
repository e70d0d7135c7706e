package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.block.Reals;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Hessian products of several plain models, each with its own direction; sums of d numbers each.
 *
 * @param theta the models' parameters, d each, or null for a linear model
 * @param directions the models' directions, d each
 */
record FitHessianPass(BlockKernel kernel, List<FitRows> fits, double[] theta, double[] directions)
    implements Pass<FitState, FitState> {

  @Override
  public String name() {
    return "fit Hessian product";
  }

  @Override
  public String kernels() {
    return "HV of " + fits.size() + " models";
  }

  @Override
  public long bytes() {
    return 8L * (directions.length + (theta == null ? 0 : theta.length));
  }

  @Override
  public PassOutput<FitState> apply(PartitionData data, FitState input) {
    double[] sums = new double[directions.length];
    part(data.train(), input.training(), input.trainingPredictions(), true, sums);
    part(data.trusted(), input.trusted(), input.trustedPredictions(), false, sums);
    return new PassOutput<>(null, sums);
  }

  private void part(
      Block[] blocks, double[][] weights, Reals[] predictions, boolean isTraining, double[] sums) {
    int[] sets = SelectPass.indices(fits, isTraining);
    if (sets.length == 0) {
      return;
    }
    int d = kernel.model().size();
    double[] points = theta == null ? null : FitPass.gather(theta, sets, d);
    double[] stacked = FitPass.gather(directions, sets, d);
    int[] setOf = IntStream.range(0, sets.length).toArray();
    double[] part = new double[stacked.length];
    for (int b = 0; b < blocks.length; b++) {
      BlockKernel.At at =
          new BlockKernel.At(points, predictions[b].values(), weights[b], sets.length);
      kernel.product(blocks[b], at, stacked, setOf, part, 0);
    }
    for (int s = 0; s < sets.length; s++) {
      for (int j = 0; j < d; j++) {
        sums[sets[s] * d + j] += part[s * d + j];
      }
    }
  }
}
