package io.github.sparkbilevel.job.run;

import io.github.sparkbilevel.job.output.OutputFolder;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.sql.SparkSession;

/**
 * What happens on Ctrl-C or SIGTERM: the running Spark jobs are cancelled, the thread of the job
 * writes a last checkpoint, where it keeps any, and ends, and its outputs are removed. The virtual
 * machine then exits with 130 or 143, as it does on these signals.
 */
public final class Interruption implements AutoCloseable {

  /** Before Spark's own hook, which stops the context and has priority 40 in Hadoop's order. */
  private static final int PRIORITY = 100;

  private static final int ATTEMPTS = 50;
  private static final long ATTEMPT_MILLIS = 100;

  /** For the last checkpoint, in attempts; whoever started the job may have less patience. */
  private static final int ATTEMPTS_OF_CHECKPOINT = 600;

  private static final long MOST_SECONDS = 90;

  private final OutputFolder output;
  private final Console console;
  private final Thread worker = Thread.currentThread();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Runnable hook = this::interrupt;
  private volatile SparkSession spark;
  private volatile boolean fired;
  private volatile int savedIteration = -1;
  private boolean spares;

  private Interruption(OutputFolder output, Console console) {
    this.output = output;
    this.console = console;
  }

  /** Watches over the job of the calling thread until this is closed. */
  public static Interruption watch(OutputFolder output, Console console) {
    Interruption result = new Interruption(output, console);
    ShutdownHookManager.get()
        .addShutdownHook(result.hook, PRIORITY, MOST_SECONDS, TimeUnit.SECONDS);
    return result;
  }

  /** The session whose jobs are to be cancelled. */
  public void cancels(SparkSession session) {
    spark = session;
  }

  /** Whether it happened. */
  public boolean fired() {
    return fired;
  }

  /** What the job tells the person who started it. */
  Console console() {
    return console;
  }

  /** Runs a last thing on the job's thread, whose Spark jobs are not cancelled. */
  void spare(Runnable last) {
    synchronized (this) {
      spares = true;
    }
    Thread.interrupted(); // It has been told, and what follows has to wait for Spark and for files.
    try {
      last.run();
    } finally {
      synchronized (this) {
        spares = false;
      }
    }
  }

  /** A run of the same job would go on after this iteration. */
  void canGoOnAfter(int iteration) {
    savedIteration = iteration;
  }

  private void interrupt() {
    fired = true;
    worker.interrupt();
    boolean stopped = false;
    try {
      // Again and again, for a job may start another one before it notices.
      int left = ATTEMPTS;
      for (int i = 0; i < ATTEMPTS_OF_CHECKPOINT && left > 0 && !stopped; i++) {
        left -= cancelJobs() ? 1 : 0;
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
            : "interrupted: the job was stopped and its partial output removed" + goingOn());
  }

  private String goingOn() {
    return savedIteration < 0
        ? ""
        : "; started again it goes on after iteration %d".formatted(savedIteration);
  }

  /** Cancels what is not to be spared; false when nothing is to be cancelled now. */
  private synchronized boolean cancelJobs() {
    if (spares) {
      return false;
    }
    SparkSession session = spark;
    if (session != null) {
      try {
        session.sparkContext().cancelAllJobs();
      } catch (IllegalStateException e) {
        // The context has stopped already, and its jobs with it.
      }
    }
    return true;
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
