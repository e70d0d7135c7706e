package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings;
import io.github.sparkbilevel.bilevel.algorithm.NamedAlgorithm;
import io.github.sparkbilevel.bilevel.algorithm.UpperRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An algorithm with its settings, as a benchmark names it: {@code soba}, {@code amigo T=20 Q=20},
 * {@code nbo T=3 step=0.1}.
 *
 * @param text as it was given, which is its name in tables
 * @param algorithm {@code nbo}, {@code lbfgs}, {@code grid}, {@code random} or one of {@link
 *     NamedAlgorithm}
 * @param options T: steps on θ, and the products of {@code nbo}; Q: steps for the linear system;
 *     share: of the rows that a draw reads; local: iterations of a partition in one pass; step:
 *     length of the first steps of λ; points: of {@code grid} and {@code random}
 */
public record Contender(String text, String algorithm, Map<String, Double> options) {
  /** NBO with conjugate gradients. */
  public static final String NBO = "nbo";

  /** Projected L-BFGS on the hypergradient at the solved lower level. */
  public static final String LBFGS = "lbfgs";

  /** One penalty on a grid. */
  public static final String GRID = "grid";

  /** Penalties drawn at random. */
  public static final String RANDOM = "random";

  private static final Map<String, List<String>> OWN =
      Map.of(
          NBO, List.of("T", "step"),
          LBFGS, List.of(),
          GRID, List.of("points"),
          RANDOM, List.of("points"));
  private static final List<String> FULL = List.of("T", "Q", "step");
  private static final List<String> SAMPLED = List.of("T", "Q", "step", "share", "local");
  private static final List<String> COUNTS = List.of("T", "Q", "local", "points");

  /** Every algorithm that can be named. */
  public static List<String> algorithms() {
    List<String> names = new ArrayList<>(List.of(NBO, LBFGS));
    NamedAlgorithm.names().forEach(names::add);
    names.addAll(List.of(GRID, RANDOM));
    return names;
  }

  /**
   * Reads a name and its options.
   *
   * @throws IllegalArgumentException naming what is wrong and what there is
   */
  public static Contender of(String text) {
    return of(text, algorithms());
  }

  private static Contender of(String text, List<String> offered) {
    String[] words = text.strip().split("\\s+");
    if (!offered.contains(words[0])) {
      throw new IllegalArgumentException(
          "got the algorithm '%s', expected one of %s, or one of a jar given by --jars"
              .formatted(words[0], String.join(", ", offered)));
    }
    List<String> known = known(words[0]);
    Map<String, Double> options = new LinkedHashMap<>();
    for (int i = 1; i < words.length; i++) {
      String[] pair = words[i].split("=", 2);
      if (pair.length != 2 || !known.contains(pair[0])) {
        throw new IllegalArgumentException(
            "got '%s' after %s, expected %s"
                .formatted(
                    words[i],
                    words[0],
                    known.isEmpty() ? "nothing" : "one of " + String.join("=…, ", known) + "=…"));
      }
      options.put(pair[0], number(pair));
    }
    return new Contender(text.strip(), words[0], Map.copyOf(options));
  }

  /**
   * Reads what may solve a problem in the jobs {@code clean} and {@code tune}: all but the
   * searches, with options for the algorithms of the field alone.
   *
   * @throws IllegalArgumentException naming what is wrong and what there is
   */
  public static Contender ofSolver(String text) {
    List<String> solvers = new ArrayList<>(algorithms());
    solvers.removeAll(List.of(GRID, RANDOM));
    Contender contender = of(text, solvers);
    if (!contender.isOfField() && !contender.options.isEmpty()) {
      throw new IllegalArgumentException(
          "got options after %s, expected none; set solver.products and upper.step instead"
              .formatted(contender.algorithm));
    }
    return contender;
  }

  /** Whether it is one of {@link NamedAlgorithm}. */
  public boolean isOfField() {
    return !OWN.containsKey(algorithm);
  }

  /** The same with the length of λ's first steps, unless its options have one. */
  public Contender withStep(double step) {
    Map<String, Double> more = new LinkedHashMap<>(options);
    more.putIfAbsent("step", step);
    return new Contender(text, algorithm, Map.copyOf(more));
  }

  private static List<String> known(String algorithm) {
    return OWN.containsKey(algorithm)
        ? OWN.get(algorithm)
        : NamedAlgorithm.of(algorithm).isStochastic() ? SAMPLED : FULL;
  }

  private static double number(String[] pair) {
    double value;
    try {
      value = Double.parseDouble(pair[1]);
    } catch (NumberFormatException e) {
      value = Double.NaN;
    }
    boolean count = COUNTS.contains(pair[0]);
    double least = pair[0].equals("points") ? 2 : count ? 1 : Double.MIN_VALUE;
    boolean fits =
        value >= least && value < Integer.MAX_VALUE && (!count || value == Math.rint(value));
    if (!fits || pair[0].equals("share") && value > 1) {
      throw new IllegalArgumentException(
          "got %s=%s, expected %s"
              .formatted(
                  pair[0],
                  pair[1],
                  pair[0].equals("share")
                      ? "a number above 0 and at most 1"
                      : count ? "an integer >= " + (int) least : "a number > 0"));
    }
    return value;
  }

  int count(String option, int fallback) {
    return options.containsKey(option) ? options.get(option).intValue() : fallback;
  }

  double number(String option, double fallback) {
    return options.getOrDefault(option, fallback);
  }

  /** The settings of one of {@link NamedAlgorithm}. */
  AlgorithmSettings settings(int iterations, AlgorithmSettings.Bounds bounds, long seed) {
    AlgorithmSettings usual = NamedAlgorithm.of(algorithm).defaults(iterations, bounds, seed);
    AlgorithmSettings.Steps steps = usual.steps();
    UpperRule rule = steps.upper();
    AlgorithmSettings.Sampling sampling = usual.sampling();
    return usual
        .inner(count("T", usual.inner().lowerSteps()), count("Q", usual.inner().linearSteps()))
        .steps(
            new AlgorithmSettings.Steps(
                steps.lower(),
                steps.linear(),
                steps.decay(),
                new UpperRule(rule.kind(), number("step", rule.length()), rule.decay())))
        .sampling(
            new AlgorithmSettings.Sampling(
                number("share", sampling.share()),
                count("local", sampling.localSteps()),
                sampling.seed()));
  }
}
