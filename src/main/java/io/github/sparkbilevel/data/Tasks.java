package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.parquet.crypto.ParquetCryptoRuntimeException;
import org.apache.spark.SparkException;
import org.apache.spark.SparkThrowable;

/** Runs Spark jobs and turns what went wrong in a task into one sentence for the user. */
public final class Tasks {
  /** A full disk, a broadcast or block whose holder is gone, a temporary file of Spark's. */
  private static final Pattern OF_MACHINES =
      Pattern.compile(
          "No space left on device|Disk quota exceeded|/blockmgr-[0-9a-f]{8}|ExecutorLostFailure"
              + "|Failed to (get broadcast|connect to|send RPC)|Connection (reset|from \\S+ closed)");

  /** The beginning of the conditions by which Spark tells that it cannot read a file. */
  private static final String FAILED_READ = "FAILED_READ_FILE";

  /** The class of SQL states for values that do not fit, as in a cast or a division. */
  private static final String DATA_EXCEPTION = "22";

  /** The SQL state of an error that an expression raises by itself. */
  private static final String RAISED = "P0001";

  /** What to do about encrypted Parquet files. */
  static final String DECRYPT =
      "set parquet.crypto.factory.class and its keys by -- --conf spark.hadoop.…, or write the"
          + " rows without encryption";

  private Tasks() {}

  /** Runs {@code job}; a wrong or cut-off file becomes a {@link DataException}. */
  public static <T> T run(String origin, Supplier<T> job) {
    try {
      return job.get();
    } catch (RuntimeException e) {
      throw translate(origin, e);
    } catch (Exception e) {
      // Spark's Scala methods throw checked exceptions without declaring them.
      if (e instanceof SparkException || e instanceof IOException) {
        throw translate(origin, e);
      }
      throw new IllegalStateException(e);
    }
  }

  private static RuntimeException translate(String origin, Exception e) {
    boolean machines = isOfMachines(e);
    for (Throwable t : chain(e)) {
      if (t instanceof DataException data) {
        return data == e ? data : new DataException(data.getMessage(), e);
      }
      if (machines) {
        continue;
      }
      if (t instanceof SparkThrowable spark
          && String.valueOf(spark.getCondition()).startsWith(FAILED_READ)) {
        return new DataException(unreadable(origin, spark, root(e)), e);
      }
      if (t instanceof SparkThrowable spark && isOfCells(spark)) {
        return new DataException(origin + ": " + cellTrouble(spark, t) + "; correct the cell", e);
      }
      if (t instanceof FileNotFoundException) {
        return new DataException(origin + " vanished or cannot be opened: " + firstLine(t), e);
      }
      if (t instanceof IOException) {
        return new DataException(
            origin
                + " cannot be read to its end ("
                + firstLine(t)
                + "), expected a complete file; was the copy or download cut off?",
            e);
      }
    }
    return e instanceof RuntimeException r ? r : new IllegalStateException(e);
  }

  /** Whether an expression of Spark SQL met a cell that it cannot compute with. */
  private static boolean isOfCells(SparkThrowable spark) {
    String state = String.valueOf(spark.getSqlState());
    return state.startsWith(DATA_EXCEPTION) || state.equals(RAISED);
  }

  private static String cellTrouble(SparkThrowable spark, Throwable t) {
    return spark.getMessageParameters().getOrDefault("errorMessage", firstLine(t));
  }

  /** What Spark's error about a file means for the user; its own sentence does not say it. */
  private static String unreadable(String origin, SparkThrowable spark, Throwable root) {
    String path = spark.getMessageParameters().getOrDefault("path", "");
    String file = origin + ": the file " + path.substring(path.lastIndexOf('/') + 1);
    if (root instanceof FileNotFoundException || spark.getCondition().endsWith("FILE_NOT_EXIST")) {
      return file + " vanished while it was read; run again when nobody writes to it";
    }
    if (root instanceof ParquetCryptoRuntimeException) {
      return file + " has encrypted columns, and there are no keys for them; " + DECRYPT;
    }
    return file
        + " cannot be read to its end ("
        + firstLine(root)
        + "), expected a complete file; was the copy or download cut off, or the file damaged?";
  }

  /**
   * Whether what went wrong is trouble of the machines and not of any file: executors that were
   * lost with what they held, connections, a full disk, Spark's own temporary files. Spark tells of
   * some of it by an {@link IOException}, as of a file that is cut off.
   */
  public static boolean isOfMachines(Throwable thrown) {
    for (Throwable t : chain(thrown)) {
      String message = String.valueOf(t.getMessage());
      boolean network = t instanceof SocketException || t instanceof ClosedChannelException;
      boolean sparks =
          t instanceof IOException
              && (t.getClass().getName().startsWith("org.apache.spark.")
                  || t.getCause() instanceof SparkException);
      if (network || sparks || OF_MACHINES.matcher(message).find()) {
        return true;
      }
    }
    return false;
  }

  /** The innermost cause: what Spark puts around it names stages and tasks, not the trouble. */
  public static Throwable root(Throwable thrown) {
    List<Throwable> chain = chain(thrown);
    return chain.get(chain.size() - 1);
  }

  /** The exception and its causes, each once, the outermost first. */
  public static List<Throwable> chain(Throwable thrown) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Throwable> chain = new ArrayList<>();
    for (Throwable t = thrown; t != null && seen.add(t); t = t.getCause()) {
      chain.add(t);
    }
    return chain;
  }

  public static String firstLine(Throwable t) {
    String message = t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
