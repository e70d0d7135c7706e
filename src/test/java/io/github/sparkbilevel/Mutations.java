package io.github.sparkbilevel;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Files that are nearly right: bytes of a whole one, some of which are changed. */
public final class Mutations {
  private static final List<String> WORDS =
      List.of(
          "\"",
          ",",
          "\n",
          "\r",
          ":",
          "\u0000",
          "#",
          "-",
          "nan",
          "1e999",
          "99999999999",
          "\uFEFF",
          "0 2147483647:1",
          "\"\"\"",
          "{",
          "}",
          "[",
          "${",
          "=",
          "\\",
          " ",
          "\t",
          "λ");

  private Mutations() {}

  /** Changes a few bytes, each in one of seven ways. */
  public static byte[] of(byte[] whole, long seed) {
    Random random = new Random(seed);
    byte[] bytes = whole.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      bytes = changed(bytes, random);
    }
    return bytes;
  }

  private static byte[] changed(byte[] bytes, Random random) {
    int at = random.nextInt(bytes.length + 1);
    int until = Math.min(bytes.length, at + 1 + random.nextInt(40));
    byte[] piece = Arrays.copyOfRange(bytes, at, until);
    switch (random.nextInt(7)) {
      case 0:
        return Arrays.copyOf(bytes, at);
      case 1:
        return joined(bytes, at, new byte[0], until);
      case 2:
        return joined(bytes, at, piece, at);
      case 3:
        return joined(bytes, at, word(random), at);
      case 4:
        return joined(bytes, at, word(random), until);
      case 5:
        random.nextBytes(piece);
        return joined(bytes, at, piece, until);
      default:
        byte[] flipped = bytes.clone();
        if (at < bytes.length) {
          flipped[at] ^= (byte) (1 << random.nextInt(8));
        }
        return flipped;
    }
  }

  private static byte[] word(Random random) {
    return WORDS.get(random.nextInt(WORDS.size())).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] joined(byte[] bytes, int end, byte[] between, int begin) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    joined.write(bytes, 0, end);
    joined.writeBytes(between);
    joined.write(bytes, begin, bytes.length - begin);
    return joined.toByteArray();
  }
}
