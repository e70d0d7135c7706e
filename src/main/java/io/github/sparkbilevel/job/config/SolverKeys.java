package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.job.config.ValueType.Choice;
import io.github.sparkbilevel.ml.NetworkParams;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The keys that say how the bilevel problem is solved. */
final class SolverKeys {

  /** What {@code solver.algorithm = auto} stands for, save for example weights. */
  static final Auto<String> AUTO_ALGORITHM = new Auto<>(Keys.NBO, Keys.LBFGS);

  /** What {@code solver.iterations = auto} stands for. */
  static final Auto<Integer> AUTO_ITERATIONS = new Auto<>(40, 60);

  /** What {@code solver.patience = auto} stands for. */
  static final Auto<Integer> AUTO_PATIENCE = new Auto<>(10, 5);

  /** What {@code solver.precision = auto} stands for. */
  static final Auto<String> AUTO_PRECISION = new Auto<>("single", "double");

  /** What {@code solver.products = auto} stands for. */
  static final int PRODUCTS = 2;

  /** The same for networks. */
  static final int NETWORK_PRODUCTS = NetworkParams.PRODUCTS;

  /** What {@code solver.damping = auto} stands for where networks are cleaned with. */
  static final double NETWORK_DAMPING = NetworkParams.DAMPING;

  final Key<Choice<String>> algorithm;
  final Key<String> curvature;
  final Key<Integer> sketch;
  final Key<Choice<Integer>> products;
  final Key<Choice<Integer>> iterations;
  final Key<Integer> warmupPasses;
  final Key<Double> tolerance;
  final Key<Choice<Double>> damping;
  final Key<Choice<Integer>> patience;
  final Key<Double> heldOut;
  final Key<Choice<String>> precision;
  final Key<String> backend;
  final Key<String> device;
  private final List<Key<?>> all = new ArrayList<>();

  SolverKeys() {
    algorithm =
        put(
            Keys.key(
                    "solver.algorithm",
                    ValueType.string().orWord("auto"),
                    "auto",
                    "nbo: inexact Newton with one Hessian for the lower level and the adjoint;"
                        + " lbfgs: projected L-BFGS on hypergradients, in the job tune without"
                        + " example-weights; for a λ on the driver also one of benchmark.runs but"
                        + " grid and random, with its options, or one of a jar; auto is lbfgs where it can be and nbo elsewhere.")
                .onlyFor(Keys.CLEAN, Keys.TUNE));
    curvature =
        put(
            Keys.key(
                    "solver.curvature",
                    ValueType.name(
                        Stream.of(List.of("auto"), Keys.CURVATURES, Keys.MORE_CURVATURES)
                            .flatMap(List::stream)
                            .toArray(String[]::new)),
                    "auto",
                    "How linear systems in the Hessian are solved; auto goes by the number of"
                        + " coefficients; ekfac-cg is for mlp; kfac, neumann and identity are to"
                        + " compare with, in the job clean.")
                .onlyFor(Keys.CLEAN, Keys.TUNE, Keys.BENCHMARK));
    sketch =
        put(
            Keys.key(
                    "solver.sketch",
                    ValueType.integer(1),
                    "20",
                    "Columns of the sketch of nystrom-cg, made in one pass.")
                .in("columns"));
    products =
        put(
            Keys.key(
                    "solver.products",
                    ValueType.integer(1).orWord("auto"),
                    "auto",
                    "Hessian products in one iteration of nbo, each of which costs a pass; auto is "
                        + PRODUCTS
                        + ", and "
                        + NETWORK_PRODUCTS
                        + " with mlp.")
                .in("passes")
                .onlyFor(Keys.CLEAN, Keys.TUNE, Keys.BENCHMARK));
    iterations =
        put(
            Keys.key(
                    Keys.ITERATIONS,
                    ValueType.integer(1).orWord("auto"),
                    "auto",
                    "The most outer iterations; " + AUTO_ITERATIONS.doc())
                .in("iterations")
                .onlyFor(Keys.CLEAN, Keys.TUNE));
    warmupPasses =
        put(
            Keys.key(
                    "solver.warmupPasses",
                    ValueType.integer(0),
                    "60",
                    "The most passes that nbo spends on the lower level alone before the upper"
                        + " variable moves.")
                .in("passes")
                .onlyFor(Keys.CLEAN, Keys.TUNE));
    tolerance =
        put(
            Keys.key(
                    "solver.tolerance",
                    ValueType.nonNegative(),
                    "1e-2",
                    "The warm-up of nbo ends when the largest entry of the lower gradient has"
                        + " fallen to this share of the first one.")
                .onlyFor(Keys.CLEAN, Keys.TUNE));
    damping =
        put(
            Keys.key(
                "solver.damping",
                ValueType.nonNegative().orWord("auto"),
                "auto",
                "Is added to the diagonal of the Hessian in every linear system; auto is 0, and "
                    + NETWORK_DAMPING
                    + " in the job clean with mlp."));
    patience =
        put(
            Keys.key(
                    "solver.patience",
                    ValueType.integer(1).orWord("auto"),
                    "auto",
                    "Stop after this many iterations without a better loss: on the held-out trusted"
                        + " rows in the job clean, by upper.tolerance in the job tune; "
                        + AUTO_PATIENCE.doc())
                .in("iterations")
                .onlyFor(Keys.CLEAN, Keys.TUNE));
    heldOut =
        put(
            Keys.key(
                    "solver.heldOut",
                    ValueType.between(0, 0.9),
                    "0.2",
                    "The share of the trusted rows held out to stop early and to choose the model"
                        + " by.")
                .in("share of the trusted rows")
                .onlyFor(Keys.CLEAN));
    precision =
        put(
            Keys.key(
                    "solver.precision",
                    ValueType.name("single", "double").orWord("auto"),
                    "auto",
                    "The precision of the features and of the products over them; "
                        + AUTO_PRECISION.doc())
                .onlyFor(Keys.CLEAN, Keys.TUNE, Keys.BENCHMARK));
    backend =
        put(
            Keys.key(
                "solver.backend",
                ValueType.name("auto", "jvm", "netlib", "nd4j"),
                "auto",
                "Who computes dense products; auto chooses by their shape."));
    device =
        put(
            Keys.key(
                "solver.device",
                ValueType.name("auto", "cpu", "gpu"),
                "auto",
                "Where products are computed; gpu needs a backend for GPUs, which is not part of"
                    + " this build, and a GPU for each task; auto takes them where both are"
                    + " there."));
  }

  private <T> Key<T> put(Key<T> key) {
    all.add(key);
    return key;
  }

  /** All of them, in the order of the documentation. */
  List<Key<?>> all() {
    return all;
  }
}
