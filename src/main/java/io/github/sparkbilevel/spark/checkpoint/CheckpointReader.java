package io.github.sparkbilevel.spark.checkpoint;

import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.problem.snapshot.SnapshotCodec;
import io.github.sparkbilevel.spark.checkpoint.CheckpointManifest.OtherFormatException;
import io.github.sparkbilevel.spark.checkpoint.CheckpointManifest.State;
import io.github.sparkbilevel.spark.rows.DataFingerprint;
import io.github.sparkbilevel.spark.transfer.CheckedFiles.TornException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Finds the checkpoint that a run resumes from: the newest whole one, which must be of the same
 * rows, settings and version.
 */
final class CheckpointReader {
  private final CheckpointPlan plan;
  private final CheckpointFiles files;
  private final CheckpointMatch match;

  CheckpointReader(CheckpointPlan plan, CheckpointFiles files) {
    this.plan = plan;
    this.files = files;
    this.match = new CheckpointMatch(plan);
  }

  /** A checkpoint to resume from. */
  record Found(int number, State state, Snapshot snapshot) {}

  /**
   * Refuses a checkpoint of other settings before there are rows to compare.
   *
   * @throws IllegalArgumentException if the newest whole one is of another version or configuration
   */
  void requireSettings() throws IOException {
    for (int number : files.numbers()) {
      try {
        match.requireSettings(files.manifest(number));
        return;
      } catch (OtherFormatException e) {
        throw match.otherFormat(e);
      } catch (TornException e) {
        // The run will pass it over too, and say so.
      }
    }
  }

  /**
   * Reads the newest whole checkpoint.
   *
   * @param numbers the checkpoints that there are, the newest first
   * @throws IllegalArgumentException if it is of another version or configuration
   * @throws io.github.sparkbilevel.block.DataException if it is of other rows
   */
  Optional<Found> newest(List<Integer> numbers, DataFingerprint data, RowFiles rows)
      throws IOException {
    for (int number : numbers) {
      try {
        CheckpointManifest manifest = files.manifest(number);
        match.requireSettings(manifest);
        match.requireRows(manifest, data);
        State state = manifest.state();
        if (!state.ended() || state.budget() == plan.identity().budget()) {
          return Optional.of(new Found(number, state, snapshot(manifest, rows)));
        }
        // The budget may have cut the last search short: the one before knows nothing of it.
      } catch (OtherFormatException e) {
        throw match.otherFormat(e);
      } catch (TornException e) {
        plan.listener()
            .warn(
                "the checkpoint %s is passed over: %s"
                    .formatted(CheckpointFiles.name(number), e.getMessage()));
      }
    }
    return Optional.empty();
  }

  private Snapshot snapshot(CheckpointManifest manifest, RowFiles rows) throws IOException {
    byte[] driver = files.readDriver(manifest);
    Snapshot snapshot;
    try {
      snapshot = SnapshotCodec.read(ByteBuffer.wrap(driver));
    } catch (IOException e) {
      throw new TornException("what the driver wrote cannot be read: " + e.getMessage());
    }
    rows.read(files.states(manifest), manifest.contents(), snapshot);
    return snapshot;
  }
}
