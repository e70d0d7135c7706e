package io.github.sparkbilevel.spark.transfer;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;

/**
 * One value of each partition, by one Spark job.
 *
 * <p>Its function is an object of a class. For {@code collect} Spark reads the class files around a
 * closure of its own, which takes longer than a scan of a small table.
 */
public final class EachPartition {
  private EachPartition() {}

  /** What becomes of the rows of a partition. */
  public interface Scan<T, R> extends Serializable {
    R of(Iterator<T> rows);
  }

  /** The values, in the order of the partitions. */
  @SuppressWarnings("unchecked") // The array is of what the scan returns.
  public static <T, R> List<R> collect(RDD<T> rows, Scan<T, R> scan) {
    Object values =
        rows.context().runJob(rows, new Task<>(scan), ClassTag$.MODULE$.apply(Object.class));
    return Arrays.asList((R[]) values);
  }

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
