package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.function.Supplier;
import org.apache.spark.SparkException;

/** Runs Spark jobs and turns what went wrong in a task into one sentence for the user. */
public final class Tasks {
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
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof DataException data) {
        return data == e ? data : new DataException(data.getMessage(), e);
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

  /** The innermost cause: what Spark puts around it names stages and tasks, not the trouble. */
  public static Throwable root(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  public static String firstLine(Throwable t) {
    String message = t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
