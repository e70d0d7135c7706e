package io.github.sparkbilevel.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.block.DataException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Tensors by name in a file of the format safetensors: the length of the header as 8 bytes, the
 * least first; the header in JSON, which says of each tensor type, shape and place; the numbers.
 *
 * <p>What the header says is checked against the length of the file before anything is read by it.
 */
public final class Safetensors implements AutoCloseable {

  /** The most bytes of a header, as the format has it. */
  private static final int MOST_HEADER = 100_000_000;

  private static final int CHUNK_BYTES = 1 << 20;
  private static final String METADATA = "__metadata__";

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** How numbers are written. */
  private enum Type {
    F64(Double.BYTES) {
      @Override
      double next(ByteBuffer in) {
        return in.getDouble();
      }
    },
    F32(Float.BYTES) {
      @Override
      double next(ByteBuffer in) {
        return in.getFloat();
      }
    },
    F16(Short.BYTES) {
      @Override
      double next(ByteBuffer in) {
        short bits = in.getShort();
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        double size =
            exponent == 0x1f
                ? fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN
                : exponent == 0
                    ? Math.scalb((double) fraction, -24)
                    : Math.scalb((double) (0x400 + fraction), exponent - 25);
        return bits < 0 ? -size : size;
      }
    },
    BF16(Short.BYTES) {
      @Override
      double next(ByteBuffer in) {
        return Float.intBitsToFloat(in.getShort() << 16);
      }
    };

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    abstract double next(ByteBuffer in);
  }

  /** What the header says of a tensor; {@code from} counts from the beginning of the file. */
  private record Entry(Type type, List<Integer> shape, int size, long from) {}

  /** A tensor to be written, with its numbers row by row. */
  public record Tensor(String name, List<Integer> shape, double[] numbers) {}

  private final String path;
  private final FSDataInputStream in;
  private final Map<String, Entry> entries = new TreeMap<>();

  private Safetensors(String path, FSDataInputStream in) {
    this.path = path;
    this.in = in;
  }

  /**
   * Opens a file and reads its header; the caller closes it.
   *
   * @param path of any file system of Hadoop
   * @throws DataException where there is no such file, or another one
   */
  public static Safetensors open(String path, Configuration conf) {
    Path file = new Path(path);
    try {
      FileSystem fs = FileSystems.of(file, conf);
      Safetensors tensors = new Safetensors(path, fs.open(file));
      try {
        tensors.readHeader(fs.getFileStatus(file).getLen());
      } catch (Throwable e) {
        tensors.close();
        throw e;
      }
      return tensors;
    } catch (FileNotFoundException e) {
      throw new DataException(
          "there is no file %s, expected tensors in the format safetensors; correct the path"
              .formatted(path),
          e);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private static DataException unreadable(String path, IOException e) {
    return new DataException(
        "the tensors of %s cannot be read: %s".formatted(path, Tasks.firstLine(e)), e);
  }

  private DataException wrong(String found, String expected) {
    return new DataException(
        "the file %s has %s, expected %s; write it again in the format safetensors"
            .formatted(path, found, expected));
  }

  private void readHeader(long length) throws IOException {
    if (length < Long.BYTES) {
      throw wrong("%,d bytes".formatted(length), "8 bytes of length before its header");
    }
    byte[] first = new byte[Long.BYTES];
    in.readFully(0, first);
    long header = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong();
    long most = Math.min(MOST_HEADER, length - Long.BYTES);
    if (header < 2 || header > most) {
      throw wrong(
          "a header of %s bytes".formatted(Long.toUnsignedString(header)),
          "one of 2 to %,d".formatted(most));
    }
    byte[] text = new byte[(int) header];
    in.readFully(Long.BYTES, text);
    JsonNode all;
    try {
      all = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw wrong("a header that is no JSON", "a JSON object of tensors by name");
    }
    if (!(all instanceof ObjectNode object)) {
      throw wrong("a header that is no JSON object", "a JSON object of tensors by name");
    }
    long start = Long.BYTES + header;
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (!field.getKey().equals(METADATA)) {
        entries.put(
            field.getKey(), entry(Names.quote(field.getKey()), field.getValue(), start, length));
      }
    }
  }

  private Entry entry(String name, JsonNode said, long start, long length) {
    String dtype = said.path("dtype").asText();
    Type type = null;
    for (Type known : Type.values()) {
      type = known.name().equals(dtype) ? known : type;
    }
    if (type == null) {
      throw wrong(
          "the tensor %s of the type %s".formatted(name, Names.quote(dtype)),
          "F64, F32, F16 or BF16");
    }
    List<Integer> shape = new ArrayList<>();
    long size = 1;
    for (JsonNode extent : said.path("shape")) {
      long value = extent.isIntegralNumber() ? extent.asLong() : -1;
      size = value < 0 || value > Integer.MAX_VALUE ? -1 : size * value;
      if (size < 0 || size > Integer.MAX_VALUE) {
        throw wrong(
            "the tensor %s of the shape %s".formatted(name, said.path("shape")),
            "extents from 0 on, of at most 2,147,483,647 numbers");
      }
      shape.add((int) value);
    }
    JsonNode offsets = said.path("data_offsets");
    long from = offsets.path(0).asLong(-1);
    long to = offsets.path(1).asLong(-1);
    long room = length - start;
    if (offsets.size() != 2 || from < 0 || to - from != size * type.bytes || to > room) {
      throw wrong(
          "the tensor %s of %,d bytes at %s".formatted(name, size * type.bytes, offsets),
          "as many bytes within the %,d behind the header".formatted(room));
    }
    return new Entry(type, shape, (int) size, start + from);
  }

  /** The names of the tensors, in their order by letters. */
  public List<String> names() {
    return List.copyOf(entries.keySet());
  }

  /** The shape of a tensor that there is; of a number it has no extents. */
  public List<Integer> shape(String name) {
    return entries.get(name).shape();
  }

  /**
   * The numbers of a tensor that there is, row by row.
   *
   * @throws DataException for a number that is not finite
   */
  public double[] numbers(String name) {
    Entry entry = entries.get(name);
    double[] numbers = new double[entry.size()];
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    int step = CHUNK_BYTES / entry.type().bytes;
    try {
      for (int at = 0; at < numbers.length; at += step) {
        int count = Math.min(step, numbers.length - at);
        long position = entry.from() + (long) at * entry.type().bytes;
        in.readFully(position, chunk.array(), 0, count * entry.type().bytes);
        chunk.clear();
        for (int i = 0; i < count; i++) {
          numbers[at + i] = entry.type().next(chunk);
          if (!Double.isFinite(numbers[at + i])) {
            throw wrong(
                "the number %s in the tensor %s".formatted(numbers[at + i], Names.quote(name)),
                "finite numbers");
          }
        }
      }
    } catch (IOException e) {
      throw unreadable(path, e);
    }
    return numbers;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** Writes tensors in single precision. */
  public static void write(OutputStream out, List<Tensor> tensors) throws IOException {
    ObjectNode header = JSON.createObjectNode();
    long at = 0;
    for (Tensor tensor : tensors) {
      ObjectNode said = header.putObject(tensor.name()).put("dtype", Type.F32.name());
      tensor.shape().forEach(said.withArray("shape")::add);
      long end = at + (long) Float.BYTES * tensor.numbers().length;
      said.putArray("data_offsets").add(at).add(end);
      at = end;
    }
    byte[] text = JSON.writeValueAsBytes(header);
    // Spaces, so that numbers begin at a multiple of 8.
    int padded = (text.length + 7) / 8 * 8;
    ByteBuffer start = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
    start.putLong(padded).put(text);
    while (start.hasRemaining()) {
      start.put((byte) ' ');
    }
    out.write(start.array());
    ByteBuffer number = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (Tensor tensor : tensors) {
      for (double value : tensor.numbers()) {
        out.write(number.putFloat(0, (float) value).array());
      }
    }
  }
}
