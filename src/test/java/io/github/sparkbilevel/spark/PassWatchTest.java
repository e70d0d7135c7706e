package io.github.sparkbilevel.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;

class PassWatchTest {
  private final BlockingQueue<String> said = new LinkedBlockingQueue<>();

  private PassWatch watch(long leastMillis) {
    return new PassWatch(() -> "stage 3: 1 of 4 tasks done", said::add, leastMillis);
  }

  /** Waits for a sentence, as a pass that is stuck until somebody says so. */
  private String nextSaid() {
    try {
      String sentence = said.poll(30, TimeUnit.SECONDS);
      assertTrue(sentence != null, "nothing was said in 30 s");
      return sentence;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aSlowPassIsNamedAgainAndAgainWhileItRuns() {
    try (PassWatch watch = watch(50)) {
      List<String> both = watch.over("evaluate", 7, () -> List.of(nextSaid(), nextSaid()));
      for (String sentence : both) {
        assertTrue(sentence.startsWith("pass 7 (evaluate) has run for "), sentence);
        assertTrue(sentence.endsWith("stage 3: 1 of 4 tasks done"), sentence);
      }
    }
  }

  @Test
  void whatPassesOfTheNameTookBeforeIsPatienceForTheNext() throws InterruptedException {
    try (PassWatch watch = watch(1)) {
      watch.over("train", 1, this::nextSaid);
      said.clear();
      watch.over(
          "train",
          2,
          () -> {
            long start = System.nanoTime();
            while (System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(400)) {
              Thread.onSpinWait();
            }
            return 0;
          });
      said.clear();
      long start = System.nanoTime();
      String sentence = watch.over("train", 3, this::nextSaid);
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      assertTrue(millis >= 400 * PassWatch.UNUSUAL, millis + " ms: " + sentence);
      assertTrue(sentence.contains("; the longest of its kind so far took 0."), sentence);
    }
  }

  @Test
  void aPassThatEndsOrFailsIsNotSpokenOf() throws InterruptedException {
    try (PassWatch watch = watch(200)) {
      assertEquals(5, watch.over("tally", 1, () -> 5));
      assertThrows(
          IllegalStateException.class,
          () ->
              watch.over(
                  "tally",
                  2,
                  () -> {
                    throw new IllegalStateException("it fails");
                  }));
      assertEquals(null, said.poll(600, TimeUnit.MILLISECONDS));
    }
  }

  @Test
  void theStagesThatRunAreCounted() throws Exception {
    JavaSparkContext context = TestSpark.context();
    CountDownLatch end = new CountDownLatch(1);
    Gate.END = end;
    var job =
        context
            .parallelize(IntStream.range(0, 3).boxed().toList(), 3)
            .foreachAsync(
                i -> {
                  if (i > 0) {
                    Gate.END.await();
                  }
                });
    try {
      String text = progressUntil(context, "1 of 3 tasks done");
      assertTrue(text.matches("stage \\d+: 1 of 3 tasks done, [12] running, on \\S+"), text);
    } finally {
      end.countDown();
      job.get();
    }
    String after = progressUntil(context, "no stage runs");
    assertTrue(after.startsWith("no stage runs"), after);
  }

  /** Spark counts tasks a little after they ran. */
  private static String progressUntil(JavaSparkContext context, String expected) {
    String text = "";
    long start = System.nanoTime();
    while (!text.contains(expected) && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(30)) {
      text = StageProgress.of(context);
    }
    return text;
  }

  /** What tasks of this process wait for. */
  private static final class Gate {
    private static volatile CountDownLatch END;
  }
}
