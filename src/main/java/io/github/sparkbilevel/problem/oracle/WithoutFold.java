package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.block.AllRows;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.block.RowView;
import io.github.sparkbilevel.problem.sampling.Folds;
import java.util.stream.Stream;

/**
 * Rows in two parts: those of a fold are the validation rows of a model that is trained on the
 * others.
 *
 * @param rows all of them
 * @param folds by which the blocks are kept apart
 * @param fold the one that is left out
 * @param factor what weights are multiplied by, so that those of the training rows have the mean 1
 */
record WithoutFold(AllRows rows, Folds folds, int fold, double factor) implements RowView {
  private static final long serialVersionUID = 1L;

  @Override
  public PartitionData of(PartitionData data) {
    PartitionData all = rows.of(data);
    Block[] train =
        Stream.of(all.train())
            .filter(block -> folds.of(block) != fold)
            .map(block -> block.weighted(factor))
            .toArray(Block[]::new);
    Block[] upper =
        Stream.of(all.train()).filter(block -> folds.of(block) == fold).toArray(Block[]::new);
    return new PartitionData(train, upper, new Block[0], all.test());
  }
}
