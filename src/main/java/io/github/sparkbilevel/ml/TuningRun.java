package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.PenaltySearch;
import io.github.sparkbilevel.bilevel.PenaltySearch.Trial;
import io.github.sparkbilevel.bilevel.TuningResult;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.prepare.Problems;
import io.github.sparkbilevel.ml.prepare.UpperLevel;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.checkpoint.SparkCheckpoints;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.util.MLWritable;

/**
 * The outcome of a tuning run; holds cached rows until it is closed.
 *
 * @param data the rows
 * @param upper what was tuned
 * @param problem the objectives
 * @param curvature how linear systems were solved, and why so
 * @param bounds the least and the greatest value of each entry of the driver's λ
 * @param result λ, the model and the history
 * @param searches what the searches found, by name
 * @param engine the passes that were run
 * @param checkpoints of the outer loop, or null
 * @param seconds how long it took
 */
public record TuningRun(
    PreparedData data,
    UpperLevel upper,
    BilevelProblem problem,
    Curvature.Choice curvature,
    double[][] bounds,
    TuningResult result,
    Map<String, PenaltySearch.Found> searches,
    SparkEngine engine,
    SparkCheckpoints checkpoints,
    Seconds seconds)
    implements AutoCloseable {

  /** The name of the tuned model, beside those of the searches. */
  public static final String TUNED = "tuned";

  /**
   * Seconds of a run.
   *
   * @param load spent on standardising and partitioning
   * @param solve spent on tuning
   */
  public record Seconds(double load, double solve) {}

  /** A model, and where it came from. */
  public record Selected(
      String name, double[] theta, double upperObjective, Tally upper, Tally test) {}

  /** The model of least validation loss: a search that did better than tuning is not hidden. */
  public Selected selected() {
    Selected best =
        new Selected(TUNED, result.theta(), result.upperObjective(), result.upper(), result.test());
    for (Map.Entry<String, PenaltySearch.Found> search : searches.entrySet()) {
      if (search.getValue().best() >= 0) {
        Trial trial = search.getValue().bestTrial();
        if (trial.upper().loss() < best.upperObjective()) {
          best =
              new Selected(
                  search.getKey(),
                  trial.theta(),
                  trial.upper().loss(),
                  trial.upper(),
                  trial.test());
        }
      }
    }
    return best;
  }

  /** What the user should know of how the rows were read and prepared. */
  public List<Notice> notices() {
    List<Notice> notices = new ArrayList<>(data.tables().notices());
    notices.addAll(data.notices());
    return notices;
  }

  /** The selected model as a Spark ML stage that takes features as they were read. */
  public MLWritable trained() {
    return problem.model().loss().classes() == 0
        ? TrainedModel.regressor((LinearModel) problem.model(), selected().theta(), data)
        : TrainedModel.classifier((LinearModel) problem.model(), selected().theta(), data);
  }

  /** How many penalties lie on their upper bound. */
  public long droppedCount() {
    double[] lambda = result.lambda();
    long count = 0;
    for (int j = problem.weighingSize(); j < lambda.length; j++) {
      count += lambda[j] >= bounds[1][j] ? 1 : 0;
    }
    return count;
  }

  /** The names of the first penalties on their upper bound. */
  public List<String> dropped(int most) {
    double[] lambda = result.lambda();
    List<String> names = names();
    List<String> dropped = new ArrayList<>();
    for (int j = problem.weighingSize(); j < lambda.length && dropped.size() < most; j++) {
      if (lambda[j] >= bounds[1][j]) {
        dropped.add(names.get(j));
      }
    }
    return dropped;
  }

  /** Names of the entries of the driver's λ; made when they are asked for. */
  public List<String> names() {
    return Problems.names(upper, problem, data);
  }

  /** Removes the checkpoints, once nothing of the run can be lost any more. */
  public void removeCheckpoints() {
    if (checkpoints != null) {
      checkpoints.removeAll();
    }
  }

  @Override
  public void close() {
    engine.close();
    data.close();
  }
}
