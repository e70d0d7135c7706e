package io.github.sparkbilevel.ml.score;

import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.MLReader;

/**
 * Reads a stage that is all params; refuses what another class wrote, which Spark's own does not.
 */
public final class StageReader<S extends Params> extends MLReader<S> {
  private final Class<S> type;

  public StageReader(Class<S> type) {
    this.type = type;
  }

  @Override
  public S load(String path) {
    DefaultParamsReader.loadMetadata(path, sparkSession(), type.getName());
    return new DefaultParamsReader<S>().load(path);
  }
}
