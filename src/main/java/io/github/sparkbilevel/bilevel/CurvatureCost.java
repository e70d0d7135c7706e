package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.BilevelProblem;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Estimated seconds of a Newton step and the two evaluations of an outer iteration, for a linear
 * model of dense rows.
 *
 * <p>With n rows in P partitions, p features, K outputs, d coefficients and T products, where g(p)
 * is the time that a row takes in a p × p Gram matrix, h(p) that in a product for each output, and
 * a pass takes ℓ seconds whatever it does:
 *
 * <pre>
 *   exact     E + n g(p) K (K + 1) / 2 + (P + 1) d² a + d³ b
 *   kfac-cg   E + T (ℓ + n K h(p)) + (n (g(p) + c K²) + b K p³) / 20 + 2 (T + 1) s K p²
 *   cg        E + 2.5 T (ℓ + n K h(p))
 *   E     =   2 ℓ + n (K h(p) + e (K + 1))
 * </pre>
 *
 * <p>Plain CG is charged for the products that it would need to be as accurate as preconditioned
 * CG. The constants are the CPU time of the kernels on an AMD EPYC with AVX-512, and stay the same
 * on every machine: the choice decides the bits of a run, so that nothing measured and no number of
 * cores may enter it.
 *
 * @param products T
 */
record CurvatureCost(TrainingRows rows, int features, int outputs, int size, int products) {
  /** Seconds that Spark takes for a pass with next to no work. */
  private static final double LATENCY = 8e-3;

  /** By how much several tasks at a time make a pass faster: between one core and two. */
  private static final double SPEEDUP = 1.5;

  /** Seconds for a number that a partition sends to the driver, which adds it up or copies it. */
  private static final double NUMBER = 2e-8;

  /** d³ times this is the time of a Cholesky factorisation on the driver. */
  private static final double FACTOR = 3e-11;

  /** Seconds for an entry of a factor when a system is solved with it. */
  private static final double SOLVE = 4e-10;

  /** Seconds for an entry of the output side of the Kronecker factors, for each row. */
  private static final double OUTPUT_ENTRY = 1.7e-9;

  /** Seconds of the evaluations for a row and each of its outputs, products apart. */
  private static final double EVALUATION = 1e-7;

  private static final int FACTOR_REFRESH = 20;

  /** Products of plain CG for one of preconditioned CG. */
  private static final double PLAIN_PRODUCTS = 2.5;

  static CurvatureCost of(BilevelProblem problem, TrainingRows rows, int products) {
    int outputs = problem.model().outputs();
    int features = problem.model().last().height();
    return new CurvatureCost(rows, features, outputs, problem.model().size(), products);
  }

  /** The choice that takes the least time, with the estimates of the two best. */
  Curvature.Choice cheapest(List<Curvature> among) {
    List<Curvature> sorted =
        among.stream().sorted(Comparator.comparingDouble(this::seconds)).toList();
    String reason =
        sorted.stream()
            .limit(2)
            .map(each -> each.label() + " " + text(seconds(each)))
            .reduce((best, second) -> best + ", " + second)
            .orElseThrow();
    return new Curvature.Choice(sorted.get(0), "estimates of a step: " + reason);
  }

  private static String text(double seconds) {
    return seconds < 1
        ? String.format(Locale.ROOT, "%.0f ms", 1000 * seconds)
        : String.format(Locale.ROOT, "%,.1f s", seconds);
  }

  /** Seconds of a step by a choice that this class knows. */
  double seconds(Curvature curvature) {
    double pass = LATENCY + ofRows(outputs * product());
    double d = size;
    double p = features;
    return LATENCY
        + pass
        + ofRows(EVALUATION * (outputs + 1))
        + switch (curvature) {
          case EXACT ->
              ofRows(gram() * outputs * (outputs + 1) / 2)
                  + (rows.partitions() + 1) * d * d * NUMBER
                  + d * d * d * FACTOR;
          case KFAC_CG ->
              products * pass
                  + ofRows(gram() + OUTPUT_ENTRY * outputs * outputs) / FACTOR_REFRESH
                  + outputs * p * p * (FACTOR * p / FACTOR_REFRESH + 2 * (products + 1) * SOLVE);
          case CG -> PLAIN_PRODUCTS * products * pass;
          default -> throw new IllegalArgumentException("no estimate for " + curvature.label());
        };
  }

  private double ofRows(double secondsOfRow) {
    return rows.count() * secondsOfRow / SPEEDUP;
  }

  /** g(p). */
  private double gram() {
    double p = features;
    return 1e-9 * (rows.layout().isSingle() ? 25 + p * (1.2 + .034 * p) : 40 + p * (3 + .062 * p));
  }

  /** h(p), for the two columns of a step. */
  private double product() {
    return 1e-9 * (rows.layout().isSingle() ? 6 + .16 * features : 10 + 1.8 * features);
  }
}
