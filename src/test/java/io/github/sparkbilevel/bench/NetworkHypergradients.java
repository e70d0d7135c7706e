package io.github.sparkbilevel.bench;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.Hypergradients;
import io.github.sparkbilevel.bilevel.Hypergradients.Answer;
import io.github.sparkbilevel.bilevel.Hypergradients.Budget;
import io.github.sparkbilevel.bilevel.PlainModels;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.curvature.KroneckerEigen;
import io.github.sparkbilevel.curvature.KroneckerEigen.Damping;
import io.github.sparkbilevel.curvature.KroneckerSettings;
import io.github.sparkbilevel.curvature.RowSampleSource;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Fisher;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.ParameterBlock;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.oracle.RowSample;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.training.Training;
import io.github.sparkbilevel.solve.ConjugateGradient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Relative error and cosine of the hypergradient of the row weights of MNIST through a network, by
 * method and products, against sampled CG run for long; passes, bytes back, memory of the driver
 * and seconds.
 *
 * <p>Arguments: folder, then {@code key=value}: rows, hidden (256, 512,512 or lenet), l2, damping,
 * epochs, fisher (exact, drawn, empirical), kind (of damping: exact, per-factor), weights (half, or
 * moved: those of a weight function with λ = (−½, 2, 2)), products (1,3,5,10), reference (products
 * of the solve that all are compared with).
 */
public final class NetworkHypergradients {
  private static final int BATCH = 128;
  private final Map<String, String> options = new TreeMap<>();
  private final List<PartitionData> data;
  private final int rows;
  private final double damping;
  private final KroneckerSettings factors;
  private final Network model;
  private final LocalEngine engine;
  private final BlockOracle oracle;
  private Evaluation point;
  private double[] expected;

  private NetworkHypergradients(String[] args) throws Exception {
    for (int i = 1; i < args.length; i++) {
      String[] pair = args[i].split("=", 2);
      options.put(pair[0], pair[1]);
    }
    rows = (int) number("rows", 10_000);
    damping = number("damping", 1e-2);
    Fisher fisher =
        switch (text("fisher", "exact")) {
          case "exact" -> new Fisher.Exact();
          case "drawn" -> new Fisher.MonteCarlo(1, 3);
          default -> new Fisher.Empirical();
        };
    boolean exact = text("kind", "exact").equals("exact");
    factors = new KroneckerSettings(0, exact ? Damping.EXACT : Damping.PER_FACTOR);
    model = NetworkKernels.model(text("hidden", "256")).with(fisher);
    data = MnistRows.load(Path.of(args[0]), rows, 300, false, 0.4, 1, 1);
    UpperVariable variable =
        isMoved() ? new WeightFunction(WeightFunction.WITHOUT_START, 0) : new ExampleWeights(0);
    Penalty penalty = Penalty.fixed(model, number("l2", 1e-3), false);
    engine = new LocalEngine(data);
    oracle = new BlockOracle(new BilevelProblem(model, variable, penalty), engine, "auto", rows);
  }

  /** Prints one line per method and number of products. */
  public static void main(String[] args) throws Exception {
    new NetworkHypergradients(args).run();
  }

  private String text(String key, String fallback) {
    return options.getOrDefault(key, fallback);
  }

  private double number(String key, double fallback) {
    return Double.parseDouble(text(key, "" + fallback));
  }

  private boolean isMoved() {
    return text("weights", "half").equals("moved");
  }

  private void run() {
    Training training = Training.adam((int) number("epochs", 10), 1).batch(BATCH);
    double[] lambda = isMoved() ? new double[] {-0.5, 2, 2} : new double[0];
    double[] theta = model.initial(1);
    if (isMoved()) {
      BlockKernel kernel = BlockKernel.of(model, "auto");
      double[] trusted =
          PlainModels.fitAll(kernel, engine, number("l2", 1e-3), Training.adam(10, 1).batch(BATCH));
      oracle.makeFeatures(trusted, 0, theta);
      theta = Hypergradients.trained(oracle, lambda, theta, training);
      oracle.makeFeatures(trusted, 0, theta);
    }
    theta = Hypergradients.trained(oracle, lambda, theta, training);
    point = oracle.lower(null, lambda).at(theta, Extra.NONE);
    double[] s = weights();
    Arrays.sort(s);
    System.out.printf(
        "G %.4f, |∇G| %.2e, test %.4f, weights' quartiles %.2f %.2f %.2f%n",
        point.value(),
        Vectors.norm(point.gradient()),
        point.test().accuracy(),
        s[rows / 4],
        s[rows / 2],
        s[3 * rows / 4]);
    Hypergradients methods = new Hypergradients(1e-8, 0, Curvature.SKETCH_COLUMNS);
    Budget longest = new Budget(damping, (int) number("reference", 150), factors);
    Answer reference = methods.answer(oracle, point, Curvature.SAMPLED_CG, longest);
    expected = rowGradient(reference.adjoint());
    System.out.printf(
        "reference: %s, %d passes, %.1f s, residual %.1e%n",
        reference.status(),
        reference.cost().passes(),
        reference.cost().seconds(),
        residual(reference.adjoint()));
    int[] budgets =
        Arrays.stream(text("products", "1,3,5,10").split(",", -1))
            .mapToInt(Integer::parseInt)
            .toArray();
    for (Curvature method :
        List.of(
            Curvature.IDENTITY,
            Curvature.NEUMANN,
            Curvature.CG,
            Curvature.KFAC,
            Curvature.KFAC_CG,
            Curvature.EKFAC_CG,
            Curvature.SAMPLED_CG)) {
      boolean direct = method == Curvature.IDENTITY || method == Curvature.KFAC;
      for (int products : direct ? new int[] {0} : budgets) {
        int besides = method == Curvature.EKFAC_CG || method == Curvature.SAMPLED_CG ? 1 : 0;
        Budget budget = new Budget(damping, Math.max(1, products + besides), factors);
        int before = engine.ledger().passes();
        Answer answer = methods.answer(oracle, point, method, budget);
        print(method, products, answer.adjoint(), before, answer.cost().seconds());
      }
    }
    for (boolean both : new boolean[] {true, false}) {
      var m = inverse(both);
      for (int products : budgets) {
        var cg = new ConjugateGradient(products, 1e-13);
        double[] u =
            cg.solve(point.hessian(damping), new double[][] {point.upperGradient()}, m)
                .columns()[0];
        System.out.printf(
            "s on %s, T = %2d: error %.3f%n",
            both ? "both sides" : "the outputs' side", products, error(rowGradient(u)));
      }
    }
  }

  private double residual(double[] u) {
    double[] r = Vectors.plus(point.hessian(damping).apply(u), -1, point.upperGradient());
    return Vectors.norm(r) / Vectors.norm(point.upperGradient());
  }

  private double error(double[] got) {
    return Vectors.norm(Vectors.plus(got, -1, expected)) / Vectors.norm(expected);
  }

  private void print(Curvature method, int products, double[] u, int before, double seconds) {
    double[] got = rowGradient(u);
    List<PassLedger.Entry> passes = engine.ledger().entries();
    double back =
        passes.subList(before, passes.size()).stream()
            .mapToDouble(PassLedger.Entry::bytesBack)
            .sum();
    System.out.printf(
        "%-9s T = %2d: error %.3f, cosine %.4f, length %.2f, %d passes, %.1f MiB back, driver %.0f"
            + " MiB, %.2f s%n",
        method.label(),
        products,
        error(got),
        Vectors.dot(got, expected) / Vectors.norm(got) / Vectors.norm(expected),
        Vectors.norm(got) / Vectors.norm(expected),
        passes.size() - before,
        back / (1 << 20),
        driverBytes(method) / (1 << 20),
        seconds);
  }

  /**
   * What a solve holds at most: vectors of the recurrence, and factors as Curvature counts them.
   */
  private double driverBytes(Curvature method) {
    int vectors =
        switch (method) {
          case IDENTITY, KFAC -> 2;
          case NEUMANN -> 4;
          case EKFAC_CG -> 7;
          default -> 6;
        };
    double numbers = 0;
    double widest = 0;
    for (ParameterBlock layer : model.parameters()) {
      double q = layer.height();
      double k = layer.outputs();
      numbers += q * q + k * k;
      widest = Math.max(widest, Math.max(q, k));
    }
    boolean sampled = method == Curvature.SAMPLED_CG;
    boolean kronecker = sampled || method.label().contains("kfac");
    int inputs = model.features();
    return 8.0 * vectors * model.size()
        + (kronecker ? 24 * (numbers + widest * widest) : 0)
        + (sampled ? RowSample.bytes(RowSampleSource.ROWS, inputs) : 0);
  }

  private double[] weights() {
    List<Double> all = new ArrayList<>();
    for (PartitionState state : engine.states(oracle.states(point))) {
      for (double[] weights : state.weights()) {
        Arrays.stream(weights).forEach(all::add);
      }
    }
    return all.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** The inverse of factors whose A is weighted by the rows' weights, or not. */
  private Preconditioner inverse(boolean both) {
    BlockKernel kernel = BlockKernel.of(model, "auto");
    double[] weighted = new double[kernel.factorSums()];
    double[] plain = new double[kernel.factorSums()];
    List<PartitionState> states = engine.states(oracle.states(point));
    for (int p = 0; p < data.size(); p++) {
      Block[] blocks = data.get(p).train();
      for (int b = 0; b < blocks.length; b++) {
        double[] predictions = states.get(p).predictions(b);
        double[] s = states.get(p).weights()[b];
        double[] ones = new double[s.length];
        Arrays.fill(ones, 1);
        add(kernel, blocks[b], predictions, s, weighted);
        if (!both) {
          add(kernel, blocks[b], predictions, ones, plain);
        }
      }
    }
    List<KroneckerFactors> of = kernel.factors(weighted, 0, rows);
    if (!both) {
      List<KroneckerFactors> mixed = new ArrayList<>();
      List<KroneckerFactors> unweighted = kernel.factors(plain, 0, rows);
      for (int l = 0; l < of.size(); l++) {
        mixed.add(new KroneckerFactors(unweighted.get(l).inputs(), of.get(l).outputs()));
      }
      of = mixed;
    }
    double[] penalty = oracle.problem().penaltyDiagonal(point.lambda());
    return KroneckerEigen.of(of).orElseThrow().inverse(penalty, damping, factors.damping());
  }

  private void add(
      BlockKernel kernel, Block block, double[] predictions, double[] s, double[] sums) {
    var at = BlockKernel.At.one(point.theta(), predictions, s);
    kernel.kroneckerFactors(block, at, (id, number) -> 0.5, sums, 0);
  }

  /** ⟨∇ℓ_i, u⟩ of every training row. */
  private double[] rowGradient(double[] u) {
    BlockKernel kernel = BlockKernel.of(model, "auto");
    int k = model.outputs();
    List<Double> all = new ArrayList<>();
    for (PartitionData partition : data) {
      for (Block block : partition.train()) {
        RowOutputs outputs = RowOutputs.allocate(block.rows(), 1, k, true);
        kernel.predict(block, point.theta(), 1, u, outputs);
        for (double directional : outputs.directional(model.loss(), block.labels())) {
          all.add(directional);
        }
      }
    }
    return all.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
