package io.github.sparkbilevel.problem.pass;

import io.github.sparkbilevel.block.PartitionData;
import java.io.Serializable;

/**
 * One scan over all partitions: the unit of cost.
 *
 * <p>A pass is data: the vectors it carries are sent to every executor once. {@link #apply} depends
 * on nothing else, so that a lost partition is computed again to the same bits.
 *
 * @param <S> state of a partition that the pass reads
 * @param <T> state of a partition that the pass leaves
 */
public interface Pass<S extends Serializable, T extends Serializable> extends Serializable {

  /** What the pass is for, as the ledger and the Spark UI show it. */
  String name();

  /** The kernels it fuses, for the ledger. */
  String kernels();

  /** Bytes of the vectors that the pass carries. */
  long bytes();

  /** What becomes of the numbers of the partitions. */
  default Combination combination() {
    return Combination.SUM;
  }

  /**
   * Works on one partition.
   *
   * @param input the state that an earlier pass left for this partition, or null
   */
  PassOutput<T> apply(PartitionData data, S input);
}
