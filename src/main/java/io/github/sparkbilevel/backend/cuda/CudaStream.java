package io.github.sparkbilevel.backend.cuda;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.EnumMap;
import java.util.Map;

/**
 * A queue of copies and kernels of one thread, with room for their operands on both sides of the
 * bus.
 *
 * <p>What is put there is copied when the method returns; {@code get} waits until the numbers are
 * there.
 */
final class CudaStream {
  /** Room on the GPU that is kept from one call to the next, each as long as was ever needed. */
  enum Room {
    TILE,
    OPERAND,
    RESULT,
    PARTIAL,
    SUMS,
    CURVED,
    CURVATURE,
    CONSTANTS
  }

  /** Numbers cross the bus in pieces of this many bytes of memory that the GPU reads itself. */
  private static final int STAGING_BYTES = 4 << 20;

  private static final int THREADS = 128;

  /** The fields of a Product in products.cu, each 8 bytes. */
  private enum Field {
    ROWS,
    OPERAND,
    OUT,
    COUNT,
    COLUMNS,
    WIDTH,
    SLAB,
    CONSTANTS,
    FIRST,
    STARTS,
    INDICES,
    PIECES,
    COLUMN_STARTS,
    COLUMN_INDICES,
    COLUMN_NUMBERS;

    static final int BYTES = Long.BYTES;
  }

  private final CudaDevice device;
  private final Pointer stream;
  private final Pointer staging;
  private final Map<Room, long[]> rooms = new EnumMap<>(Room.class);
  private final Memory product = new Memory((long) Field.values().length * Field.BYTES);
  private final Memory parameters = new Memory(Native.POINTER_SIZE);
  private boolean isStagingRead;

  CudaStream(CudaDevice device) {
    this.device = device;
    // 1: does not wait for the default stream. 0: plain pinned memory.
    this.stream = device.pointer("cuStreamCreate", 1);
    try {
      this.staging = device.pointer("cuMemHostAlloc", (long) STAGING_BYTES, 0);
    } catch (CudaException e) {
      device.call("cuStreamDestroy_v2", stream);
      throw e;
    }
    parameters.setPointer(0, product);
  }

  /** The address of a room of at least so many bytes; what was in it is lost when it grows. */
  long room(Room room, long bytes) {
    long[] known = rooms.get(room);
    if (known != null && known[1] >= bytes) {
      return known[0];
    }
    if (known != null) {
      // What was asked for before may still use it.
      await();
      rooms.remove(room);
      device.free(known[0]);
    }
    long address = device.allocate(bytes);
    rooms.put(room, new long[] {address, bytes});
    return address;
  }

  /** Copies floats to the GPU. */
  void put(long to, float[] from, int at, int length) {
    put(to, Float.BYTES, length, (done, piece) -> staging.write(0, from, at + done, piece));
  }

  /** Copies doubles to the GPU. */
  void put(long to, double[] from, int at, int length) {
    put(to, Double.BYTES, length, (done, piece) -> staging.write(0, from, at + done, piece));
  }

  /** Copies ints to the GPU. */
  void put(long to, int[] from, int at, int length) {
    put(to, Integer.BYTES, length, (done, piece) -> staging.write(0, from, at + done, piece));
  }

  /** Writes some numbers of an array to the staging memory. */
  @FunctionalInterface
  private interface Stage {
    void write(int from, int length);
  }

  private void put(long to, int size, int length, Stage stage) {
    int most = STAGING_BYTES / size;
    for (int done = 0; done < length; done += most) {
      int piece = Math.min(most, length - done);
      freeStaging();
      stage.write(done, piece);
      send(to + (long) done * size, (long) piece * size);
    }
  }

  private void send(long to, long bytes) {
    device.call("cuMemcpyHtoDAsync_v2", to, staging, bytes, stream);
    isStagingRead = true;
  }

  private void freeStaging() {
    if (isStagingRead) {
      await();
    }
  }

  /** Copies floats from the GPU, after all that was asked for before. */
  void get(long from, float[] to, int length) {
    int most = STAGING_BYTES / Float.BYTES;
    for (int done = 0; done < length; done += most) {
      int piece = Math.min(most, length - done);
      fetch(from + (long) done * Float.BYTES, (long) piece * Float.BYTES);
      staging.read(0, to, done, piece);
    }
  }

  /** Copies doubles from the GPU, after all that was asked for before. */
  void get(long from, double[] to, int length) {
    int most = STAGING_BYTES / Double.BYTES;
    for (int done = 0; done < length; done += most) {
      int piece = Math.min(most, length - done);
      fetch(from + (long) done * Double.BYTES, (long) piece * Double.BYTES);
      staging.read(0, to, done, piece);
    }
  }

  private void fetch(long from, long bytes) {
    device.call("cuMemcpyDtoHAsync_v2", staging, from, bytes, stream);
    await();
  }

  /** Waits until all that was asked for is done. */
  void await() {
    device.call("cuStreamSynchronize", stream);
    isStagingRead = false;
  }

  /** The rows of the next kernels. */
  CudaStream rows(long address, int count, int columns) {
    return set(Field.ROWS, address).set(Field.COUNT, count).set(Field.COLUMNS, columns);
  }

  /** The other operand of the next kernels, and its columns. */
  CudaStream operand(long address, int width) {
    return set(Field.OPERAND, address).set(Field.WIDTH, width);
  }

  /** Where the next kernels write, and the rows of a slab, or how many slabs there are. */
  CudaStream out(long address, int slab) {
    return set(Field.OUT, address).set(Field.SLAB, slab);
  }

  /** Whether the curvatures of the next kernels are centred, and a number for each column. */
  CudaStream curvatures(boolean isCentred, long constants) {
    return set(Field.FIRST, isCentred ? 1 : 0).set(Field.CONSTANTS, constants);
  }

  /** Where the lines of the next kernels begin, their indices, and the first of these. */
  CudaStream lines(long starts, long indices, int first) {
    return set(Field.STARTS, starts).set(Field.INDICES, indices).set(Field.FIRST, first);
  }

  /** The first pieces of the columns. */
  CudaStream pieces(long address) {
    return set(Field.PIECES, address);
  }

  /** The pieces of columns, their indices and numbers. */
  CudaStream columns(long starts, long indices, long numbers) {
    return set(Field.COLUMN_STARTS, starts)
        .set(Field.COLUMN_INDICES, indices)
        .set(Field.COLUMN_NUMBERS, numbers);
  }

  private CudaStream set(Field field, long value) {
    product.setLong((long) field.ordinal() * Field.BYTES, value);
    return this;
  }

  /** Runs a kernel on a grid of blocks of threads. */
  void run(String kernel, int x, int y, int z) {
    Pointer function = device.kernel(kernel);
    device.call(
        "cuLaunchKernel", function, x, y, z, THREADS, 1, 1, 0, stream, parameters, Pointer.NULL);
  }

  /** Frees all that it holds. */
  void close() {
    await();
    rooms.values().forEach(room -> device.free(room[0]));
    rooms.clear();
    device.call("cuMemFreeHost", staging);
    device.call("cuStreamDestroy_v2", stream);
  }
}
