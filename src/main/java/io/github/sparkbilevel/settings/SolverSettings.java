package io.github.sparkbilevel.settings;

import static io.github.sparkbilevel.settings.Keys.BENCHMARK;
import static io.github.sparkbilevel.settings.Keys.CLEAN;
import static io.github.sparkbilevel.settings.Keys.TUNE;

import java.util.List;
import java.util.stream.Stream;

/** How the bilevel problem is solved. */
public final class SolverSettings {
  static final Group KEYS = new Group("solver.");

  public static final Setting<String> ALGORITHM =
      KEYS.key("algorithm", Types.string(), "auto")
          .only(CLEAN, TUNE)
          .param("algorithm")
          .auto(use -> "auto", "auto is lbfgs where it can be and nbo elsewhere")
          .text(
              "nbo: inexact Newton with one Hessian for the lower level and the adjoint; lbfgs:"
                  + " projected L-BFGS on hypergradients, in the job tune without example-weights;"
                  + " for a λ on the driver also one of benchmark.runs but grid and random, with its"
                  + " options, or one of a jar (docs/extending.md)");

  public static final Setting<String> CURVATURE =
      KEYS.key("curvature", curvatures(Keys.MORE_CURVATURES), "auto")
          .only(CLEAN, TUNE, BENCHMARK)
          .param("curvature")
          .narrow(curvatures(List.of()), Stage.TUNERS)
          .text(
              "How linear systems in the Hessian are solved; auto takes what is estimated to be"
                  + " fastest for the numbers of rows, features and classes; ekfac-cg is for networks; kfac, neumann and identity are to"
                  + " compare with, in the job clean");

  public static final Setting<Integer> SKETCH =
      KEYS.key("sketch", Types.integer(1), "20")
          .unit("columns")
          .param("sketchColumns")
          .text("Columns of the sketch of nystrom-cg, made in one pass");

  public static final Setting<Integer> PRODUCTS =
      KEYS.key("products", Types.integer(1), "auto")
          .unit("passes")
          .only(CLEAN, TUNE, BENCHMARK)
          .param("products")
          .auto(use -> use.network() ? 5 : 2, "auto is 2, and 5 with a network")
          .text("Hessian products in one iteration of nbo, each of which costs a pass");

  public static final Setting<Integer> ITERATIONS =
      KEYS.key("iterations", Types.integer(1), "auto")
          .unit("iterations")
          .only(CLEAN, TUNE)
          .param("maxIter")
          .auto(40, 60)
          .text("The most outer iterations");

  public static final Setting<Integer> WARMUP_PASSES =
      KEYS.key("warmupPasses", Types.integer(0), "60")
          .unit("passes")
          .only(CLEAN, TUNE)
          .param("warmupPasses")
          .text(
              "The most passes that nbo spends on the lower level alone before the upper variable"
                  + " moves");

  public static final Setting<Double> WARMUP_TOLERANCE =
      KEYS.key("tolerance", Types.nonNegative(), "1e-2")
          .only(CLEAN, TUNE)
          .param("warmupTol")
          .text(
              "The warm-up of nbo ends when the largest entry of the lower gradient has fallen to"
                  + " this share of the first one");

  public static final Setting<Double> DAMPING =
      KEYS.key("damping", Types.nonNegative(), "auto")
          .param("damping")
          .auto(
              use -> use.network() && use.cleans() ? 1e-2 : 0.0,
              "auto is 0, and 0.01 in the job clean with a network")
          .text("What is added to the diagonal of the Hessian in every linear system");

  public static final Setting<Integer> PATIENCE =
      KEYS.key("patience", Types.integer(1), "auto")
          .unit("iterations")
          .only(CLEAN, TUNE)
          .param("patience")
          .auto(10, 5)
          .text(
              "Stop after this many iterations without a better loss: on the held-out trusted rows"
                  + " in the job clean, by {upper.tolerance} in the job tune");

  public static final Setting<Double> HELD_OUT =
      KEYS.key("heldOut", Types.between(0, 0.9), "0.2")
          .unit("share of the trusted rows")
          .only(CLEAN)
          .param("heldOut", Stage.CLEANER)
          .text("The share of the trusted rows held out to stop early and to choose the model by");

  public static final Setting<String> PRECISION =
      KEYS.key("precision", Types.name("single", "double"), "auto")
          .only(CLEAN, TUNE, BENCHMARK)
          .param("precision")
          .auto("single", "double")
          .text("The precision of the features and of the products over them");

  public static final Setting<String> BACKEND =
      KEYS.key("backend", Types.name("auto", "jvm", "netlib", "nd4j"), "auto")
          .param("backend")
          .text("Who computes dense products; auto chooses by their shape");

  public static final Setting<String> DEVICE =
      KEYS.key("device", Types.name("auto", "cpu", "gpu"), "auto")
          .param("device")
          .text(
              "Where products are computed; gpu needs NVIDIA's driver on the executors and a GPU"
                  + " for each task, and networks that begin with a dense layer; auto takes GPUs"
                  + " where all of that is there");

  public static final Setting<Double> DEVICE_MEMORY =
      KEYS.key("deviceMemory", Types.between(0.01, 1), "0.8")
          .unit("share of a GPU's memory")
          .param("deviceMemory")
          .text(
              "How much of a GPU's memory rows may take; those that do not fit are copied to it in"
                  + " every pass");

  private static ValueType<String> curvatures(List<String> more) {
    return Types.name(
        Stream.of(List.of("auto"), Keys.CURVATURES, more).flatMap(List::stream).toList());
  }

  private SolverSettings() {}
}
