package io.github.sparkbilevel.job;

import io.github.sparkbilevel.job.clean.CleanJob;
import io.github.sparkbilevel.job.compare.ArenaJob;
import io.github.sparkbilevel.job.compare.BenchmarkJob;
import io.github.sparkbilevel.job.compare.HypergradientJob;
import io.github.sparkbilevel.job.compare.ScalingJob;
import io.github.sparkbilevel.job.run.Job;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.RunResult;
import io.github.sparkbilevel.job.tune.TuneJob;
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
        Keys.BENCHMARK, () -> Jobs::benchmark,
        Keys.ARENA, ArenaJob::new);
  }

  /** Compares algorithms, or measures what cleaning costs. */
  private static RunResult benchmark(JobContext context) throws Exception {
    boolean scales = context.config().benchmark().scales();
    return (scales ? new ScalingJob() : new BenchmarkJob()).run(context);
  }
}
