package io.github.sparkbilevel.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.spark.CleaningRuns.Upper;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The files by which the lineage of λ beside the rows is cut: few at a time, and none in the end.
 */
class LineageFilesTest {
  private static final int ITERATIONS = 6;

  @TempDir Path folder;
  private final Data data = CleaningRuns.data();

  @AfterEach
  void stop() {
    TestSpark.stop(); // with the checkpoint folder, which cannot be taken away
  }

  private Map<String, double[]> run(JavaSparkContext context, int interval, List<Integer> counts) {
    try (PartitionedData blocks = CleaningRuns.partitioned(context, data, 3);
        SparkEngine engine = new SparkEngine(context, blocks, interval)) {
      return CleaningRuns.run(
          engine,
          CleaningRuns.settings(data, Upper.EXAMPLE_WEIGHTS, Curvature.CG, true, ITERATIONS, "jvm"),
          data.train().count(),
          record -> {
            counts.add(generations(context));
            if (record.iteration() % 4 == 3) {
              // What is lost is computed again from the files that are left.
              context
                  .sc()
                  .getPersistentRDDs()
                  .values()
                  .foreach(
                      rdd -> {
                        if (!rdd.name().contains("blocks")) {
                          rdd.unpersist(true);
                        }
                        return null;
                      });
            }
          });
    }
  }

  /** Generations that lie in files. */
  private static int generations(JavaSparkContext context) {
    if (!context.getCheckpointDir().isPresent()) {
      return 0;
    }
    File[] found = new File(URI.create(context.getCheckpointDir().get())).listFiles();
    return found == null ? 0 : found.length;
  }

  @Test
  void onlyThoseThatAreNeededStay() {
    JavaSparkContext context = TestSpark.context();
    List<Integer> none = new ArrayList<>();
    Map<String, double[]> alone = run(context, 2, none);
    context.sc().setCheckpointDir(folder.toUri().toString());
    for (int interval : List.of(1, 2)) {
      List<Integer> counts = new ArrayList<>();
      CleaningRuns.assertSameBits(alone, run(context, interval, counts));
      assertEquals(ITERATIONS + 1, counts.size());
      assertTrue(counts.get(ITERATIONS) >= 1, counts::toString);
      // That of the point, that before, and that of the best one so far.
      assertTrue(counts.stream().allMatch(count -> count <= 4), counts::toString);
      assertEquals(0, generations(context));
    }
  }
}
