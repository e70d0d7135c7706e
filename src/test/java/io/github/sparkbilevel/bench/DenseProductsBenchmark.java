package io.github.sparkbilevel.bench;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.block.DenseFeatures;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The scan that a Hessian product makes over a block: per tile Z = A C, then out += Aᵀ Z.
 *
 * <p>Blocks of 8192 rows; four of them in turn, so that they come from memory and not from the
 * third-level cache. One invocation is 4·8192·p·k flops. {@code offheap} is ND4J on a block that
 * lies off-heap already, the layout that was decided against.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 7, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class DenseProductsBenchmark {
  private static final int ROWS = 8192;
  private static final int BLOCKS = 4;

  @Param({"jvm", "netlib", "nd4j", "offheap"})
  public String backend;

  @Param({"784", "100"})
  public int p;

  @Param({"1", "2", "5", "10", "16", "20", "50"})
  public int k;

  /** 0 stands for {@link DenseBackends#tileRows(io.github.sparkbilevel.block.Features, int)}. */
  @Param("0")
  public int tileRows;

  private DenseFeatures[] blocks;
  private OffHeapBlock[] offHeap;
  private int tile;
  private double[] c;
  private double[] z;
  private double[] out;
  private int next;

  /** Fills the blocks and the operand. */
  @Setup(Level.Trial)
  public void fill() {
    Random random = new Random(5);
    blocks = new DenseFeatures[BLOCKS];
    offHeap = new OffHeapBlock[BLOCKS];
    DenseBackends.byName("nd4j");
    for (int b = 0; b < BLOCKS; b++) {
      float[] rows = new float[ROWS * p];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = random.nextFloat() - 0.5f;
      }
      blocks[b] = DenseFeatures.ofFloats(ROWS, p, rows);
      offHeap[b] = "offheap".equals(backend) ? new OffHeapBlock(blocks[b]) : null;
    }
    tile = tileRows > 0 ? tileRows : DenseBackends.tileRows(blocks[0], k);
    c = random.doubles((long) p * k, -1, 1).toArray();
    z = new double[tile * k];
    out = new double[p * k];
  }

  /** Frees the off-heap blocks. */
  @TearDown(Level.Trial)
  public void free() {
    for (OffHeapBlock block : offHeap) {
      if (block != null) {
        block.free();
      }
    }
  }

  /** One scan over one block. */
  @Benchmark
  public double[] scan() {
    int b = next++ % BLOCKS;
    Arrays.fill(out, 0.0);
    try (RowProducts products =
        offHeap[b] != null
            ? offHeap[b].open(tile)
            : DenseBackends.open(blocks[b], k, tile, backend)) {
      for (int from = 0; from < ROWS; from += tile) {
        products.load(from, Math.min(tile, ROWS - from));
        products.multiply(c, 0, p, k, z);
        products.addTransposed(z, k, out, 0, p);
      }
    }
    return out;
  }
}
