package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.Cleaning;
import io.github.sparkbilevel.bilevel.CleaningResult;
import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.Judge;
import io.github.sparkbilevel.problem.PassLedger;
import io.github.sparkbilevel.spark.DataRow.Part;
import io.github.sparkbilevel.spark.PartitionedData;
import io.github.sparkbilevel.spark.RowScore;
import io.github.sparkbilevel.spark.RowScorer;
import io.github.sparkbilevel.spark.SparkEngine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;

/**
 * Cleans partitioned data: learns the rows' weights on Spark, compares, and scores every training
 * row.
 *
 * @param settings what the run does
 * @param checkpointInterval iterations between two cuts of the lineage of per-row λ
 */
public record DataCleaner(CleaningSettings settings, int checkpointInterval) {

  /**
   * Learns, compares and scores.
   *
   * @param data blocks of rows; stays open
   * @param listener told of every outer iteration
   */
  public Cleaned fit(
      JavaSparkContext context, PartitionedData data, Consumer<IterationRecord> listener) {
    SparkEngine engine = new SparkEngine(context, data, checkpointInterval);
    Cleaning cleaning = new Cleaning(settings, engine, data.rows().get(Part.TRAIN), listener);
    long start = System.nanoTime();
    Cleaning.Learned learned = cleaning.learn();
    double solve = (System.nanoTime() - start) / 1e9;
    CleaningResult result = cleaning.compare(learned);
    double baselines = (System.nanoTime() - start) / 1e9 - solve;
    engine.ledger().enter(PassLedger.Phase.SCORES);
    Map<String, Integer> judgeOf = new LinkedHashMap<>();
    List<Judge> judges = new ArrayList<>();
    judges.add(Judge.preferring(result.selectedModel().theta()));
    result
        .models()
        .forEach(
            (name, candidate) -> {
              judgeOf.put(name, judges.size());
              judges.add(
                  candidate.judge() != null
                      ? candidate.judge()
                      : Judge.preferring(candidate.theta()));
            });
    Broadcast<List<Judge>> shared = context.broadcast(judges);
    BlockKernel kernel = BlockKernel.of(settings.problem().model(), settings.backend());
    JavaRDD<RowScore> scores =
        engine
            .rows(cleaning.oracle().states(result.learned()), new RowScorer(kernel, shared))
            .setName("spark-bilevel scores")
            .persist(StorageLevel.MEMORY_AND_DISK());
    // The learned weights are at hand; what they were computed from need not stay cached.
    cleaning.oracle().close();
    return new Cleaned(result, scores, judgeOf, engine, solve, baselines);
  }

  /**
   * The outcome of a cleaning run; holds cached rows until it is closed.
   *
   * @param result models, history and choice
   * @param scores a score for each training row, cached, made when first read
   * @param judgeOf for each model the index of its judgement in {@link RowScore#quality()}; index 0
   *     is the selected model's
   * @param engine the passes that were run
   * @param solveSeconds spent on trusted models, warm-up, outer loop and polish
   * @param baselineSeconds spent on the models it is compared with
   */
  public record Cleaned(
      CleaningResult result,
      JavaRDD<RowScore> scores,
      Map<String, Integer> judgeOf,
      SparkEngine engine,
      double solveSeconds,
      double baselineSeconds)
      implements AutoCloseable {

    @Override
    public void close() {
      scores.unpersist(false);
      result.learned().release();
      engine.close();
    }
  }
}
