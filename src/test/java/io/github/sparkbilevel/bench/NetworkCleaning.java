package io.github.sparkbilevel.bench;

import static io.github.sparkbilevel.bench.ClockedEngine.cpu;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.bilevel.Cleaning;
import io.github.sparkbilevel.bilevel.CleaningResult;
import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.bilevel.NboSettings;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.curvature.KroneckerSettings;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.fit.Comparisons;
import io.github.sparkbilevel.problem.fit.Judge;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.training.Training;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Cleaning of MNIST by a network with the weight function, in one thread: accuracy, detection, and
 * where the CPU time goes.
 *
 * <p>Arguments: folder, then {@code key=value}: train, trusted, noise (uniform or next), fraction,
 * hidden, l2, curvature, products, iterations, damping, warm (passes), each (training passes of an
 * iteration), plain (passes), step (of λ), lr, baselines (all, none, or some with commas), seed,
 * clock (true: the CPU seconds of the process at the end of every pass).
 */
public final class NetworkCleaning {
  private final Map<String, String> options = new TreeMap<>();

  private NetworkCleaning(String[] args) {
    for (int i = 1; i < args.length; i++) {
      String[] pair = args[i].split("=", 2);
      options.put(pair[0], pair[1]);
    }
  }

  /** Prints a line for each iteration, one for each model, and the passes. */
  public static void main(String[] args) throws Exception {
    new NetworkCleaning(args).run(Path.of(args[0]));
  }

  private String text(String key, String fallback) {
    return options.getOrDefault(key, fallback);
  }

  private double number(String key, double fallback) {
    return Double.parseDouble(text(key, "" + fallback));
  }

  private int count(String key, int fallback) {
    return Integer.parseInt(text(key, "" + fallback));
  }

  private Set<Baseline> baselines() {
    Set<Baseline> chosen = EnumSet.noneOf(Baseline.class);
    for (String name : text("baselines", "all").split(",")) {
      switch (name) {
        case "all" -> chosen.addAll(EnumSet.complementOf(EnumSet.of(Baseline.TRANSFER)));
        case "none" -> {}
        default -> chosen.add(Baseline.valueOf(name.toUpperCase(Locale.ROOT)));
      }
    }
    return chosen;
  }

  private void run(Path folder) throws Exception {
    int train = count("train", 10_000);
    long seed = count("seed", 1);
    List<PartitionData> data =
        MnistRows.load(
            folder,
            train,
            count("trusted", 300),
            text("noise", "next").equals("uniform"),
            number("fraction", 0.4),
            count("partitions", 1),
            seed);
    List<Integer> hidden = new ArrayList<>();
    for (String width : text("hidden", "256").split(",")) {
      hidden.add(Integer.parseInt(width));
    }
    Network model = Network.dense(new SoftmaxLoss(10), 784, hidden, Activation.RELU);
    double l2 = number("l2", 1e-3);
    BilevelProblem problem =
        new BilevelProblem(
            model,
            new WeightFunction(WeightFunction.WITHOUT_START, 0),
            Penalty.fixed(model, l2, false));
    double lr = number("lr", 1e-3);
    Training training = Training.adam(1, seed).batch(count("batch", 128)).step(lr);
    Training each =
        training.passes(Math.max(1, count("each", 1))).annealed(false).step(number("eachLr", lr));
    Curvature curvature =
        Curvature.valueOf(text("curvature", "kfac-cg").toUpperCase().replace('-', '_'));
    NboSettings nbo =
        NboSettings.of(curvature)
            .withProducts(count("products", 5))
            .withIterations(count("iterations", 15))
            .withDamping(number("damping", 1e-2))
            .withPatience(0)
            .withFactorRefresh(count("refresh", 5))
            .withRows(0.3, -6, 6)
            .rotating(new NboSettings.Rotation(2, 5))
            .with(count("each", 1) == 0 ? null : each, KroneckerSettings.DEFAULT);
    CleaningSettings settings =
        CleaningSettings.of(problem, nbo)
            .withPenalty(l2)
            .from(new double[] {number("l0", 0), number("l1", 0), number("l2c", 0)}, -6, 6)
            .withStep(number("step", 0.3))
            .warmedUp(new CleaningSettings.WarmUp(1e-2, 40))
            .comparedWith(baselines())
            .onBackend(text("backend", "auto"))
            .withSeed(seed)
            .with(
                new CleaningSettings.Networks(
                    training.passes(count("warm", 3)).annealed(false),
                    training.passes(count("plain", 15))));
    LocalEngine engine = new LocalEngine(data);
    DenseBackends.byName("nd4j");
    double start = cpu();
    System.out.printf("rows read, libraries loaded: %.1f CPU s%n", start);
    PassEngine clocked =
        Boolean.parseBoolean(text("clock", "false")) ? new ClockedEngine(engine) : engine;
    Cleaning cleaning = new Cleaning(settings, clocked, train, record -> print(record, start));
    Cleaning.Learned learned = cleaning.learn();
    System.out.printf("learned: %.1f CPU s%n", cpu() - start);
    CleaningResult result = cleaning.compare(learned);
    System.out.printf(
        "compared: %.1f CPU s, best iteration %d, %s, selected %s%n",
        cpu() - start,
        result.course().bestIteration(),
        result.course().status(),
        result.selected());
    BlockKernel kernel = BlockKernel.of(model, "auto");
    result
        .models()
        .forEach(
            (name, candidate) ->
                System.out.printf(
                    "%-18s test %.4f loss %.4f  held out %.4f loss %.4f  AUROC %s%n",
                    name,
                    candidate.figures().test().accuracy(),
                    candidate.figures().test().loss(),
                    candidate.figures().heldOut().accuracy(),
                    candidate.figures().heldOut().loss(),
                    candidate.judge() == null
                        ? "-"
                        : "%.4f".formatted(auroc(kernel, data, candidate.judge()))));
    ledger(engine);
  }

  private static void print(IterationRecord r, double start) {
    System.out.printf(
        "%3d passes %4d cpu %6.1f  F %.4f %.4f  held out %.4f %.4f  test %.4f %.4f  G %.4f |dPhi|"
            + " %.2e  λ %.2f %.2f %.2f%n",
        r.iteration(),
        r.spent().passes(),
        cpu() - start,
        r.figures().upper().loss(),
        r.figures().upper().accuracy(),
        r.figures().heldOut().loss(),
        r.figures().heldOut().accuracy(),
        r.figures().test().loss(),
        r.figures().test().accuracy(),
        r.point().lowerObjective(),
        r.step().hypergradientNorm(),
        r.point().lambda()[0],
        r.point().lambda()[1],
        r.point().lambda()[2]);
  }

  private static void ledger(LocalEngine engine) {
    Map<String, double[]> byKind = new TreeMap<>();
    for (PassLedger.Entry entry : engine.ledger().entries()) {
      double[] sum =
          byKind.computeIfAbsent(
              entry.phase() + " " + entry.name() + " (" + entry.kernels() + ")",
              k -> new double[2]);
      sum[0] += 1;
      sum[1] += entry.millis();
    }
    byKind.forEach(
        (kind, sum) ->
            System.out.printf(
                "%5.0f passes %9.0f ms, %7.0f each  %s%n", sum[0], sum[1], sum[1] / sum[0], kind));
  }

  private record Scored(double quality, boolean bad) {}

  private static double auroc(BlockKernel kernel, List<PartitionData> data, Judge judge) {
    List<Scored> all = new ArrayList<>();
    for (PartitionData partition : data) {
      for (Block block : partition.train()) {
        double[] quality = Comparisons.judge(kernel, block, judge).quality();
        for (int i = 0; i < block.rows(); i++) {
          all.add(new Scored(quality[i], block.labels()[i] != block.truth()[i]));
        }
      }
    }
    all.sort(Comparator.comparingDouble(Scored::quality));
    double pairs = 0;
    long good = all.stream().filter(row -> !row.bad()).count();
    long bad = all.size() - good;
    long goodAbove = good;
    for (Scored row : all) {
      if (row.bad()) {
        pairs += goodAbove;
      } else {
        goodAbove--;
      }
    }
    return pairs / good / bad;
  }
}
