package io.github.sparkbilevel.examples;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.NumericsException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Starts an example, and tells in one sentence how it failed if it did. */
final class Launcher {
  private static final int DONE = 0;
  private static final int OTHER = 1;
  private static final int USAGE = 2;
  private static final int DATA = 3;
  private static final int NUMERICS = 4;
  private static final int INTERRUPTED = 130;

  private Launcher() {}

  /** Runs an example in a session of its own and ends the process with its exit code. */
  static void main(Example example, String[] args) {
    // Spark would show a stack trace where it cannot start, before the sentence about it.
    Configurator.setLevel("org.apache.spark.SparkContext", Level.OFF);
    System.exit(launch(example, args, System.out, System.err));
  }

  /** Runs an example in a session of its own; returns the exit code. */
  static int launch(Example example, String[] args, PrintStream out, PrintStream err) {
    List<String> words = new ArrayList<>(List.of(args));
    boolean verbose = words.removeIf("--verbose"::equals);
    try {
      if (!takes(example, words, err)) {
        return USAGE;
      }
      SparkConf conf =
          new SparkConf()
              .setIfMissing("spark.master", "local[*]")
              .setIfMissing("spark.app.name", example.getClass().getSimpleName());
      try (SparkSession spark = SparkSession.builder().config(conf).getOrCreate()) {
        // What fails is told below; our own loggers have levels of their own.
        spark.sparkContext().setLogLevel("OFF");
        example.run(spark, out);
      }
      return DONE;
    } catch (Throwable e) {
      if (ShutdownHookManager.get().isShutdownInProgress()) {
        return INTERRUPTED;
      }
      if (verbose) {
        e.printStackTrace(err);
      }
      Throwable told = told(e);
      err.println("error: " + sentence(told));
      return code(told);
    }
  }

  /** Gives an example its settings; says what is wrong with them if anything is. */
  private static boolean takes(Example example, List<String> words, PrintStream err) {
    CommandLine line = new CommandLine(example).setExpandAtFiles(false);
    try {
      line.parseArgs(words.toArray(String[]::new));
      example.check();
      return true;
    } catch (ParameterException e) {
      err.printf(
          "error: %s; expected %s; write one as key=value%n",
          e.getMessage().lines().findFirst().orElse(""),
          String.join(", ", line.getCommandSpec().optionsMap().keySet()));
    } catch (IllegalArgumentException e) {
      err.println("error: " + e.getMessage());
    }
    return false;
  }

  /** The innermost exception that carries a sentence of ours; without one the innermost of all. */
  private static Throwable told(Throwable thrown) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable at = thrown; at != null && !chain.contains(at); at = at.getCause()) {
      chain.add(0, at);
    }
    return chain.stream().filter(e -> code(e) != OTHER).findFirst().orElse(chain.get(0));
  }

  private static int code(Throwable thrown) {
    if (thrown instanceof DataException || thrown instanceof AnalysisException) {
      return DATA;
    }
    return thrown instanceof NumericsException ? NUMERICS : OTHER;
  }

  private static String sentence(Throwable thrown) {
    String message = thrown.getMessage() == null ? "" : thrown.getMessage().strip();
    String first = message.lines().findFirst().orElse("unknown");
    return code(thrown) == OTHER ? thrown.getClass().getSimpleName() + ": " + first : first;
  }
}
