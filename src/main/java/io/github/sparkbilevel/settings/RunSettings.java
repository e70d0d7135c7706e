package io.github.sparkbilevel.settings;

import static io.github.sparkbilevel.settings.Keys.ARENA;
import static io.github.sparkbilevel.settings.Keys.BENCHMARK;
import static io.github.sparkbilevel.settings.Keys.CLEAN;
import static io.github.sparkbilevel.settings.Keys.TUNE;

import io.github.sparkbilevel.problem.fit.SelectionMetric;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a job does, what it compares with, and where its outputs go. */
public final class RunSettings {
  static final Group FIRST = new Group("");
  static final Group LAST = new Group("");

  public static final Setting<String> JOB =
      FIRST
          .key("job", Types.name(Keys.JOBS), CLEAN)
          .text(
              "What to do: find wrongly labelled rows, tune penalties, evaluate a hypergradient,"
                  + " compare algorithms, or compare ways to clean");

  public static final Setting<Long> SEED =
      FIRST
          .key("seed", Types.longInteger(), "42")
          .param("seed")
          .text("Every random draw of the run comes from it");

  public static final Setting<List<String>> BASELINES =
      LAST.key(
              "baselines",
              Types.name(
                      Stream.concat(Keys.CLEAN_BASELINES.stream(), Keys.TUNE_BASELINES.stream())
                          .toList())
                  .list(),
              "auto")
          .only(CLEAN, TUNE)
          .except(ARENA)
          .param("baselines")
          .narrow(Types.name(Keys.CLEAN_BASELINES).list(), Stage.CLEANER)
          .narrow(Types.name(Keys.GRID, Keys.RANDOM, Keys.CROSS_VALIDATION).list(), Stage.TUNERS)
          .auto(
              RunSettings::automaticBaselines,
              "auto is %s in the job clean and %s in the job tune"
                  .formatted(Keys.CLEAN_DEFAULT, Keys.TUNE_DEFAULT))
          .none("[] for none")
          .text(
              "The plain models that are fitted beside the bilevel one; auto leaves out those that"
                  + " need trusted rows where there are none, and cross-validation where rows are"
                  + " weighed, and of real labels it is %s".formatted(Keys.REAL_DEFAULT));

  public static final Setting<String> SELECTION_METRIC =
      LAST.key("selection.metric", Types.name(SelectionMetric.labels()), "loss")
          .only(CLEAN)
          .param("selectionMetric", Stage.CLEANER)
          .text(
              "What the choice of the returned model goes by on the trusted rows held out: the mean"
                  + " loss, the share of right answers, its mean over the classes, or the area"
                  + " under the ROC curve (two classes)");

  public static final Setting<Integer> SEARCH_POINTS =
      LAST.key("search.points", Types.integer(2), "17")
          .only(TUNE)
          .param("gridSize", Stage.TUNERS)
          .text("Points of the grid, and trials of the random search");

  public static final Setting<List<Double>> SEARCH_RANGE =
      LAST.key("search.range", Types.positive().pair(), "[1e-6, 1e2]")
          .only(TUNE, BENCHMARK)
          .param("gridRange", Stage.TUNERS)
          .text("The smallest and the largest penalty that the grid and the random search try");

  public static final Setting<String> OUTPUT_PATH =
      LAST.key("output.path", Types.string(), null)
          .text("The folder to write; it appears when the job is done, whole or not at all");

  public static final Setting<String> OUTPUT_FORMAT =
      LAST.key("output.format", Types.name("parquet", "csv"), "parquet")
          .only(CLEAN)
          .except(ARENA)
          .text("The format of the tables scores and cleaned");

  public static final Setting<String> CLEANED =
      LAST.key("output.cleaned", Types.name("rows", "ids", "none"), "rows")
          .only(CLEAN)
          .except(ARENA)
          .text(
              "What the table cleaned holds of the rows that are kept: whole rows, their ids and"
                  + " weights to join with the source, or nothing, and there is no table");

  public static final Setting<Boolean> SOFT_LABELS =
      LAST.key("output.softLabels", Types.bool(), "false")
          .only(CLEAN)
          .except(ARENA)
          .text(
              "Give each row of the table cleaned the probability of every class to be its true"
                  + " one");

  public static final Setting<Boolean> ONNX =
      LAST.key("output.onnx", Types.bool(), "false")
          .only(CLEAN, TUNE)
          .except(ARENA)
          .text(
              "Write the model as an ONNX file too: model.onnx takes raw features and gives"
                  + " probabilities or predictions");

  public static final Setting<Boolean> WEIGHTS =
      LAST.key("output.weights", Types.bool(), "false")
          .only(CLEAN, TUNE)
          .except(ARENA)
          .text(
              "Write the weights of the model in the format safetensors too: weights.safetensors,"
                  + " which {model.weights} of another job takes");

  public static final Setting<Integer> REVIEW_ROWS =
      LAST.key("review.rows", Types.integer(0), "auto")
          .unit("rows")
          .only(CLEAN)
          .except(ARENA)
          .auto(use -> use.isGuided() ? 0 : 100, "auto is 100 without trusted rows, and 0 with")
          .text(
              "How many rows to pick for a person to check: review.html shows them and saves"
                  + " answers.csv, which is data.validation.answers of the next run");

  public static final Setting<String> REFIT =
      LAST.key("output.refit", Types.name(Keys.ALL, Keys.TRAIN), Keys.ALL)
          .only(TUNE)
          .param("refit", Stage.TUNERS)
          .text(
              "The rows that the model is fitted on at the chosen penalties: training and"
                  + " validation rows, or training rows alone, as always where weights of rows are"
                  + " tuned");

  public static final Setting<Boolean> SENSITIVITY =
      LAST.key("output.sensitivity", Types.bool(), "true")
          .only(TUNE)
          .param("sensitivity", Stage.TUNERS)
          .text(
              "Find how the validation loss depends on each of the chosen penalties, with standard"
                  + " errors; costs passes, and is left out where weights of rows are tuned");

  public static final Setting<Optional<Integer>> REGULARIZATION_PATH =
      LAST.key("output.regularizationPath", Types.integer(2).orNull(), "null")
          .unit("models")
          .only(TUNE)
          .none("{none} for none")
          .text(
              "How many models to fit by their penalty, over {search.range}, from the strongest to"
                  + " the weakest; for a single penalty l1 or l2; their losses and coefficients are"
                  + " in the folder path");

  public static final Setting<Boolean> OVERWRITE =
      LAST.key("output.overwrite", Types.bool(), "false")
          .text("Replace the outputs of an earlier job at output.path");

  public static final Setting<Optional<String>> CHECKPOINT_PATH =
      LAST.key("checkpoint.path", Types.string().orNull(), "null")
          .only(CLEAN, TUNE)
          .param("checkpointPath")
          .none("{none} for none")
          .text(
              "The folder for checkpoints, from which a run that was stopped goes on when it is"
                  + " started again with the same rows and settings; on storage that every executor"
                  + " reaches");

  public static final Setting<Integer> CHECKPOINT_INTERVAL =
      LAST.key("checkpoint.interval", Types.integer(1), "10")
          .unit("iterations")
          .only(CLEAN, TUNE)
          .param("checkpointInterval")
          .text(
              "Iterations from one checkpoint to the next, and between two cuts of the lineage of"
                  + " weights beside the rows");

  public static final Setting<Boolean> RESUME =
      LAST.key("checkpoint.resume", Types.bool(), "true")
          .only(CLEAN, TUNE)
          .except(ARENA)
          .text(
              "Go on from the newest whole checkpoint, which must be of the same rows, keys and"
                  + " version; false begins anew and replaces what is there");

  public static final Setting<Optional<String>> MLFLOW_URI =
      LAST.key("mlflow.uri", Types.string().orNull(), "null")
          .none("{none} for none")
          .text(
              "The address of an MLflow tracking server that is told of the run, as in"
                  + " http://host:5000");

  public static final Setting<String> MLFLOW_EXPERIMENT =
      LAST.key("mlflow.experiment", Types.string(), "spark-bilevel")
          .text("The experiment of MLflow that the run is put in; made if it is not there");

  private static List<String> automaticBaselines(Use use) {
    if (use.tunes()) {
      return Keys.TUNE_DEFAULT;
    }
    return use.isOfRealLabels() ? Keys.REAL_DEFAULT : Rules.fitting(Keys.CLEAN_DEFAULT, use);
  }

  private RunSettings() {}
}
