package io.github.sparkbilevel.job;

import io.github.sparkbilevel.settings.Keys;
import java.util.Map;
import java.util.function.Supplier;

/** The jobs of this version by the name that a job file gives them. */
final class Jobs {

  private Jobs() {}

  static Map<String, Supplier<Job>> all() {
    return Map.of(
        Keys.CLEAN, CleanJob::new,
        Keys.TUNE, TuneJob::new,
        Keys.HYPERGRADIENT, HypergradientJob::new,
        Keys.BENCHMARK, BenchmarkJob::new,
        Keys.ARENA, ArenaJob::new);
  }
}
