package io.github.sparkbilevel.backend;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * The accelerator that the current thread computes on, by its address, and how much of its memory
 * rows may take.
 *
 * <p>Who schedules the work binds it around the work; a {@link DenseBackend} that computes on
 * accelerators asks for it when it opens products, and takes nothing else. Nothing is bound on a
 * thread that was given none.
 */
public final class Accelerator {
  /** The share of its memory that rows may take where nobody says how much: {@value}. */
  public static final double MEMORY_SHARE = 0.8;

  private static final ThreadLocal<Bound> BOUND = new ThreadLocal<>();

  /** What a thread was given. */
  private record Bound(String address, double memoryShare) {}

  private Accelerator() {}

  /** The address of the thread's accelerator, such as {@code 0}; empty when it has none. */
  public static Optional<String> address() {
    return Optional.ofNullable(BOUND.get()).map(Bound::address);
  }

  /** The share of the memory of the thread's accelerator that rows may take. */
  public static double memoryShare() {
    Bound bound = BOUND.get();
    return bound == null ? MEMORY_SHARE : bound.memoryShare();
  }

  /**
   * Works with an accelerator bound to the current thread.
   *
   * @param address as the scheduler of the accelerators calls it
   */
  public static <T> T with(String address, Supplier<T> work) {
    return with(address, MEMORY_SHARE, work);
  }

  /**
   * Works with an accelerator bound to the current thread.
   *
   * @param address as the scheduler of the accelerators calls it
   * @param memoryShare the share of its memory that rows may take, above 0 and at most 1
   */
  public static <T> T with(String address, double memoryShare, Supplier<T> work) {
    if (address == null || address.isBlank()) {
      throw new IllegalArgumentException(
          "got the accelerator address '" + address + "', expected one such as 0");
    }
    if (!(memoryShare > 0 && memoryShare <= 1)) {
      throw new IllegalArgumentException(
          "got the share %s of an accelerator's memory, expected it above 0 and at most 1"
              .formatted(memoryShare));
    }
    Bound before = BOUND.get();
    BOUND.set(new Bound(address, memoryShare));
    try {
      return work.get();
    } finally {
      if (before == null) {
        BOUND.remove();
      } else {
        BOUND.set(before);
      }
    }
  }
}
