package io.github.sparkbilevel.spark;

import io.github.sparkbilevel.spark.checkpoint.CheckpointManifest;
import io.github.sparkbilevel.spark.checkpoint.CheckpointManifest.OtherFormatException;
import io.github.sparkbilevel.spark.transfer.CheckedFiles;
import io.github.sparkbilevel.spark.transfer.CheckedFiles.TornException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes that Jazzer makes up, as the manifest of a checkpoint, as they are and behind a first line
 * and before a checksum that are right: read, or refused.
 */
public final class ManifestFuzz {
  private ManifestFuzz() {}

  /** Jazzer calls it. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    read(bytes);
    String first = "spark-bilevel-checkpoint " + CheckpointManifest.FORMAT + "\n";
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(first.getBytes(StandardCharsets.UTF_8));
    whole.writeBytes(bytes);
    String last = "checksum " + CheckedFiles.checksum(whole.toByteArray()) + "\n";
    whole.writeBytes(last.getBytes(StandardCharsets.UTF_8));
    read(whole.toByteArray());
  }

  private static void read(byte[] bytes) {
    try {
      CheckpointManifest manifest = CheckpointManifest.read(bytes);
      CheckpointManifest again = CheckpointManifest.read(manifest.bytes());
      // The bytes are compared, for half of a surrogate pair is written as a question mark.
      if (!Arrays.equals(manifest.bytes(), again.bytes())) {
        throw new IllegalStateException("written and read: " + Arrays.toString(bytes));
      }
    } catch (TornException | OtherFormatException refused) {
      // As it should be.
    }
  }
}
