package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.job.config.ValueType.Choice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The catalogue of the keys of a job file: the one place where a key's type, default, range and
 * meaning are written. Reading, checking and the table of the documentation all come from here.
 */
public final class Keys {

  /** The key of the most outer iterations. */
  public static final String ITERATIONS = "solver.iterations";

  /** The job that finds wrongly labelled rows. */
  public static final String CLEAN = "clean";

  /** The job that tunes penalties. */
  public static final String TUNE = "tune";

  /** The job that evaluates a hypergradient. */
  public static final String HYPERGRADIENT = "hypergradient";

  /** The job that compares algorithms. */
  public static final String BENCHMARK = "benchmark";

  /** The job that compares ways to clean. */
  public static final String ARENA = "arena";

  /** The model of real-valued labels. */
  public static final String LINEAR = "linear";

  /** The network of dense layers. */
  public static final String MLP = "mlp";

  /** The upper variable with one weight for each training row. */
  public static final String EXAMPLE_WEIGHTS = "example-weights";

  /** The upper variable with one weight for each group of training rows. */
  public static final String GROUP_WEIGHTS = "group-weights";

  /** The upper variable that makes a row's weight a function of a few features of the row. */
  public static final String WEIGHT_FUNCTION = "weight-function";

  /** The upper variable that is one penalty for all coefficients. */
  public static final String L2 = "l2";

  /** The upper variable with one penalty for each layer of a network. */
  public static final String L2_PER_LAYER = "l2-per-layer";

  /** The upper variable with one penalty for the coefficients of each class. */
  public static final String L2_PER_CLASS = "l2-per-class";

  /** The upper variable with one penalty for the coefficients of each feature. */
  public static final String L2_PER_FEATURE = "l2-per-feature";

  /** The upper variable with one penalty for each coefficient. */
  public static final String L2_PER_COEFFICIENT = "l2-per-coefficient";

  /** The upper variable with one penalty for each group of features. */
  public static final String L2_PER_GROUP = "l2-per-group";

  /** The algorithm with one inexact Newton step for each step of the upper variable. */
  public static final String NBO = "nbo";

  /** The algorithm that solves the lower level for each step of the upper variable. */
  public static final String LBFGS = "lbfgs";

  /** The search for one penalty on a grid. */
  public static final String GRID = "grid";

  /** The search for one penalty by random draws. */
  public static final String RANDOM = "random";

  /** The same grid, searched by Spark's own library. */
  public static final String MLLIB = "mllib";

  /** The kinds of weights that can be tuned. */
  static final List<String> WEIGHTS = List.of(WEIGHT_FUNCTION, EXAMPLE_WEIGHTS, GROUP_WEIGHTS);

  /** The penalties that can be tuned. */
  static final List<String> PENALTIES =
      List.of(L2, L2_PER_LAYER, L2_PER_CLASS, L2_PER_FEATURE, L2_PER_COEFFICIENT, L2_PER_GROUP);

  /** The penalties of linear models alone. */
  static final List<String> LINEAR_PENALTIES = List.of(L2_PER_CLASS, L2_PER_FEATURE, L2_PER_GROUP);

  /** Ways to solve linear systems to any accuracy. */
  static final List<String> CURVATURES =
      List.of("exact", "kfac-cg", "sampled-cg", "nystrom-cg", "jacobi-cg", "cg");

  /** Ways that are for networks, or to compare with. */
  static final List<String> MORE_CURVATURES = List.of("ekfac-cg", "kfac", "neumann", "identity");

  /** The plain models that each job can fit. */
  static final Auto<List<String>> BASELINE_NAMES =
      new Auto<>(
          List.of("noisy", "trusted", "confident-learning", "cleaned"),
          List.of(GRID, RANDOM, MLLIB));

  /** What {@code baselines = auto} stands for. */
  static final Auto<List<String>> AUTO_BASELINES = new Auto<>(BASELINE_NAMES.clean(), List.of());

  /** What {@code data.clip = auto} stands for in the job {@link #CLEAN}. */
  static final double CLEAN_CLIP = 5;

  /** Free names under this key may be used in substitutions. */
  static final String VARS = "vars";

  /** The ways to spoil labels. */
  static final List<String> CORRUPTIONS =
      List.of("uniform", "next-class", "by-group", "weak-labeller");

  static final List<String> JOBS = List.of(CLEAN, TUNE, HYPERGRADIENT, BENCHMARK, ARENA);
  private static final List<Key<?>> ALL = new ArrayList<>();

  static final Key<String> JOB =
      put(
          key(
              "job",
              ValueType.name(JOBS.toArray(String[]::new)),
              "clean",
              "What to do: find wrongly labelled rows, tune penalties, evaluate a hypergradient,"
                  + " compare algorithms, or compare ways to clean."));
  static final Key<Long> SEED =
      put(
          key(
              "seed",
              ValueType.longInteger(),
              "42",
              "Every random draw of the job comes from it."));

  static final SourceKeys TRAIN = source("train", "the training rows");
  static final SourceKeys VALIDATION = source("validation", "the trusted (validation) rows");
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
                      + " in the jobs clean and arena, and none elsewhere.")
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
                  ValueType.name(CORRUPTIONS.toArray(String[]::new)),
                  "uniform",
                  "For experiments, spoil training labels and keep the truth: redraw some over all"
                      + " classes, move some to the next class, make up 10 sources with shares of 0 to"
                      + " 0.9, or put in the predictions of a model fitted on 150 other rows.")
              .notFor(ARENA));
  static final Key<Double> CORRUPT_FRACTION =
      put(
          key(
                  "data.corrupt.fraction",
                  ValueType.between(0, 1),
                  "0.0",
                  "The share of the training labels to spoil; by-group has its own shares.")
              .in("share of the rows")
              .notFor(ARENA));
  static final Key<Long> CORRUPT_SEED =
      put(key("data.corrupt.seed", ValueType.longInteger(), "7", "Which labels are spoiled."));

  static final Key<String> FAMILY =
      put(
          key(
              "model.family",
              ValueType.name("softmax", "logistic", LINEAR, MLP),
              "softmax",
              "The lower-level model: softmax, logistic for two classes, linear for real-valued"
                  + " labels with the squared loss, mlp for a network of dense layers with"
                  + " softmax."));
  static final Key<Choice<String>> LOSS =
      put(
          key(
                  "model.loss",
                  ValueType.string().orWord("auto"),
                  "auto",
                  "The loss of a row where model.family = linear: squared, or the name or the class"
                      + " of a loss in a jar that --jars gives; auto is squared.")
              .onlyFor(TUNE, HYPERGRADIENT));
  static final Key<List<Integer>> HIDDEN =
      put(
          key(
                  "model.hidden",
                  ValueType.integer(1).list(),
                  "[256]",
                  "The widths of the hidden layers of mlp, from the first on.")
              .in("units")
              .onlyFor(CLEAN, HYPERGRADIENT));
  static final Key<String> ACTIVATION =
      put(
          key(
                  "model.activation",
                  ValueType.name("relu", "tanh", "gelu", "identity"),
                  "relu",
                  "What the hidden layers of mlp make of their sums.")
              .onlyFor(CLEAN, HYPERGRADIENT));
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

  static final UpperKeys UPPER = new UpperKeys();
  static final SolverKeys SOLVER = new SolverKeys();
  static final NetworkKeys NETWORK = new NetworkKeys();

  static {
    ALL.addAll(UPPER.all());
    ALL.addAll(SOLVER.all());
    ALL.addAll(NETWORK.all());
  }

  static final Key<Choice<List<String>>> BASELINES =
      put(
          key(
                  "baselines",
                  ValueType.name(
                          Stream.concat(
                                  BASELINE_NAMES.clean().stream(), BASELINE_NAMES.tune().stream())
                              .toArray(String[]::new))
                      .list()
                      .orWord("auto"),
                  "auto",
                  "The plain models that are fitted beside the bilevel one; [] for none; "
                      + AUTO_BASELINES.doc())
              .onlyFor(CLEAN, TUNE)
              .notFor(ARENA));
  static final Key<Integer> SEARCH_POINTS =
      put(
          key(
                  "search.points",
                  ValueType.integer(2),
                  "17",
                  "Points of the grid, and trials of the random search.")
              .onlyFor(TUNE));
  static final Key<List<Double>> SEARCH_RANGE =
      put(
          key(
                  "search.range",
                  ValueType.positive().pair(),
                  "[1e-6, 1e2]",
                  "The smallest and the largest penalty that the grid and the random search try.")
              .onlyFor(TUNE, BENCHMARK));

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
              .onlyFor(CLEAN)
              .notFor(ARENA));
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
                  "The folder for checkpoints, from which a job that was stopped goes on; on storage"
                      + " that every executor reaches; null for none.")
              .onlyFor(CLEAN, TUNE));
  static final Key<Integer> CHECKPOINT_INTERVAL =
      put(
          key(
                  "checkpoint.interval",
                  ValueType.integer(1),
                  "10",
                  "Iterations from one checkpoint to the next.")
              .in("iterations")
              .onlyFor(CLEAN, TUNE));
  static final Key<Boolean> RESUME =
      put(
          key(
                  "checkpoint.resume",
                  ValueType.bool(),
                  "true",
                  "Go on from the newest whole checkpoint, which must be of the same rows, keys and"
                      + " version; false begins anew and replaces what is there.")
              .onlyFor(CLEAN, TUNE)
              .notFor(ARENA));

  static final Key<Optional<String>> MLFLOW_URI =
      put(
          key(
              "mlflow.uri",
              ValueType.string().orNull(),
              "null",
              "The address of an MLflow tracking server that is told of the run, as in"
                  + " http://host:5000; null for none."));
  static final Key<String> MLFLOW_EXPERIMENT =
      put(
          key(
              "mlflow.experiment",
              ValueType.string(),
              "spark-bilevel",
              "The experiment of MLflow that the run is put in; made if it is not there."));

  static final Key<List<String>> METHODS =
      put(
          key(
                  "hypergradient.methods",
                  ValueType.name(
                          Stream.concat(CURVATURES.stream(), MORE_CURVATURES.stream())
                              .toArray(String[]::new))
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
  static final Key<Integer> HYPERGRADIENT_MOST_PRODUCTS =
      put(
          key(
                  "hypergradient.mostProducts",
                  ValueType.integer(1),
                  "2000",
                  "The most Hessian products that a method takes for the adjoint.")
              .in("passes")
              .onlyFor(HYPERGRADIENT));
  static final Key<List<Integer>> HYPERGRADIENT_PRODUCTS =
      put(
          key(
                  "hypergradient.products",
                  ValueType.integer(1).list(),
                  "[]",
                  "Hessian products after which the error of each method is measured as well, as in"
                      + " [1, 3, 5, 10].")
              .in("passes")
              .onlyFor(HYPERGRADIENT));
  static final Key<String> HYPERGRADIENT_HESSIAN =
      put(
          key(
                  "hypergradient.hessian",
                  ValueType.name("exact", "gauss-newton"),
                  "exact",
                  "What stands for the Hessian of mlp; gauss-newton has no negative curvature, and"
                      + " is what cleaning uses.")
              .onlyFor(HYPERGRADIENT));
  static final Key<String> HYPERGRADIENT_PRECISION =
      put(
          key(
                  "hypergradient.precision",
                  ValueType.name("double", "single"),
                  "double",
                  "The precision of the features and of the products over them.")
              .onlyFor(HYPERGRADIENT));

  static final Key<List<String>> BENCHMARK_RUNS =
      put(
          key(
                  "benchmark.runs",
                  ValueType.string().nonEmptyList(),
                  "[lbfgs, nbo, nbo-gd, soba, saba, amigo]",
                  "The algorithms to compare, each with options of its own, as in \"amigo T=20"
                      + " Q=20\": T steps on θ, or products of nbo; Q steps for the linear system;"
                      + " share of the rows in a draw; local iterations in a pass; step of λ; points"
                      + " of grid and random.")
              .onlyFor(BENCHMARK));
  static final Key<Integer> BENCHMARK_REPETITIONS =
      put(
          key(
                  "benchmark.repetitions",
                  ValueType.integer(1),
                  "3",
                  "Runs of each algorithm, with seeds that follow one another.")
              .onlyFor(BENCHMARK));
  static final Key<Integer> BENCHMARK_ITERATIONS =
      put(
          key(
                  "benchmark.iterations",
                  ValueType.integer(1),
                  "100000",
                  "The most outer iterations of a run; evaluations of Φ by lbfgs.")
              .in("iterations")
              .onlyFor(BENCHMARK));
  static final Key<Double> BENCHMARK_SECONDS =
      put(
          key(
                  "benchmark.seconds",
                  ValueType.positive(),
                  "20",
                  "A run ends when its own clock has reached this; evaluations of Φ are outside it,"
                      + " and grid and random try all their points.")
              .in("seconds")
              .onlyFor(BENCHMARK));
  static final Key<List<Double>> BENCHMARK_TARGETS =
      put(
          key(
                  "benchmark.targets",
                  ValueType.number().list(),
                  "[]",
                  "Values of Φ whose first reaching is reported; a run ends at the least of them.")
              .onlyFor(BENCHMARK));

  static final ArenaKeys ARENAS = new ArenaKeys();

  static {
    ALL.addAll(ARENAS.all());
  }

  /** Every key, in the order of the documentation. */
  public static final List<Key<?>> CATALOGUE = Collections.unmodifiableList(ALL);

  private Keys() {}

  /** Whether a job finds wrong labels, alone or beside others. */
  static boolean cleans(String job) {
    return job.equals(CLEAN) || job.equals(ARENA);
  }

  static <T> Key<T> key(String path, ValueType<T> type, String defaultText, String doc) {
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
