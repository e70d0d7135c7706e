package io.github.sparkbilevel.spark.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.spark.TestSpark;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupedTasksTest {
  /** The numbers 0 to n − 1, one in each partition, and the task that each was computed in. */
  private static List<int[]> computed(int partitions) {
    JavaRDD<Integer> rows =
        TestSpark.context()
            .parallelize(IntStream.range(0, partitions).boxed().toList(), partitions);
    try (GroupedTasks<Integer> grouped = GroupedTasks.of(rows.rdd())) {
      return grouped
          .toJavaRDD()
          .map(row -> new int[] {row, TaskContext.getPartitionId()})
          .collect();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64})
  void aTaskHasNeighboursInOrder(int partitions) {
    int tasks = Math.min(partitions, 2 * TestSpark.context().defaultParallelism());
    List<int[]> computed = computed(partitions);

    try (GroupedTasks<Object> grouped =
        GroupedTasks.of(TestSpark.context().<Object>parallelize(List.of(), partitions).rdd())) {
      assertTrue(grouped.logName().startsWith("org.apache.spark."), grouped.logName());
      assertEquals(tasks, grouped.tasks());
      assertEquals(tasks, grouped.getNumPartitions());
      assertEquals(partitions, computed.size());
      for (int i = 0; i < partitions; i++) {
        int task = computed.get(i)[1];
        assertEquals(i, computed.get(i)[0]);
        assertTrue(grouped.from(task) <= i && i < grouped.from(task + 1));
      }
    }
  }
}
