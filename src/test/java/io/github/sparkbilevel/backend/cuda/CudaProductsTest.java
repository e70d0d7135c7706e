package io.github.sparkbilevel.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.backend.Accelerator;
import io.github.sparkbilevel.backend.DenseBackend;
import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.Features;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The kernels, compiled for the host, behind a stand-in for the driver: see {@link StandIn}. */
class CudaProductsTest {
  private static final String GPU = "1";

  @TestFactory
  Stream<DynamicTest> onTheStandIn() {
    List<DynamicTest> tests = new ArrayList<>();
    for (boolean single : new boolean[] {true, false}) {
      for (int rows : new int[] {1, 63, 200, 5000}) {
        for (int p : new int[] {1, 31, 64, 100}) {
          tests.add(
              DynamicTest.dynamicTest(
                  "%d x %d, float32 = %s".formatted(rows, p, single),
                  () -> agrees(rows, p, single)));
        }
      }
    }
    tests.add(DynamicTest.dynamicTest("rows cross once", this::rowsCrossTheBusOnce));
    tests.add(DynamicTest.dynamicTest("rows of once", this::rowsOfOnceAreNotKept));
    tests.add(DynamicTest.dynamicTest("runs that end", this::whatIsInUseIsFreedWithItsLastUse));
    tests.add(DynamicTest.dynamicTest("rows that do not fit", this::rowsThatDoNotFitAreCopied));
    tests.add(DynamicTest.dynamicTest("old rows give way", this::rowsOutOfUseGiveWay));
    tests.add(DynamicTest.dynamicTest("dead rows are freed", this::rowsOfDeadBlocksAreFreed));
    tests.add(DynamicTest.dynamicTest("threads", this::threadsGetTheSameBits));
    tests.add(DynamicTest.dynamicTest("out of memory", this::outOfMemoryIsTold));
    tests.add(DynamicTest.dynamicTest("refused kernels", this::refusedKernelsAreTold));
    tests.add(DynamicTest.dynamicTest("lost context", this::aLostContextIsTold));
    tests.add(DynamicTest.dynamicTest("no such GPU", this::aGpuThatIsNotThereIsTold));
    return StandIn.tests(tests);
  }

  static DenseFeatures features(int rows, int p, boolean single, long seed) {
    Random random = new Random(seed);
    double[] values = random.doubles((long) rows * p, -1, 1).toArray();
    return single
        ? DenseFeatures.ofFloats(rows, p, singles(values))
        : DenseFeatures.ofDoubles(rows, p, values);
  }

  private static float[] singles(double[] values) {
    float[] singles = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      singles[i] = (float) values[i];
    }
    return singles;
  }

  static RowProducts open(DenseBackend backend, Features features, int tile) {
    return features instanceof CsrFeatures sparse
        ? backend.open(sparse, tile)
        : backend.open((DenseFeatures) features, tile);
  }

  /** What all products of a block come to, tile by tile, in one array. */
  static double[] products(DenseBackend backend, Features features, int tile, int k) {
    int p = features.columns();
    int n = features.rows();
    Random random = new Random(k);
    double[] c = random.doubles(3 + (long) k * (p + 2), -1, 1).toArray();
    double[] z = new double[n * k];
    double[] narrow = new double[n * k];
    double[] sums = new double[2 * p * k];
    double[] transposed = new double[p * k];
    double[] gram = new double[p * p];
    try (RowProducts rows = open(backend, features, tile)) {
      for (int from = 0; from < n; from += tile) {
        int count = Math.min(tile, n - from);
        rows.load(from, count);
        double[] ofTile = new double[count * k];
        rows.multiply(c, 3, p + 2, k, ofTile);
        System.arraycopy(ofTile, 0, z, from * k, ofTile.length);
        float[] floats = new float[count * k];
        rows.multiply(singles(c), 3, p + 2, k, floats);
        for (int i = 0; i < floats.length; i++) {
          narrow[from * k + i] = floats[i];
        }
        double[] r = random.doubles((long) count * k, -1, 1).toArray();
        rows.addTransposed(r, k, sums, 0, p);
        rows.addTransposed(singles(r), k, sums, p * k, p);
        float[] last = new float[p * k];
        rows.transpose(singles(r), k, last, 0, p);
        Arrays.setAll(transposed, i -> last[i]);
        rows.addGram(Arrays.copyOf(r, count), gram, 0, p);
      }
    }
    return Stream.of(z, narrow, sums, transposed, gram)
        .flatMapToDouble(part -> Arrays.stream(scaled(part)))
        .toArray();
  }

  /** Divided by the greatest number: single entries may cancel. */
  private static double[] scaled(double[] numbers) {
    double most = Arrays.stream(numbers).map(Math::abs).max().orElse(1);
    return Arrays.stream(numbers).map(x -> x / most).toArray();
  }

  private static double[] onGpu(CudaBackend backend, DenseFeatures features, int tile, int k) {
    return Accelerator.with(GPU, () -> products(backend, features, tile, k));
  }

  /** Compares every product of a block in one tile with those of the CPU. */
  static void requireAgreement(
      CudaBackend cuda, String gpu, int rows, int p, int k, boolean single) {
    DenseFeatures features = features(rows, p, single, 7);
    double[] expected = products(DenseBackends.byName("jvm"), features, rows, k);
    double[] got = Accelerator.with(gpu, () -> products(cuda, features, rows, k));
    assertArrayEquals(
        expected, got, single ? 1e-5 : 1e-12, "%d x %d, k = %d".formatted(rows, p, k));
  }

  private void agrees(int rows, int p, boolean single) {
    StandIn standIn = StandIn.load();
    CudaBackend cuda = standIn.backend();
    DenseFeatures features = features(rows, p, single, 7);
    for (int k : new int[] {1, 8, 10, 33}) {
      for (int tile : new int[] {rows, 96}) {
        double[] expected = products(DenseBackends.byName("jvm"), features, tile, k);
        assertArrayEquals(
            expected, onGpu(cuda, features, tile, k), single ? 1e-5 : 1e-12, "k = " + k);
        assertArrayEquals(onGpu(cuda, features, tile, k), onGpu(cuda, features, tile, k));
      }
    }
    cuda.release();
    assertEquals(0, standIn.counter("bytes"));
    assertEquals(0, standIn.counter("pinned"));
    assertEquals(0, standIn.counter("streams"));
  }

  private void rowsCrossTheBusOnce() {
    StandIn standIn = StandIn.load();
    CudaBackend cuda = standIn.backend();
    int rows = 1000;
    int p = 50;
    int k = 3;
    DenseFeatures features = features(rows, p, true, 3);
    long[] sent = new long[3];
    for (int pass = 0; pass < sent.length; pass++) {
      long before = standIn.counter("copiedToDevice");
      Accelerator.with(
          GPU,
          () -> {
            try (RowProducts products = cuda.open(features, rows)) {
              products.load(0, rows);
              double[] z = new double[rows * k];
              products.multiply(new double[p * k], 0, p, k, z);
              products.gather(z, k, new double[p * k], 0, p);
            }
            return null;
          });
      sent[pass] = standIn.counter("copiedToDevice") - before;
    }
    long operands = 4L * (p * k + rows * k);
    assertArrayEquals(new long[] {operands + features.bytes(), operands, operands}, sent);
    assertEquals(features.bytes(), cuda.residentBytes());
    cuda.release();
    assertEquals(0, standIn.counter("bytes"));
  }

  private static void use(CudaBackend cuda, DenseFeatures features, double share) {
    Accelerator.with(
        GPU,
        share,
        () -> {
          try (RowProducts products = cuda.open(features, features.rows())) {
            products.load(0, features.rows());
            products.multiply(
                new double[features.columns()],
                0,
                features.columns(),
                1,
                new double[features.rows()]);
          }
          return null;
        });
  }

  private void rowsOfOnceAreNotKept() {
    CudaBackend cuda = StandIn.load().backend();
    DenseFeatures batch = features(64, 9, true, 4);
    double[] z = new double[64];
    double[] expected = new double[64];
    double[] c = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    Accelerator.with(
        GPU,
        () -> {
          try (RowProducts products = cuda.openOnce(batch, 64)) {
            products.load(0, 64);
            products.multiply(c, 0, 9, 1, z);
          }
          return null;
        });
    try (RowProducts products = DenseBackends.byName("jvm").open(batch, 64)) {
      products.load(0, 64);
      products.multiply(c, 0, 9, 1, expected);
    }
    assertArrayEquals(expected, z, 1e-5);
    assertEquals(0, cuda.residentBytes());
    cuda.release();
  }

  private void whatIsInUseIsFreedWithItsLastUse() {
    StandIn standIn = StandIn.load();
    CudaBackend cuda = standIn.backend();
    DenseFeatures features = features(64, 9, true, 4);
    Accelerator.with(
        GPU,
        () -> {
          try (RowProducts products = cuda.open(features, 64)) {
            products.load(0, 64);
            cuda.release();
            assertEquals(features.bytes(), cuda.residentBytes());
            products.multiply(new double[9], 0, 9, 1, new double[64]);
          }
          return null;
        });
    assertEquals(0, cuda.residentBytes());
    assertEquals(0, standIn.counter("bytes"));
    assertEquals(0, standIn.counter("streams"));
  }

  private void rowsThatDoNotFitAreCopied() {
    StandIn standIn = StandIn.load();
    CudaBackend cuda = standIn.backend();
    List<DenseFeatures> blocks = List.of(features(100, 10, true, 1), features(100, 10, true, 2));
    double share = 1.5 * blocks.get(0).bytes() / (4L << 30);
    for (int pass = 0; pass < 5; pass++) {
      long before = standIn.counter("copiedToDevice");
      for (DenseFeatures block : blocks) {
        use(cuda, block, share);
        assertEquals(4000, cuda.residentBytes());
      }
      // The first one stays; the operands are 10 floats each.
      assertEquals(pass == 0 ? 8080 : 4080, standIn.counter("copiedToDevice") - before);
    }
    double[] expected = products(DenseBackends.byName("jvm"), blocks.get(1), 100, 2);
    double[] got = Accelerator.with(GPU, share, () -> products(cuda, blocks.get(1), 100, 2));
    assertArrayEquals(expected, got, 1e-5);
    cuda.release();
    assertEquals(0, standIn.counter("bytes"));
  }

  private void rowsOutOfUseGiveWay() {
    StandIn standIn = StandIn.load();
    CudaBackend cuda = standIn.backend();
    DenseFeatures old = features(100, 10, true, 1);
    DenseFeatures fresh = features(100, 10, true, 2);
    double share = 1.5 * old.bytes() / (4L << 30);
    use(cuda, old, share);
    long[] sent = new long[6];
    for (int pass = 0; pass < sent.length; pass++) {
      long before = standIn.counter("copiedToDevice");
      use(cuda, fresh, share);
      sent[pass] = standIn.counter("copiedToDevice") - before;
    }
    assertEquals(4040, sent[0]);
    assertEquals(40, sent[5]);
    cuda.release();
  }

  private void rowsOfDeadBlocksAreFreed() throws InterruptedException {
    CudaBackend cuda = StandIn.load().backend();
    DenseFeatures kept = features(10, 10, true, 1);
    use(cuda, features(1000, 10, true, 2), 0.5);
    use(cuda, kept, 0.5);
    assertTrue(cuda.residentBytes() >= 400);
    for (int i = 0; i < 100 && cuda.residentBytes() > 400; i++) {
      System.gc();
      Thread.sleep(20);
      use(cuda, kept, 0.5);
    }
    assertEquals(400, cuda.residentBytes());
    cuda.release();
  }

  private void threadsGetTheSameBits() throws Exception {
    StandIn standIn = StandIn.load();
    CudaBackend cuda = standIn.backend();
    DenseFeatures features = features(700, 40, true, 5);
    double[] expected = onGpu(cuda, features, 300, 10);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<double[]>> tasks = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        tasks.add(() -> onGpu(cuda, features, 300, 10));
      }
      for (Future<double[]> future : threads.invokeAll(tasks)) {
        assertArrayEquals(expected, future.get());
      }
    } finally {
      threads.shutdownNow();
    }
    cuda.release();
    assertEquals(0, standIn.counter("bytes"));
  }

  private static CudaException trouble(CudaBackend cuda) {
    return assertThrows(CudaException.class, () -> use(cuda, features(50, 4, true, 1), 0.5));
  }

  private void outOfMemoryIsTold() {
    StandIn standIn = StandIn.load();
    CudaBackend cuda = standIn.backend();
    DenseFeatures old = features(20, 4, true, 1);
    use(cuda, old, 0.5);
    // Not there for the rows: they are copied. Not there for a result: old rows give way.
    standIn.fail("memory", 1);
    use(cuda, features(30, 4, true, 1), 0.5);
    assertEquals(480, cuda.residentBytes());
    cuda.release();
    standIn.fail("memory", 2);
    CudaException trouble = trouble(cuda);
    assertEquals(800, cuda.residentBytes());
    assertEquals(CudaException.OUT_OF_MEMORY, trouble.code());
    assertTrue(trouble.getMessage().contains("solver.deviceMemory"), trouble::getMessage);
    assertTrue(trouble.getMessage().contains("GPU 1 (Stand-in)"), trouble::getMessage);
    use(cuda, old, 0.5);
    cuda.release();
    assertEquals(0, standIn.counter("bytes"));
  }

  private void refusedKernelsAreTold() {
    StandIn standIn = StandIn.load();
    CudaBackend cuda = standIn.backend();
    standIn.fail("module", 1);
    long contexts = standIn.counter("contexts");
    CudaException trouble = trouble(cuda);
    assertEquals(contexts, standIn.counter("contexts"));
    assertEquals(218, trouble.code());
    assertTrue(trouble.getMessage().contains("solver.device = cpu"), trouble::getMessage);
    use(cuda, features(50, 4, true, 1), 0.5);
    cuda.release();
  }

  private void aLostContextIsTold() {
    StandIn standIn = StandIn.load();
    CudaBackend cuda = standIn.backend();
    standIn.fail("launch", 1);
    for (int attempt = 0; attempt < 2; attempt++) {
      CudaException trouble = trouble(cuda);
      assertEquals(719, trouble.code());
      assertTrue(trouble.getMessage().contains("CUDA_ERROR_LAUNCH_FAILED"), trouble::getMessage);
      assertTrue(trouble.getMessage().contains("executor"), trouble::getMessage);
    }
    standIn.repair();
    cuda.release();
    assertEquals(0, standIn.counter("bytes"));
  }

  private void aGpuThatIsNotThereIsTold() {
    CudaBackend cuda = StandIn.load().backend();
    for (String address : List.of("2", "GPU-5f1c")) {
      String message =
          assertThrows(
                  IllegalStateException.class,
                  () ->
                      Accelerator.with(
                          address, () -> cuda.open(features(1, 1, true, 1), 1).count()))
              .getMessage();
      assertTrue(message.contains(address), message);
    }
    assertThrows(IllegalStateException.class, () -> cuda.open(features(1, 1, true, 1), 1));
  }
}
