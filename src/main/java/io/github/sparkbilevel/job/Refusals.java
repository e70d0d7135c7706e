package io.github.sparkbilevel.job;

import java.util.function.Supplier;

/** Settings that contradict each other or the data, found by what a job calls. */
final class Refusals {
  private Refusals() {}

  /** Runs; what is refused as an argument is a wrong job file. */
  static <T> T asConfig(Supplier<T> call) {
    try {
      return call.get();
    } catch (IllegalArgumentException refused) {
      String message = refused.getMessage();
      boolean ofSolver = message != null && message.matches("(curvature|device) = .*");
      throw new ConfigException(ofSolver ? "solver." + message : message, refused);
    }
  }
}
