package io.github.sparkbilevel.spark.checkpoint;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.spark.checkpoint.CheckpointManifest.OtherFormatException;
import io.github.sparkbilevel.spark.rows.DataFingerprint;
import java.util.TreeSet;

/**
 * Whether a checkpoint is of the run that is to go on from it; what is not names the difference.
 */
record CheckpointMatch(CheckpointPlan plan) {

  /**
   * Compares version, configuration and what was spent.
   *
   * @throws IllegalArgumentException naming the first difference
   */
  void requireSettings(CheckpointManifest manifest) {
    CheckpointPlan.Identity ours = plan.identity();
    if (!manifest.version().equals(ours.version())) {
      throw refused(
          "was written by version %s, this is version %s"
              .formatted(manifest.version(), ours.version()));
    }
    TreeSet<String> keys = new TreeSet<>(ours.configuration().keySet());
    keys.addAll(manifest.configuration().keySet());
    for (String key : keys) {
      String then = manifest.configuration().getOrDefault(key, "none");
      String now = ours.configuration().getOrDefault(key, "none");
      if (!then.equals(now)) {
        throw refused("has %s = %s, got %s".formatted(key, then, now));
      }
    }
    if (manifest.state().spent() > ours.budget()) {
      throw refused(
          "has spent %d of %s, got %d"
              .formatted(manifest.state().spent(), ours.budgetName(), ours.budget()));
    }
  }

  /**
   * Compares the rows.
   *
   * @throws DataException naming the first difference
   */
  void requireRows(CheckpointManifest manifest, DataFingerprint rows) {
    String difference = rows.differenceFrom(manifest.data());
    if (difference != null) {
      String advice =
          manifest.data().partitions() == rows.partitions()
              ? "use the same rows"
              : "set %s = %d".formatted(plan.words().partitions(), manifest.data().partitions());
      throw new DataException(sentence(difference, advice));
    }
  }

  IllegalArgumentException otherFormat(OtherFormatException e) {
    return refused(
        "is of format %s, this version reads format %d"
            .formatted(e.getMessage(), CheckpointManifest.FORMAT));
  }

  private IllegalArgumentException refused(String difference) {
    return new IllegalArgumentException(sentence(difference, "set it back"));
  }

  private String sentence(String difference, String advice) {
    return "the checkpoint in %s = %s %s; %s, %s"
        .formatted(plan.words().path(), plan.path(), difference, advice, plan.words().anew());
  }
}
