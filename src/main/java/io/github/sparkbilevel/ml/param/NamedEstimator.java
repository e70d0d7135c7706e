package io.github.sparkbilevel.ml.param;

import io.github.sparkbilevel.settings.Registry;
import io.github.sparkbilevel.settings.Setting;
import io.github.sparkbilevel.settings.Stage;
import java.util.Collection;
import java.util.function.Function;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * An estimator whose params come from the registry of settings.
 *
 * @param <M> the model
 * @param <E> the estimator itself, which its setters return
 */
public abstract class NamedEstimator<M extends Model<M>, E extends NamedEstimator<M, E>>
    extends Estimator<M> implements HasColumns<E> {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final ParamSet own;

  public NamedEstimator(String uid, Stage stage) {
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

  /** The param of that name, as grids take it. */
  public DoubleParam doubleParam(String name) {
    return (DoubleParam) (Param<?>) getParam(name);
  }

  /** The param of that name, as grids take it. */
  public IntParam intParam(String name) {
    return (IntParam) (Param<?>) getParam(name);
  }

  /** Gives params the values of their settings. */
  public void take(Collection<Setting<?>> settings, Function<Setting<?>, Object> values) {
    settings.forEach(setting -> take(setting, values));
  }

  @SuppressWarnings("unchecked")
  private <T> void take(Setting<T> setting, Function<Setting<?>, Object> values) {
    with(setting.param(stage()).orElseThrow(), setting.toParam((T) values.apply(setting)));
  }

  /** The settings that this has as params. */
  public Collection<Setting<?>> settings() {
    return Registry.params(stage()).values();
  }

  /** The stage whose params it has. */
  public Stage stage() {
    return own.stage();
  }

  @Override
  public <T> T value(String name) {
    return own.value(this, name);
  }

  @Override
  @SuppressWarnings("unchecked")
  public E with(String name, Object value) {
    own.set(this, name, value);
    return (E) this;
  }
}
