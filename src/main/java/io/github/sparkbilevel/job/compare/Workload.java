package io.github.sparkbilevel.job.compare;

/**
 * A table to be cleaned, and what cleans it.
 *
 * @param partitions of the blocks
 * @param cores that run tasks
 */
record Workload(long rows, int features, int classes, int partitions, int cores) {

  /** Bytes of the features, as float32. */
  double bytes() {
    return 4.0 * rows * features;
  }

  /** d, the coefficients of the linear model. */
  double coefficients() {
    return (features + 1.0) * classes;
  }

  /** Cores that have a partition to work on. */
  int busyCores() {
    return Math.min(partitions, cores);
  }
}
