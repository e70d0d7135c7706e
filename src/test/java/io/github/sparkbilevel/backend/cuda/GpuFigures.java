package io.github.sparkbilevel.backend.cuda;

import com.sun.jna.ptr.LongByReference;
import io.github.sparkbilevel.backend.Accelerator;
import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.RowCurvature;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.block.DenseFeatures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * What products on a real GPU cost, after a comparison of all kernels with the CPU; see {@code
 * src/test/gpu/check.sh}.
 *
 * <p>Arguments: rows, features, columns, rounds and threads. A pass is Z = A C and Aᵀ Z over all
 * blocks, and reads the rows twice; so does a product with the Hessian, between whose two products
 * nothing crosses the bus.
 */
public final class GpuFigures {
  private static final int BLOCK_BYTES = 128 << 20;
  private static final String GPU = "0";

  private final CudaBackend cuda = new CudaBackend();
  private final int features;
  private final int columns;

  private GpuFigures(int features, int columns) {
    this.features = features;
    this.columns = columns;
  }

  /** Prints a line for each figure. */
  public static void main(String[] args) throws InterruptedException {
    int rows = Integer.parseInt(args[0]);
    int rounds = Integer.parseInt(args[3]);
    GpuFigures figures = new GpuFigures(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    figures.compare();
    CudaDevice device = figures.cuda.device(GPU);
    System.out.println("gpu: " + device.name());
    figures.bandwidth(device);
    List<Rows> blocks = figures.blocks(rows);
    tell("first pass, with the rows' way to the GPU", figures.pass(blocks, 1, figures::pass), "s");
    double read = 2.0 * rows * figures.features * Float.BYTES;
    for (int threads : new int[] {1, Integer.parseInt(args[4])}) {
      double best = figures.best(rounds, blocks, threads, figures::pass);
      tell("best pass, %d threads".formatted(threads), best, "s");
      tell("rows read in it", read / best / 1e9, "GB/s");
      best = figures.best(rounds, blocks, threads, figures::product);
      tell("best product with the Hessian, %d threads".formatted(threads), best, "s");
      tell("rows read in it", read / best / 1e9, "GB/s");
    }
    tell("rows on the GPU", figures.cuda.residentBytes() / 1e9, "GB");
    tell("free with them", free(device) / 1e9, "GB");
    figures.cuda.release();
    tell("free without them", free(device) / 1e9, "GB");
  }

  private static void tell(String what, double figure, String unit) {
    System.out.printf(Locale.ROOT, "%s: %.3f %s%n", what, figure, unit);
  }

  private static long free(CudaDevice device) {
    device.enter();
    LongByReference free = new LongByReference();
    device.call("cuMemGetInfo_v2", free, new LongByReference());
    return free.getValue();
  }

  /** Fails where a kernel is wrong. */
  private void compare() {
    int compared = 0;
    for (boolean single : new boolean[] {true, false}) {
      for (int rows : new int[] {1, 63, 1000, 20_000}) {
        for (int p : new int[] {1, 31, 100, 300}) {
          for (int k : new int[] {1, 8, 10, 33}) {
            CudaProductsTest.requireAgreement(cuda, GPU, rows, p, k, single);
            compared++;
          }
        }
      }
    }
    for (int rows : new int[] {1, 1000, 20_000}) {
      for (int k : new int[] {1, 3, 10, 33}) {
        CudaSparseProductsTest.requireAgreement(
            cuda, GPU, CudaSparseProductsTest.features(rows, 300, true), k);
        compared++;
      }
      CurvingTest.requireAgreement(cuda, CudaSparseProductsTest.features(rows, 300, true));
      CurvingTest.requireAgreement(cuda, CudaProductsTest.features(rows, 300, true, 7));
      CurvingTest.requireAgreement(cuda, CudaProductsTest.features(rows, 300, false, 7));
      compared += 3;
    }
    System.out.println("shapes that agree with the CPU: " + compared);
  }

  /** Copies half a GB from one place of the GPU to another, again and again. */
  private void bandwidth(CudaDevice device) {
    device.enter();
    long bytes = 512L << 20;
    int times = 20;
    CudaStream stream = device.take();
    long from = stream.room(CudaStream.Room.TILE, bytes);
    long to = stream.room(CudaStream.Room.RESULT, bytes);
    double best = Double.POSITIVE_INFINITY;
    for (int round = 0; round < 5; round++) {
      long start = System.nanoTime();
      for (int i = 0; i < times; i++) {
        device.call("cuMemcpyDtoDAsync_v2", to, from, bytes, null);
      }
      device.call("cuCtxSynchronize");
      best = Math.min(best, (System.nanoTime() - start) / 1e9);
    }
    device.give(stream);
    cuda.release();
    tell("bandwidth of its memory, read and write", 2.0 * times * bytes / best / 1e9, "GB/s");
  }

  /** Rows of a block and their curvatures. */
  private record Rows(DenseFeatures features, RowCurvature curvature) {}

  private List<Rows> blocks(int rows) {
    int most = BLOCK_BYTES / Float.BYTES / features;
    List<Rows> blocks = new ArrayList<>();
    Random random = new Random(1);
    for (int from = 0; from < rows; from += most) {
      int n = Math.min(most, rows - from);
      float[] values = new float[n * features];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextFloat() - 0.5f;
      }
      double[] numbers = random.doubles((long) n * columns).toArray();
      blocks.add(
          new Rows(
              DenseFeatures.ofFloats(n, features, values),
              new RowCurvature(new Object(), columns, true, () -> numbers)));
    }
    return blocks;
  }

  /** Seconds of a pass by several threads, each of which takes every so many blocks. */
  private double pass(List<Rows> blocks, int threads, Consumer<Rows> work)
      throws InterruptedException {
    long start = System.nanoTime();
    List<Thread> all =
        IntStream.range(0, threads)
            .mapToObj(
                t ->
                    new Thread(
                        () -> {
                          for (int b = t; b < blocks.size(); b += threads) {
                            work.accept(blocks.get(b));
                          }
                        }))
            .toList();
    all.forEach(Thread::start);
    for (Thread thread : all) {
      thread.join();
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private double best(int rounds, List<Rows> blocks, int threads, Consumer<Rows> work)
      throws InterruptedException {
    double best = Double.POSITIVE_INFINITY;
    for (int round = 0; round < rounds; round++) {
      best = Math.min(best, pass(blocks, threads, work));
    }
    return best;
  }

  private void product(Rows of) {
    DenseFeatures block = of.features();
    Accelerator.with(
        GPU,
        () -> {
          int tile = Math.min(block.rows(), DenseBackends.tileRows(block, columns, "auto"));
          double[] c = new double[features * columns];
          double[] sums = new double[features * columns];
          try (RowProducts rows = cuda.open(block, tile)) {
            for (int from = 0; from < block.rows(); from += tile) {
              rows.load(from, Math.min(tile, block.rows() - from));
              rows.addCurved(of.curvature(), c, features, columns, sums, 0);
            }
          }
          return null;
        });
  }

  private void pass(Rows of) {
    DenseFeatures block = of.features();
    Accelerator.with(
        GPU,
        () -> {
          int tile = Math.min(block.rows(), DenseBackends.tileRows(block, columns, "auto"));
          double[] z = new double[tile * columns];
          double[] c = new double[features * columns];
          double[] sums = new double[features * columns];
          try (RowProducts rows = cuda.open(block, tile)) {
            for (int from = 0; from < block.rows(); from += tile) {
              rows.load(from, Math.min(tile, block.rows() - from));
              rows.multiply(c, 0, features, columns, z);
              rows.gather(z, columns, sums, 0, features);
            }
          }
          return null;
        });
  }
}
