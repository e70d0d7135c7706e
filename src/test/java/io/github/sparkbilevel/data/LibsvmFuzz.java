package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;

/** Bytes that Jazzer makes up, as rows of libsvm: rows, or a refusal in one sentence. */
public final class LibsvmFuzz {
  private LibsvmFuzz() {}

  /** Jazzer calls it. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    Iterator<String> lines = text.lines().iterator();
    try {
      LibsvmReader.parse(0, lines, LibsvmReader.Layout.PLAIN).forEachRemaining(row -> {});
    } catch (DataException refused) {
      if (refused.getMessage().isBlank() || refused.getMessage().contains("\n")) {
        throw new IllegalStateException("no sentence: " + refused.getMessage(), refused);
      }
    }
  }
}
