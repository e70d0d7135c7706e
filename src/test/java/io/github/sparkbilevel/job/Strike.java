package io.github.sparkbilevel.job;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;

/**
 * A listener that Spark makes in the driver, and that does something when a Spark job starts whose
 * description, or else place in the code, is the one waited for.
 */
public final class Strike extends SparkListener {
  private static volatile Predicate<String> when = text -> false;
  private static volatile Runnable what = () -> {};
  private static final AtomicInteger DONE = new AtomicInteger();

  /** Called by Spark. */
  public Strike() {}

  /** Does something at the first job that is waited for. */
  public static void once(Predicate<String> when, Runnable what) {
    always(text -> DONE.get() == 0 && when.test(text), what);
  }

  /** Does something at every job that is waited for. */
  public static void always(Predicate<String> when, Runnable what) {
    DONE.set(0);
    Strike.what = what;
    Strike.when = when;
  }

  /** What is done at the first job whose text matches. */
  public record Blow(String jobPattern, Runnable what) {}

  /** Does one thing after the other, each at the first job that it waits for behind the last. */
  public static void inTurn(List<Blow> blows) {
    always(
        text -> DONE.get() < blows.size() && text.matches(blows.get(DONE.get()).jobPattern()),
        () -> blows.get(DONE.get() - 1).what().run());
  }

  /** How often it was done. */
  public static int done() {
    return DONE.get();
  }

  @Override
  public void onJobStart(SparkListenerJobStart start) {
    String description = start.properties().getProperty("spark.job.description");
    String text = description == null ? start.stageInfos().last().name() : description;
    if (when.test(text)) {
      DONE.incrementAndGet();
      what.run();
    }
  }
}
