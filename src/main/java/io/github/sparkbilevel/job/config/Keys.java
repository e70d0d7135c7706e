package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.job.config.ValueType.Choice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The catalogue of the keys of a job file: the one place where a key's type, default, range and
 * meaning are written. Reading, checking and the table of the documentation all come from here.
 */
public final class Keys {

  /** The job that finds wrongly labelled rows. */
  public static final String CLEAN = "clean";

  /** The job that evaluates a hypergradient. */
  public static final String HYPERGRADIENT = "hypergradient";

  /** The upper variable with one weight for each training row. */
  public static final String EXAMPLE_WEIGHTS = "example-weights";

  /** The upper variable with one weight for each group of training rows. */
  public static final String GROUP_WEIGHTS = "group-weights";

  /** The upper variable that makes a row's weight a function of a few features of the row. */
  public static final String WEIGHT_FUNCTION = "weight-function";

  /** The upper variable that is the strength of the penalty. */
  public static final String L2 = "l2";

  /** What {@code data.clip = auto} stands for in the job {@link #CLEAN}. */
  static final double CLEAN_CLIP = 5;

  /** Free names under this key may be used in substitutions. */
  static final String VARS = "vars";

  static final List<String> JOBS = List.of(CLEAN, HYPERGRADIENT);
  private static final List<Key<?>> ALL = new ArrayList<>();

  static final Key<String> JOB =
      put(
          key(
              "job",
              ValueType.nameOrLater(JOBS, List.of("tune", "benchmark")),
              "clean",
              "What to do: find wrongly labelled rows, or evaluate a hypergradient."));
  static final Key<Long> SEED =
      put(
          key(
              "seed",
              ValueType.longInteger(),
              "42",
              "Every random draw of the job comes from it."));

  static final SourceKeys TRAIN = source("train", "the training rows");
  static final SourceKeys VALIDATION = source("validation", "the trusted rows");
  static final SourceKeys TEST = source("test", "the test rows");

  static final Key<Boolean> STANDARDIZE =
      put(
          key(
              "data.standardize",
              ValueType.bool(),
              "true",
              "Give every feature mean 0 and variance 1 by the training rows; a constant one is"
                  + " 0."));
  static final Key<Choice<Double>> CLIP =
      put(
          key(
                  "data.clip",
                  ValueType.positive().orWord("auto", "none"),
                  "auto",
                  "Limit standardised features to this many standard deviations either way;"
                      + " auto is "
                      + (int) CLEAN_CLIP
                      + " in the job clean and none elsewhere.")
              .in("standard deviations"));
  static final Key<Boolean> INTERCEPT =
      put(key("data.intercept", ValueType.bool(), "true", "Give the model an intercept."));
  static final Key<Choice<Integer>> PARTITIONS =
      put(
          key(
              "data.partitions",
              ValueType.integer(1).orWord("auto"),
              "auto",
              "How many partitions the rows are spread over; auto makes them of about 16 MiB."));
  static final Key<Long> BLOCK_BYTES =
      put(
          key(
                  "data.blockBytes",
                  ValueType.bytes(4096),
                  "8 MiB",
                  "How much memory one block of rows may take.")
              .in("bytes"));

  static final Key<String> CORRUPT_KIND =
      put(
          key(
              "data.corrupt.kind",
              ValueType.name("uniform", "next-class", "by-group"),
              "uniform",
              "For experiments, spoil training labels and keep the truth: redraw some over all"
                  + " classes, move some to the next class, or make up 10 sources with shares of 0"
                  + " to 0.9."));
  static final Key<Double> CORRUPT_FRACTION =
      put(
          key(
                  "data.corrupt.fraction",
                  ValueType.between(0, 1),
                  "0.0",
                  "The share of the training labels to spoil; by-group has its own shares.")
              .in("share of the rows"));
  static final Key<Long> CORRUPT_SEED =
      put(key("data.corrupt.seed", ValueType.longInteger(), "7", "Which labels are spoiled."));

  static final Key<String> FAMILY =
      put(
          key(
              "model.family",
              ValueType.nameOrLater(List.of("softmax", "logistic", "linear"), List.of("mlp")),
              "softmax",
              "The lower-level model; logistic is for two classes."));
  static final Key<Double> MODEL_L2 =
      put(
          key(
              "model.l2",
              ValueType.nonNegative(),
              "0.01",
              "The penalty of the training objective is half of this times the squared"
                  + " coefficients."));
  static final Key<Boolean> PENALIZE_INTERCEPT =
      put(
          key(
              "model.penalizeIntercept",
              ValueType.bool(),
              "false",
              "Let the penalty take in the intercept."));

  static final Key<List<String>> VARIABLE =
      put(
          key(
              "upper.variable",
              ValueType.nameOrLater(
                      List.of(WEIGHT_FUNCTION, EXAMPLE_WEIGHTS, GROUP_WEIGHTS, L2),
                      List.of("l2-per-feature", "l2-per-coefficient", "l2-per-class"))
                  .nonEmptyList(),
              WEIGHT_FUNCTION,
              "What the upper level tunes: one of the three kinds of weights, l2, or [weights,"
                  + " l2]."));
  static final Key<List<Double>> INITIAL =
      put(
          key(
                  "upper.initial",
                  ValueType.number().nonEmptyList(),
                  "0.0",
                  "Where the upper variable starts: one number, or one for each variable; in the"
                      + " job clean one number leaves l2 to start at model.l2.")
              .in("λ: a weight is σ(λ), a penalty is e^λ"));
  static final Key<Choice<Double>> STEP =
      put(
          key(
                  "upper.step",
                  ValueType.positive().orWord("auto"),
                  "auto",
                  "How far the upper variable moves in one of the first iterations; auto is 0.2 for"
                      + " weights and penalties on the driver and 0.5 for example-weights.")
              .onlyFor(CLEAN));
  static final Key<Optional<UpperConfig.Bounds>> BOUNDS =
      put(
          key(
                  "upper.bounds",
                  ValueType.number()
                      .pair()
                      .as(b -> new UpperConfig.Bounds(b.get(0), b.get(1)))
                      .orNull(),
                  "null",
                  "The smallest and the largest value of the upper variable, as in [-10, 10].")
              .in("λ")
              .onlyFor(CLEAN));
  static final Key<Integer> REFRESH =
      put(
          key(
                  "upper.refresh",
                  ValueType.integer(1),
                  "5",
                  "After how many iterations the features of the weight function are computed"
                      + " anew.")
              .in("iterations")
              .onlyFor(CLEAN));

  static final Key<String> ALGORITHM =
      put(
          key(
                  "solver.algorithm",
                  ValueType.name("nbo"),
                  "nbo",
                  "nbo: inexact Newton with one Hessian for the lower level and the adjoint.")
              .onlyFor(CLEAN));
  static final Key<String> CURVATURE =
      put(
          key(
                  "solver.curvature",
                  ValueType.nameOrLater(
                      List.of("auto", "exact", "kfac-cg", "cg"),
                      List.of("kfac", "nystrom-cg", "neumann", "identity")),
                  "auto",
                  "How linear systems in the Hessian are solved; auto goes by the number of"
                      + " coefficients.")
              .onlyFor(CLEAN));
  static final Key<Integer> PRODUCTS =
      put(
          key(
                  "solver.products",
                  ValueType.integer(1),
                  "2",
                  "Hessian products in one iteration, each of which costs a pass.")
              .in("passes")
              .onlyFor(CLEAN));
  static final Key<Integer> ITERATIONS =
      put(
          key("solver.iterations", ValueType.integer(1), "40", "The most outer iterations.")
              .in("iterations")
              .onlyFor(CLEAN));
  static final Key<Integer> WARMUP_PASSES =
      put(
          key(
                  "solver.warmupPasses",
                  ValueType.integer(0),
                  "60",
                  "The most passes spent on the lower level alone before the upper variable moves.")
              .in("passes")
              .onlyFor(CLEAN));
  static final Key<Double> TOLERANCE =
      put(
          key(
                  "solver.tolerance",
                  ValueType.nonNegative(),
                  "1e-2",
                  "The warm-up ends when the largest entry of the lower gradient has fallen to this"
                      + " share of the first one.")
              .onlyFor(CLEAN));
  static final Key<Double> DAMPING =
      put(
          key(
                  "solver.damping",
                  ValueType.nonNegative(),
                  "0.0",
                  "Is added to the diagonal of the Hessian in every linear system.")
              .onlyFor(CLEAN));
  static final Key<Integer> PATIENCE =
      put(
          key(
                  "solver.patience",
                  ValueType.integer(1),
                  "10",
                  "Stop after this many iterations without a better loss on the held-out trusted"
                      + " rows.")
              .in("iterations")
              .onlyFor(CLEAN));
  static final Key<Double> HELD_OUT =
      put(
          key(
                  "solver.heldOut",
                  ValueType.between(0, 0.9),
                  "0.3333",
                  "The share of the trusted rows held out to stop early and to choose the model"
                      + " by.")
              .in("share of the trusted rows")
              .onlyFor(CLEAN));
  static final Key<String> PRECISION =
      put(
          key(
                  "solver.precision",
                  ValueType.name("single", "double"),
                  "single",
                  "The precision of the features and of the products over them.")
              .onlyFor(CLEAN));
  static final Key<String> BACKEND =
      put(
          key(
              "solver.backend",
              ValueType.name("auto", "jvm", "netlib", "nd4j"),
              "auto",
              "Who computes dense products; auto chooses by their shape."));

  static final Key<List<String>> BASELINES =
      put(
          key(
                  "baselines",
                  ValueType.name("noisy", "trusted", "confident-learning", "cleaned").list(),
                  "[noisy, trusted, confident-learning, cleaned]",
                  "The plain models that are fitted beside the bilevel one; [] for none.")
              .onlyFor(CLEAN));

  static final Key<String> OUTPUT_PATH =
      put(
          key(
              "output.path",
              ValueType.string(),
              null,
              "The folder to write; it appears when the job is done, whole or not at all."));
  static final Key<String> OUTPUT_FORMAT =
      put(
          key(
                  "output.format",
                  ValueType.name("parquet", "csv"),
                  "parquet",
                  "The format of the tables scores and cleaned.")
              .onlyFor(CLEAN));
  static final Key<Boolean> OVERWRITE =
      put(
          key(
              "output.overwrite",
              ValueType.bool(),
              "false",
              "Replace the outputs of an earlier job at output.path."));

  static final Key<Optional<String>> CHECKPOINT_PATH =
      put(
          key(
                  "checkpoint.path",
                  ValueType.string().orNull(),
                  "null",
                  "The folder for checkpoints, on storage that every executor reaches; null for"
                      + " none.")
              .onlyFor(CLEAN));
  static final Key<Integer> CHECKPOINT_INTERVAL =
      put(
          key(
                  "checkpoint.interval",
                  ValueType.integer(1),
                  "10",
                  "Iterations from one checkpoint to the next.")
              .in("iterations")
              .onlyFor(CLEAN));
  static final Key<Boolean> RESUME =
      put(
          key(
                  "checkpoint.resume",
                  ValueType.bool(),
                  "true",
                  "Go on from the last checkpoint, if there is one.")
              .onlyFor(CLEAN));

  static final Key<List<String>> METHODS =
      put(
          key(
                  "hypergradient.methods",
                  ValueType.nameOrLater(
                          List.of("exact", "cg", "kfac-cg"),
                          List.of("kfac", "nystrom-cg", "neumann", "identity"))
                      .nonEmptyList(),
                  "[exact, cg]",
                  "How to solve for the adjoint; the first is written out, the others compared.")
              .onlyFor(HYPERGRADIENT));
  static final Key<Double> HYPERGRADIENT_TOLERANCE =
      put(
          key(
                  "hypergradient.tolerance",
                  ValueType.positive(),
                  "1e-10",
                  "The lower level is solved until no entry of its gradient is larger.")
              .onlyFor(HYPERGRADIENT));
  static final Key<String> HYPERGRADIENT_PRECISION =
      put(
          key(
                  "hypergradient.precision",
                  ValueType.name("double", "single"),
                  "double",
                  "The precision of the features and of the products over them.")
              .onlyFor(HYPERGRADIENT));

  /** Keys that are known and not in this version. */
  static final Map<String, String> LATER =
      Map.of("model.hidden", "model.family = mlp", "model.activation", "model.family = mlp");

  /** Every key, in the order of the documentation. */
  public static final List<Key<?>> CATALOGUE = Collections.unmodifiableList(ALL);

  private Keys() {}

  private static <T> Key<T> key(String path, ValueType<T> type, String defaultText, String doc) {
    return new Key<>(path, type, defaultText, null, "", JOBS, doc);
  }

  private static <T> Key<T> put(Key<T> key) {
    ALL.add(key);
    return key;
  }

  private static SourceKeys source(String name, String rows) {
    SourceKeys keys = new SourceKeys(name, rows);
    ALL.addAll(keys.all());
    return keys;
  }
}
