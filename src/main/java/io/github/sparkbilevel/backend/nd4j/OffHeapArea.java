package io.github.sparkbilevel.backend.nd4j;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One stretch of off-heap numbers that grows on demand and is seen as a packed column-major matrix.
 */
final class OffHeapArea {
  private static final int MOST_VIEWS = 16;
  private static final AtomicLong LIVE_BYTES = new AtomicLong();

  private final DataType type;
  private DataBuffer buffer;
  private FloatBuffer singles;
  private DoubleBuffer doubles;
  private long capacity;
  private final Map<Long, INDArray> views = new HashMap<>();

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
    ensure((long) height * width);
    if (views.size() > MOST_VIEWS) {
      views.clear();
    }
    return views.computeIfAbsent(
        ((long) height << 32) | width,
        shape ->
            Nd4j.create(buffer, new long[] {height, width}, new long[] {1, height}, 0, 'f', type));
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

  /** Copies a column-major matrix to the start of the area, packed. */
  void put(float[] from, int offset, int ld, int height, int width) {
    for (int j = 0; j < width && ld != height; j++) {
      singles.put(j * height, from, offset + j * ld, height);
    }
    if (ld == height) {
      singles.put(0, from, offset, height * width);
    }
  }

  /** Copies a column-major matrix to the start of the area, packed. */
  void put(double[] from, int offset, int ld, int height, int width) {
    for (int j = 0; j < width && ld != height; j++) {
      doubles.put(j * height, from, offset + j * ld, height);
    }
    if (ld == height) {
      doubles.put(0, from, offset, height * width);
    }
  }

  void get(float[] to, int at, int length) {
    singles.get(0, to, at, length);
  }

  void get(double[] to, int at, int length) {
    doubles.get(0, to, at, length);
  }

  /** The way back of {@link #put(float[], int, int, int, int)}. */
  void get(float[] to, int at, int ld, int height, int width) {
    for (int j = 0; j < width && ld != height; j++) {
      singles.get(j * height, to, at + j * ld, height);
    }
    if (ld == height) {
      singles.get(0, to, at, height * width);
    }
  }

  /** The way back of {@link #put(double[], int, int, int, int)}. */
  void get(double[] to, int at, int ld, int height, int width) {
    for (int j = 0; j < width && ld != height; j++) {
      doubles.get(j * height, to, at + j * ld, height);
    }
    if (ld == height) {
      doubles.get(0, to, at, height * width);
    }
  }

  void free() {
    LIVE_BYTES.addAndGet(-bytes());
    views.clear();
    singles = null;
    doubles = null;
    capacity = 0;
    if (buffer != null) {
      buffer.close();
      buffer = null;
    }
  }
}
