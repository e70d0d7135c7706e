package io.github.sparkbilevel.spark;

import io.github.sparkbilevel.problem.PassEngine;
import io.github.sparkbilevel.problem.PassOutput;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import scala.Function1;
import scala.Function2;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.reflect.ClassTag$;
import scala.runtime.BoxedUnit;

/**
 * The sum of the partitions' partial sums, in partition order: the same bits on every run.
 *
 * <p>Few partitions are summed on the driver, as they come. Above {@link #MOST_ON_DRIVER}
 * partitions, runs of neighbours are first summed on executors, again in order, so that the driver
 * receives about the square root of their number.
 */
final class OrderedSum {
  static final int MOST_ON_DRIVER = 64;

  private record Numbered(int partition, double[] sums) implements Serializable {}

  <T extends Serializable> double[] sum(JavaRDD<PassOutput<T>> outputs) {
    int partitions = outputs.getNumPartitions();
    if (partitions <= MOST_ON_DRIVER) {
      return onDriver(outputs.map(PassOutput::sums));
    }
    int run = (int) Math.ceil(Math.sqrt(partitions));
    int runs = (partitions + run - 1) / run;
    List<Numbered> parts =
        new ArrayList<>(
            outputs
                .mapPartitionsWithIndex(
                    (index, it) ->
                        List.of(new Tuple2<>(index / run, new Numbered(index, it.next().sums())))
                            .iterator(),
                    true)
                .mapToPair(pair -> pair)
                .groupByKey(runs)
                .map(group -> new Numbered(group._1(), sorted(group._2())))
                .collect());
    parts.sort(Comparator.comparingInt(Numbered::partition));
    return inOrder(parts.stream().map(Numbered::sums).toList());
  }

  /** Adds the partials as they come, so that the driver holds those only that overtook another. */
  private static double[] onDriver(JavaRDD<double[]> partials) {
    InOrder sum = new InOrder();
    Function1<Iterator<double[]>, double[]> only =
        (Function1<Iterator<double[]>, double[]> & Serializable) Iterator::next;
    Function2<Object, double[], BoxedUnit> take =
        (partition, partial) -> {
          sum.take((Integer) partition, partial);
          return BoxedUnit.UNIT;
        };
    partials
        .rdd()
        .sparkContext()
        .runJob(partials.rdd(), only, take, ClassTag$.MODULE$.apply(double[].class));
    return sum.total;
  }

  /** A sum over the partitions 0, 1, … that takes its terms in any order and adds them in that. */
  private static final class InOrder {
    private final Map<Integer, double[]> early = new HashMap<>();
    private int next;
    private double[] total;

    void take(int partition, double[] partial) {
      early.put(partition, partial);
      for (double[] due = early.remove(next); due != null; due = early.remove(next)) {
        total = total == null ? due.clone() : PassEngine.add(total, due);
        next++;
      }
    }
  }

  private static double[] sorted(Iterable<Numbered> neighbours) {
    List<Numbered> list = new ArrayList<>();
    neighbours.forEach(list::add);
    list.sort(Comparator.comparingInt(Numbered::partition));
    return inOrder(list.stream().map(Numbered::sums).toList());
  }

  private static double[] inOrder(List<double[]> parts) {
    double[] sum = parts.get(0).clone();
    for (double[] part : parts.subList(1, parts.size())) {
      PassEngine.add(sum, part);
    }
    return sum;
  }
}
