package io.github.sparkbilevel.ml;

import org.apache.spark.ml.Model;

/**
 * A model that knows its uid before a subclass creates its params, each of which asks for it.
 *
 * @param <M> the model itself
 */
public abstract class NamedModel<M extends NamedModel<M>> extends Model<M> {
  private static final long serialVersionUID = 1L;

  private final String uid;

  NamedModel(String uid) {
    this.uid = uid;
  }

  @Override
  public String uid() {
    return uid;
  }
}
