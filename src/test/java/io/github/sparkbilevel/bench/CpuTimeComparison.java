package io.github.sparkbilevel.bench;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.block.DenseFeatures;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * The scan of {@link DenseProductsBenchmark} on a busy machine: CPU time of the thread, layouts and
 * backends in turn within one JVM, best and median of the rounds.
 *
 * <p>Waiting for a core is not counted and what else runs disturbs all alike; use JMH where the
 * machine is quiet. Arguments: p, k,k,…, rows,rows,… of a tile (0 for the default), rounds.
 */
public final class CpuTimeComparison {
  private static final int ROWS = 8192;
  private static final int BLOCKS = 3;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private CpuTimeComparison() {}

  private record Case(String backend, int k, int tile, List<Double> gflops) {}

  /** Prints one line per case. */
  public static void main(String[] args) {
    int p = Integer.parseInt(args[0]);
    int rounds = Integer.parseInt(args[3]);
    DenseBackends.byName("nd4j");
    DenseFeatures[] blocks = new DenseFeatures[BLOCKS];
    OffHeapBlock[] offHeap = new OffHeapBlock[BLOCKS];
    for (int b = 0; b < BLOCKS; b++) {
      blocks[b] = random(p, b);
      offHeap[b] = new OffHeapBlock(blocks[b]);
    }
    List<Case> cases = new ArrayList<>();
    for (int k : numbers(args[1])) {
      for (int rows : numbers(args[2])) {
        int tile = rows > 0 ? rows : DenseBackends.tileRows(blocks[0], k);
        for (String backend : new String[] {"jvm", "netlib", "nd4j", "offheap"}) {
          cases.add(new Case(backend, k, tile, new ArrayList<>()));
        }
      }
    }
    for (int round = 0; round < rounds; round++) {
      for (Case one : cases) {
        int b = round % BLOCKS;
        try (RowProducts products =
            "offheap".equals(one.backend)
                ? offHeap[b].open(one.tile)
                : DenseBackends.open(blocks[b], one.k, one.tile, one.backend)) {
          double seconds = scan(products, p, one.k, one.tile);
          if (round >= 5) {
            one.gflops.add(4.0 * ROWS * p * one.k / seconds / 1e9);
          }
        }
      }
    }
    for (Case one : cases) {
      double[] sorted = one.gflops.stream().mapToDouble(x -> x).sorted().toArray();
      System.out.printf(
          "p %4d  k %3d  tile %4d  %-8s GFLOP/s median %6.1f  best %6.1f%n",
          p, one.k, one.tile, one.backend, sorted[sorted.length / 2], sorted[sorted.length - 1]);
    }
  }

  private static double scan(RowProducts products, int p, int k, int tile) {
    double[] c = new double[p * k];
    Arrays.fill(c, 0.5);
    double[] z = new double[tile * k];
    double[] out = new double[p * k];
    long start = THREADS.getCurrentThreadCpuTime();
    for (int from = 0; from < ROWS; from += tile) {
      products.load(from, Math.min(tile, ROWS - from));
      products.multiply(c, 0, p, k, z);
      products.addTransposed(z, k, out, 0, p);
    }
    return (THREADS.getCurrentThreadCpuTime() - start) / 1e9;
  }

  private static DenseFeatures random(int p, long seed) {
    Random random = new Random(seed);
    float[] rows = new float[ROWS * p];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = random.nextFloat() - 0.5f;
    }
    return DenseFeatures.ofFloats(ROWS, p, rows);
  }

  private static int[] numbers(String list) {
    return Arrays.stream(list.split(",", -1)).mapToInt(Integer::parseInt).toArray();
  }
}
