package io.github.sparkbilevel.backend.cuda;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A GPU in this process: its primary context, the kernels, and what lies in its memory.
 *
 * <p>Life cycle: opened once for a process. Threads {@link #enter} before they use it, take a
 * {@link CudaStream} and give it back. {@link #clear} frees all memory; the context and the kernels
 * stay.
 */
final class CudaDevice {
  /** The kernels as PTX, which the driver compiles for the GPU: {@value}. */
  static final String KERNELS = "products.ptx";

  private static final int NAME_BYTES = 256;

  private final CudaDriver driver;
  private final String name;
  private final Pointer context;
  private final Pointer module;
  private final long totalBytes;
  private final Map<String, Pointer> kernels = new ConcurrentHashMap<>();
  private final ResidentRows residents = new ResidentRows(this);
  private final Deque<CudaStream> idle = new ArrayDeque<>();
  private final Set<CudaStream> taken = new HashSet<>();

  /**
   * Opens a GPU and has its driver compile the kernels.
   *
   * @param ordinal its number, by its place on the bus
   */
  CudaDevice(CudaDriver driver, int ordinal) {
    this.driver = driver;
    int devices = driver.number("cuDeviceGetCount");
    if (ordinal < 0 || ordinal >= devices) {
      throw new CudaException(
          CudaException.INVALID_DEVICE,
          "got GPU %d, but the driver shows %d to this process; expected a number below that: see CUDA_VISIBLE_DEVICES and the discovery script"
              .formatted(ordinal, devices));
    }
    int device = driver.number("cuDeviceGet", ordinal);
    byte[] chars = new byte[NAME_BYTES];
    driver.call("cuDeviceGetName", chars, NAME_BYTES, device);
    this.name = "GPU %d (%s)".formatted(ordinal, new String(chars, StandardCharsets.UTF_8).trim());
    LongByReference total = new LongByReference();
    driver.call("cuDeviceTotalMem_v2", total, device);
    this.totalBytes = total.getValue();
    this.context = pointer("cuDevicePrimaryCtxRetain", device);
    enter();
    try {
      this.module = module();
    } catch (CudaException e) {
      driver.call("cuDevicePrimaryCtxRelease_v2", device);
      throw e;
    }
  }

  private Pointer module() {
    try (InputStream text = CudaDevice.class.getResourceAsStream(KERNELS)) {
      byte[] ptx = text.readAllBytes();
      Memory ended = new Memory(ptx.length + 1L);
      ended.write(0, ptx, 0, ptx.length);
      ended.setByte(ptx.length, (byte) 0);
      return driver.pointer("cuModuleLoadData", ended);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + KERNELS, e);
    } catch (CudaException e) {
      throw new CudaException(
          e.code(),
          "%s does not take the kernels: %s; expected compute capability 7.5 or newer and a driver of CUDA 11.8 (520) or newer: update the driver, or compute on the CPU by solver.device = cpu"
              .formatted(name, e.getMessage()));
    }
  }

  /** Makes this the GPU of the current thread. */
  void enter() {
    call("cuCtxSetCurrent", context);
  }

  /** The number and model of the GPU, for messages. */
  String name() {
    return name;
  }

  /** The rows of blocks that lie on it. */
  ResidentRows residents() {
    return residents;
  }

  /** A kernel by its name. */
  Pointer kernel(String kernel) {
    return kernels.computeIfAbsent(kernel, k -> pointer("cuModuleGetFunction", module, k));
  }

  /** Calls a function of the driver. */
  void call(String function, Object... arguments) {
    try {
      driver.call(function, arguments);
    } catch (CudaException e) {
      throw told(e);
    }
  }

  /** Calls a function that writes an address to its first argument. */
  Pointer pointer(String function, Object... others) {
    try {
      return driver.pointer(function, others);
    } catch (CudaException e) {
      throw told(e);
    }
  }

  private CudaException told(CudaException e) {
    String advice =
        e.isOutOfMemory()
            ? "lower solver.deviceMemory, or have fewer tasks share it by"
                + " spark.task.resource.gpu.amount"
            : "its context is lost to this process; start the executor anew, and look for the cause"
                + " in the log of the driver (nvidia-smi, dmesg)";
    return new CudaException(e.code(), "%s: %s; %s".formatted(name, e.getMessage(), advice));
  }

  /**
   * Memory of the GPU; where there is none left, rows that are not in use give way.
   *
   * @throws CudaException when there is not so much
   */
  long allocate(long bytes) {
    Optional<CudaException> trouble = Optional.empty();
    do {
      try {
        return Pointer.nativeValue(pointer("cuMemAlloc_v2", bytes));
      } catch (CudaException e) {
        if (!e.isOutOfMemory()) {
          throw e;
        }
        trouble = Optional.of(e);
      }
    } while (residents.giveWay());
    throw new CudaException(
        CudaException.OUT_OF_MEMORY,
        "%s, got a request for %d bytes of its %d"
            .formatted(trouble.get().getMessage(), bytes, totalBytes));
  }

  /** Gives memory back. */
  void free(long address) {
    call("cuMemFree_v2", address);
  }

  /** A stream for this thread until it gives it back. */
  CudaStream take() {
    synchronized (idle) {
      CudaStream stream = idle.isEmpty() ? new CudaStream(this) : idle.pop();
      taken.add(stream);
      return stream;
    }
  }

  /** Takes a stream back; one that was out when all was freed is freed now. */
  void give(CudaStream stream) {
    synchronized (idle) {
      if (taken.remove(stream)) {
        idle.push(stream);
        return;
      }
    }
    stream.close();
  }

  /** The rows of a block for a stream's thread; empty where they do not fit. */
  Optional<ResidentRows.Rows> rows(ResidentRows.Layout layout, double share, CudaStream stream) {
    return residents.acquire(layout, (long) (share * totalBytes), stream);
  }

  /** Frees the memory of streams and rows, of those in use when they no longer are. */
  void clear() {
    enter();
    residents.clear();
    synchronized (idle) {
      taken.clear();
      while (!idle.isEmpty()) {
        idle.pop().close();
      }
    }
  }
}
