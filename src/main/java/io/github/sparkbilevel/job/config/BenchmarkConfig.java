package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.bilevel.Contender;
import java.util.List;

/**
 * What the job benchmark compares.
 *
 * @param runs the algorithms with their options
 * @param repetitions runs of each
 * @param iterations the most of a run
 * @param seconds the most of a run, on its own clock
 * @param targets values of Φ
 */
public record BenchmarkConfig(
    List<Contender> runs, int repetitions, int iterations, double seconds, List<Double> targets) {}
