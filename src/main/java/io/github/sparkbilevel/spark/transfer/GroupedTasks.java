package io.github.sparkbilevel.spark.transfer;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.Dependency;
import org.apache.spark.NarrowDependency;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The rows of an RDD with several neighbouring partitions in a task. A task costs Spark some
 * milliseconds, which is a lot beside a pass over a partition of a small table.
 *
 * <p>Spark's own {@code coalesce} sorts partitions by where they are cached, so that their order is
 * not known afterwards; here a task has the partitions from {@link #from} on, in order.
 */
final class GroupedTasks<T> extends RDD<T> {
  private static final long serialVersionUID = 1L;

  private final int partitions;
  private final int tasks;

  private GroupedTasks(RDD<T> rows, int tasks) {
    super(
        rows.context(),
        seq(List.<Dependency<?>>of(new Neighbours<>(rows, tasks))),
        rows.elementClassTag());
    this.partitions = rows.getNumPartitions();
    this.tasks = tasks;
  }

  /**
   * The same rows: where all tasks run in the JVM of the driver, in two tasks for each of its cores
   * at most; on a cluster in a task for each partition, which runs where that is cached.
   */
  static <T> GroupedTasks<T> of(RDD<T> rows) {
    int most =
        rows.context().isLocal() ? 2 * rows.context().defaultParallelism() : Integer.MAX_VALUE;
    return new GroupedTasks<>(rows, Math.min(most, rows.getNumPartitions()));
  }

  /** Number of tasks. */
  int tasks() {
    return tasks;
  }

  /** The first partition of a task. */
  int from(int task) {
    return from(task, partitions, tasks);
  }

  private static int from(int task, int partitions, int tasks) {
    return (int) ((long) task * partitions / tasks);
  }

  private static <A> Seq<A> seq(List<A> list) {
    return CollectionConverters.asScala(list).toSeq();
  }

  /** What Spark logs of an RDD is Spark's, and not the progress of a job. */
  @Override
  public String logName() {
    return RDD.class.getName();
  }

  @Override
  public Partition[] getPartitions() {
    Partition[] rows = firstParent(elementClassTag()).partitions();
    return IntStream.range(0, tasks)
        .mapToObj(task -> new Group(task, Arrays.copyOfRange(rows, from(task), from(task + 1))))
        .toArray(Partition[]::new);
  }

  @Override
  public Iterator<T> compute(Partition group, TaskContext task) {
    RDD<T> rows = this.<T>firstParent(elementClassTag());
    Stream<T> all =
        Arrays.stream(((Group) group).partitions())
            .flatMap(
                partition ->
                    CollectionConverters.<T>asJavaCollection(rows.iterator(partition, task).toSeq())
                        .stream());
    return CollectionConverters.asScala(all.iterator());
  }

  /** Some neighbouring partitions. */
  private record Group(int index, Partition[] partitions) implements Partition {}

  /** Task t needs its own partitions alone. */
  private static final class Neighbours<T> extends NarrowDependency<T> {
    private static final long serialVersionUID = 1L;
    private final int partitions;
    private final int tasks;

    Neighbours(RDD<T> rows, int tasks) {
      super(rows);
      this.partitions = rows.getNumPartitions();
      this.tasks = tasks;
    }

    @Override
    public Seq<Object> getParents(int task) {
      int end = from(task + 1, partitions, tasks);
      return seq(
          IntStream.range(from(task, partitions, tasks), end).<Object>mapToObj(i -> i).toList());
    }
  }
}
