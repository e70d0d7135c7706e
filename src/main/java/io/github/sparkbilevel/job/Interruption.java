package io.github.sparkbilevel.job;

import io.github.sparkbilevel.job.output.OutputFolder;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.sql.SparkSession;

/**
 * What happens on Ctrl-C: the running Spark jobs are cancelled, the thread of the job ends, and
 * what it wrote is removed. The virtual machine then exits with 130, as it does on this signal.
 */
final class Interruption implements AutoCloseable {

  /** Before Spark's own hook, which stops the context and has priority 40 in Hadoop's order. */
  private static final int PRIORITY = 100;

  private static final int ATTEMPTS = 50;
  private static final long ATTEMPT_MILLIS = 100;

  private final OutputFolder output;
  private final Console console;
  private final Thread worker = Thread.currentThread();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Runnable hook = this::interrupt;
  private volatile SparkSession spark;
  private volatile boolean fired;

  private Interruption(OutputFolder output, Console console) {
    this.output = output;
    this.console = console;
  }

  /** Watches over the job of the calling thread until this is closed. */
  static Interruption watch(OutputFolder output, Console console) {
    Interruption result = new Interruption(output, console);
    ShutdownHookManager.get().addShutdownHook(result.hook, PRIORITY);
    return result;
  }

  /** The session whose jobs are to be cancelled. */
  void cancels(SparkSession session) {
    spark = session;
  }

  /** Whether it happened. */
  boolean fired() {
    return fired;
  }

  private void interrupt() {
    fired = true;
    worker.interrupt();
    boolean stopped = false;
    try {
      // Again and again, for a job may start another one before it notices.
      for (int i = 0; i < ATTEMPTS && !stopped; i++) {
        cancelJobs();
        stopped = ended.await(ATTEMPT_MILLIS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    output.close();
    Logs.mute();
    console.last(
        output.isCommitted()
            ? "interrupted: the job was done, its whole output is at " + output.shownTarget()
            : "interrupted: the job was stopped and its partial output removed");
  }

  private void cancelJobs() {
    SparkSession session = spark;
    if (session != null) {
      try {
        session.sparkContext().cancelAllJobs();
      } catch (IllegalStateException e) {
        // The context has stopped already, and its jobs with it.
      }
    }
  }

  @Override
  public void close() {
    ended.countDown();
    if (!fired) {
      try {
        ShutdownHookManager.get().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The process is going down; the hook finds the job ended.
      }
    }
  }
}
