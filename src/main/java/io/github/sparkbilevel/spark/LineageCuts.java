package io.github.sparkbilevel.spark;

import io.github.sparkbilevel.problem.pass.Combination;
import io.github.sparkbilevel.problem.pass.PassOutput;
import io.github.sparkbilevel.spark.transfer.CheckedFiles;
import io.github.sparkbilevel.spark.transfer.OrderedSum;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the lineages of generations were cut by files, and the files while they are needed. */
final class LineageCuts {
  private static final Logger LOG = LoggerFactory.getLogger(LineageCuts.class);

  /** The class of Spark that writes an RDD to the checkpoint folder. */
  private static final String WRITES_CHECKPOINTS = "org.apache.spark.rdd.ReliableCheckpointRDD";

  private final JavaSparkContext context;
  private final OrderedSum reduce = new OrderedSum();
  private final List<Cut> cuts = new ArrayList<>();
  private boolean warned;

  LineageCuts(JavaSparkContext context) {
    this.context = context;
  }

  /** A generation whose lineage is a file, and how many that live go back to it. */
  static final class Cut {
    private final JavaRDD<?> rdd;
    private int live;

    private Cut(JavaRDD<?> rdd) {
      this.rdd = rdd;
    }

    /** One more generation goes back to it. */
    void join() {
      live++;
    }

    /** One generation less goes back to it; the files stay for now. */
    void leave() {
      live--;
    }
  }

  /** Cuts a lineage with the first job that computes the generation. */
  Cut cut(JavaRDD<?> outputs) {
    outputs.checkpoint();
    Cut fresh = new Cut(outputs);
    cuts.add(fresh);
    return fresh;
  }

  /**
   * What the numbers of a pass come to. A lineage that cannot be cut, as on a full disk, stays as
   * it is: that costs time when an executor is lost, and no more.
   */
  <T extends Serializable> double[] combined(
      JavaRDD<PassOutput<T>> outputs, Combination combination) {
    try {
      return reduce.of(outputs, combination);
    } catch (Throwable e) {
      // Spark's checked exceptions are not declared, and Hadoop tells of a full disk by an error.
      if (!couldNotBeCut(e)) {
        throw e;
      }
      deleteCut(outputs);
      if (!warned) {
        warned = true;
        LOG.warn(
            "the states beside the rows could not be written to {} ({}); the run goes on, and takes"
                + " longer when an executor is lost",
            context.getCheckpointDir().orElse("the checkpoint folder"),
            CheckedFiles.reason(e));
      }
      // They are cached, and Spark writes them once only.
      return reduce.of(outputs, combination);
    }
  }

  /** Whether it was thrown while Spark wrote to its checkpoint folder, by the file system. */
  private static boolean couldNotBeCut(Throwable thrown) {
    boolean written =
        Arrays.stream(thrown.getStackTrace())
            .anyMatch(at -> at.getClassName().startsWith(WRITES_CHECKPOINTS));
    String text = String.valueOf(thrown.getMessage());
    boolean byFiles = text.contains("IOException") || text.contains("FSError");
    Throwable cause = thrown;
    for (int depth = 0; cause != null && !byFiles && depth < CheckedFiles.MOST_CAUSES; depth++) {
      byFiles = cause instanceof IOException || cause instanceof FSError;
      cause = cause.getCause();
    }
    return written && byFiles;
  }

  /** Removes what was written before the disk was full. */
  private void deleteCut(JavaRDD<?> outputs) {
    cuts.removeIf(cut -> cut.rdd == outputs);
    Path folder = new Path(context.getCheckpointDir().get(), "rdd-" + outputs.id());
    try {
      folder.getFileSystem(context.hadoopConfiguration()).delete(folder, true);
    } catch (IOException e) {
      LOG.debug("{} stays until the run ends", folder, e);
    }
  }

  /**
   * Deletes the files that no generation goes back to. Called when a new one was made, while all
   * that it was made from live: generations are released only after it, and so no checkpoint of the
   * run that was offered before refers to what is deleted.
   */
  void deleteUnneeded() {
    for (Cut old : List.copyOf(cuts)) {
      if (old.live == 0) {
        cuts.remove(old);
        try {
          delete(old);
        } catch (IOException e) {
          LOG.warn("a file that is not needed any more stays: {}", e.getMessage());
        }
      }
    }
  }

  private void delete(Cut cut) throws IOException {
    if (cut.rdd.getCheckpointFile().isPresent()) {
      Path folder = new Path(cut.rdd.getCheckpointFile().get());
      folder.getFileSystem(context.hadoopConfiguration()).delete(folder, true);
    }
  }

  /** Deletes all files. */
  void deleteAll() {
    for (Cut cut : cuts) {
      try {
        delete(cut);
      } catch (IOException e) {
        throw new UncheckedIOException("could not delete a checkpoint of the lineage", e);
      }
    }
    cuts.clear();
  }
}
