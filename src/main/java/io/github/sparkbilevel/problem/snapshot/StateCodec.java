package io.github.sparkbilevel.problem.snapshot;

import io.github.sparkbilevel.block.Reals;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.RowScores;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Function;

/**
 * The states of one partition as bytes: numbers and their counts, nothing else.
 *
 * <p>Predictions are kept and not computed again: a product with other columns beside it may differ
 * in the last bit.
 */
public final class StateCodec {
  private StateCodec() {}

  /** Writes what a part needs of a state. */
  public static void write(PartitionState state, Snapshot.Part part, DataOutput out)
      throws IOException {
    boolean point = part == Snapshot.Part.POINT;
    boolean forward = part == Snapshot.Part.FORWARD;
    RowOutputs[] outputs = forward ? state.outputs() : null;
    out.writeLong(state.fingerprint());
    write(point ? state.lambda() : null, out);
    write(point ? state.weights() : null, out);
    write(point ? state.seen().predictions() : null, out);
    write(forward ? blocks(outputs, RowOutputs::predictions) : null, out);
    write(forward ? blocks(outputs, RowOutputs::losses) : null, out);
    write(forward ? blocks(outputs, RowOutputs::tangents) : null, out);
    RowScores[] scores = point ? null : state.scores();
    out.writeByte(scores == null ? 0 : 1);
    if (scores != null) {
      out.writeInt(scores.length);
      for (RowScores block : scores) {
        out.writeInt(block.models());
        out.writeInt(block.chosen());
        write(block.trusted(), out);
        write(block.current(), out);
        out.writeByte(block.start() == null ? 0 : 1);
        if (block.start() != null) {
          write(block.start(), out);
        }
      }
    }
    write(part == Snapshot.Part.MEMORY ? state.memory() : null, out);
  }

  private static double[][] blocks(RowOutputs[] outputs, Function<RowOutputs, double[]> field) {
    return Arrays.stream(outputs).map(field).toArray(double[][]::new);
  }

  private static void write(double[][] blocks, DataOutput out) throws IOException {
    out.writeByte(blocks == null ? 0 : 1);
    if (blocks != null) {
      out.writeInt(blocks.length);
      for (double[] block : blocks) {
        NumberCodec.write(block, out);
      }
    }
  }

  private static void write(Reals[] blocks, DataOutput out) throws IOException {
    out.writeByte(blocks == null ? 0 : 1);
    if (blocks != null) {
      out.writeInt(blocks.length);
      for (Reals block : blocks) {
        write(block, out);
      }
    }
  }

  private static void write(Reals numbers, DataOutput out) throws IOException {
    out.writeByte(numbers.isSingle() ? 1 : 0);
    NumberCodec.write(numbers.values(), out);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException when the bytes are something else
   */
  public static PartitionState read(ByteBuffer in) throws IOException {
    if (in.remaining() < Long.BYTES) {
      throw new IOException("got the end of the file, expected a fingerprint");
    }
    long fingerprint = in.getLong();
    double[][] lambda = readBlocks(in);
    double[][] weights = readBlocks(in);
    Reals[] point = readReals(in);
    double[][] predictions = readBlocks(in);
    double[][] losses = readBlocks(in);
    double[][] tangents = readBlocks(in);
    RowOutputs[] outputs = predictions == null ? null : new RowOutputs[predictions.length];
    for (int b = 0; outputs != null && b < outputs.length; b++) {
      outputs[b] = new RowOutputs(predictions[b], of(losses, b), of(tangents, b));
    }
    RowScores[] scores = readScores(in);
    return new PartitionState(
        fingerprint,
        lambda,
        scores,
        new PartitionState.Seen(weights, point, outputs),
        readBlocks(in));
  }

  private static double[] of(double[][] blocks, int b) throws IOException {
    if (blocks != null && b >= blocks.length) {
      throw new IOException("got %d blocks, expected more".formatted(blocks.length));
    }
    return blocks == null ? null : blocks[b];
  }

  private static boolean isThere(ByteBuffer in) throws IOException {
    if (!in.hasRemaining()) {
      throw new IOException("got the end of the file, expected whether there is more");
    }
    return in.get() != 0;
  }

  private static double[][] readBlocks(ByteBuffer in) throws IOException {
    if (!isThere(in)) {
      return null;
    }
    double[][] blocks = new double[NumberCodec.readCount(in, Integer.BYTES)][];
    for (int b = 0; b < blocks.length; b++) {
      blocks[b] = NumberCodec.readNumbers(in);
    }
    return blocks;
  }

  private static Reals[] readReals(ByteBuffer in) throws IOException {
    if (!isThere(in)) {
      return null;
    }
    Reals[] blocks = new Reals[NumberCodec.readCount(in, 1 + Integer.BYTES)];
    for (int b = 0; b < blocks.length; b++) {
      blocks[b] = readNumbers(in);
    }
    return blocks;
  }

  private static Reals readNumbers(ByteBuffer in) throws IOException {
    boolean single = isThere(in);
    double[] numbers = NumberCodec.readNumbers(in);
    return single ? Reals.singles(numbers) : Reals.doubles(numbers);
  }

  private static RowScores[] readScores(ByteBuffer in) throws IOException {
    if (!isThere(in)) {
      return null;
    }
    RowScores[] scores = new RowScores[NumberCodec.readCount(in, 4 * Integer.BYTES)];
    for (int b = 0; b < scores.length; b++) {
      if (in.remaining() < 2 * Integer.BYTES) {
        throw new IOException("got the end of the file, expected row features");
      }
      int models = in.getInt();
      int chosen = in.getInt();
      Reals trusted = readNumbers(in);
      Reals current = readNumbers(in);
      Reals start = isThere(in) ? readNumbers(in) : null;
      scores[b] = new RowScores(models, trusted, chosen, current, start);
    }
    return scores;
  }
}
