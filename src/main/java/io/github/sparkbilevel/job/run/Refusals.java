package io.github.sparkbilevel.job.run;

import io.github.sparkbilevel.job.config.ConfigException;
import java.util.function.Supplier;

/** Settings that contradict each other or the data, found by what a job calls. */
public final class Refusals {
  private Refusals() {}

  /** Runs; what is refused as an argument is a wrong job file. */
  public static <T> T asConfig(Supplier<T> call) {
    try {
      return call.get();
    } catch (IllegalArgumentException refused) {
      throw new ConfigException(byKey(refused.getMessage()), refused);
    }
  }

  /** The sentence with the key of the job file in place of the name that estimators know. */
  private static String byKey(String message) {
    if (message == null) {
      return null;
    }
    return message
        .replaceFirst("^lambdaBounds = ", "upper.bounds = ")
        .replaceFirst("^(layer \\d+ of) layers, ", "$1 model.layers, ")
        .replaceFirst("^(curvature|device) = ", "solver.$1 = ");
  }
}
