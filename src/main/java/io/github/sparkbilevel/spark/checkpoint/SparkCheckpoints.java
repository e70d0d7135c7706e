package io.github.sparkbilevel.spark.checkpoint;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.problem.snapshot.Checkpoints;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.problem.snapshot.SnapshotCodec;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.checkpoint.CheckpointFiles.TakenException;
import io.github.sparkbilevel.spark.checkpoint.CheckpointManifest.Contents;
import io.github.sparkbilevel.spark.checkpoint.CheckpointManifest.Generation;
import io.github.sparkbilevel.spark.checkpoint.CheckpointManifest.State;
import io.github.sparkbilevel.spark.checkpoint.CheckpointReader.Found;
import io.github.sparkbilevel.spark.rows.DataFingerprint;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import io.github.sparkbilevel.spark.transfer.CheckedFiles;
import io.github.sparkbilevel.spark.transfer.CheckedFiles.FileSum;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkpoints of a run on Spark, as files of a Hadoop file system.
 *
 * <p>A run writes one after the warm-up, every so many iterations, after the last one, and when the
 * process is told to end. It keeps the last two, and the one that it resumed from. A checkpoint
 * that cannot be written is a warning; one that cannot be read is passed over for the one before. A
 * checkpoint of other rows, of other settings or of another version is refused: the result would be
 * that of neither run.
 *
 * <p>Nothing locks the folder. Checkpoints are numbered, and a number is written once: a run that
 * finds the next one there knows that another run uses the folder, and ends.
 *
 * <p>Life cycle: {@link #open} before the first pass; {@link #removeAll} when the result is safe.
 */
public final class SparkCheckpoints implements Checkpoints {
  private static final Logger LOG = LoggerFactory.getLogger(SparkCheckpoints.class);
  private static final int KEPT = 2;

  /** When a checkpoint is written. */
  private enum Moment {
    ITERATION,
    END,
    /** The process is about to end. */
    CUT
  }

  private final CheckpointPlan plan;
  private final CheckpointFiles files;
  private final DataFingerprint data;
  private final RowFiles rowFiles;

  /** The lineages that other runs left, of no use once this run has written a checkpoint. */
  private final List<Path> leftLineages;

  /** The newest number that this run knows to be used or has tried to use; 0 before the first. */
  private int newest;

  private Optional<Integer> resumedFrom = Optional.empty();
  private Optional<Integer> savedIteration = Optional.empty();
  private boolean hasEnded;
  private int offeredIteration;
  private Snapshot offered;

  private SparkCheckpoints(
      CheckpointPlan plan, SparkEngine engine, CheckpointFiles files, DataFingerprint data)
      throws IOException {
    this.plan = plan;
    this.files = files;
    this.data = data;
    this.rowFiles = new RowFiles(engine);
    this.leftLineages = files.lineagesOfOthers(engine.context().getCheckpointDir().orElse(""));
  }

  /** A folder, in that of the checkpoints, for the files by which Spark cuts lineages. */
  public static String lineageFolder(String path) {
    return CheckpointFiles.newLineage(new Path(path)).toString();
  }

  /**
   * Refuses a checkpoint of other settings before there are rows to compare.
   *
   * @throws IllegalArgumentException if the newest whole one is of another version or configuration
   */
  public static void requireUsable(CheckpointPlan plan, Configuration conf) {
    if (!plan.resume()) {
      return;
    }
    try {
      new CheckpointReader(plan, CheckpointFiles.at(plan.path(), conf)).requireSettings();
    } catch (IOException | UnsupportedOperationException e) {
      // What is wrong with the folder is said when it is opened.
      LOG.debug("the checkpoints in {} cannot be read yet", plan.path(), e);
    }
  }

  /**
   * Sets up the checkpoints of a run; reads the cached rows once.
   *
   * @throws IllegalArgumentException if the folder cannot be used
   */
  public static SparkCheckpoints open(
      CheckpointPlan plan, SparkEngine engine, PartitionedData data) {
    try {
      CheckpointFiles files =
          CheckpointFiles.at(plan.path(), engine.context().hadoopConfiguration());
      files.probe();
      SparkCheckpoints made = new SparkCheckpoints(plan, engine, files, DataFingerprint.of(data));
      made.look();
      return made;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s = %s cannot be used: %s; try a folder on a file system that Spark reaches"
              .formatted(plan.words().path(), plan.path(), CheckedFiles.reason(e)),
          e);
    }
  }

  /** Takes note of the checkpoints that are there. */
  private List<Integer> look() throws IOException {
    List<Integer> numbers = files.numbers();
    newest = numbers.isEmpty() ? 0 : numbers.get(0);
    return numbers;
  }

  /**
   * The newest whole checkpoint.
   *
   * @throws IllegalArgumentException if it is of another version or configuration
   * @throws DataException if it is of other rows
   */
  @Override
  public Optional<Snapshot> last() {
    if (!plan.resume()) {
      return Optional.empty();
    }
    try {
      List<Integer> numbers = look();
      Optional<Found> found = new CheckpointReader(plan, files).newest(numbers, data, rowFiles);
      found.ifPresent(this::resume);
      if (found.isEmpty() && !numbers.isEmpty()) {
        plan.listener()
            .warn("%s holds no whole checkpoint: the run begins anew".formatted(folder()));
      }
      return found.map(Found::snapshot);
    } catch (IOException e) {
      throw new UncheckedIOException("could not read the checkpoints of " + folder(), e);
    }
  }

  private void resume(Found found) {
    resumedFrom = Optional.of(found.number());
    savedIteration = Optional.of(found.state().iteration());
    hasEnded = found.state().ended();
    plan.listener().resumed(found.state().iteration());
  }

  /** The setting of the folder, and the folder. */
  private String folder() {
    return plan.words().path() + " = " + plan.path();
  }

  @Override
  public void offer(int iteration, Snapshot state) {
    offeredIteration = iteration;
    offered = state;
    if (iteration % plan.interval() == 0 && !isSaved()) {
      save(Moment.ITERATION);
    }
  }

  private boolean isSaved() {
    return savedIteration.equals(Optional.of(offeredIteration));
  }

  @Override
  public void end(int iteration, Snapshot state) {
    offeredIteration = iteration;
    offered = state;
    if (!hasEnded) {
      save(Moment.END);
    }
    offered = null;
  }

  @Override
  public void cut() {
    if (offered != null && !isSaved() && plan.listener().isEnding()) {
      plan.listener().beforeEnd(() -> save(Moment.CUT));
    }
    offered = null;
  }

  /**
   * Writes a checkpoint of what was offered last.
   *
   * @throws IllegalArgumentException if another run uses the folder
   */
  private void save(Moment moment) {
    Path states = files.newStates(newest + 1);
    long start = System.nanoTime();
    try {
      files.requireNoneAfter(newest);
      CheckpointManifest manifest = write(states, moment);
      files.commit(newest + 1, manifest);
      LOG.debug(
          "checkpoint after iteration {}: {} bytes, {} ms",
          offeredIteration,
          manifest.contents().files().stream().mapToLong(FileSum::length).sum(),
          (System.nanoTime() - start) / 1_000_000);
    } catch (Exception e) {
      discard(states);
      report(moment, e);
      newest++; // What came of the manifest is not known if its creation failed.
      return;
    }
    newest++;
    savedIteration = Optional.of(offeredIteration);
    plan.listener().saved(offeredIteration);
    prune();
  }

  /** Writes all but the manifest of a checkpoint. */
  private CheckpointManifest write(Path states, Moment moment) throws IOException {
    Snapshot state = offered;
    List<FileSum> sums = new ArrayList<>();
    sums.add(files.writeDriver(states, out -> SnapshotCodec.write(state, out)));
    List<Generation> generations = new ArrayList<>();
    for (Map.Entry<String, Snapshot.Rows> entry : new TreeMap<>(state.allRows()).entrySet()) {
      sums.addAll(rowFiles.write(states, generations.size(), entry.getValue(), offeredIteration));
      generations.add(new Generation(entry.getKey(), entry.getValue().part()));
    }
    int budget = plan.identity().budget();
    return new CheckpointManifest(
        new State(offeredIteration, state.integer("spent"), budget, moment == Moment.END),
        plan.identity().version(),
        plan.identity().configuration(),
        data,
        new Contents(states.getName(), generations, sums));
  }

  private void discard(Path states) {
    try {
      files.removeStates(states);
    } catch (IOException e) {
      LOG.debug("{} stays until a later checkpoint is written", states, e);
    }
  }

  /** Ends a run that shares the folder with another; warns of any other failure. */
  private void report(Moment moment, Exception failure) {
    Optional<TakenException> taken = taken(failure);
    if (taken.isPresent()) {
      String sentence =
          "%s is in use by another run, which wrote %s; wait for its end, or take another folder"
              .formatted(folder(), taken.get().getMessage());
      if (moment != Moment.CUT) {
        throw new IllegalArgumentException(sentence, failure);
      }
      plan.listener().warn(sentence);
    } else if (moment == Moment.CUT || !plan.listener().isEnding()) {
      // What the end of the process interrupts is tried again when the loop has been cut.
      plan.listener()
          .warn(
              "no checkpoint was written after iteration %d: %s; the run goes on without"
                  .formatted(offeredIteration, CheckedFiles.reason(failure)));
    }
  }

  /** Whether another run is behind a failure: it also removes the files of numbers it has taken. */
  private Optional<TakenException> taken(Exception failure) {
    try {
      if (failure instanceof TakenException found) {
        return Optional.of(found);
      }
      files.requireNoneAfter(newest);
    } catch (TakenException found) {
      return Optional.of(found);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
    return Optional.empty();
  }

  /** Removes what nobody resumes from any more. */
  private void prune() {
    try {
      List<Integer> numbers = files.numbers();
      Set<Integer> kept = new HashSet<>(numbers.subList(0, Math.min(KEPT, numbers.size())));
      resumedFrom.ifPresent(kept::add);
      files.prune(newest, kept);
      removeLineages();
    } catch (IOException e) {
      LOG.debug("earlier checkpoints in {} could not be removed", plan.path(), e);
    }
  }

  private void removeLineages() throws IOException {
    for (Path lineage : leftLineages) {
      files.removeLineage(lineage);
    }
    leftLineages.clear();
  }

  /**
   * Removes all checkpoints of the folder, since the result is safe; none if another run has
   * written a newer one.
   */
  public void removeAll() {
    try {
      files.requireNoneAfter(newest);
      files.prune(newest, Set.of());
      removeLineages();
    } catch (TakenException e) {
      LOG.debug("another run uses {}: its checkpoints stay", plan.path(), e);
    } catch (IOException e) {
      plan.listener()
          .warn(
              "the checkpoints in %s could not be removed: %s"
                  .formatted(folder(), CheckedFiles.reason(e)));
    }
  }
}
