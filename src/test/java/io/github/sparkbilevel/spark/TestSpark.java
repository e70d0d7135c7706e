package io.github.sparkbilevel.spark;

import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * The Spark session that tests share: started when first asked for, and again after it was stopped.
 */
public final class TestSpark {
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
    SparkSession session =
        SparkSession.builder()
            .master(master)
            .appName("spark-bilevel tests")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.warehouse.dir", "target/spark-warehouse")
            .getOrCreate();
    session.sparkContext().setLogLevel("OFF");
    return session;
  }
}
