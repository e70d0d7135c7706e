package io.github.sparkbilevel.ml.param;

import io.github.sparkbilevel.settings.Registry;
import io.github.sparkbilevel.settings.Setting;
import io.github.sparkbilevel.settings.Stage;
import io.github.sparkbilevel.settings.ValueType;
import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;
import scala.Function1;

/** The params of a stage, made from the registry of settings. */
final class ParamSet implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Stage stage;
  private final TreeMap<String, Param<?>> params = new TreeMap<>();

  ParamSet(Params owner, Stage stage) {
    this.stage = stage;
    Registry.params(stage)
        .forEach((name, setting) -> params.put(name, param(owner, name, setting)));
  }

  Stage stage() {
    return stage;
  }

  /** All of them, by name. */
  Param<?>[] all() {
    return params.values().toArray(Param<?>[]::new);
  }

  /**
   * The param of that name, with the type of its values.
   *
   * @throws UnsupportedOperationException where the stage has no such param
   */
  @SuppressWarnings("unchecked")
  <T> Param<T> get(String name) {
    if (!params.containsKey(name)) {
      throw new UnsupportedOperationException(
          "there is no param %s here, expected one of %s"
              .formatted(name, String.join(", ", params.keySet())));
    }
    return (Param<T>) params.get(name);
  }

  /** The default of each param that has one. */
  Map<String, Object> defaults() {
    Map<String, Object> defaults = new TreeMap<>();
    Registry.params(stage).forEach((name, setting) -> putDefault(defaults, name, setting));
    return defaults;
  }

  /** The value of a param; a new array where it is one. */
  <T> T value(Params owner, String name) {
    Param<T> param = get(name);
    return copied(owner.getOrDefault(param));
  }

  /** Sets a param. */
  void set(Params owner, String name, Object value) {
    owner.set(get(name), copied(value));
  }

  @SuppressWarnings("unchecked")
  private static <T> T copied(T value) {
    if (value instanceof double[] numbers) {
      return (T) numbers.clone();
    }
    if (value instanceof int[] numbers) {
      return (T) numbers.clone();
    }
    return value instanceof String[] words ? (T) words.clone() : value;
  }

  private <T> void putDefault(Map<String, Object> defaults, String name, Setting<T> setting) {
    T value = setting.defaultIn(stage.use());
    if (value != null) {
      defaults.put(name, setting.toParam(value));
    }
  }

  private Param<?> param(Params owner, String name, Setting<?> setting) {
    String doc = setting.doc(stage);
    Class<?> element = setting.type().element();
    boolean list = setting.type().isList();
    // What a text may be, the columns of the input decide.
    boolean free = element == String.class && !list && setting.type(stage).allowed().isEmpty();
    if (element == Double.class || setting.isScaled()) {
      return list
          ? new DoubleArrayParam(owner, name, doc, check(name))
          : new DoubleParam(owner, name, doc, check(name));
    }
    if (element == Integer.class) {
      return list
          ? new IntArrayParam(owner, name, doc, check(name))
          : new IntParam(owner, name, doc, check(name));
    }
    if (element == Boolean.class) {
      return new BooleanParam(owner, name, doc);
    }
    if (element == Long.class) {
      return new LongParam(owner, name, doc);
    }
    if (list) {
      return new StringArrayParam(owner, name, doc, check(name));
    }
    return free ? new Param<>(owner, name, doc) : new Param<>(owner, name, doc, check(name));
  }

  private <T> Function1<T, Object> check(String name) {
    return new Check<>(stage, name);
  }

  /** Whether a value is allowed; can be saved with a stage. */
  private record Check<T>(Stage stage, String name) implements Function1<T, Object>, Serializable {
    @Override
    public Object apply(T value) {
      try {
        Registry.params(stage).get(name).fromParam(value, stage);
        return true;
      } catch (ValueType.Mismatch e) {
        return false;
      }
    }
  }
}
