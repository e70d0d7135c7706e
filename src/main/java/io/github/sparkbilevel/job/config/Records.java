package io.github.sparkbilevel.job.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;

/**
 * Records whose components are named as the keys of a job file are: {@code solver.kfac.decay} is
 * the component {@code decay} of the component {@code kfac} of the component {@code solver}.
 */
final class Records {
  private Records() {}

  /**
   * A record of the values under a prefix.
   *
   * @param prefix empty, or ends with a dot
   * @param whole components that are not read key by key, by their paths
   * @param values the value of each other path
   */
  static <R extends Record> R read(
      Class<R> type, String prefix, Map<String, Object> whole, Function<String, Object> values) {
    return make(
        type,
        component -> {
          String path = prefix + component.getName();
          if (whole.containsKey(path)) {
            return whole.get(path);
          }
          return component.getType().isRecord()
              ? read(component.getType().asSubclass(Record.class), path + ".", whole, values)
              : values.apply(path);
        });
  }

  /** The same record with some components changed. */
  @SuppressWarnings("unchecked")
  static <R extends Record> R with(R record, Map<String, Object> changes) {
    return make(
        (Class<R>) record.getClass(),
        component ->
            changes.containsKey(component.getName())
                ? changes.get(component.getName())
                : call(component.getAccessor(), record));
  }

  /** The value at a path. */
  static Object get(Record record, String path) {
    Object value = record;
    for (String name : path.split("\\.")) {
      Object holder = value;
      value =
          Arrays.stream(holder.getClass().getRecordComponents())
              .filter(component -> component.getName().equals(name))
              .findFirst()
              .map(component -> call(component.getAccessor(), holder))
              .orElseThrow(() -> new IllegalArgumentException("no component for " + path));
    }
    return value;
  }

  private static <R extends Record> R make(
      Class<R> type, Function<RecordComponent, Object> values) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] arguments = Arrays.stream(components).map(values).toArray();
    try {
      Constructor<R> canonical = type.getDeclaredConstructor(types);
      return canonical.newInstance(arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object call(Method accessor, Object record) {
    try {
      return accessor.invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
