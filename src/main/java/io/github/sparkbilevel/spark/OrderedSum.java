package io.github.sparkbilevel.spark;

import io.github.sparkbilevel.problem.PassEngine;
import io.github.sparkbilevel.problem.PassOutput;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/**
 * The sum of the partitions' partial sums, in partition order: the same bits on every run.
 *
 * <p>Few partitions are summed on the driver. Above {@link #MOST_ON_DRIVER} partitions, runs of
 * neighbours are first summed on executors, again in order, so that the driver receives about the square
 * root of their number.
 */
final class OrderedSum {
  static final int MOST_ON_DRIVER = 64;

  private record Numbered(int partition, double[] sums) implements Serializable {}

  <T extends Serializable> double[] sum(JavaRDD<PassOutput<T>> outputs) {
    int partitions = outputs.getNumPartitions();
    if (partitions <= MOST_ON_DRIVER) {
      return inOrder(outputs.map(PassOutput::sums).collect());
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
