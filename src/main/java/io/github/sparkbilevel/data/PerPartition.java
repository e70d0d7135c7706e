package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;

/**
 * One value of each partition, by one Spark job.
 *
 * <p>It is a job of its own and not {@code mapPartitions} and {@code collect}: Spark reads the
 * class files around every closure of these, which takes longer than a scan of a small table.
 */
final class PerPartition {
  private PerPartition() {}

  /** What becomes of the rows of a partition. */
  interface Scan<T, R> extends Serializable {
    R of(Iterator<T> rows);
  }

  /** The values, in the order of the partitions. */
  @SuppressWarnings("unchecked") // The array is of what the scan returns.
  static <T, R> List<R> collect(JavaRDD<T> rows, Scan<T, R> scan) {
    Object values =
        rows.rdd()
            .context()
            .runJob(rows.rdd(), new Task<>(scan), ClassTag$.MODULE$.apply(Object.class));
    return Arrays.asList((R[]) values);
  }

  /** A class and not a closure. */
  private static final class Task<T, R>
      extends AbstractFunction2<TaskContext, scala.collection.Iterator<T>, R>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Scan<T, R> scan;

    Task(Scan<T, R> scan) {
      this.scan = scan;
    }

    @Override
    public R apply(TaskContext task, scala.collection.Iterator<T> rows) {
      return scan.of(CollectionConverters.asJava(rows));
    }
  }
}
