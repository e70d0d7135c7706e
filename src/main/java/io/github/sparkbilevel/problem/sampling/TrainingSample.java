package io.github.sparkbilevel.problem.sampling;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.block.RowView;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A share of the training rows, chosen by their ids alone, each with 1 / share times its base
 * weight: sums over the sample estimate those over all rows without bias. Trusted and test rows
 * stay.
 *
 * @param share above 0 and below 1
 */
public record TrainingSample(double share) implements RowView {
  private static final long SEED = 0;
  private static final long PURPOSE = 31;

  /** Checks the share. */
  public TrainingSample {
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException(
          "got a share of " + share + " of the rows, expected one above 0 and below 1");
    }
  }

  @Override
  public PartitionData of(PartitionData data) {
    Block[] train = Arrays.stream(data.train()).map(this::of).toArray(Block[]::new);
    return new PartitionData(train, data.upper(), data.heldOut(), data.test());
  }

  private Block of(Block block) {
    int[] drawn =
        IntStream.range(0, block.rows())
            .filter(i -> RowDraw.uniform(SEED, PURPOSE, block.ids()[i]) < share)
            .toArray();
    return block.select(drawn, 1 / share);
  }
}
