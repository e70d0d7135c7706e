package io.github.sparkbilevel.settings;

import static io.github.sparkbilevel.settings.Keys.BENCHMARK;
import static io.github.sparkbilevel.settings.Keys.CLEAN;
import static io.github.sparkbilevel.settings.Keys.TUNE;

import java.util.List;
import java.util.stream.Stream;

/** How the bilevel problem is solved. */
public final class SolverSettings {
  static final Group SOLVER = new Group("solver.");

  /** How λ moves. */
  public static final Setting<String> ALGORITHM =
      SOLVER
          .key("algorithm", Types.name(Keys.NBO, Keys.LBFGS), "auto")
          .only(CLEAN, TUNE)
          .param("algorithm", Stage.TUNERS)
          .auto(use -> "auto", "auto is lbfgs where it can be and nbo elsewhere")
          .text(
              "nbo: inexact Newton with one Hessian for the lower level and the adjoint; lbfgs:"
                  + " projected L-BFGS on hypergradients, in the job tune without example-weights");

  /** How linear systems are solved. */
  public static final Setting<String> CURVATURE =
      SOLVER
          .key("curvature", curvatures(Keys.MORE_CURVATURES), "auto")
          .only(CLEAN, TUNE, BENCHMARK)
          .param("curvature")
          .narrow(curvatures(List.of()), Stage.TUNERS)
          .text(
              "How linear systems in the Hessian are solved; auto goes by the number of"
                  + " coefficients; ekfac-cg is for mlp; kfac, neumann and identity are to compare"
                  + " with, in the job clean");

  /** Columns of a sketch. */
  public static final Setting<Integer> SKETCH =
      SOLVER
          .key("sketch", Types.integer(1), "20")
          .unit("columns")
          .param("sketchColumns")
          .text("Columns of the sketch of nystrom-cg, made in one pass");

  /** T: products of an iteration. */
  public static final Setting<Integer> PRODUCTS =
      SOLVER
          .key("products", Types.integer(1), "auto")
          .unit("passes")
          .only(CLEAN, TUNE, BENCHMARK)
          .param("products")
          .auto(use -> use.network() ? 5 : 2, "auto is 2, and 5 with mlp")
          .text("Hessian products in one iteration of nbo, each of which costs a pass");

  /** The most iterations. */
  public static final Setting<Integer> ITERATIONS =
      SOLVER
          .key("iterations", Types.integer(1), "auto")
          .unit("iterations")
          .only(CLEAN, TUNE)
          .param("maxIter")
          .auto(40, 60)
          .text("The most outer iterations");

  /** The most passes of the warm-up. */
  public static final Setting<Integer> WARMUP_PASSES =
      SOLVER
          .key("warmupPasses", Types.integer(0), "60")
          .unit("passes")
          .only(CLEAN, TUNE)
          .param("warmupPasses")
          .text(
              "The most passes that nbo spends on the lower level alone before the upper variable"
                  + " moves");

  /** When the warm-up ends. */
  public static final Setting<Double> WARMUP_TOLERANCE =
      SOLVER
          .key("tolerance", Types.nonNegative(), "1e-2")
          .only(CLEAN, TUNE)
          .param("warmupTol")
          .text(
              "The warm-up of nbo ends when the largest entry of the lower gradient has fallen to"
                  + " this share of the first one");

  /** δ: what is added to the Hessian. */
  public static final Setting<Double> DAMPING =
      SOLVER
          .key("damping", Types.nonNegative(), "auto")
          .param("damping")
          .auto(
              use -> use.network() && use.cleans() ? 1e-2 : 0.0,
              "auto is 0, and 0.01 in the job clean with mlp")
          .text("Is added to the diagonal of the Hessian in every linear system");

  /** When a run without progress ends. */
  public static final Setting<Integer> PATIENCE =
      SOLVER
          .key("patience", Types.integer(1), "auto")
          .unit("iterations")
          .only(CLEAN, TUNE)
          .param("patience")
          .auto(10, 5)
          .text(
              "Stop after this many iterations without a better loss: on the held-out trusted rows"
                  + " in the job clean, by {upper.tolerance} in the job tune");

  /** The share of the trusted rows that is held out. */
  public static final Setting<Double> HELD_OUT =
      SOLVER
          .key("heldOut", Types.between(0, 0.9), "0.2")
          .unit("share of the trusted rows")
          .only(CLEAN)
          .param("heldOut", Stage.CLEANER)
          .text(
              "The share of the trusted rows held out to stop early and to choose the model by");

  /** The precision of products. */
  public static final Setting<String> PRECISION =
      SOLVER
          .key("precision", Types.name("single", "double"), "auto")
          .only(CLEAN, TUNE, BENCHMARK)
          .param("precision")
          .auto("single", "double")
          .text("The precision of the features and of the products over them");

  /** Who computes products. */
  public static final Setting<String> BACKEND =
      SOLVER
          .key("backend", Types.name("auto", "jvm", "netlib", "nd4j"), "auto")
          .param("backend")
          .text("Who computes dense products; auto chooses by their shape");

  /** Where products are computed. */
  public static final Setting<String> DEVICE =
      SOLVER
          .key("device", Types.name("auto", "cpu", "gpu"), "auto")
          .param("device")
          .text(
              "Where products are computed; gpu needs a backend for GPUs, which is not part of this"
                  + " build, and a GPU for each task; auto takes them where both are there");

  private static ValueType<String> curvatures(List<String> more) {
    return Types.name(
        Stream.of(List.of("auto"), Keys.CURVATURES, more).flatMap(List::stream).toList());
  }

  private SolverSettings() {}
}
