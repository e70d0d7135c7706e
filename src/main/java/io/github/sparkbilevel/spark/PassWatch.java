package io.github.sparkbilevel.spark;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Says that a pass takes unusually long while it does, so that nobody takes a slow job for a dead
 * one: {@value #UNUSUAL} times as long as any pass of its name before it, then twice as long as
 * that, and so on.
 *
 * <p>Life cycle: {@link #over} for one pass after another, from one thread; {@link #close} ends the
 * thread that watches.
 */
final class PassWatch implements AutoCloseable {
  /** Times the longest pass of the name so far. */
  static final int UNUSUAL = 5;

  /** Whatever passes took before, nobody wonders sooner. */
  static final long LEAST_MILLIS = 30_000;

  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "spark-bilevel pass watch");
            thread.setDaemon(true);
            return thread;
          });
  private final Map<String, Long> longest = new HashMap<>();
  private final Supplier<String> progress;
  private final Consumer<String> say;
  private final long leastMillis;

  /**
   * Sets up; starts no thread yet.
   *
   * @param progress what the running pass waits for, asked from another thread
   * @param say gets the sentence, from that thread too
   */
  PassWatch(Supplier<String> progress, Consumer<String> say, long leastMillis) {
    this.progress = progress;
    this.say = say;
    this.leastMillis = leastMillis;
  }

  /** Does the work of a pass under watch. */
  <T> T over(String name, int number, Supplier<T> work) {
    long start = System.nanoTime();
    long before = longest.getOrDefault(name, 0L);
    long patience = Math.max(leastMillis, UNUSUAL * before);
    AtomicReference<ScheduledFuture<?>> alarm = new AtomicReference<>();
    Alarm first = new Alarm(name, number, start, before, alarm);
    synchronized (alarm) {
      alarm.set(clock.schedule(first, patience, TimeUnit.MILLISECONDS));
    }
    try {
      return work.get();
    } finally {
      synchronized (alarm) {
        alarm.get().cancel(false);
        alarm.set(null);
      }
      longest.merge(name, millisSince(start), Math::max);
    }
  }

  private static long millisSince(long start) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }

  /** What happens when patience is over, while {@code next} holds this alarm. */
  private final class Alarm implements Runnable {
    private final String name;
    private final int number;
    private final long start;
    private final long before;
    private final AtomicReference<ScheduledFuture<?>> next;

    Alarm(
        String name,
        int number,
        long start,
        long before,
        AtomicReference<ScheduledFuture<?>> next) {
      this.name = name;
      this.number = number;
      this.start = start;
      this.before = before;
      this.next = next;
    }

    @Override
    public void run() {
      String waits = progress.get();
      synchronized (next) {
        if (next.get() == null) {
          return;
        }
        long millis = millisSince(start);
        say.accept(
            String.format(
                Locale.ROOT,
                "pass %d (%s) has run for %.0f s%s%s",
                number,
                name,
                millis / 1e3,
                before == 0
                    ? ""
                    : String.format(
                        Locale.ROOT, "; the longest of its kind so far took %.1f s", before / 1e3),
                waits.isEmpty() ? "" : "; " + waits));
        next.set(clock.schedule(this, millis, TimeUnit.MILLISECONDS));
      }
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
