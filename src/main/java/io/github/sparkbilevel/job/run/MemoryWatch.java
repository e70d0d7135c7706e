package io.github.sparkbilevel.job.run;

import org.apache.spark.sql.SparkSession;

/**
 * Ends a run whose driver is out of memory in a thread of Spark's: such a thread dies, what it was
 * to fetch never comes, and the job would wait for it for good.
 */
public final class MemoryWatch implements AutoCloseable {
  private static final long CANCEL_MILLIS = 500;

  private final Thread.UncaughtExceptionHandler before =
      Thread.getDefaultUncaughtExceptionHandler();
  private volatile SparkSession spark;
  private volatile OutOfMemoryError seen;
  private volatile boolean closed;

  private MemoryWatch() {}

  /** Watches over the threads of this process until it is closed. */
  public static MemoryWatch start() {
    MemoryWatch watch = new MemoryWatch();
    Thread.setDefaultUncaughtExceptionHandler(watch::uncaught);
    return watch;
  }

  /** The session whose jobs are to end. */
  public void cancels(SparkSession session) {
    spark = session;
  }

  private void uncaught(Thread thread, Throwable thrown) {
    if (thrown instanceof OutOfMemoryError error) {
      if (seen == null) {
        seen = error;
        Thread cancelling = new Thread(this::cancel, "spark-bilevel out of memory");
        cancelling.setDaemon(true);
        cancelling.start();
      }
    } else if (before != null) {
      before.uncaughtException(thread, thrown);
    } else {
      System.getLogger(MemoryWatch.class.getName())
          .log(System.Logger.Level.ERROR, "a thread ended: " + thread.getName(), thrown);
    }
  }

  /** Again and again, for the run may start another job before it notices. */
  private void cancel() {
    while (!closed) {
      SparkSession session = spark;
      try {
        if (session != null) {
          session.sparkContext().cancelAllJobs();
        }
        Thread.sleep(CANCEL_MILLIS);
      } catch (IllegalStateException | InterruptedException e) {
        return; // The context has stopped, and its jobs with it.
      }
    }
  }

  /** What is to be told: a job that was cancelled for want of memory failed for want of it. */
  public Throwable cause(Throwable failure) {
    return failure == null || seen == null ? failure : seen;
  }

  @Override
  public void close() {
    closed = true;
    Thread.setDefaultUncaughtExceptionHandler(before);
  }
}
