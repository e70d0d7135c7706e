package io.github.sparkbilevel.problem.snapshot;

import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Numbers and texts as bytes, to the last bit; what is read never asks for more than there is. */
public final class NumberCodec {
  private static final int CHUNK = 8192;

  private NumberCodec() {}

  /** Writes how many numbers there are, and the numbers. */
  public static void write(double[] values, DataOutput out) throws IOException {
    out.writeInt(values.length);
    ByteBuffer chunk = ByteBuffer.allocate(Double.BYTES * Math.min(CHUNK, values.length));
    for (int at = 0; at < values.length; at += CHUNK) {
      int count = Math.min(CHUNK, values.length - at);
      chunk.asDoubleBuffer().put(values, at, count);
      out.write(chunk.array(), 0, Double.BYTES * count);
    }
  }

  /** Reads what {@link #write(double[], DataOutput)} wrote. */
  public static double[] readNumbers(ByteBuffer in) throws IOException {
    double[] values = new double[readCount(in, Double.BYTES)];
    in.asDoubleBuffer().get(values);
    in.position(in.position() + Double.BYTES * values.length);
    return values;
  }

  /** Writes a text. */
  public static void write(String text, DataOutput out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /** Reads what {@link #write(String, DataOutput)} wrote. */
  public static String readText(ByteBuffer in) throws IOException {
    byte[] bytes = new byte[readCount(in, 1)];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /**
   * Reads how many things follow.
   *
   * @param size the least bytes that each takes
   * @throws IOException when there are not as many bytes left
   */
  public static int readCount(ByteBuffer in, int size) throws IOException {
    if (in.remaining() < Integer.BYTES) {
      throw new IOException("got the end of the file, expected a number of entries");
    }
    int count = in.getInt();
    if (count < 0 || (long) count * size > in.remaining()) {
      throw new IOException(
          "got %d entries of %d bytes or more, but %d bytes are left"
              .formatted(count, size, in.remaining()));
    }
    return count;
  }
}
