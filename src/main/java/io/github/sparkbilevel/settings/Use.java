package io.github.sparkbilevel.settings;

import io.github.sparkbilevel.model.Losses;
import java.util.List;

/**
 * What settings are for, by which some defaults go.
 *
 * @param job a word of {@link Keys#JOBS}
 * @param family the lower-level model
 * @param guide what λ is learned from
 */
public record Use(String job, String family, Guide guide) {

  /** What λ is learned from. */
  public enum Guide {
    /** Trusted or validation rows. */
    TRUSTED_ROWS,
    /** Nothing: there are training rows alone. */
    NONE
  }

  /** With trusted or validation rows. */
  public Use(String job, String family) {
    this(job, family, Guide.TRUSTED_ROWS);
  }

  /** The same without trusted rows. */
  public Use unguided() {
    return new Use(job, family, Guide.NONE);
  }

  /** Whether there are trusted or validation rows. */
  public boolean isGuided() {
    return guide == Guide.TRUSTED_ROWS;
  }

  /** Whether the lower level is a network. */
  public boolean network() {
    return Keys.NETWORKS.contains(family);
  }

  /** Whether the label of a row is a class. */
  public boolean isOfClasses() {
    return !isOfRealLabels() && !Keys.MULTI_LABEL.equals(family);
  }

  /** Whether Spark's own estimators have the loss. */
  boolean isOfMllib(String loss) {
    return (isOfClasses() || isOfRealLabels())
        && List.of(Keys.SQUARED, Losses.CROSS_ENTROPY).contains(loss);
  }

  /** Whether labels are real numbers. */
  public boolean isOfRealLabels() {
    return Keys.LINEAR.equals(family);
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
