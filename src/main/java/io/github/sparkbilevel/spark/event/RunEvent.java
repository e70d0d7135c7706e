package io.github.sparkbilevel.spark.event;

import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * Something that happened in a run. Events of a run come in the order in which they happened, on a
 * thread of Spark's, some moments later; they are in Spark's event log too.
 */
public sealed interface RunEvent extends SparkListenerEvent
    permits PassEnded, IterationEnded, StatusChanged {

  /** The id of the run, which every log line of a job carries. */
  String run();
}
