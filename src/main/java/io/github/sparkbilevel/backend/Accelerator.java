package io.github.sparkbilevel.backend;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * The accelerator that the current thread computes on, by its address.
 *
 * <p>Who schedules the work binds it around the work; a {@link DenseBackend} that computes on
 * accelerators asks for it when it opens products, and takes nothing else. Nothing is bound on a
 * thread that was given none.
 */
public final class Accelerator {
  private static final ThreadLocal<String> ADDRESS = new ThreadLocal<>();

  private Accelerator() {}

  /** The address of the thread's accelerator, such as {@code 0}; empty when it has none. */
  public static Optional<String> address() {
    return Optional.ofNullable(ADDRESS.get());
  }

  /**
   * Works with an accelerator bound to the current thread.
   *
   * @param address as the scheduler of the accelerators calls it
   */
  public static <T> T with(String address, Supplier<T> work) {
    if (address == null || address.isBlank()) {
      throw new IllegalArgumentException(
          "got the accelerator address '" + address + "', expected one such as 0");
    }
    String before = ADDRESS.get();
    ADDRESS.set(address);
    try {
      return work.get();
    } finally {
      if (before == null) {
        ADDRESS.remove();
      } else {
        ADDRESS.set(before);
      }
    }
  }
}
