package io.github.sparkbilevel.backend.nd4j;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One stretch of off-heap numbers that grows on demand and is seen as a packed column-major matrix.
 */
final class OffHeapArea {
  private static final AtomicLong LIVE_BYTES = new AtomicLong();

  private final DataType type;
  private DataBuffer buffer;
  private FloatBuffer singles;
  private DoubleBuffer doubles;
  private long capacity;
  private INDArray matrix;

  OffHeapArea(DataType type) {
    this.type = type;
  }

  /** Bytes that all areas of the process hold now. */
  static long liveBytes() {
    return LIVE_BYTES.get();
  }

  long bytes() {
    return capacity * type.width();
  }

  /** A height × width view of the start of the area; the contents are whatever was there. */
  INDArray matrix(int height, int width) {
    if (matrix == null || matrix.size(0) != height || matrix.size(1) != width) {
      ensure((long) height * width);
      matrix =
          Nd4j.create(buffer, new long[] {height, width}, new long[] {1, height}, 0, 'f', type);
    }
    return matrix;
  }

  private void ensure(long length) {
    if (length <= capacity) {
      return;
    }
    if (length * type.width() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "got "
              + length
              + " numbers for one off-heap matrix, expected less than 2 GiB; try the backend netlib"
              + " or fewer columns");
    }
    free();
    // Detached: a workspace of the caller must not own what outlives it.
    buffer = Nd4j.createBufferDetached(new long[] {length}, type);
    if (type == DataType.FLOAT) {
      singles = buffer.asNioFloat();
    } else {
      doubles = buffer.asNioDouble();
    }
    capacity = length;
    LIVE_BYTES.addAndGet(bytes());
  }

  void put(float[] from, int offset, int length) {
    singles.put(0, from, offset, length);
  }

  void put(double[] from, int offset, int length) {
    doubles.put(0, from, offset, length);
  }

  /** Copies {@code length} numbers to place {@code at}. */
  void putAt(int at, double[] from, int offset, int length) {
    doubles.put(at, from, offset, length);
  }

  void get(float[] to, int length) {
    singles.get(0, to, 0, length);
  }

  void get(double[] to, int length) {
    doubles.get(0, to, 0, length);
  }

  void free() {
    LIVE_BYTES.addAndGet(-bytes());
    matrix = null;
    singles = null;
    doubles = null;
    capacity = 0;
    if (buffer != null) {
      buffer.close();
      buffer = null;
    }
  }
}
