package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.ml.prepare.RunListener;
import io.github.sparkbilevel.spark.checkpoint.CheckpointPlan;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.ml.param.Param;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The checkpoints of an estimator that is called by a program. */
final class Resumption {
  private static final Logger LOG = LoggerFactory.getLogger(Resumption.class);

  /** Params that leave the state of the outer loop as it is, beside the names of columns. */
  private static final Set<String> FREE = Set.of("checkpointPath", "checkpointInterval", "maxIter");

  private Resumption() {}

  /** The plan of the params, or null without a folder. */
  static CheckpointPlan plan(BilevelParams<?, ?> params, RunListener listener) {
    if (params.getCheckpointPath().isEmpty()) {
      return null;
    }
    Map<String, String> configuration = new TreeMap<>();
    configuration.put("estimator", params.getClass().getSimpleName());
    for (Param<?> param : params.params()) {
      boolean free = FREE.contains(param.name()) || param.name().endsWith("Col");
      if (!free && params.isDefined(param)) {
        configuration.put(param.name(), json(params, param));
      }
    }
    return new CheckpointPlan(
        params.getCheckpointPath(),
        params.getCheckpointInterval(),
        true,
        new CheckpointPlan.Identity(
            Version.current(), configuration, "maxIter", params.getMaxIter()),
        new CheckpointPlan.Words(
            "checkpointPath",
            "numPartitions",
            "or take another checkpointPath, or empty that folder, to begin anew"),
        new CheckpointPlan.Listener() {
          @Override
          public void resumed(int iteration) {
            LOG.info("the fit goes on after iteration {}", iteration);
          }

          @Override
          public void warn(String sentence) {
            listener.notice(Notice.of(Notice.Code.CHECKPOINT, sentence));
          }
        });
  }

  private static <T> String json(BilevelParams<?, ?> params, Param<T> param) {
    return param.jsonEncode(params.getOrDefault(param));
  }
}
