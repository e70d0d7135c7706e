package io.github.sparkbilevel.spark.transfer;

import io.github.sparkbilevel.problem.pass.Combination;
import io.github.sparkbilevel.problem.pass.PassOutput;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import scala.Function2;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.collection.immutable.Range$;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * The sum of the partitions' partial sums, or the row of them, in partition order: the same bits on
 * every run.
 *
 * <p>Few partitions are summed on the driver, as they come. Above {@link #MOST_ON_DRIVER}
 * partitions, runs of neighbours are first summed on executors, again in order, so that the driver
 * receives about the square root of their number.
 */
public final class OrderedSum {
  public static final int MOST_ON_DRIVER = 64;

  private record Numbered(int partition, double[] sums) implements Serializable {}

  public <T extends Serializable> double[] of(
      JavaRDD<PassOutput<T>> outputs, Combination combination) {
    int partitions = outputs.getNumPartitions();
    if (partitions <= MOST_ON_DRIVER) {
      return onDriver(outputs.rdd(), combination);
    }
    int run = runOf(partitions);
    int runs = receivedOf(partitions);
    return sorted(
        outputs
            .mapPartitionsWithIndex(
                (index, it) ->
                    List.of(new Tuple2<>(index / run, numbered(index, it.next().sums())))
                        .iterator(),
                true)
            .mapToPair(pair -> pair)
            .groupByKey(runs)
            .map(group -> numbered(group._1(), sorted(group._2(), combination)))
            .collect(),
        combination);
  }

  /** Neighbours that are summed on an executor. */
  private static int runOf(int partitions) {
    return partitions <= MOST_ON_DRIVER ? 1 : (int) Math.ceil(Math.sqrt(partitions));
  }

  /** How many sums the driver receives of so many partitions. */
  public static int receivedOf(int partitions) {
    int run = runOf(partitions);
    return (partitions + run - 1) / run;
  }

  private static Shipped<Numbered> numbered(int partition, double[] sums) {
    return new Shipped<>(new Numbered(partition, sums));
  }

  /**
   * Adds the partials as they come, so that the driver holds those only that overtook another.
   *
   * <p>The function is one of the task and its rows: Spark would wrap one of the rows alone in a
   * closure of its own, and to clean that it reads the whole class file of its context, each time.
   */
  private static <T extends Serializable> double[] onDriver(
      RDD<PassOutput<T>> outputs, Combination combination) {
    InOrder sum = new InOrder(combination);
    try (GroupedTasks<PassOutput<T>> grouped = GroupedTasks.of(outputs)) {
      Function2<Object, Shipped<double[][]>, BoxedUnit> take =
          (task, partials) -> {
            int partition = grouped.from((Integer) task);
            for (double[] partial : partials.value()) {
              sum.take(partition++, partial);
            }
            return BoxedUnit.UNIT;
          };
      grouped
          .sparkContext()
          .runJob(
              grouped,
              new Partials<T>(),
              Range$.MODULE$.apply(0, grouped.tasks()),
              take,
              ClassTag$.MODULE$.apply(Shipped.class));
    }
    return sum.total;
  }

  /** The partial sums of a task; a lambda would be looked for by reflection in each. */
  private static final class Partials<T extends Serializable>
      extends AbstractFunction2<TaskContext, Iterator<PassOutput<T>>, Shipped<double[][]>>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public Shipped<double[][]> apply(TaskContext task, Iterator<PassOutput<T>> partitions) {
      List<double[]> sums = new ArrayList<>();
      while (partitions.hasNext()) {
        sums.add(partitions.next().sums());
      }
      return new Shipped<>(sums.toArray(double[][]::new));
    }
  }

  /**
   * A sum over the partitions 0, 1, … that takes its terms in any order and adds them in that. The
   * first term becomes the sum: it was read from a stream and is nobody else's.
   */
  private static final class InOrder {
    private final Combination combination;
    private final Map<Integer, double[]> early = new HashMap<>();
    private int next;
    private double[] total;

    InOrder(Combination combination) {
      this.combination = combination;
    }

    void take(int partition, double[] partial) {
      early.put(partition, partial);
      for (double[] due = early.remove(next); due != null; due = early.remove(next)) {
        total = total == null ? due : combination.of(total, due);
        next++;
      }
    }
  }

  private static double[] sorted(Iterable<Shipped<Numbered>> parts, Combination combination) {
    List<Numbered> list = new ArrayList<>();
    parts.forEach(part -> list.add(part.value()));
    list.sort(Comparator.comparingInt(Numbered::partition));
    double[] sum = list.get(0).sums();
    for (Numbered part : list.subList(1, list.size())) {
      sum = combination.of(sum, part.sums());
    }
    return sum;
  }
}
