package io.github.sparkbilevel.spark;

import java.util.Locale;

/** Where the products of a run are computed. */
public enum Device {
  /**
   * On GPUs where there is a backend for them with its driver, Spark gives every task one, and rows
   * are dense; on the CPU otherwise.
   */
  AUTO,
  /** On the CPU, whatever Spark gives. */
  CPU,
  /** On GPUs, or not at all. */
  GPU;

  /** The device of a word. */
  public static Device of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  /** The name in job files and params. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
