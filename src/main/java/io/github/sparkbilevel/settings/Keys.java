package io.github.sparkbilevel.settings;

import java.util.List;
import java.util.stream.Stream;

/** The words that several settings and their readers share: jobs, models, upper variables. */
public final class Keys {

  /** The key of the most outer iterations. */
  public static final String ITERATIONS = "solver.iterations";

  // Jobs: find wrong labels, tune penalties, evaluate ∇Φ, compare algorithms or ways to clean.
  public static final String CLEAN = "clean";
  public static final String TUNE = "tune";
  public static final String HYPERGRADIENT = "hypergradient";
  public static final String BENCHMARK = "benchmark";
  public static final String ARENA = "arena";

  // Models: of real-valued labels, of several labels a row, a network of dense layers, and one of
  // any layers.
  public static final String LINEAR = "linear";
  public static final String MULTI_LABEL = "multi-label";
  public static final String MLP = "mlp";
  public static final String NETWORK = "network";

  // The losses of real-valued labels, unless the user says it.
  public static final String SQUARED = "squared";
  public static final String HUBER = "huber";

  // Upper variables.
  public static final String EXAMPLE_WEIGHTS = "example-weights";
  public static final String GROUP_WEIGHTS = "group-weights";
  public static final String NOISE_MODEL = "noise-model";
  public static final String WEIGHT_FUNCTION = "weight-function";
  public static final String L1 = "l1";
  public static final String L2 = "l2";
  public static final String L2_PER_LAYER = "l2-per-layer";
  public static final String L2_PER_CLASS = "l2-per-class";
  public static final String L2_PER_FEATURE = "l2-per-feature";
  public static final String L2_PER_COEFFICIENT = "l2-per-coefficient";
  public static final String L2_PER_GROUP = "l2-per-group";
  public static final String L2_BY_VARIANCE = "l2-by-variance";

  // Algorithms.
  public static final String NBO = "nbo";
  public static final String LBFGS = "lbfgs";

  // Searches for one penalty; mllib is by Spark itself.
  public static final String GRID = "grid";
  public static final String RANDOM = "random";
  public static final String MLLIB = "mllib";
  public static final String CROSS_VALIDATION = "cross-validation";

  /** What cross-validation finds besides: two penalties by the variance of features. */
  public static final String CROSS_VALIDATION_BY_VARIANCE = "cross-validation-by-variance";

  /** The models that folds of all rows chose. */
  public static final List<String> BY_FOLDS =
      List.of(CROSS_VALIDATION, CROSS_VALIDATION_BY_VARIANCE);

  // The rows of the saved model.
  public static final String ALL = "all";
  public static final String TRAIN = "train";

  /** The models that are networks. */
  public static final List<String> NETWORKS = List.of(MLP, NETWORK);

  /** The jobs. */
  public static final List<String> JOBS = List.of(CLEAN, TUNE, HYPERGRADIENT, BENCHMARK, ARENA);

  /** Ways to solve linear systems to any accuracy. */
  static final List<String> CURVATURES =
      List.of("exact", "kfac-cg", "sampled-cg", "nystrom-cg", "jacobi-cg", "working-set", "cg");

  /** Ways that are for networks, or to compare with. */
  static final List<String> MORE_CURVATURES = List.of("ekfac-cg", "kfac", "neumann", "identity");

  /** The ways to spoil the labels of rows of any kind. */
  static final List<String> LABEL_CORRUPTIONS =
      List.of("uniform", "next-class", "class-dependent", "by-group", "weak-labeller");

  /** The ways that leave wrong labels; backdoor is for images. */
  static final List<String> DETECTABLE_CORRUPTIONS = with(LABEL_CORRUPTIONS, "backdoor");

  /** The ways to spoil training rows; long-tail leaves labels right, the last two are for reals. */
  static final List<String> CORRUPTIONS =
      Stream.concat(DETECTABLE_CORRUPTIONS.stream(), Stream.of("long-tail", "outliers", "units"))
          .toList();

  /** A model of the trusted rows and of what the noisy model knows. */
  static final String TRANSFER = "transfer";

  /** The model of all rows by the squared loss, where that is not the loss of all models. */
  static final String LEAST_SQUARES = "least-squares";

  /** The models beside a cleaned one, unless the user says it. */
  static final List<String> CLEAN_DEFAULT =
      List.of(
          "noisy",
          "trusted",
          "confident-learning",
          "noise-model",
          "labeller-model",
          "dawid-skene",
          "cleaned");

  /** The models beside a cleaned one. */
  static final List<String> CLEAN_BASELINES =
      List.of(
          "noisy",
          LEAST_SQUARES,
          "trusted",
          TRANSFER,
          "confident-learning",
          "noise-model",
          "labeller-model",
          "gold-loss-correction",
          "forward-correction",
          "dawid-skene",
          "cleaned");

  /** Those beside one of real labels, unless the user says it. */
  static final List<String> REAL_DEFAULT = List.of("noisy", LEAST_SQUARES, "trusted", "cleaned");

  /** Those of {@link #CLEAN_BASELINES} that take no classes. */
  static final List<String> REAL_BASELINES =
      List.of("noisy", LEAST_SQUARES, "trusted", TRANSFER, "cleaned");

  /** Those that are fitted with trusted rows. */
  static final List<String> GUIDED_BASELINES =
      List.of("trusted", TRANSFER, "labeller-model", "gold-loss-correction");

  /** The searches beside a tuned model. */
  static final List<String> TUNE_BASELINES = List.of(GRID, RANDOM, CROSS_VALIDATION, MLLIB);

  /** Those that nobody has to ask for. */
  static final List<String> TUNE_DEFAULT = List.of(CROSS_VALIDATION);

  private static List<String> with(List<String> words, String another) {
    return Stream.concat(words.stream(), Stream.of(another)).toList();
  }

  private Keys() {}
}
