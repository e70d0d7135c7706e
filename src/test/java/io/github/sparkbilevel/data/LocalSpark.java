package io.github.sparkbilevel.data;

import org.apache.spark.sql.SparkSession;

/** The session that tests share. */
public final class LocalSpark {
  private static SparkSession session;

  private LocalSpark() {}

  /** The session, started at the first call. */
  public static synchronized SparkSession session() {
    if (session == null || session.sparkContext().isStopped()) {
      session =
          SparkSession.builder()
              .master("local[2]")
              .appName("spark-bilevel tests")
              .config("spark.ui.enabled", "false")
              .config("spark.sql.shuffle.partitions", "2")
              .config("spark.sql.warehouse.dir", "target/spark-warehouse")
              .getOrCreate();
      session.sparkContext().setLogLevel("OFF");
    }
    return session;
  }
}
