package io.github.sparkbilevel.block;

import java.io.Serializable;

/** Rows that follow from those of a partition alone, such as the same in other roles. */
@FunctionalInterface
public interface RowView extends Serializable {

  /** The other rows; features that stay are shared, not copied. Views with equals may be kept. */
  PartitionData of(PartitionData data);
}
