package io.github.sparkbilevel.block;

import java.util.stream.Stream;

/**
 * Training and validation rows, all to be trained on.
 *
 * @param ofTrain what the weights of training rows are multiplied by
 * @param ofUpper what those of validation rows are multiplied by
 */
public record AllRows(double ofTrain, double ofUpper) implements RowView {
  private static final long serialVersionUID = 1L;

  /**
   * The view in which the weights of all rows have the mean 1 and keep their ratios.
   *
   * @param train number and mean weight of the training rows, whose blocks have weights of mean 1
   * @param upper the same of the validation rows
   */
  public static AllRows of(Part train, Part upper) {
    if (train.meanWeight == upper.meanWeight || upper.rows == 0) {
      return new AllRows(1, 1);
    }
    double sum = train.rows * train.meanWeight + upper.rows * upper.meanWeight;
    double unit = (train.rows + upper.rows) / sum;
    return new AllRows(unit * train.meanWeight, unit * upper.meanWeight);
  }

  /** Number and mean weight of the rows of a part. */
  public record Part(long rows, double meanWeight) {}

  @Override
  public PartitionData of(PartitionData data) {
    Block[] none = {};
    Block[] all =
        Stream.concat(
                Stream.of(data.train()).map(block -> block.weighted(ofTrain)),
                Stream.of(data.upper()).map(block -> block.weighted(ofUpper)))
            .toArray(Block[]::new);
    return new PartitionData(all, none, none, data.test());
  }
}
