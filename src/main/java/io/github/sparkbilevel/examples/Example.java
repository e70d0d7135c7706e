package io.github.sparkbilevel.examples;

import java.io.PrintStream;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** A program that shows the library at work; a class with a main of its own. */
interface Example {

  /** The settings there are, by name, with their defaults. */
  Map<String, String> defaults();

  /** Does the work and prints what came out. */
  void run(SparkSession spark, Arguments arguments, PrintStream out);
}
