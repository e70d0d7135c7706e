package io.github.sparkbilevel.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.spark.SparkExecutorInfo;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.JavaSparkStatusTracker;

/** What the stages that run at present wait for, in words. */
final class StageProgress {
  private static final int MOST_HOSTS = 3;

  private StageProgress() {}

  /** A clause for each running stage, and where its tasks are; empty when none runs. */
  static String of(JavaSparkContext context) {
    JavaSparkStatusTracker tracker = context.statusTracker();
    List<String> clauses = new ArrayList<>();
    for (int id : tracker.getActiveStageIds()) {
      SparkStageInfo stage = tracker.getStageInfo(id);
      if (stage != null) {
        clauses.add(
            "stage %d: %d of %d tasks done, %d running%s"
                .formatted(
                    id,
                    stage.numCompletedTasks(),
                    stage.numTasks(),
                    stage.numActiveTasks(),
                    stage.numFailedTasks() == 0 ? "" : ", " + stage.numFailedTasks() + " failed"));
      }
    }
    if (clauses.isEmpty()) {
      return "no stage runs: Spark waits for executors, or for what lost ones held";
    }
    TreeSet<String> hosts = new TreeSet<>();
    for (SparkExecutorInfo executor : context.sc().statusTracker().getExecutorInfos()) {
      if (executor.numRunningTasks() > 0) {
        hosts.add(executor.host());
      }
    }
    String where = String.join(", ", hosts.stream().limit(MOST_HOSTS).toList());
    if (hosts.size() > MOST_HOSTS) {
      where += " and " + (hosts.size() - MOST_HOSTS) + " more";
    }
    return String.join("; ", clauses) + (where.isEmpty() ? "" : ", on " + where);
  }
}
