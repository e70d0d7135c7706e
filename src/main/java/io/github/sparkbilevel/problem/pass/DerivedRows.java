package io.github.sparkbilevel.problem.pass;

import io.github.sparkbilevel.block.PartitionData;
import java.io.Serializable;

/** Rows that follow from those of a partition alone. Implementations are values, with equals. */
public interface DerivedRows extends Serializable {

  /** The other rows of the partition. */
  PartitionData of(PartitionData data);
}
