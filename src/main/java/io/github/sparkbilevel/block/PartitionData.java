package io.github.sparkbilevel.block;

import java.io.Serializable;
import java.util.Arrays;

/**
 * All blocks of one partition, by the part that their rows play.
 *
 * @param train rows of the lower level
 * @param upper trusted rows of the upper objective
 * @param heldOut trusted rows kept apart for early stopping
 * @param test rows that only the figures of a report see
 */
public record PartitionData(Block[] train, Block[] upper, Block[] heldOut, Block[] test)
    implements Serializable {

  /** All trusted blocks: those of the upper objective, then those held out. */
  public Block[] trusted() {
    Block[] all = Arrays.copyOf(upper, upper.length + heldOut.length);
    System.arraycopy(heldOut, 0, all, upper.length, heldOut.length);
    return all;
  }

  /** A number that differs when the training rows differ: guards joins of data with states. */
  public long fingerprint() {
    long hash = 1125899906842597L;
    for (Block block : train) {
      for (long id : block.ids()) {
        hash = 31 * hash + id;
      }
      hash = 31 * hash + block.rows();
    }
    return hash;
  }
}
