package io.github.sparkbilevel.problem.pass;

import io.github.sparkbilevel.block.RowView;
import io.github.sparkbilevel.problem.snapshot.Generation;
import java.io.Serializable;

/**
 * Runs passes over data that is cut into partitions, in one process or on a cluster.
 *
 * <p>Sums are added in partition order: the same data in the same partitions gives the same bits.
 */
public interface PassEngine extends AutoCloseable {

  /**
   * Runs a pass; costs 1 pass.
   *
   * @param input the generation that the pass reads, or null
   * @param keep whether the states that the pass leaves are to be kept
   */
  <S extends Serializable, T extends Serializable> Result<T> run(
      Pass<S, T> pass, Generation<S> input, boolean keep);

  /**
   * An engine over a view of the rows that is made once and kept, where {@link ViewEngine} makes it
   * in every pass. This engine books its passes and closes it; generations of one do not fit the
   * other. Runs nothing: the first pass over the view makes it.
   *
   * @param rows what to see; equal views may give the same engine
   */
  PassEngine over(RowView rows);

  /** Number of partitions. */
  int partitionCount();

  /** The passes run so far. */
  PassLedger ledger();

  @Override
  void close();

  /**
   * The outcome of a pass.
   *
   * @param sums the sums over all partitions, or what {@link Pass#combination()} makes of them
   * @param states the states left, or null if they were not to be kept
   */
  record Result<T extends Serializable>(double[] sums, Generation<T> states) {}
}
