package io.github.sparkbilevel.examples;

import java.io.PrintStream;
import org.apache.spark.sql.SparkSession;

/**
 * A program that shows the library at work; a class with a main of its own, and with its settings
 * as options of picocli.
 */
interface Example {

  /**
   * Checks the settings, without Spark.
   *
   * @throws IllegalArgumentException with what was found and what was expected
   */
  void check();

  /** Does the work and prints what came out. */
  void run(SparkSession spark, PrintStream out);

  /** Throws unless a setting is within its range. */
  static void requireWithin(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s = %d, expected a whole number from %d to %d; try %s=%d"
              .formatted(name, value, least, most, name, least));
    }
  }
}
