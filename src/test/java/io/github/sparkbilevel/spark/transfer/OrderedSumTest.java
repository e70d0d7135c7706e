package io.github.sparkbilevel.spark.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.sparkbilevel.problem.pass.Combination;
import io.github.sparkbilevel.problem.pass.PassOutput;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.Serializable;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.junit.jupiter.api.Test;

class OrderedSumTest {
  private static final int LENGTH = 50;

  /** Numbers of all sizes, so that the order of a sum shows in its bits. */
  private static double[] part(int partition) {
    Random random = new Random(partition);
    double[] part = new double[LENGTH];
    for (int j = 0; j < LENGTH; j++) {
      part[j] = random.nextGaussian() * Math.pow(10, random.nextInt(12));
    }
    part[0] = partition + 1;
    return part;
  }

  private static double[] sum(int partitions) {
    return new OrderedSum().of(outputs(partitions, i -> part(i)), Combination.SUM);
  }

  private interface Part extends Serializable {
    double[] of(int partition);
  }

  private static JavaRDD<PassOutput<Double>> outputs(int partitions, Part part) {
    return TestSpark.context()
        .parallelize(IntStream.range(0, partitions).boxed().toList(), partitions)
        .map(i -> new PassOutput<>(null, part.of(i)));
  }

  /** The sum of runs of neighbours, then of the runs. */
  private static double[] inRuns(int partitions, int run) {
    double[] sum = null;
    for (int from = 0; from < partitions; from += run) {
      double[] inner = part(from);
      for (int i = from + 1; i < Math.min(partitions, from + run); i++) {
        add(inner, part(i));
      }
      if (sum == null) {
        sum = inner;
      } else {
        add(sum, inner);
      }
    }
    return sum;
  }

  private static void add(double[] a, double[] b) {
    for (int j = 0; j < LENGTH; j++) {
      a[j] += b[j];
    }
  }

  @Test
  void fewPartitionsAreAddedInTheirOrder() {
    for (int partitions : new int[] {1, 2, 7, OrderedSum.MOST_ON_DRIVER}) {
      assertArrayEquals(inRuns(partitions, 1), sum(partitions));
    }
  }

  @Test
  void manyPartitionsAreAddedInRunsOfNeighbours() {
    for (int partitions : new int[] {OrderedSum.MOST_ON_DRIVER + 1, 70, 101}) {
      int run = (int) Math.ceil(Math.sqrt(partitions));
      double[] sum = sum(partitions);
      assertEquals(partitions * (partitions + 1) / 2.0, sum[0]);
      assertArrayEquals(inRuns(partitions, run), sum);
      assertNotEquals(
          java.util.Arrays.hashCode(inRuns(partitions, 1)), java.util.Arrays.hashCode(sum));
    }
  }

  @Test
  void partsOfAnyLengthAreJoinedInTheirOrder() {
    for (int partitions : new int[] {1, 2, OrderedSum.MOST_ON_DRIVER, 70, 101}) {
      // Partition i has i % 3 numbers, all of them i: some have none, the first among them.
      double[] expected =
          IntStream.range(0, partitions)
              .flatMap(i -> IntStream.generate(() -> i).limit(i % 3))
              .asDoubleStream()
              .toArray();
      Part part = i -> DoubleStream.generate(() -> i).limit(i % 3).toArray();
      assertArrayEquals(expected, new OrderedSum().of(outputs(partitions, part), Combination.JOIN));
    }
  }

  @Test
  void everyRunGivesTheSameBits() {
    double[] first = sum(70);
    for (int run = 0; run < 4; run++) {
      assertArrayEquals(first, sum(70));
    }
  }
}
