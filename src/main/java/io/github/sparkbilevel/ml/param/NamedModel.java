package io.github.sparkbilevel.ml.param;

import io.github.sparkbilevel.settings.Stage;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.Param;

/**
 * A model whose params come from the registry of settings.
 *
 * @param <M> the model itself, which its setters return
 */
public abstract class NamedModel<M extends NamedModel<M>> extends Model<M>
    implements HasColumns<M> {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final ParamSet own;

  public NamedModel(String uid, Stage stage) {
    this.uid = uid;
    this.own = new ParamSet(this, stage);
    own.defaults().forEach((name, value) -> setDefault(own.get(name), value));
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public Param<?>[] params() {
    return own.all();
  }

  @Override
  public <T> T value(String name) {
    return own.value(this, name);
  }

  @Override
  @SuppressWarnings("unchecked")
  public M with(String name, Object value) {
    own.set(this, name, value);
    return (M) this;
  }
}
