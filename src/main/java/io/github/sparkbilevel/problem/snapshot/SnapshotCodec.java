package io.github.sparkbilevel.problem.snapshot;

import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The numbers and texts of a {@link Snapshot} as bytes; states beside the rows go elsewhere. */
public final class SnapshotCodec {
  private SnapshotCodec() {}

  /** Writes all numbers and texts, in the order of their names. */
  public static void write(Snapshot snapshot, DataOutput out) throws IOException {
    Map<String, Supplier<double[]>> numbers = new TreeMap<>(snapshot.allNumbers());
    out.writeInt(numbers.size());
    for (Map.Entry<String, Supplier<double[]>> entry : numbers.entrySet()) {
      NumberCodec.write(entry.getKey(), out);
      NumberCodec.write(entry.getValue().get(), out);
    }
    Map<String, Supplier<String>> texts = new TreeMap<>(snapshot.allTexts());
    out.writeInt(texts.size());
    for (Map.Entry<String, Supplier<String>> entry : texts.entrySet()) {
      NumberCodec.write(entry.getKey(), out);
      NumberCodec.write(entry.getValue().get(), out);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException when the bytes are something else
   */
  public static Snapshot read(ByteBuffer in) throws IOException {
    Snapshot snapshot = new Snapshot();
    int numbers = NumberCodec.readCount(in, 2 * Integer.BYTES);
    for (int i = 0; i < numbers; i++) {
      snapshot.put(NumberCodec.readText(in), NumberCodec.readNumbers(in));
    }
    int texts = NumberCodec.readCount(in, 2 * Integer.BYTES);
    for (int i = 0; i < texts; i++) {
      String name = NumberCodec.readText(in);
      String text = NumberCodec.readText(in);
      snapshot.putText(name, () -> text);
    }
    if (in.hasRemaining()) {
      throw new IOException("got %d bytes more than expected".formatted(in.remaining()));
    }
    return snapshot;
  }
}
