package io.github.sparkbilevel.backend.cuda;

import io.github.sparkbilevel.backend.Accelerator;
import io.github.sparkbilevel.backend.DenseBackend;
import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.MatrixProducts;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.Features;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Products with rows on the GPU of the thread, by NVIDIA's driver.
 *
 * <p>The rows of a block stay on the GPU; what crosses the bus are operands and results, n × K
 * numbers of a product. Layers of a network behind the first one are computed on the CPU.
 *
 * <p>Nothing is loaded before somebody asks whether it is available or opens products.
 */
public final class CudaBackend implements DenseBackend {
  /** {@value}. */
  public static final String NAME = "cuda";

  /** Numbers of a result that one tile has at most. */
  private static final int TILE_NUMBERS = 1 << 22;

  private static final int LEAST_TILE_ROWS = 1024;

  private final String library;
  private final Map<String, CudaDevice> devices = new ConcurrentHashMap<>();
  private Loaded loaded;

  /** The driver, or why there is none. */
  private record Loaded(CudaDriver driver, String reason) {}

  /** Called by the service loader. */
  public CudaBackend() {
    this(CudaDriver.LIBRARY);
  }

  /** With a driver library of that name or path. */
  CudaBackend(String library) {
    this.library = library;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean isAccelerated() {
    return true;
  }

  @Override
  public boolean isAvailable() {
    return loaded().driver() != null;
  }

  @Override
  public String unavailableReason() {
    return loaded().reason();
  }

  private synchronized Loaded loaded() {
    if (loaded == null) {
      loaded = load();
    }
    return loaded;
  }

  private Loaded load() {
    try {
      return new Loaded(CudaDriver.load(library), "");
    } catch (UnsatisfiedLinkError e) {
      // JNA's message lists the whole class path.
      return missing("%s was not found where the linker looks for libraries".formatted(library));
    } catch (LinkageError | CudaException e) {
      return missing(e.getMessage());
    }
  }

  private static Loaded missing(String found) {
    return new Loaded(
        null, "NVIDIA's driver does not load: %s; install the driver of the GPU".formatted(found));
  }

  @Override
  public RowProducts open(DenseFeatures features, int maxTileRows) {
    return new CudaProducts(ofThread(), features, maxTileRows, Accelerator.memoryShare());
  }

  @Override
  public RowProducts openOnce(DenseFeatures features, int maxTileRows) {
    return new CudaProducts(ofThread(), features, maxTileRows, 0);
  }

  @Override
  public RowProducts open(CsrFeatures features, int maxTileRows) {
    return new CudaSparseProducts(ofThread(), features, maxTileRows, Accelerator.memoryShare());
  }

  @Override
  public RowProducts openOnce(CsrFeatures features, int maxTileRows) {
    return new CudaSparseProducts(ofThread(), features, maxTileRows, 0);
  }

  @Override
  public boolean curves() {
    return true;
  }

  private CudaDevice ofThread() {
    String address =
        Accelerator.address()
            .orElseThrow(
                () ->
                    new CudaException(
                        CudaException.NO_DEVICE,
                        "got a thread without a GPU, expected one that was given one by"
                            + " solver.device = gpu"));
    return device(address);
  }

  /** The GPU of an address, opened by the first who asks for it. */
  CudaDevice device(String address) {
    Loaded found = loaded();
    if (found.driver() == null) {
      throw new CudaException(
          CudaException.NO_DEVICE, "backend cuda is not available: " + found.reason());
    }
    return devices.computeIfAbsent(address, a -> new CudaDevice(found.driver(), ordinal(a)));
  }

  private static int ordinal(String address) {
    try {
      return Integer.parseInt(address.strip());
    } catch (NumberFormatException e) {
      throw new CudaException(
          CudaException.INVALID_DEVICE,
          "got a GPU with the address '%s', expected its number; see conf/gpu-discovery.sh"
              .formatted(address));
    }
  }

  /** As many as make a result of some millions of numbers: a call costs the same for any tile. */
  @Override
  public int tileRows(Features features, int columns) {
    return Math.max(LEAST_TILE_ROWS, TILE_NUMBERS / Math.max(1, columns));
  }

  @Override
  public MatrixProducts<float[]> singleMatrices() {
    return DenseBackends.heapSingles();
  }

  @Override
  public MatrixProducts<double[]> doubleMatrices() {
    return DenseBackends.heapDoubles();
  }

  @Override
  public void release() {
    devices.values().forEach(CudaDevice::clear);
  }

  /** The rows on the GPUs of this process, in bytes. */
  long residentBytes() {
    return devices.values().stream().mapToLong(device -> device.residents().bytes()).sum();
  }
}
