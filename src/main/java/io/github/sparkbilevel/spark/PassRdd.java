package io.github.sparkbilevel.spark;

import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;
import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.Dependency;
import org.apache.spark.OneToOneDependency;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;

/**
 * What a pass makes of each partition and its state.
 *
 * <p>It is an RDD of its own and not {@code zipPartitions}: Spark reads class files around every
 * closure of that, in every pass. A task runs where the rows of its partition are cached.
 */
final class PassRdd<S extends Serializable, T extends Serializable> extends RDD<PassOutput<T>> {
  private static final long serialVersionUID = 1L;

  private final SentPass<Pass<S, T>> pass;

  /**
   * Sets up the RDD; runs nothing.
   *
   * @param states beside the rows, in the same partitions; null for none
   */
  PassRdd(JavaRDD<PartitionData> data, JavaRDD<PassOutput<S>> states, SentPass<Pass<S, T>> pass) {
    super(
        data.rdd().context(),
        CollectionConverters.asScala(
                Stream.of(data, states)
                    .filter(rows -> rows != null)
                    .<Dependency<?>>map(rows -> new OneToOneDependency<>(rows.rdd()))
                    .toList())
            .toSeq(),
        ClassTag$.MODULE$.apply(PassOutput.class));
    this.pass = pass;
  }

  /** What Spark logs of an RDD is Spark's, and not the progress of a job. */
  @Override
  public String logName() {
    return RDD.class.getName();
  }

  @Override
  public Partition[] getPartitions() {
    List<RDD<?>> parents =
        CollectionConverters.asJava(dependencies()).stream().<RDD<?>>map(Dependency::rdd).toList();
    return IntStream.range(0, parents.get(0).getNumPartitions())
        .mapToObj(
            i ->
                new Together(
                    i,
                    parents.stream().map(rows -> rows.partitions()[i]).toArray(Partition[]::new)))
        .toArray(Partition[]::new);
  }

  @Override
  public Iterator<PassOutput<T>> compute(Partition split, TaskContext task) {
    Partition[] of = ((Together) split).partitions();
    RDD<PartitionData> data = parent(0, ClassTag$.MODULE$.apply(PartitionData.class));
    PartitionData rows = data.iterator(of[0], task).next();
    S state = null;
    if (of.length > 1) {
      RDD<PassOutput<S>> states = parent(1, ClassTag$.MODULE$.apply(PassOutput.class));
      state = states.iterator(of[1], task).next().state();
    }
    PassOutput<T> made = pass.arrived().apply(rows, state);
    return CollectionConverters.asScala(List.of(made).iterator());
  }

  /** The partitions of the rows and of their states that have the same number. */
  private record Together(int index, Partition[] partitions) implements Partition {}
}
