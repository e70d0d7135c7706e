package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.bilevel.Contender;
import java.util.List;
import java.util.Optional;

/**
 * What the job benchmark compares, or how the cost of cleaning is measured.
 *
 * @param runs the algorithms with their options
 * @param repetitions runs of each
 * @param iterations the most of a run
 * @param seconds the most of a run, on its own clock
 * @param targets values of Φ
 * @param scaling what is varied; empty where algorithms are compared
 * @param made the largest table that is made up
 */
public record BenchmarkConfig(
    List<Contender> runs,
    int repetitions,
    int iterations,
    double seconds,
    List<Double> targets,
    List<String> scaling,
    Made made,
    Cluster cluster) {

  /** A table that is made up. */
  public record Made(int rows, int features, int classes) {}

  /** A table, shaped as the one that is made up where it says nothing, and clusters for it. */
  public record Cluster(
      long rows,
      Optional<Integer> features,
      Optional<Integer> classes,
      List<Integer> executors,
      int coresPerExecutor,
      Optional<Integer> partitions,
      double networkMbps) {}

  /** Whether the cost of cleaning is measured, and nothing compared. */
  public boolean scales() {
    return !scaling.isEmpty();
  }
}
