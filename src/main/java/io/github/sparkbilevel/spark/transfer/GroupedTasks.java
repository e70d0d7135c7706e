package io.github.sparkbilevel.spark.transfer;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
 *
 * <p>Where tasks run in the JVM of the driver, they compute with this very object until it is
 * closed. Spark would write it for them, with all that the rows come from, and each task would read
 * that: a third of the time of a pass over a small table.
 */
final class GroupedTasks<T> extends RDD<T> implements AutoCloseable {
  private static final long serialVersionUID = 1L;

  /** Those whose tasks run in this JVM, by their ids. */
  private static final Map<Integer, GroupedTasks<?>> HERE = new ConcurrentHashMap<>();

  private final int partitions;
  private final int tasks;
  private final boolean isHere;

  private GroupedTasks(RDD<T> rows, int tasks) {
    super(
        rows.context(),
        seq(List.<Dependency<?>>of(new Neighbours<>(rows, tasks))),
        rows.elementClassTag());
    this.partitions = rows.getNumPartitions();
    this.tasks = tasks;
    this.isHere = rows.context().isLocal();
    if (isHere) {
      HERE.put(id(), this);
    }
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

  /** Nothing is computed any more; called once the job has ended. */
  @Override
  public void close() {
    HERE.remove(id());
  }

  /** What goes to the tasks. */
  private Object writeReplace() {
    return isHere ? new Reference(id()) : this;
  }

  private record Reference(int id) implements Serializable {
    private Object readResolve() {
      GroupedTasks<?> here = HERE.get(id);
      if (here == null) {
        throw new IllegalStateException("the job of this task has ended");
      }
      return here;
    }
  }

  @Override
  public Partition[] getPartitions() {
    return IntStream.range(0, tasks)
        .mapToObj(task -> new Group(task, isHere ? new Partition[0] : neighbours(task)))
        .toArray(Partition[]::new);
  }

  private Partition[] neighbours(int task) {
    Partition[] rows = this.<T>firstParent(elementClassTag()).partitions();
    return Arrays.copyOfRange(rows, from(task), from(task + 1));
  }

  @Override
  public Iterator<T> compute(Partition group, TaskContext task) {
    RDD<T> rows = this.<T>firstParent(elementClassTag());
    Partition[] own = isHere ? neighbours(group.index()) : ((Group) group).partitions();
    Stream<T> all =
        Arrays.stream(own)
            .flatMap(
                partition ->
                    CollectionConverters.<T>asJavaCollection(rows.iterator(partition, task).toSeq())
                        .stream());
    return CollectionConverters.asScala(all.iterator());
  }

  /** Some neighbouring partitions; none where the task asks the RDD for them. */
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
