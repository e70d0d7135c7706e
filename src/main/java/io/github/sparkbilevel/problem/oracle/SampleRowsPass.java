package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Combination;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;
import io.github.sparkbilevel.problem.sampling.RowDraw;
import java.util.Arrays;

/**
 * Training rows drawn for the driver: label, weight and features of each, as {@link RowSample}
 * reads them.
 *
 * <p>A row is drawn or not by a hash of (seed, draw, id), whatever partition it lies in.
 *
 * @param draw number of the sample; another one has other rows
 * @param share of the rows, in (0, 1]
 */
record SampleRowsPass(long draw, double share) implements Pass<PartitionState, PartitionState> {
  private static final long SEED = 20261128L;

  @Override
  public String name() {
    return "sample rows";
  }

  @Override
  public String kernels() {
    return "rows, s";
  }

  @Override
  public long bytes() {
    return 16;
  }

  @Override
  public Combination combination() {
    return Combination.JOIN;
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    input.requireBelongsTo(data);
    Block[] blocks = data.train();
    int[][] drawn = new int[blocks.length][];
    int length = 0;
    for (int b = 0; b < blocks.length; b++) {
      drawn[b] = drawn(blocks[b]);
      length += drawn[b].length * RowSample.numbers(blocks[b].features().columns());
    }
    double[] rows = new double[length];
    int at = 0;
    for (int b = 0; b < blocks.length; b++) {
      for (int i : drawn[b]) {
        rows[at] = blocks[b].labels()[i];
        rows[at + 1] = input.weights()[b][i];
        double[] features = new double[blocks[b].features().columns()];
        blocks[b].features().copyRow(i, features);
        System.arraycopy(features, 0, rows, at + 2, features.length);
        at += RowSample.numbers(features.length);
      }
    }
    return new PassOutput<>(null, rows);
  }

  private int[] drawn(Block block) {
    long[] ids = block.ids();
    int[] rows = new int[ids.length];
    int count = 0;
    for (int i = 0; i < ids.length; i++) {
      if (RowDraw.uniform(SEED, draw, ids[i]) < share) {
        rows[count++] = i;
      }
    }
    return Arrays.copyOf(rows, count);
  }
}
