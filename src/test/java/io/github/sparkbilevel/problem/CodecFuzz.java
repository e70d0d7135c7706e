package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.problem.snapshot.SnapshotCodec;
import io.github.sparkbilevel.problem.snapshot.StateCodec;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes that Jazzer makes up, as the files of a checkpoint: read, or refused. */
public final class CodecFuzz {
  private CodecFuzz() {}

  /** Jazzer calls it. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    try {
      SnapshotCodec.read(ByteBuffer.wrap(bytes));
    } catch (IOException refused) {
      // As it should be.
    }
    try {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      while (in.hasRemaining()) {
        StateCodec.read(in);
      }
    } catch (IOException refused) {
      // As it should be.
    }
  }
}
