package io.github.sparkbilevel.spark.rows;

import io.github.sparkbilevel.spark.transfer.OrderedSum;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The memory that Spark was given, and what cannot fit into it.
 *
 * <p>What is asked for is counted from below: what is refused could not have worked, and what is
 * not may still turn out too large. Every refusal tells the figures and what to raise.
 *
 * @param local whether the tasks run in the driver
 * @param driverBytes the heap of the driver
 * @param executorBytes the heap of an executor; with a local master that of the driver
 * @param cores tasks that an executor runs at once
 * @param resultBytes the most that the tasks of a job may send back together; 0 for no limit
 */
public record MemoryLimits(
    boolean local, long driverBytes, long executorBytes, int cores, long resultBytes) {

  /** What Spark can send between executors, and write to disk, in one piece. */
  static final long MOST_PARTITION_BYTES = 2L << 30;

  /** Those of a context. */
  public static MemoryLimits of(JavaSparkContext context) {
    SparkConf conf = context.getConf();
    long driver = Runtime.getRuntime().maxMemory();
    return new MemoryLimits(
        context.isLocal(),
        driver,
        context.isLocal() ? driver : conf.getSizeAsBytes("spark.executor.memory", "1g"),
        context.isLocal() ? context.defaultParallelism() : conf.getInt("spark.executor.cores", 1),
        conf.getSizeAsBytes("spark.driver.maxResultSize", "1g"));
  }

  /**
   * What a run keeps and sends, in bytes.
   *
   * @param driver what the driver keeps
   * @param driverParts what that is made of, in words
   * @param broadcast the vectors of the largest pass
   * @param result the sums of the largest pass, of one partition
   * @param name of that pass, in words
   */
  public record Demand(long driver, String driverParts, long broadcast, long result, String name) {}

  /**
   * Refuses what cannot run.
   *
   * @param partitions P
   * @param partitionsKey the setting of their number, for messages
   * @throws IllegalArgumentException with the figures and what to raise
   */
  public void requireFits(Demand demand, int partitions, String partitionsKey) {
    Optional<String> lack = lack(demand, partitions, partitionsKey);
    if (lack.isPresent()) {
      throw new IllegalArgumentException(lack.get());
    }
  }

  /** What keeps a demand from being met, with the figures and what to raise; empty for nothing. */
  public Optional<String> lack(Demand demand, int partitions, String partitionsKey) {
    if (demand.driver() > driverBytes) {
      return Optional.of(
          "the driver would need at least %s (%s), but has %s; try -- --driver-memory %s or a cheaper solver.curvature such as cg"
              .formatted(
                  size(demand.driver()),
                  demand.driverParts(),
                  size(driverBytes),
                  option(2 * demand.driver())));
    }
    long together = demand.result() * OrderedSum.receivedOf(partitions);
    if (resultBytes > 0 && together > resultBytes) {
      return Optional.of(
          "%s sends %s back from each of %,d partitions, %s together, but spark.driver.maxResultSize allows %s; try -- --conf spark.driver.maxResultSize=%s or a smaller %s"
              .formatted(
                  demand.name(),
                  size(demand.result()),
                  OrderedSum.receivedOf(partitions),
                  size(together),
                  size(resultBytes),
                  option(together + together / 4),
                  partitionsKey));
    }
    long task = demand.broadcast() + (long) cores * demand.result();
    if (!local && task > executorBytes) {
      return Optional.of(
          "an executor would need at least %s (%s for the vectors of %s and %s for its sums in each of %d tasks), but has %s; try -- --executor-memory %s or fewer --executor-cores"
              .formatted(
                  size(task),
                  size(demand.broadcast()),
                  demand.name(),
                  size(demand.result()),
                  cores,
                  size(executorBytes),
                  option(2 * task)));
    }
    return Optional.empty();
  }

  /**
   * Refuses rows and partitions of features that are too large to be built.
   *
   * @param rows of all parts
   * @param rowBytes of the features of a row, on average
   * @param partitionsKey the setting of their number, for messages
   * @throws IllegalArgumentException with the figures and what to raise
   */
  public void requirePartitionsFit(long rows, long rowBytes, int partitions, String partitionsKey) {
    if (rowBytes > executorBytes / 2) {
      throw new IllegalArgumentException(
          "a row of features takes %s, but %s has %s; try %s %s"
              .formatted(
                  size(rowBytes), place(), size(executorBytes), raise(), option(4 * rowBytes)));
    }
    // At least one row is somewhere.
    long bytes =
        Math.max(
            rowBytes,
            Math.multiplyHigh(rows, rowBytes) > 0 ? Long.MAX_VALUE : rows * rowBytes / partitions);
    long most = Math.min(MOST_PARTITION_BYTES, executorBytes);
    if (bytes > most) {
      long enough = Math.max(partitions + 1L, rows * rowBytes / (64L << 20));
      throw new IllegalArgumentException(
          "%s = %,d puts %s of features into each partition, but %s; try %s = %d or more%s"
              .formatted(
                  partitionsKey,
                  partitions,
                  size(bytes),
                  most == MOST_PARTITION_BYTES
                      ? "Spark handles at most 2 GiB in one piece"
                      : place() + " has " + size(executorBytes),
                  partitionsKey,
                  enough,
                  most == MOST_PARTITION_BYTES ? "" : ", or " + raise() + " " + option(4 * bytes)));
    }
  }

  private String place() {
    return local ? "the driver, where the tasks run," : "an executor";
  }

  private String raise() {
    return local ? "-- --driver-memory" : "-- --executor-memory";
  }

  /** In the form of Spark's options, rounded up. */
  private static String option(long bytes) {
    long mebibytes = (bytes >> 20) + 1;
    return mebibytes < 2048 ? mebibytes + "m" : (mebibytes + 1023) / 1024 + "g";
  }

  /** Bytes in words. */
  public static String size(long bytes) {
    if (bytes < 1 << 20) {
      return String.format(Locale.ROOT, "%,d KiB", (bytes + 1023) >> 10);
    }
    return bytes < 10L << 30
        ? String.format(Locale.ROOT, "%,d MiB", bytes >> 20)
        : String.format(Locale.ROOT, "%,d GiB", bytes >> 30);
  }
}
