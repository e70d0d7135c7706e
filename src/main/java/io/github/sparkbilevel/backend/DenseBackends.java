package io.github.sparkbilevel.backend;

import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.Features;
import io.github.sparkbilevel.block.PanelFeatures;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backends of this process and the choice among them.
 *
 * <p>The default on a thread that has an {@link Accelerator} is the backend that computes on it, or
 * an error; elsewhere it is by shape: ND4J from {@link #MATRIX_COLUMNS} columns on, netlib below,
 * and {@code jvm} where neither loads. That ND4J is missing where the default wants it is logged
 * once, with the reason.
 */
public final class DenseBackends {
  /** The name that stands for the choice by shape: {@value}. */
  public static final String AUTO = "auto";

  /** Columns of the small operand from which ND4J is the default; measured, see the decisions. */
  public static final int MATRIX_COLUMNS = 16;

  /**
   * Multiplications from which ND4J's gemm, with the copies to and from it, is faster than netlib's
   * for all widths; measured on 128 and 668 rows.
   */
  private static final int LARGE_PRODUCT = 1 << 17;

  private static final Logger LOG = LoggerFactory.getLogger(DenseBackends.class);
  private static final String NETLIB = NetlibBackend.NAME;
  private static final String MATRIX = "nd4j";

  private static final int TILE_BYTES = 512 << 10;
  private static final int WIDE_TILE_BYTES = 2 << 20;
  private static final int MIN_TILE_ROWS = 16;
  private static final int MAX_TILE_ROWS = 4096;

  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private DenseBackends() {}

  /** The default backend for products with {@code columns} columns; p for a Gram matrix. */
  public static DenseBackend forColumns(int columns) {
    return ofThread().map(DenseBackends::byName).orElseGet(() -> onCpu(columns));
  }

  /** The backend for the accelerator of this thread; empty when it has none. */
  private static Optional<String> ofThread() {
    return Accelerator.address().flatMap(address -> accelerated(AUTO));
  }

  private static DenseBackend onCpu(int columns) {
    DenseBackend matrix = Found.BY_NAME.get(MATRIX);
    if (columns >= MATRIX_COLUMNS) {
      if (matrix != null && matrix.isAvailable()) {
        return matrix;
      }
      warnOnce(matrix);
    }
    DenseBackend netlib = Found.BY_NAME.get(NETLIB);
    if (netlib != null && netlib.isAvailable()) {
      return netlib;
    }
    return Found.BY_NAME.get(JvmBackend.NAME);
  }

  /**
   * The backend that computes on accelerators when products are asked for by this name, whether it
   * can do so on this machine or not; empty when there is none.
   *
   * @param backend a backend's name, or {@link #AUTO}
   */
  public static Optional<String> accelerated(String backend) {
    return Found.BY_NAME.values().stream()
        .filter(DenseBackend::isAccelerated)
        .map(DenseBackend::name)
        .filter(name -> backend.equals(AUTO) || backend.equals(name))
        .findFirst();
  }

  /**
   * Whether the products that this thread opens have {@link RowProducts#addCurved}.
   *
   * @param backend a backend's name, or {@link #AUTO} for the choice by shape
   */
  public static boolean curves(String backend) {
    Optional<String> name = AUTO.equals(backend) ? ofThread() : Optional.of(backend);
    return name.map(DenseBackends::byName).filter(DenseBackend::curves).isPresent();
  }

  /** Why the backend of that name is not available on this machine; empty when it is. */
  public static Optional<String> whyUnavailable(String name) {
    DenseBackend backend = Found.BY_NAME.get(name);
    return backend == null
        ? Optional.of("it has no backend " + name)
        : Optional.of(backend.unavailableReason()).filter(reason -> !reason.isEmpty());
  }

  /** The names of all backends on the class path. */
  public static List<String> names() {
    return List.copyOf(Found.BY_NAME.keySet());
  }

  private static void warnOnce(DenseBackend matrix) {
    if (WARNED.compareAndSet(false, true)) {
      LOG.warn(
          "Backend {} is not available, products are computed by the others: {}",
          MATRIX,
          matrix == null ? missing() : matrix.unavailableReason());
    }
  }

  private static String missing() {
    return "it is not on the class path" + String.join("; ", Found.BROKEN);
  }

  /**
   * The backend of that name.
   *
   * @throws IllegalArgumentException when there is none, or it does not load here
   */
  public static DenseBackend byName(String name) {
    DenseBackend backend = Found.BY_NAME.get(name);
    if (backend == null) {
      throw new IllegalArgumentException("got backend '" + name + "', expected " + known());
    }
    if (!backend.isAvailable()) {
      throw new IllegalArgumentException(
          "got backend '"
              + name
              + "', which is not available here: "
              + backend.unavailableReason()
              + "; expected "
              + known());
    }
    return backend;
  }

  private static String known() {
    List<String> usable = new ArrayList<>(List.of(AUTO));
    List<String> unusable = new ArrayList<>(Found.BROKEN);
    for (DenseBackend backend : Found.BY_NAME.values()) {
      if (backend.isAccelerated()) {
        // It is named by the device, and to ask it would load its driver.
        continue;
      }
      if (backend.isAvailable()) {
        usable.add(backend.name());
      } else {
        unusable.add(backend.name() + " (" + backend.unavailableReason() + ")");
      }
    }
    String message = "one of " + String.join(", ", usable);
    return unusable.isEmpty()
        ? message
        : message + "; not available: " + String.join(", ", unusable);
  }

  /** Opens products by the default backend; see {@link #open(Features, int, int, String)}. */
  public static RowProducts open(Features features, int columns, int tileRows) {
    return open(features, columns, tileRows, AUTO);
  }

  /**
   * Opens products with the rows of a block.
   *
   * @param columns columns of the small operands to come; p for Gram matrices
   * @param tileRows the most rows a tile will have; see {@link #tileRows(Features, int)}
   * @param backend a backend's name, or {@link #AUTO} for the choice by shape; sparse rows have one
   *     implementation only on a CPU, whatever the name
   * @throws IllegalArgumentException when the named backend is unknown or does not load here, or
   *     the thread's accelerator should multiply rows in panels
   */
  public static RowProducts open(Features features, int columns, int tileRows, String backend) {
    DenseBackend named = AUTO.equals(backend) ? null : byName(backend);
    if (features instanceof CsrFeatures sparse) {
      return (named == null ? forSparseRows() : named).open(sparse, tileRows);
    }
    if (features instanceof PanelFeatures panels) {
      if (named == null) {
        refuse(panels);
      }
      return new PanelProducts(panels, singleMatrices(backend));
    }
    DenseBackend chosen = named == null ? forColumns(columns) : named;
    return chosen.open((DenseFeatures) features, tileRows);
  }

  /**
   * Opens products with rows that are multiplied this once; see {@link #open(Features, int, int,
   * String)}.
   */
  public static RowProducts openOnce(Features features, int columns, int tileRows, String backend) {
    Optional<DenseBackend> accelerated =
        AUTO.equals(backend) ? ofThread().map(DenseBackends::byName) : Optional.empty();
    if (accelerated.isPresent() && features instanceof DenseFeatures dense) {
      return accelerated.get().openOnce(dense, tileRows);
    }
    return accelerated.isPresent() && features instanceof CsrFeatures sparse
        ? accelerated.get().openOnce(sparse, tileRows)
        : open(features, columns, tileRows, backend);
  }

  /** On a CPU all have the same products with sparse rows. */
  private static DenseBackend forSparseRows() {
    return byName(ofThread().orElse(JvmBackend.NAME));
  }

  /** What was meant for an accelerator is not computed elsewhere. */
  private static void refuse(PanelFeatures features) {
    ofThread()
        .ifPresent(
            name -> {
              throw new IllegalArgumentException(
                  "got %s for backend %s, expected dense or sparse rows: use the CPU by device = cpu"
                      .formatted(features.getClass().getSimpleName(), name));
            });
  }

  /**
   * Products of float32 matrices on the heap.
   *
   * @param backend a backend's name, or {@link #AUTO} for the choice by shape
   */
  public static MatrixProducts<float[]> singleMatrices(String backend) {
    return ofMatrices(backend, DenseBackend::singleMatrices);
  }

  /**
   * Products of float64 matrices on the heap.
   *
   * @param backend a backend's name, or {@link #AUTO} for the choice by shape
   */
  public static MatrixProducts<double[]> doubleMatrices(String backend) {
    return ofMatrices(backend, DenseBackend::doubleMatrices);
  }

  private static <A> MatrixProducts<A> ofMatrices(
      String backend, Function<DenseBackend, MatrixProducts<A>> of) {
    if (!AUTO.equals(backend)) {
      return of.apply(byName(backend));
    }
    return bySize(of.apply(forColumns(1)), of.apply(forColumns(MATRIX_COLUMNS)));
  }

  /** Products of float32 matrices on the heap by the CPU, chosen by shape. */
  public static MatrixProducts<float[]> heapSingles() {
    return bySize(onCpu(1).singleMatrices(), onCpu(MATRIX_COLUMNS).singleMatrices());
  }

  /** Products of float64 matrices on the heap by the CPU, chosen by shape. */
  public static MatrixProducts<double[]> heapDoubles() {
    return bySize(onCpu(1).doubleMatrices(), onCpu(MATRIX_COLUMNS).doubleMatrices());
  }

  private static <A> MatrixProducts<A> bySize(MatrixProducts<A> small, MatrixProducts<A> large) {
    return (m, n, k, a, b, c, add) -> {
      boolean isSmall = (long) m * n * k < LARGE_PRODUCT;
      (isSmall ? small : large).product(m, n, k, a, b, c, add);
    };
  }

  /**
   * Rows for which a dense tile is about half of a core's second-level cache, from 16 to 4096.
   *
   * <p>Then Aᵀ R reads from the cache what A C brought there.
   *
   * @param p number of features
   * @param single whether the rows are float32
   */
  public static int tileRows(int p, boolean single) {
    return tileRows(p, single, TILE_BYTES);
  }

  /**
   * Rows of a tile for products by a backend.
   *
   * @param columns columns of the small operands to come; p for Gram matrices
   * @param backend a backend's name, or {@link #AUTO} for the choice by shape
   */
  public static int tileRows(Features features, int columns, String backend) {
    Optional<String> accelerated = AUTO.equals(backend) ? ofThread() : Optional.empty();
    return accelerated.isPresent() && !(features instanceof PanelFeatures)
        ? byName(accelerated.get()).tileRows(features, columns)
        : tileRows(features, columns);
  }

  /** Has every backend that computes on accelerators free what it can; see {@link DenseBackend}. */
  public static void release() {
    Found.BY_NAME.values().stream()
        .filter(DenseBackend::isAccelerated)
        .forEach(DenseBackend::release);
  }

  /**
   * Rows of a tile for products with {@code columns} columns on a CPU.
   *
   * <p>Dense rows: as {@link #tileRows(int, boolean)}, and four times that from {@link
   * #MATRIX_COLUMNS} columns on, where the work per call outweighs the cache. Rows in panels: a
   * panel. Sparse rows: 4096, as their products pay p·k once per tile.
   */
  public static int tileRows(Features features, int columns) {
    if (features instanceof DenseFeatures dense) {
      int bytes = columns < MATRIX_COLUMNS ? TILE_BYTES : WIDE_TILE_BYTES;
      return tileRows(dense.columns(), dense.isSingle(), bytes);
    }
    if (features instanceof PanelFeatures panels) {
      return panels.panelRows();
    }
    return MAX_TILE_ROWS;
  }

  private static int tileRows(int p, boolean single, int bytes) {
    long rowBytes = Math.max(1L, p) * (single ? Float.BYTES : Double.BYTES);
    return (int) Math.max(MIN_TILE_ROWS, Math.min(MAX_TILE_ROWS, bytes / rowBytes));
  }

  // Found once: a look at the class path for every block would cost more than the products.
  private static final class Found {
    static final Map<String, DenseBackend> BY_NAME = new LinkedHashMap<>();
    static final List<String> BROKEN = new ArrayList<>();

    static {
      BY_NAME.put(JvmBackend.NAME, new JvmBackend());
      Iterator<DenseBackend> found =
          ServiceLoader.load(DenseBackend.class, DenseBackends.class.getClassLoader()).iterator();
      boolean more = true;
      while (more) {
        try {
          more = found.hasNext();
          if (more) {
            DenseBackend backend = found.next();
            BY_NAME.putIfAbsent(backend.name(), backend);
          }
        } catch (ServiceConfigurationError | LinkageError e) {
          // The iterator has stepped past the broken provider; the others may be whole.
          BROKEN.add(e.toString());
        }
      }
    }
  }
}
