package io.github.sparkbilevel.spark;

import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * The Spark session that tests share: started when first asked for, and again after it was stopped.
 */
public final class TestSpark {
  /**
   * Settings of every session of the tests. Jobs are many and small: they need neither blocks of 4
   * MB, which Spark fills with zeros for each broadcast, nor the figures of stages long past.
   */
  public static final Map<String, String> SETTINGS =
      Map.of(
          "spark.ui.enabled", "false",
          "spark.driver.host", "localhost",
          "spark.sql.shuffle.partitions", "2",
          "spark.sql.ui.explainMode", "simple",
          "spark.sql.warehouse.dir", "target/spark-warehouse",
          "spark.broadcast.blockSize", "64k",
          "spark.ui.retainedJobs", "200",
          "spark.ui.retainedStages", "200",
          "spark.ui.retainedTasks", "200",
          "spark.sql.ui.retainedExecutions", "20");

  private static final String MASTER = "local[2]";

  private TestSpark() {}

  /** A session on {@code local[2]}. */
  public static synchronized SparkSession session() {
    SparkSession session = start(MASTER);
    if (!session.sparkContext().master().equals(MASTER)) {
      session.stop();
      session = start(MASTER);
    }
    return session;
  }

  /** The context of {@link #session}. */
  public static JavaSparkContext context() {
    return JavaSparkContext.fromSparkContext(session().sparkContext());
  }

  /** A session on another master; the caller stops it. */
  public static synchronized SparkSession fresh(String master) {
    stop();
    return start(master);
  }

  /** Stops the session if there is one. */
  public static synchronized void stop() {
    start(MASTER).stop();
  }

  private static SparkSession start(String master) {
    SparkSession.Builder builder =
        SparkSession.builder().master(master).appName("spark-bilevel tests");
    SETTINGS.forEach(builder::config);
    SparkSession session = builder.getOrCreate();
    session.sparkContext().setLogLevel("OFF");
    return session;
  }
}
