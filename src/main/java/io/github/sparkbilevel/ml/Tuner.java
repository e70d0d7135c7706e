package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.bilevel.PenaltySearch;
import io.github.sparkbilevel.bilevel.Tuning;
import io.github.sparkbilevel.bilevel.TuningResult;
import io.github.sparkbilevel.bilevel.TuningSettings;
import io.github.sparkbilevel.problem.PassLedger;
import io.github.sparkbilevel.spark.DataRow.Part;
import io.github.sparkbilevel.spark.PartitionedData;
import io.github.sparkbilevel.spark.SparkEngine;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Tunes hyperparameters on partitioned data, and compares with searches on request.
 *
 * @param settings what the run does
 * @param searches the searches to compare with, by name
 * @param checkpointInterval iterations between two cuts of the lineage of per-row λ
 */
public record Tuner(
    TuningSettings settings, Map<String, PenaltySearch> searches, int checkpointInterval) {

  /**
   * The outcome.
   *
   * @param result λ, the model and the history
   * @param searches what the searches found, by name
   * @param engine the passes that were run
   * @param solveSeconds spent on tuning
   */
  public record Tuned(
      TuningResult result,
      Map<String, PenaltySearch.Found> searches,
      SparkEngine engine,
      double solveSeconds)
      implements AutoCloseable {
    @Override
    public void close() {
      engine.close();
    }
  }

  /**
   * Tunes, then searches.
   *
   * @param data blocks of rows; stays open
   * @param listener told of every outer iteration
   */
  public Tuned fit(
      JavaSparkContext context, PartitionedData data, Consumer<IterationRecord> listener) {
    SparkEngine engine = new SparkEngine(context, data, checkpointInterval);
    long rows = data.rows().get(Part.TRAIN);
    long start = System.nanoTime();
    TuningResult result = new Tuning(settings, engine, rows, listener).run();
    double seconds = (System.nanoTime() - start) / 1e9;
    engine.ledger().enter(PassLedger.Phase.BASELINES);
    Map<String, PenaltySearch.Found> found = new TreeMap<>();
    searches.forEach((name, search) -> found.put(name, search.run(engine, rows)));
    return new Tuned(result, found, engine, seconds);
  }
}
