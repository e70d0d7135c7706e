package io.github.sparkbilevel.settings;

/**
 * What settings are for, by which some defaults go.
 *
 * @param job a word of {@link Keys#JOBS}
 * @param family the lower-level model
 */
public record Use(String job, String family) {

  /** Whether the lower level is a network. */
  public boolean network() {
    return Keys.NETWORKS.contains(family);
  }

  /** Whether wrong labels are found, alone or beside others. */
  public boolean cleans() {
    return job.equals(Keys.CLEAN) || job.equals(Keys.ARENA);
  }

  /** Whether penalties are tuned, or algorithms that tune them compared. */
  public boolean tunes() {
    return job.equals(Keys.TUNE) || job.equals(Keys.BENCHMARK);
  }
}
