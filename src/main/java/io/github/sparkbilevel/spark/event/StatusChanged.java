package io.github.sparkbilevel.spark.event;

/**
 * A run has come to another part of its work, or to its end.
 *
 * @param status {@value #PREPARED}; the phase whose first pass begins, such as {@code warm-up} or
 *     {@code outer}; {@value #WAITING}; {@value #DONE} or {@value #FAILED}
 * @param detail a sentence; empty where there is nothing to add
 */
public record StatusChanged(String run, String status, String detail) implements RunEvent {
  /** The rows are cached on the executors, and what is to be solved is known. */
  public static final String PREPARED = "prepared";

  /** A pass takes unusually long; the detail says what it waits for. */
  public static final String WAITING = "waiting";

  /** The result is there. */
  public static final String DONE = "done";

  /** The run ended without a result; the detail says why. */
  public static final String FAILED = "failed";
}
