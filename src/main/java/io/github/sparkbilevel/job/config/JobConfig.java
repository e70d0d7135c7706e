package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.ml.tracking.MlflowServer;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.settings.Setting;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A whole job, checked: every key of its file and of the command line with its default filled in.
 *
 * @param job {@link Keys#CLEAN}, {@link Keys#TUNE}, {@link Keys#HYPERGRADIENT}, {@link
 *     Keys#BENCHMARK} or {@link Keys#ARENA}
 * @param seed where every random draw comes from
 * @param baselines the plain models to fit beside the bilevel one
 * @param mlflow the tracking server that is told of the run; empty for none
 * @param arena the cells of the job arena; {@code data} is its first data set
 * @param resolvedText every key with its value, one on a line, as a job file would hold them
 * @param warnings sentences about keys that have no effect
 */
public record JobConfig(
    String job,
    long seed,
    DataConfig data,
    ModelConfig model,
    UpperConfig upper,
    SolverConfig solver,
    OutputConfig output,
    SelectionConfig selection,
    ReviewConfig review,
    CheckpointConfig checkpoint,
    Optional<MlflowServer> mlflow,
    HypergradientConfig hypergradient,
    List<String> baselines,
    SearchConfig search,
    BenchmarkConfig benchmark,
    Optional<ArenaConfig> arena,
    String resolvedText,
    List<String> warnings) {

  /** The same job with other rows and another seed. */
  public JobConfig with(DataConfig otherData, long otherSeed) {
    return Records.with(this, Map.of("data", otherData, "seed", otherSeed));
  }

  /** The value in effect of a setting. */
  public Object get(Setting<?> setting) {
    // Validation rows are one value; what makes folds of training rows stands beside it.
    return Records.get(this, setting.path().replaceFirst("^data[.]validation[.]", "data."));
  }
}
