package io.github.sparkbilevel.data;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;

/** Character encodings of text files. */
final class TextEncoding {
  /** UTF-16 has a zero byte in nearly every ASCII character; text has no more than a few others. */
  private static final double MOST = 0.7;

  private static final double FEW = 0.05;

  private TextEncoding() {}

  /** Whether this machine knows the encoding. */
  static boolean isKnown(String name) {
    try {
      return Charset.isSupported(name);
    } catch (IllegalCharsetNameException e) {
      return false;
    }
  }

  /** The encoding that is set, or the one that the first bytes show, or UTF-8. */
  static Charset of(byte[] head, TextOptions options) {
    Charset shown = wide(head);
    String name = options.text(TextOptions.ENCODING);
    if (name == null) {
      return shown == null ? StandardCharsets.UTF_8 : shown;
    }
    Charset given = Charset.forName(name);
    // UTF-16 without a byte order mark may be of either order.
    return given.equals(StandardCharsets.UTF_16) && shown != null ? shown : given;
  }

  /** UTF-16 or UTF-32 by the byte order mark or by the zero bytes; null for anything else. */
  static Charset wide(byte[] head) {
    if (startsWith(head, 0xff, 0xfe, 0, 0) || startsWith(head, 0, 0, 0xfe, 0xff)) {
      return Charset.forName("UTF-32");
    }
    if (startsWith(head, 0xff, 0xfe) || startsWith(head, 0xfe, 0xff)) {
      return StandardCharsets.UTF_16;
    }
    int pairs = head.length / 2;
    int first = 0;
    int second = 0;
    for (int i = 0; i < pairs; i++) {
      first += head[2 * i] == 0 ? 1 : 0;
      second += head[2 * i + 1] == 0 ? 1 : 0;
    }
    if (pairs < 2 || Math.max(first, second) < MOST * pairs) {
      return null;
    }
    if (Math.min(first, second) > FEW * pairs) {
      return null;
    }
    return first > second ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_16LE;
  }

  private static boolean startsWith(byte[] head, int... mark) {
    for (int i = 0; i < mark.length; i++) {
      if (head.length <= i || (head[i] & 0xff) != mark[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether a line break is the byte 10 and nothing else, so that a file can be split anywhere. */
  static boolean hasPlainLines(Charset charset) {
    if (!charset.canEncode()) {
      return false;
    }
    byte[] line = "a\n".getBytes(charset);
    return line.length == 2 && line[0] == 'a' && line[1] == '\n';
  }

  /** The text of some bytes, or null where they are none in this encoding. */
  static String decode(byte[] bytes, int length, Charset charset) {
    int i = 0;
    while (i < length && bytes[i] >= 0) {
      i++;
    }
    if (i == length) {
      return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }
    try {
      return charset
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** Text without the byte order mark that some programs put in front. */
  static String withoutMark(String line) {
    return !line.isEmpty() && line.charAt(0) == '\uFEFF' ? line.substring(1) : line;
  }
}
