package io.github.sparkbilevel.spark;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.problem.Checkpoints;
import io.github.sparkbilevel.problem.Snapshot;
import io.github.sparkbilevel.problem.SnapshotCodec;
import io.github.sparkbilevel.spark.CheckpointFiles.TornException;
import io.github.sparkbilevel.spark.CheckpointManifest.FileSum;
import io.github.sparkbilevel.spark.CheckpointManifest.OtherFormatException;
import io.github.sparkbilevel.spark.CheckpointManifest.State;
import io.github.sparkbilevel.spark.CheckpointOwner.InUseException;
import io.github.sparkbilevel.spark.CheckpointOwner.Rhythm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkpoints of a run on Spark, as files of a Hadoop file system.
 *
 * <p>One is written after the warm-up, every so many iterations, after the last one, and when the
 * process is told to end; the last two are kept, and the one that the run went on from. A
 * checkpoint that cannot be written is a warning, one that cannot be read makes way for the one
 * before. One of other rows, settings or another version is refused: what would come of it is
 * neither run's result.
 *
 * <p>Life cycle: made before the first pass, which claims the folder for this run; given up when it
 * or the engine is closed; {@link #removeAll} when the result is safe.
 */
public final class SparkCheckpoints implements Checkpoints, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SparkCheckpoints.class);
  private static final int KEPT = 2;

  private final CheckpointPlan plan;
  private final CheckpointFiles files;
  private final DataFingerprint data;
  private final RowFiles rowFiles;
  private final CheckpointMatch match;

  private int next;
  private int resumedFrom = -1;
  private int lastIteration = -1;
  private boolean hasEnded;
  private int offeredIteration;
  private Snapshot offered;
  private CheckpointOwner owner;
  private boolean lost;

  private SparkCheckpoints(
      CheckpointPlan plan,
      SparkEngine engine,
      CheckpointFiles files,
      CheckpointOwner owner,
      DataFingerprint data) {
    this.plan = plan;
    this.files = files;
    this.owner = owner;
    this.data = data;
    this.rowFiles = new RowFiles(engine);
    this.match = new CheckpointMatch(plan);
  }

  /** A folder, in that of the checkpoints, for the files by which Spark cuts lineages. */
  public static String lineageFolder(String path) {
    return CheckpointFiles.newLineage(new Path(path)).toString();
  }

  /**
   * Refuses a checkpoint of other settings, and a folder that another run uses, before there are
   * rows to compare.
   *
   * @throws IllegalArgumentException when the newest whole one is of another version or
   *     configuration, or another run uses the folder
   */
  public static void requireUsable(CheckpointPlan plan, Configuration conf) {
    try {
      CheckpointFiles files = CheckpointFiles.at(plan.path(), conf);
      files.requireFree();
      if (!plan.resume()) {
        return;
      }
      for (int number : files.whole()) {
        if (isOfSameSettings(files, number, new CheckpointMatch(plan))) {
          return;
        }
      }
    } catch (InUseException e) {
      throw inUse(plan, e);
    } catch (IOException | UnsupportedOperationException e) {
      // What is wrong with the folder is said when it is opened.
      LOG.debug("the checkpoints in {} cannot be read yet", plan.path(), e);
    }
  }

  private static boolean isOfSameSettings(CheckpointFiles files, int number, CheckpointMatch match)
      throws IOException {
    try {
      match.requireSettings(files.manifest(number));
      return true;
    } catch (OtherFormatException e) {
      throw match.otherFormat(e);
    } catch (TornException e) {
      return false;
    }
  }

  /**
   * Sets up the checkpoints of a run; reads the cached rows once.
   *
   * @throws IllegalArgumentException when the folder cannot be used
   */
  public static SparkCheckpoints open(
      CheckpointPlan plan, SparkEngine engine, PartitionedData data) {
    return open(plan, engine, data, Rhythm.USUAL);
  }

  static SparkCheckpoints open(
      CheckpointPlan plan, SparkEngine engine, PartitionedData data, Rhythm rhythm) {
    CheckpointOwner owner = null;
    try {
      CheckpointFiles files =
          CheckpointFiles.at(plan.path(), engine.context().hadoopConfiguration());
      owner = claim(plan, files, rhythm);
      files.probe();
      files.removeUnfinished();
      files.removeLineages(engine.context().getCheckpointDir().orElse(""));
      SparkCheckpoints made =
          new SparkCheckpoints(plan, engine, files, owner, DataFingerprint.of(data));
      List<Integer> whole = files.whole();
      made.next = whole.isEmpty() ? 1 : whole.get(0) + 1;
      engine.beforeClose(made::close);
      owner = null;
      return made;
    } catch (InUseException e) {
      throw inUse(plan, e);
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s = %s cannot be used: %s; try a folder on a file system that Spark reaches"
              .formatted(plan.words().path(), plan.path(), CheckpointFiles.reason(e)),
          e);
    } finally {
      if (owner != null) {
        owner.close();
      }
    }
  }

  private static CheckpointOwner claim(CheckpointPlan plan, CheckpointFiles files, Rhythm rhythm)
      throws IOException, InUseException {
    return files.claim(
        rhythm,
        what ->
            plan.listener().warn("%s = %s %s".formatted(plan.words().path(), plan.path(), what)));
  }

  private static IllegalArgumentException inUse(CheckpointPlan plan, InUseException e) {
    return new IllegalArgumentException(
        "%s = %s is in use by %s; wait for its end, or take another folder"
            .formatted(plan.words().path(), plan.path(), e.getMessage()),
        e);
  }

  /**
   * The newest whole checkpoint.
   *
   * @throws IllegalArgumentException when it is of another version or configuration
   * @throws DataException when it is of other rows
   */
  @Override
  public Optional<Snapshot> last() {
    if (!plan.resume()) {
      return Optional.empty();
    }
    try {
      List<Integer> whole = files.whole();
      for (int number : whole) {
        Optional<Snapshot> found = read(number);
        if (found.isPresent()) {
          return found;
        }
      }
      if (!whole.isEmpty()) {
        plan.listener()
            .warn("%s = %s holds no whole checkpoint: the run begins anew".formatted(name(), at()));
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(
          "could not read the checkpoints of %s = %s".formatted(name(), at()), e);
    }
  }

  private String name() {
    return plan.words().path();
  }

  private String at() {
    return plan.path();
  }

  private Optional<Snapshot> read(int number) throws IOException {
    try {
      CheckpointManifest manifest = files.manifest(number);
      match.requireSettings(manifest);
      match.requireRows(manifest, data);
      State state = manifest.state();
      if (state.ended() && state.budget() != plan.identity().budget()) {
        // The budget may have cut the last search short: the one before knows nothing of it.
        return Optional.empty();
      }
      FileSum driver = manifest.files().get(0);
      Snapshot snapshot = snapshot(files.driver(number, driver));
      rowFiles.read(files.folder(number), manifest, snapshot);
      resumedFrom = number;
      lastIteration = state.iteration();
      hasEnded = state.ended();
      plan.listener().resumed(state.iteration());
      return Optional.of(snapshot);
    } catch (OtherFormatException e) {
      throw match.otherFormat(e);
    } catch (TornException e) {
      warnOfTorn(number, e);
      return Optional.empty();
    }
  }

  private static Snapshot snapshot(byte[] driver) throws TornException {
    try {
      return SnapshotCodec.read(ByteBuffer.wrap(driver));
    } catch (IOException e) {
      throw new TornException(CheckpointFiles.DRIVER + " cannot be read: " + e.getMessage());
    }
  }

  private void warnOfTorn(int number, IOException e) {
    plan.listener()
        .warn(
            "the checkpoint %s is passed over: %s"
                .formatted(files.folder(number).getName(), CheckpointFiles.reason(e)));
  }

  @Override
  public void offer(int iteration, Snapshot state) {
    offeredIteration = iteration;
    offered = state;
    if (iteration % plan.interval() == 0 && iteration != lastIteration) {
      tryToSave(false, false);
    }
  }

  @Override
  public void end(int iteration, Snapshot state) {
    offeredIteration = iteration;
    offered = state;
    if (!hasEnded) {
      tryToSave(true, false);
    }
    offered = null;
  }

  @Override
  public void cut() {
    if (offered != null && offeredIteration != lastIteration && plan.listener().isEnding()) {
      plan.listener().beforeEnd(() -> tryToSave(false, true));
    }
    offered = null;
  }

  /**
   * Writes a checkpoint of what was offered last.
   *
   * @param isLast whether the process is about to end
   */
  private void tryToSave(boolean ended, boolean isLast) {
    if (!isOurs()) {
      return;
    }
    Path folder = files.writing(next);
    long start = System.nanoTime();
    try {
      long bytes = save(folder, ended);
      LOG.debug(
          "checkpoint after iteration {}: {} bytes, {} ms",
          offeredIteration,
          bytes,
          (System.nanoTime() - start) / 1_000_000);
      lastIteration = offeredIteration;
      plan.listener().saved(offeredIteration);
      prune();
    } catch (Exception e) {
      // What the end of the process has cut short is tried again when the loop has ended.
      if (isLast || !plan.listener().isEnding()) {
        plan.listener()
            .warn(
                "no checkpoint was written after iteration %d: %s; the run goes on without"
                    .formatted(offeredIteration, CheckpointFiles.reason(e)));
      }
      try {
        files.remove(folder);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
    }
  }

  /** Whether the folder is still this run's: one that was thought dead may have lost it. */
  private boolean isOurs() {
    if (!lost && owner.isTaken()) {
      lost = true;
      plan.listener()
          .warn(
              "%s = %s was claimed by another run; this one goes on without checkpoints"
                  .formatted(name(), at()));
    }
    return !lost;
  }

  /** Writes what was offered last; gives its bytes. */
  private long save(Path folder, boolean ended) throws IOException {
    files.make(folder);
    List<String> names = new ArrayList<>();
    List<Snapshot.Part> parts = new ArrayList<>();
    List<FileSum> sums = new ArrayList<>();
    Snapshot state = offered;
    sums.add(files.write(folder, CheckpointFiles.DRIVER, out -> SnapshotCodec.write(state, out)));
    for (Map.Entry<String, Snapshot.Rows> entry : new TreeMap<>(offered.allRows()).entrySet()) {
      sums.addAll(rowFiles.write(folder, names.size(), entry.getValue(), offeredIteration));
      names.add(entry.getKey());
      parts.add(entry.getValue().part());
    }
    int spent = offered.integer("spent");
    CheckpointManifest manifest =
        new CheckpointManifest(
            new State(offeredIteration, spent, plan.identity().budget(), ended),
            plan.identity().version(),
            plan.identity().configuration(),
            data,
            parts,
            names,
            sums);
    files.write(folder, CheckpointFiles.MANIFEST, out -> out.write(manifest.bytes()));
    files.commit(folder, next);
    next++;
    return sums.stream().mapToLong(FileSum::length).sum();
  }

  /** Removes all but the last two, and the one that this run still reads. */
  private void prune() throws IOException {
    List<Integer> whole = files.whole();
    for (int number : whole.subList(Math.min(KEPT, whole.size()), whole.size())) {
      if (number != resumedFrom) {
        files.remove(files.folder(number));
      }
    }
  }

  /**
   * Removes all checkpoints of the folder, unless another run has claimed it: what they could save
   * is saved.
   */
  public void removeAll() {
    if (!isOurs()) {
      return;
    }
    try {
      // It may have been closed, and another run come before.
      owner = owner.isReleased() ? claim(plan, files, Rhythm.USUAL) : owner;
      files.removeUnfinished();
      for (int number : files.whole()) {
        files.remove(files.folder(number));
      }
    } catch (InUseException e) {
      lost = true;
    } catch (IOException e) {
      plan.listener()
          .warn(
              "the checkpoints in %s = %s could not be removed: %s"
                  .formatted(name(), at(), CheckpointFiles.reason(e)));
    } finally {
      owner.close();
    }
  }

  /** Gives the folder up; the checkpoints stay. May be called again. */
  @Override
  public void close() {
    owner.close();
  }
}
