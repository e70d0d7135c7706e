package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.block.DataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of tensors, byte by byte. */
class SafetensorsTest {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("some.safetensors");
  }

  private void write(long length, String header, byte... numbers) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer all =
        ByteBuffer.allocate(8 + text.length + numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file(), all.putLong(length).put(text).put(numbers).array());
  }

  private void write(String header, byte... numbers) throws IOException {
    write(header.length(), header, numbers);
  }

  private Safetensors open() {
    return Safetensors.open(file().toString(), new Configuration());
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    IntStream.range(0, values.length).forEach(i -> bytes[i] = (byte) values[i]);
    return bytes;
  }

  /** 1 and −2.5; the least number above 0 and 65504 of half precision; 3.140625 and −1. */
  @Test
  void readsEveryType() throws IOException {
    write(
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"single\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"half\":{\"dtype\":\"F16\",\"shape\":[1,2],\"data_offsets\":[8,12]},"
            + "\"brain\":{\"dtype\":\"BF16\",\"shape\":[2,1],\"data_offsets\":[12,16]},"
            + "\"double\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[16,24]}}",
        bytes(
            0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0, 1, 0, 0xff, 0x7b, 0x49, 0x40, 0x80, 0xbf, 0, 0, 0,
            0, 0, 0, 0xe0, 0x3f));
    try (Safetensors tensors = open()) {
      assertEquals(List.of("brain", "double", "half", "single"), tensors.names());
      assertEquals(List.of(2), tensors.shape("single"));
      assertEquals(List.of(), tensors.shape("double"));
      assertArrayEquals(new double[] {1, -2.5}, tensors.numbers("single"));
      assertArrayEquals(new double[] {0x1p-24, 65504}, tensors.numbers("half"));
      assertArrayEquals(new double[] {3.140625, -1}, tensors.numbers("brain"));
      assertArrayEquals(new double[] {0.5}, tensors.numbers("double"));
    }
  }

  @Test
  void readsWhatItWrites() throws IOException {
    double[] many = IntStream.range(0, 300_001).mapToDouble(i -> (float) (i * 0.1)).toArray();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(
        out,
        List.of(
            new Safetensors.Tensor("layer1.weight", List.of(1, 300_001), many),
            new Safetensors.Tensor("layer1.bias", List.of(1), new double[] {-7})));
    Files.write(file(), out.toByteArray());
    try (Safetensors tensors = open()) {
      assertEquals(List.of(1, 300_001), tensors.shape("layer1.weight"));
      assertArrayEquals(many, tensors.numbers("layer1.weight"));
      assertArrayEquals(new double[] {-7}, tensors.numbers("layer1.bias"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a type | {\"t\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
        "no type | {\"t\":{\"shape\":[1],\"data_offsets\":[0,4]}}",
        "no tensor | {\"t\":7}",
        "too far | {\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]}}",
        "before | {\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}",
        "too few bytes | {\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
        "one offset | {\"t\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0]}}",
        "less than nothing | {\"t\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
        "a fraction | {\"t\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,6]}}",
        "huge | {\"t\":{\"dtype\":\"F32\",\"shape\":[65536,65536],\"data_offsets\":[0,8]}}",
        "wraps around |"
            + " {\"t\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}",
        "twice | {\"t\":{},\"t\":{}}",
        "no JSON | {\"t\":",
        "a list | [1, 2]",
      })
  void refusesHeaders(String what, String header) throws IOException {
    write(header, new byte[8]);
    assertRefused(what);
  }

  private void assertRefused(String what) {
    DataException e = assertThrows(DataException.class, () -> open().close(), what);
    assertTrue(e.getMessage().contains(file().getFileName().toString()), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 3, 1L << 40, -1, Long.MIN_VALUE})
  void refusesLengthsOfHeaders(long length) throws IOException {
    write(length, "{}");
    assertRefused("a header of " + length);
  }

  @Test
  void refusesEveryBeginningOfAFile() throws IOException {
    write("{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", new byte[8]);
    byte[] whole = Files.readAllBytes(file());
    for (int length = 0; length < whole.length; length++) {
      Files.write(file(), Arrays.copyOf(whole, length));
      assertRefused(length + " bytes");
    }
  }

  @Test
  void refusesNumbersThatAreNone() throws IOException {
    write("{\"t\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[0,2]}}", bytes(0xc0, 0x7f));
    try (Safetensors tensors = open()) {
      assertThrows(DataException.class, () -> tensors.numbers("t"));
    }
  }

  @Test
  void refusesAFileThatIsNotThere() {
    assertRefused("nothing");
  }
}
