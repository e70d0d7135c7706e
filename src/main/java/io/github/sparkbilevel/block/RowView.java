package io.github.sparkbilevel.block;

import java.io.Serializable;

/** Cached rows in other roles than those they were read for. */
@FunctionalInterface
public interface RowView extends Serializable {

  /** The roles; features are shared, not copied. */
  PartitionData of(PartitionData data);
}
