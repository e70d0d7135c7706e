package io.github.sparkbilevel.spark.checkpoint;

import java.util.Map;

/**
 * Where a run leaves its checkpoints, and which ones it goes on from.
 *
 * @param path a folder on storage that every executor reaches
 * @param interval iterations from one checkpoint to the next, 1 or more
 * @param resume whether to go on from the last checkpoint
 * @param identity what a checkpoint must be of for the run to go on from it
 * @param words how the user is told what to do
 * @param listener told what becomes of the checkpoints
 */
public record CheckpointPlan(
    String path, int interval, boolean resume, Identity identity, Words words, Listener listener) {

  /**
   * What a run is, but for its rows.
   *
   * @param version of the program
   * @param configuration every setting that the result depends on, by its name
   * @param budgetName the setting that limits the iterations, which may be raised
   * @param budget its value
   */
  public record Identity(
      String version, Map<String, String> configuration, String budgetName, int budget) {}

  /**
   * Names of settings.
   *
   * @param path the setting of the folder
   * @param partitions the setting of the number of partitions
   * @param anew what to do to begin anew
   */
  public record Words(String path, String partitions, String anew) {}

  /** Told of checkpoints, on the driver's thread, and asked about the end of the process. */
  public interface Listener {

    /** The run goes on from a checkpoint. */
    default void resumed(int iteration) {}

    /** A checkpoint was written. */
    default void saved(int iteration) {}

    /** Something that the user should know, in one sentence. */
    void warn(String sentence);

    /** Whether the process has been told to end. */
    default boolean isEnding() {
      return false;
    }

    /**
     * Runs what is to be done before the process ends, whose Spark jobs are not to be cancelled.
     */
    default void beforeEnd(Runnable save) {
      save.run();
    }
  }
}
