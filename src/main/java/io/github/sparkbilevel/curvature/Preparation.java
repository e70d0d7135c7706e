package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.solve.Status;
import java.util.function.Function;

/**
 * The outcome of preparing a curvature method at a point.
 *
 * @param <T> what was prepared
 */
public sealed interface Preparation<T> {

  /**
   * Success.
   *
   * @param value what was prepared
   * @param products products that it took
   */
  record Ready<T>(T value, int products) implements Preparation<T> {}

  /**
   * Failure. The method is usable again at the next point.
   *
   * @param status what was found
   */
  record Failed<T>(Status status) implements Preparation<T> {}

  /** Success without a product. */
  static <T> Preparation<T> ready(T value) {
    return new Ready<>(value, 0);
  }

  /** Failure. */
  static <T> Preparation<T> failed(Status status) {
    return new Failed<>(status);
  }

  /** The same outcome, with what was prepared turned into something else. */
  default <R> Preparation<R> map(Function<? super T, ? extends R> turn) {
    return this instanceof Ready<T> ready
        ? new Ready<>(turn.apply(ready.value()), ready.products())
        : new Failed<>(((Failed<T>) this).status());
  }
}
