package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;
import java.util.List;

/**
 * Chooses the rows that plain models are fitted on; sums the weight of each model's rows.
 *
 * @param fits the rows of each model
 * @param judges what {@link FitRows.Kept} and {@link FitRows.Believed} refer to
 */
record SelectPass(BlockKernel kernel, List<FitRows> fits, List<Judge> judges)
    implements Pass<FitState, FitState> {

  @Override
  public String name() {
    return "select rows";
  }

  @Override
  public String kernels() {
    return judges.isEmpty() ? "weights" : "outputs, weights";
  }

  @Override
  public long bytes() {
    long models = judges.stream().mapToLong(judge -> judge.theta().length).sum();
    return 8L * models * kernel.model().size();
  }

  static int[] indices(List<FitRows> fits, boolean training) {
    return java.util.stream.IntStream.range(0, fits.size())
        .filter(f -> training ? fits.get(f).usesTraining() : fits.get(f).usesTrusted())
        .toArray();
  }

  @Override
  public PassOutput<FitState> apply(PartitionData data, FitState input) {
    double[] sums = new double[fits.size()];
    int[] ofTraining = indices(fits, true);
    int[] ofTrusted = indices(fits, false);
    double[][] training = new double[data.train().length][];
    for (int b = 0; b < training.length; b++) {
      Block block = data.train()[b];
      training[b] = new double[block.rows() * ofTraining.length];
      JudgingRule.Verdict[][] verdicts = verdicts(block);
      for (int i = 0; i < block.rows(); i++) {
        for (int f = 0; f < ofTraining.length; f++) {
          double w = fits.get(ofTraining[f]).ofTraining(block, i, verdicts[i]);
          training[b][f * block.rows() + i] = w;
          sums[ofTraining[f]] += w;
        }
      }
    }
    Block[] trustedBlocks = data.trusted();
    double[][] trusted = new double[trustedBlocks.length][];
    for (int b = 0; b < trusted.length; b++) {
      Block block = trustedBlocks[b];
      boolean heldOut = b >= data.upper().length;
      trusted[b] = new double[block.rows() * ofTrusted.length];
      for (int i = 0; i < block.rows(); i++) {
        for (int f = 0; f < ofTrusted.length; f++) {
          double w = fits.get(ofTrusted[f]).ofTrusted(block, i, heldOut);
          trusted[b][f * block.rows() + i] = w;
          sums[ofTrusted[f]] += w;
        }
      }
    }
    return new PassOutput<>(new FitState(data.fingerprint(), training, trusted, null, null), sums);
  }

  private JudgingRule.Verdict[][] verdicts(Block block) {
    JudgingRule.Verdict[][] verdicts = new JudgingRule.Verdict[block.rows()][judges.size()];
    Loss loss = kernel.model().loss();
    for (int j = 0; j < judges.size(); j++) {
      Judge judge = judges.get(j);
      int at = j;
      JudgedRows.forEach(
          kernel, block, judge, (i, p) -> verdicts[i][at] = judge.judge(loss, p, block, i));
    }
    return verdicts;
  }
}
