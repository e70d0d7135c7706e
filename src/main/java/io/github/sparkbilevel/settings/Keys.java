package io.github.sparkbilevel.settings;

import java.util.List;

/** The words that several settings and their readers share: jobs, models, upper variables. */
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

  /** The jobs. */
  public static final List<String> JOBS = List.of(CLEAN, TUNE, HYPERGRADIENT, BENCHMARK, ARENA);

  /** The kinds of weights that can be tuned. */
  public static final List<String> WEIGHTS =
      List.of(WEIGHT_FUNCTION, EXAMPLE_WEIGHTS, GROUP_WEIGHTS);

  /** The penalties that can be tuned. */
  public static final List<String> PENALTIES =
      List.of(L2, L2_PER_LAYER, L2_PER_CLASS, L2_PER_FEATURE, L2_PER_COEFFICIENT, L2_PER_GROUP);

  /** Ways to solve linear systems to any accuracy. */
  static final List<String> CURVATURES =
      List.of("exact", "kfac-cg", "sampled-cg", "nystrom-cg", "jacobi-cg", "cg");

  /** Ways that are for networks, or to compare with. */
  static final List<String> MORE_CURVATURES = List.of("ekfac-cg", "kfac", "neumann", "identity");

  /** The ways to spoil labels. */
  static final List<String> CORRUPTIONS =
      List.of("uniform", "next-class", "by-group", "weak-labeller");

  /** The plain models beside a cleaned one. */
  static final List<String> CLEAN_BASELINES =
      List.of("noisy", "trusted", "confident-learning", "cleaned");

  /** The searches beside a tuned model. */
  static final List<String> TUNE_BASELINES = List.of(GRID, RANDOM, MLLIB);

  private Keys() {}
}
