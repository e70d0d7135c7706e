package io.github.sparkbilevel.backend.cuda;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * NVIDIA's driver library. Its functions are called by their names in {@code cuda.h}; a call that
 * fails throws.
 */
final class CudaDriver {
  /** The library that comes with the driver: {@value}. */
  static final String LIBRARY = "libcuda.so.1";

  /**
   * Discovery scripts number GPUs as {@code nvidia-smi} does, by their place on the bus; the driver
   * does so only when told to.
   */
  private static final String ORDER = "CUDA_DEVICE_ORDER";

  private final NativeLibrary library;
  private final Map<String, Function> functions = new ConcurrentHashMap<>();

  private CudaDriver(NativeLibrary library) {
    this.library = library;
  }

  /**
   * Loads the library and starts it.
   *
   * @param library its name, or its path
   * @throws UnsatisfiedLinkError when it is not there
   * @throws CudaException when it does not start
   */
  static CudaDriver load(String library) {
    Function.getFunction("c", "setenv").invokeInt(new Object[] {ORDER, "PCI_BUS_ID", 0});
    CudaDriver driver = new CudaDriver(NativeLibrary.getInstance(library));
    driver.call("cuInit", 0);
    return driver;
  }

  /**
   * Calls a function.
   *
   * @param arguments as JNA takes them
   * @throws CudaException when the result is an error
   */
  void call(String name, Object... arguments) {
    int code = functions.computeIfAbsent(name, library::getFunction).invokeInt(arguments);
    if (code != 0) {
      throw new CudaException(code, "%s from %s".formatted(error(code), name));
    }
  }

  /** A number that a function writes to its first argument. */
  int number(String name, Object... others) {
    IntByReference out = new IntByReference();
    call(name, before(out, others));
    return out.getValue();
  }

  /** An address that a function writes to its first argument. */
  Pointer pointer(String name, Object... others) {
    PointerByReference out = new PointerByReference();
    call(name, before(out, others));
    return out.getValue();
  }

  private static Object[] before(Object out, Object... others) {
    Object[] arguments = new Object[others.length + 1];
    arguments[0] = out;
    System.arraycopy(others, 0, arguments, 1, others.length);
    return arguments;
  }

  /** The name and number of an error. */
  private String error(int code) {
    PointerByReference name = new PointerByReference();
    int known = library.getFunction("cuGetErrorName").invokeInt(new Object[] {code, name});
    return known == 0 && name.getValue() != null
        ? "%s (%d)".formatted(name.getValue().getString(0), code)
        : "error %d".formatted(code);
  }
}
