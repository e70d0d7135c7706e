package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;

/** Bytes that Jazzer makes up, as a file of tensors: numbers, or a refusal in one sentence. */
public final class SafetensorsFuzz {
  private static final Configuration CONF = new Configuration();

  private SafetensorsFuzz() {}

  /** Jazzer calls it. */
  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("fuzz", ".safetensors");
    try {
      Files.write(file, bytes);
      try (Safetensors tensors = Safetensors.open(file.toString(), CONF)) {
        tensors.names().forEach(tensors::numbers);
      }
    } catch (DataException refused) {
      if (refused.getMessage().isBlank() || refused.getMessage().contains("\n")) {
        throw new IllegalStateException("no sentence: " + refused.getMessage(), refused);
      }
    } finally {
      Files.delete(file);
    }
  }
}
