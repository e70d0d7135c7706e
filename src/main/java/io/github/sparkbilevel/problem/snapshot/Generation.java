package io.github.sparkbilevel.problem.snapshot;

import io.github.sparkbilevel.problem.pass.PassEngine;
import java.io.Serializable;

/**
 * The states that one pass left, one for each partition, wherever the partitions are.
 *
 * <p>Life cycle: made by {@link PassEngine#run}, read by later passes, released once by whoever
 * asked for it. Releasing frees the memory; a generation that was computed from it stays valid.
 */
public interface Generation<S extends Serializable> {

  /** Frees the states; a second call does nothing. */
  void release();
}
