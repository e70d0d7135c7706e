package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.MultiLabelLoss;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassOutput;
import java.util.ArrayList;
import java.util.List;

/**
 * How well a model does on one of several labels, by the rows' base weights; all NaN without rows.
 *
 * @param loss mean of −log of the probability of the label, at least the least positive number
 * @param accuracy share of the rows whose label is predicted
 * @param ones share of the rows that have it
 */
public record LabelTally(double loss, double accuracy, double ones) {
  private static final int SUMS = 3;

  /**
   * The tallies of each label on the validation rows, then on the test rows; costs 1 pass.
   *
   * @param kernel of a model with {@link MultiLabelLoss}
   * @param ofValidation the parameters for validation rows
   * @param ofTest those for test rows
   */
  public static List<List<LabelTally>> of(
      BlockKernel kernel, double[] ofValidation, double[] ofTest, PassEngine engine) {
    double[] sums = engine.run(new Sum(kernel, ofValidation, ofTest), null, false).sums();
    int labels = kernel.model().outputs();
    return List.of(read(sums, 0, labels), read(sums, 1 + SUMS * labels, labels));
  }

  private static List<LabelTally> read(double[] sums, int at, int labels) {
    List<LabelTally> tallies = new ArrayList<>();
    for (int k = 0; k < labels; k++) {
      int own = at + 1 + SUMS * k;
      double rows = sums[at];
      tallies.add(new LabelTally(sums[own] / rows, sums[own + 1] / rows, sums[own + 2] / rows));
    }
    return tallies;
  }

  /** Σ w, then for each label Σ w ℓ, Σ w of right predictions and Σ w b, for both parts. */
  private record Sum(BlockKernel kernel, double[] ofValidation, double[] ofTest)
      implements Pass<PartitionState, PartitionState> {
    private static final long serialVersionUID = 1L;

    @Override
    public String name() {
      return "figures by label";
    }

    @Override
    public String kernels() {
      return "outputs of 2 models";
    }

    @Override
    public long bytes() {
      return 8L * (ofValidation.length + ofTest.length);
    }

    @Override
    public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
      double[] sums = new double[2 * (1 + SUMS * kernel.model().outputs())];
      add(data.upper(), ofValidation, sums, 0);
      add(data.test(), ofTest, sums, sums.length / 2);
      return new PassOutput<>(null, sums);
    }

    private void add(Block[] blocks, double[] theta, double[] sums, int at) {
      Loss loss = kernel.model().loss();
      int labels = loss.outputs();
      for (Block block : blocks) {
        RowOutputs outputs = RowOutputs.allocate(block.rows(), 1, labels, false);
        kernel.predict(block, theta, 1, null, outputs);
        OutputTile p = outputs.predictions(loss, block.rows(), 0);
        for (int i = 0; i < block.rows(); i++) {
          double w = block.weight(i);
          sums[at] += w;
          for (int k = 0; k < labels; k++) {
            int label = MultiLabelLoss.label(block.labels()[i], k);
            double one = p.value(k, i);
            double own = label == 1 ? one : 1 - one;
            int to = at + 1 + SUMS * k;
            sums[to] -= w * Math.log(Math.max(own, Double.MIN_NORMAL));
            sums[to + 1] += (one > 0.5 ? 1 : 0) == label ? w : 0;
            sums[to + 2] += w * label;
          }
        }
      }
    }
  }
}
