package io.github.sparkbilevel.spark.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.spark.CleaningRuns;
import io.github.sparkbilevel.spark.CleaningRuns.Upper;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.TestSpark;
import io.github.sparkbilevel.spark.checkpoint.CheckpointPlan.Identity;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Runs with a checkpoint every two iterations, seven in all, and what becomes of them. */
public abstract class CheckpointedRuns {
  static final int ITERATIONS = 7;
  public static final Identity IDENTITY =
      new Identity("1", Map.of("solver.products", "2", "seed", "7"), "solver.iterations", 7);

  @TempDir Path temporary;
  Path folder;

  public final JavaSparkContext context = TestSpark.context();
  public final Data data = CleaningRuns.data();
  public final List<Integer> resumed = new CopyOnWriteArrayList<>();
  public final List<Integer> saved = new CopyOnWriteArrayList<>();
  public final List<String> warnings = new CopyOnWriteArrayList<>();
  boolean ending;

  @BeforeEach
  void folder() {
    folder = temporary.resolve("kept");
  }

  /** Thrown where a run is cut off. */
  private static final class CutException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static Consumer<IterationRecord> cutAt(int iteration) {
    return record -> {
      if (record.iteration() == iteration) {
        throw new CutException();
      }
    };
  }

  CheckpointPlan plan(boolean resume, Identity identity) {
    return new CheckpointPlan(
        folder.toString(),
        2,
        resume,
        identity,
        new CheckpointPlan.Words("checkpoint.path", "data.partitions", "or begin anew"),
        new CheckpointPlan.Listener() {
          @Override
          public void resumed(int iteration) {
            resumed.add(iteration);
          }

          @Override
          public void saved(int iteration) {
            saved.add(iteration);
          }

          @Override
          public void warn(String sentence) {
            warnings.add(sentence);
          }

          @Override
          public boolean isEnding() {
            return ending;
          }
        });
  }

  Map<String, double[]> run(Upper upper, CheckpointPlan plan, Consumer<IterationRecord> listener) {
    CleaningSettings settings =
        CleaningRuns.settings(data, upper, Curvature.KFAC_CG, false, ITERATIONS);
    try (PartitionedData blocks = CleaningRuns.partitioned(context, data, 3);
        SparkEngine engine = new SparkEngine(context, blocks, 2)) {
      int rows = data.train().count();
      if (plan == null) {
        return CleaningRuns.run(engine, settings, rows, listener);
      }
      SparkCheckpoints checkpoints = SparkCheckpoints.open(plan, engine, blocks);
      Map<String, double[]> numbers =
          CleaningRuns.run(engine, settings, rows, listener, checkpoints);
      checkpoints.removeAll();
      return numbers;
    }
  }

  void cut(Upper upper, int iteration) {
    assertThrows(CutException.class, () -> run(upper, plan(true, IDENTITY), cutAt(iteration)));
  }

  List<String> names(Path of) throws IOException {
    try (Stream<Path> files = Files.list(of)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  List<String> manifests() throws IOException {
    return names(folder).stream().filter(name -> name.startsWith("checkpoint-")).toList();
  }

  /** The folder of the files of a checkpoint. */
  Path states(int number) throws IOException {
    String begin = "states-%08d-".formatted(number);
    List<String> found = names(folder).stream().filter(name -> name.startsWith(begin)).toList();
    assertEquals(1, found.size(), found::toString);
    return folder.resolve(found.get(0));
  }
}
