package io.github.sparkbilevel.data;

import io.github.sparkbilevel.spark.TestSpark;
import org.apache.spark.sql.SparkSession;

/** The session that tests share. */
public final class LocalSpark {
  private LocalSpark() {}

  /** The session, started at the first call. */
  public static SparkSession session() {
    return TestSpark.session();
  }
}
