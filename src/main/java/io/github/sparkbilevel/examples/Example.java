package io.github.sparkbilevel.examples;

import java.io.PrintStream;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** A program that shows the library at work; a class with a main of its own. */
interface Example {

  /** The settings there are, by name, with their defaults. */
  Map<String, String> defaults();

  /** Checks the settings, without Spark; what is returned does the work. */
  Work prepare(Arguments arguments);

  /** What an example does once its settings are known to be right. */
  interface Work {
    /** Does it and prints what came out. */
    void run(SparkSession spark, PrintStream out);
  }
}
