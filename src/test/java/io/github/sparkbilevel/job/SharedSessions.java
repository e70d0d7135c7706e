package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.spark.TestSpark;
import io.github.sparkbilevel.spark.event.RunEvents;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Sessions that share the context of the tests; a run must leave nothing cached in it. */
final class SharedSessions implements Sessions {

  @Override
  public SparkSession open(SparkConf conf) {
    return TestSpark.session();
  }

  @Override
  public void close(SparkSession session) {
    session.sparkContext().setLocalProperty(RunEvents.PROPERTY, null);
    assertTrue(session.sparkContext().getPersistentRDDs().isEmpty(), "a run left rows cached");
  }
}
