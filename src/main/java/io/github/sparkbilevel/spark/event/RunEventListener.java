package io.github.sparkbilevel.spark.event;

import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * Told what happens in the runs of a Spark context, on a thread of Spark's that is not the run's:
 * {@code sparkContext.addSparkListener(listener)}.
 *
 * <p>Life cycle: added before a run, called for each event in turn, and gone with the context. A
 * listener that throws is reported in Spark's log and disturbs nobody. For {@code
 * spark.extraListeners} it needs a constructor without arguments, or of a {@code SparkConf}.
 */
public abstract class RunEventListener extends SparkListener {

  /** A pass is done. */
  public void passEnded(PassEnded event) {}

  /** An outer iteration is done. */
  public void iterationEnded(IterationEnded event) {}

  /** The run has come to another part of its work, or to its end. */
  public void statusChanged(StatusChanged event) {}

  @Override
  public final void onOtherEvent(SparkListenerEvent event) {
    if (event instanceof PassEnded ended) {
      passEnded(ended);
    } else if (event instanceof IterationEnded ended) {
      iterationEnded(ended);
    } else if (event instanceof StatusChanged changed) {
      statusChanged(changed);
    }
  }
}
