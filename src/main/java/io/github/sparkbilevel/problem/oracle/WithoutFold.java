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
 * @param judges whose training rows, those of the fold, are the validation rows
 * @param folds by which the blocks are kept apart
 * @param fold the one that is left out
 * @param factor what weights are multiplied by, so that those of the training rows have the mean 1
 */
record WithoutFold(AllRows rows, RowView judges, Folds folds, int fold, double factor)
    implements RowView {
  private static final long serialVersionUID = 1L;

  /** The rows of a partition in the roles that they have. */
  private record AsTheyAre() implements RowView {
    private static final long serialVersionUID = 1L;

    @Override
    public PartitionData of(PartitionData data) {
      return data;
    }
  }

  /** The same with training rows alone to judge by. */
  WithoutFold judgedByTraining() {
    return new WithoutFold(rows, new AsTheyAre(), folds, fold, factor);
  }

  @Override
  public PartitionData of(PartitionData data) {
    PartitionData all = rows.of(data);
    Block[] train =
        Stream.of(all.train())
            .filter(block -> folds.of(block) != fold)
            .map(block -> block.weighted(factor))
            .toArray(Block[]::new);
    Block[] judging = judges.equals(rows) ? all.train() : judges.of(data).train();
    Block[] upper =
        Stream.of(judging).filter(block -> folds.of(block) == fold).toArray(Block[]::new);
    return new PartitionData(train, upper, new Block[0], all.test());
  }
}
