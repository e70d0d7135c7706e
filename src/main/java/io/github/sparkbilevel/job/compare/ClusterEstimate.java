package io.github.sparkbilevel.job.compare;

import io.github.sparkbilevel.job.config.BenchmarkConfig;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.problem.pass.Combination;
import io.github.sparkbilevel.spark.transfer.OrderedSum;
import java.util.Map;

/**
 * What the job {@code clean} would take on a cluster, by what was measured: a step takes as long as
 * its law says, or as the driver takes to launch its tasks where that is longer, and what goes
 * through the network comes on top.
 *
 * @param workload the table, in as many partitions as a job makes by default
 * @param networkBytes bytes per second that a machine sends and receives
 */
record ClusterEstimate(Measured measured, Workload workload, int executors, double networkBytes) {

  /**
   * What estimates follow from.
   *
   * @param launch seconds of a task that does nothing, one after the other
   */
  record Measured(Map<ScalingStep, ScalingLaw> laws, double launch) {}

  private static final int ITERATIONS = 40;
  private static final int COLUMNS = 2;

  static ClusterEstimate of(Measured measured, BenchmarkConfig config, int executors) {
    BenchmarkConfig.Cluster cluster = config.cluster();
    int cores = executors * cluster.coresPerExecutor();
    int features = cluster.features().orElse(config.made().features());
    int classes = cluster.classes().orElse(config.made().classes());
    long bytes = (long) new Workload(cluster.rows(), features, classes, 1, cores).bytes();
    int partitions = cluster.partitions().orElseGet(() -> PreparedData.partitionsOf(bytes));
    return new ClusterEstimate(
        measured,
        new Workload(cluster.rows(), features, classes, partitions, cores),
        executors,
        cluster.networkMbps() * 1e6 / 8);
  }

  /** Seconds of a step. */
  double seconds(ScalingStep step) {
    double network =
        switch (step) {
          case LOAD -> workload.bytes() / executors / networkBytes;
          case PASS -> networkSecondsOfPass();
          case ITERATION -> ScalingStep.PASSES_OF_ITERATION * networkSecondsOfPass();
          case RANKING, WRITE -> 0;
        };
    return Math.max(measured.laws().get(step).seconds(workload), launchSeconds(step)) + network;
  }

  /** Seconds that the driver takes to launch the tasks of a step. */
  double launchSeconds(ScalingStep step) {
    return measured.launch() * step.tasks(workload);
  }

  /** Seconds of loading, the iterations of a job by default, ranking and writing. */
  double secondsOfJob() {
    return seconds(ScalingStep.LOAD)
        + ITERATIONS * seconds(ScalingStep.ITERATION)
        + seconds(ScalingStep.RANKING)
        + seconds(ScalingStep.WRITE);
  }

  /** Bytes that the driver receives in a pass of two columns. */
  double driverBytesOfPass() {
    return bytesOf(OrderedSum.receivedOf(workload.partitions()));
  }

  /** The driver's share, and that of executors that add up the sums of several partitions. */
  double networkSecondsOfPass() {
    int partitions = workload.partitions();
    boolean tree = OrderedSum.receivedOf(partitions) < partitions;
    double among = tree ? bytesOf(partitions) / executors : 0;
    return (driverBytesOfPass() + among) / networkBytes;
  }

  private double bytesOf(int sums) {
    int numbers = (int) (COLUMNS * workload.coefficients());
    return 8.0 * Combination.SUM.numbersReceived(numbers, sums);
  }
}
