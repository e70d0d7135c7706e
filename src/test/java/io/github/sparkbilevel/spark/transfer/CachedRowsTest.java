package io.github.sparkbilevel.spark.transfer;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.LocalSpark;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;

class CachedRowsTest {

  @Test
  void anInterruptedThreadLeavesNothingCached() {
    JavaSparkContext context =
        JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext());
    JavaRDD<Integer> rows = context.parallelize(List.of(1, 2, 3), 1).cache();
    rows.count();
    assertTrue(context.getPersistentRDDs().containsKey(rows.id()));
    Thread.currentThread().interrupt();
    CachedRows.unpersist(rows);
    assertTrue(Thread.interrupted());
    assertFalse(context.getPersistentRDDs().containsKey(rows.id()));
  }
}
