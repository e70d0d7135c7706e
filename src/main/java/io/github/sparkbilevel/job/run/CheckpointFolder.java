package io.github.sparkbilevel.job.run;

import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.spark.checkpoint.SparkCheckpoints;
import java.io.IOException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;

/**
 * Where the lineage of λ beside the rows, or of row features in a long run, is cut by files: in
 * {@code checkpoint.path}, or else a folder among the unfinished outputs that is gone before they
 * are committed.
 *
 * @param temporary the folder to delete at the end, or null
 */
public record CheckpointFolder(SparkContext context, Path temporary) implements AutoCloseable {
  private static final int FEW_REFRESHES = 20;

  public static CheckpointFolder open(JobContext job) {
    SparkContext context = job.spark().sparkContext();
    boolean besideRows =
        job.config().upper().variables().contains(Keys.EXAMPLE_WEIGHTS)
            || job.config().job().equals(Keys.ARENA);
    int refreshes = job.config().solver().iterations() / job.config().upper().refresh();
    if (!besideRows && refreshes <= FEW_REFRESHES) {
      // What lies beside the rows depends on a few passes, one more for each refresh of the
      // features.
      return new CheckpointFolder(context, null);
    }
    if (job.config().checkpoint().path().isPresent()) {
      String lineage = SparkCheckpoints.lineageFolder(job.config().checkpoint().path().get());
      context.setCheckpointDir(lineage);
      return new CheckpointFolder(context, new Path(lineage));
    }
    Path temporary = job.output().path("_checkpoint");
    context.setCheckpointDir(temporary.toString());
    return new CheckpointFolder(context, temporary);
  }

  @Override
  public void close() throws IOException {
    if (temporary != null) {
      temporary.getFileSystem(context.hadoopConfiguration()).delete(temporary, true);
    }
  }
}
