package io.github.sparkbilevel.spark;

import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.spark.transfer.Shipped;
import java.io.Serializable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * A pass on its way to the executors.
 *
 * @param withTasks a pass that goes with its tasks, or null
 * @param broadcast a pass that goes by itself, or null
 */
record SentPass<P extends Pass<?, ?>>(Shipped<P> withTasks, Broadcast<Shipped<P>> broadcast)
    implements Serializable {

  /**
   * The most bytes that go with the tasks, which Spark broadcasts anyway: a broadcast of its own
   * costs as much as a pass over a small table.
   */
  private static final long MOST_WITH_TASKS = 1 << 16;

  /** A pass that every later one that goes back to it has to take along: by itself. */
  static <P extends Pass<?, ?>> SentPass<P> toKeep(JavaSparkContext context, P pass) {
    return isSmallAndHere(context, pass) ? of(context, pass) : alone(context, pass);
  }

  /** With its tasks if it is small, else by itself. */
  static <P extends Pass<?, ?>> SentPass<P> of(JavaSparkContext context, P pass) {
    if (isSmallAndHere(context, pass)) {
      return new SentPass<>(new Shipped<>(pass).arrived(), null);
    }
    return pass.bytes() > MOST_WITH_TASKS
        ? alone(context, pass)
        : new SentPass<>(new Shipped<>(pass), null);
  }

  private static <P extends Pass<?, ?>> SentPass<P> alone(JavaSparkContext context, P pass) {
    return new SentPass<>(null, context.broadcast(new Shipped<>(pass)));
  }

  /** Whether tasks run in this JVM, where the pass is copied once for all of them. */
  private static boolean isSmallAndHere(JavaSparkContext context, Pass<?, ?> pass) {
    return context.isLocal() && pass.bytes() <= MOST_WITH_TASKS;
  }

  /** The pass, in a task. */
  P arrived() {
    return (broadcast == null ? withTasks : broadcast.value()).value();
  }

  /** Nobody will ask for it any more. */
  void destroy() {
    if (broadcast != null) {
      broadcast.destroy();
    }
  }
}
