package io.github.sparkbilevel.ml;

import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Model;

/**
 * An estimator that knows its uid before a subclass creates its params, each of which asks for it.
 *
 * @param <M> the model
 */
public abstract class NamedEstimator<M extends Model<M>> extends Estimator<M> {
  private static final long serialVersionUID = 1L;

  private final String uid;

  NamedEstimator(String uid) {
    this.uid = uid;
  }

  @Override
  public String uid() {
    return uid;
  }
}
