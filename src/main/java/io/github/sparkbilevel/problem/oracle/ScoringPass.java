package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.block.Reals;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.problem.JudgedClasses;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.RowScores;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;

/**
 * The log-odds that the trusted rows' models and the current model give to the label of each
 * training row: the raw features of the weight function, with the sums that standardise them.
 *
 * @param theta the trusted rows' models, one after the other, and last the current model; where
 *     that is missing its log-odds are 0
 * @param trusted number of the trusted rows' models in θ; 0 where the input has their scores
 * @param chosen index of the trusted model that serves first
 * @param judged classes that the trusted rows' models can judge
 */
record ScoringPass(
    BlockKernel kernel, double[] theta, int trusted, int chosen, JudgedClasses judged)
    implements Pass<PartitionState, PartitionState> {

  @Override
  public String name() {
    return "row features";
  }

  @Override
  public String kernels() {
    int models = theta.length / kernel.model().size();
    return "outputs of " + models + (models == 1 ? " model" : " models") + ", moments";
  }

  @Override
  public long bytes() {
    return 8L * theta.length;
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    boolean known = trusted == 0;
    if (known) {
      input.requireBelongsTo(data);
    }
    int models = theta.length / kernel.model().size();
    double[] sums = new double[RowScores.SUMS];
    Block[] blocks = data.train();
    Loss loss = kernel.model().loss();
    RowScores[] scores = new RowScores[blocks.length];
    for (int b = 0; b < blocks.length; b++) {
      int n = blocks[b].rows();
      RowOutputs rows = RowOutputs.allocate(n, models, kernel.model().outputs(), false);
      kernel.predict(blocks[b], theta, models, null, rows);
      double[] odds = new double[n * trusted];
      double[] current = new double[n];
      for (int i = 0; i < n; i++) {
        for (int m = 0; m < trusted; m++) {
          odds[i * trusted + m] = loss.logOdds(rows.losses()[m * n + i]);
        }
        if (models > trusted) {
          current[i] = loss.logOdds(rows.losses()[trusted * n + i]);
        }
      }
      Reals now = Reals.beside(blocks[b].features(), current);
      scores[b] =
          known
              ? input.scores()[b].with(chosen, now)
              : new RowScores(
                  trusted,
                  Reals.beside(blocks[b].features(), odds),
                  chosen,
                  now,
                  models > trusted ? now : null);
      scores[b].addMoments(blocks[b], judged, sums, 0);
    }
    return new PassOutput<>(
        new PartitionState(data.fingerprint(), null, scores, PartitionState.Seen.NONE, null), sums);
  }
}
