package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.snapshot.Checkpoints;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.problem.snapshot.SnapshotCodec;
import io.github.sparkbilevel.problem.snapshot.StateCodec;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Checkpoints as bytes in memory, over a {@link LocalEngine}: of every iteration that is wanted.
 */
final class MemoryCheckpoints implements Checkpoints {

  /** The bytes of one checkpoint. */
  record Saved(byte[] driver, Map<String, List<byte[]>> rows, Map<String, Snapshot.Part> parts) {}

  private final LocalEngine engine;
  private final Saved from;
  private final List<Saved> offered = new ArrayList<>();
  private Saved end;

  /** Goes on from a checkpoint, or begins anew where there is none. */
  MemoryCheckpoints(LocalEngine engine, Saved from) {
    this.engine = engine;
    this.from = from;
  }

  /** One for each iteration that was offered. */
  List<Saved> offered() {
    return offered;
  }

  /** The last one. */
  Saved end() {
    return end;
  }

  @Override
  public void offer(int iteration, Snapshot state) {
    offered.add(saved(state));
  }

  @Override
  public void end(int iteration, Snapshot state) {
    end = saved(state);
  }

  private interface Writer {
    void write(DataOutputStream out) throws IOException;
  }

  private static byte[] bytes(Writer writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      writer.write(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private Saved saved(Snapshot state) {
    Map<String, List<byte[]>> rows = new LinkedHashMap<>();
    Map<String, Snapshot.Part> parts = new LinkedHashMap<>();
    state
        .allRows()
        .forEach(
            (name, kept) -> {
              parts.put(name, kept.part());
              List<byte[]> partitions = new ArrayList<>();
              for (PartitionState of : engine.states(kept.generation())) {
                partitions.add(bytes(out -> StateCodec.write(of, kept.part(), out)));
              }
              rows.put(name, partitions);
            });
    return new Saved(bytes(out -> SnapshotCodec.write(state, out)), rows, parts);
  }

  @Override
  public Optional<Snapshot> last() {
    if (from == null) {
      return Optional.empty();
    }
    try {
      Snapshot snapshot = SnapshotCodec.read(ByteBuffer.wrap(from.driver()));
      for (String name : from.rows().keySet()) {
        Snapshot.Part part = from.parts().get(name);
        List<PartitionState> states = new ArrayList<>();
        for (byte[] partition : from.rows().get(name)) {
          states.add(StateCodec.read(ByteBuffer.wrap(partition)));
        }
        snapshot.putRows(name, engine.generation(states), part);
      }
      return Optional.of(snapshot);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
