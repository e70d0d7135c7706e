package io.github.sparkbilevel.spark.rows;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.spark.rows.MemoryLimits.Demand;
import io.github.sparkbilevel.spark.transfer.OrderedSum;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class MemoryLimitsTest {
  private static final long MIB = 1L << 20;
  private static final String KEY = "data.partitions";

  private final MemoryLimits cluster =
      new MemoryLimits(false, 512 * MIB, 1024 * MIB, 4, 1024 * MIB);
  private final MemoryLimits threads = new MemoryLimits(true, 512 * MIB, 512 * MIB, 4, 0);

  private static Demand demand(long driver, long broadcast, long result) {
    return new Demand(driver * MIB, "22 vectors", broadcast * MIB, result * MIB, "an evaluation");
  }

  private static void assertRefused(Executable call, String... parts) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void aDriverThatIsTooSmallIsRefusedWithTheFigures() {
    assertDoesNotThrow(() -> cluster.requireFits(demand(512, 1, 1), 10, KEY));
    assertRefused(
        () -> cluster.requireFits(demand(513, 1, 1), 10, KEY),
        "at least 513 MiB (22 vectors)",
        "has 512 MiB",
        "--driver-memory 1027m");
  }

  @Test
  void resultsThatSparkWouldRefuseAreRefusedBefore() {
    assertDoesNotThrow(() -> cluster.requireFits(demand(1, 1, 16), 64, KEY));
    assertRefused(
        () -> cluster.requireFits(demand(1, 1, 17), 64, KEY),
        "17 MiB back from each of 64 partitions, 1,088 MiB together",
        "spark.driver.maxResultSize allows 1,024 MiB",
        "spark.driver.maxResultSize=1361m",
        KEY);
    // More partitions are added on executors first, and a limit of 0 is none.
    assertDoesNotThrow(() -> cluster.requireFits(demand(1, 1, 17), 400, KEY));
    assertDoesNotThrow(() -> threads.requireFits(demand(1, 1, 400), 64, KEY));
  }

  @Test
  void theDriverGetsTheRootOfManyPartitions() {
    assertEquals(64, OrderedSum.receivedOf(64));
    assertEquals(8, OrderedSum.receivedOf(65));
    assertEquals(100, OrderedSum.receivedOf(10_000));
  }

  @Test
  void anExecutorThatIsTooSmallForItsTasksIsRefused() {
    assertDoesNotThrow(() -> cluster.requireFits(demand(1, 24, 250), 4, KEY));
    assertRefused(
        () -> cluster.requireFits(demand(1, 25, 250), 4, KEY),
        "at least 1,025 MiB",
        "25 MiB for the vectors",
        "250 MiB for its sums in each of 4 tasks",
        "--executor-memory");
  }

  @Test
  void partitionsThatAreTooLargeAreRefused() {
    long gibibyte = 1024 * MIB;
    MemoryLimits large = new MemoryLimits(false, gibibyte, 64 * gibibyte, 4, 0);
    assertDoesNotThrow(() -> large.requirePartitionsFit(1 << 20, 4096, 2, KEY));
    assertRefused(
        () -> large.requirePartitionsFit(1 << 20, 4097, 2, KEY),
        "data.partitions = 2 puts 2,048 MiB of features into each partition",
        "at most 2 GiB",
        "data.partitions = 64 or more");
    assertRefused(
        () -> cluster.requirePartitionsFit(1 << 20, 1025, 1, KEY),
        "an executor has 1,024 MiB",
        "--executor-memory");
    assertRefused(
        () -> threads.requirePartitionsFit(1 << 20, 1025, 1, KEY),
        "the driver, where the tasks run, has 512 MiB",
        "--driver-memory");
  }

  @Test
  void aRowThatIsTooLargeIsRefused() {
    assertDoesNotThrow(() -> cluster.requirePartitionsFit(3, 512 * MIB, 10, KEY));
    assertRefused(
        () -> cluster.requirePartitionsFit(3, 512 * MIB + 1, 10, KEY),
        "a row of features takes 512 MiB",
        "--executor-memory 3g");
  }
}
