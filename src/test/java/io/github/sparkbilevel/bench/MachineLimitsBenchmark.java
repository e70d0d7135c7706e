package io.github.sparkbilevel.bench;

import dev.ludovic.netlib.blas.BLAS;
import io.github.sparkbilevel.backend.DenseBackends;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the machine allows one thread: bytes per second from memory and flops per second in a large
 * product; the other figures are read against these.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 7, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class MachineLimitsBenchmark {
  private static final int N = 1024;

  private float[] memory;
  private float[] a;
  private float[] c;
  private float[] copy;
  private INDArray x;
  private INDArray y;
  private INDArray xy;

  /** 200 MB for the sum, 1024 × 1024 matrices for the product. */
  @Setup(Level.Trial)
  public void fill() {
    DenseBackends.byName("nd4j");
    memory = new float[50_000_000];
    copy = new float[memory.length];
    a = new float[N * N];
    c = new float[N * N];
    Random random = new Random(7);
    for (int i = 0; i < a.length; i++) {
      a[i] = random.nextFloat();
    }
    x = Nd4j.rand(DataType.FLOAT, N, N).dup('f');
    y = x.dup('f');
    xy = x.dup('f');
  }

  /** Reads 200 MB by BLAS {@code sasum}. */
  @Benchmark
  public float sumOf200Megabytes() {
    return BLAS.getInstance().sasum(memory.length, memory, 1);
  }

  /** Reads 200 MB and writes 200 MB. */
  @Benchmark
  public float[] copyOf200Megabytes() {
    System.arraycopy(memory, 0, copy, 0, memory.length);
    return copy;
  }

  /** 2·1024³ flops by netlib. */
  @Benchmark
  public float[] netlibProduct() {
    BLAS.getInstance().sgemm("N", "N", N, N, N, 1f, a, 0, N, a, 0, N, 0f, c, 0, N);
    return c;
  }

  /** 2·1024³ flops by ND4J. */
  @Benchmark
  public INDArray nd4jProduct() {
    return Nd4j.gemm(x, y, xy, false, false, 1.0, 0.0);
  }
}
