package io.github.sparkbilevel.ml.prepare;

import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.spark.rows.MemoryLimits;
import io.github.sparkbilevel.spark.rows.MemoryLimits.Demand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;

/** The memory that a run takes whatever happens, and whether Spark was given that much. */
public final class RunMemory {

  /**
   * Vectors of the size of θ that are alive in an iteration: two points with their sums (θ, ∇G, ∇F,
   * Hu each), u, two right-hand sides, those of conjugate gradients for two columns (x, r, p, Hp),
   * and the three of a pass once more as bytes to be sent.
   */
  private static final int VECTORS = 22;

  /**
   * Those of the size of the driver's λ: λ of two points, hypergradients, moments of a step rule.
   */
  private static final int VECTORS_OF_LAMBDA = 6;

  /** Of a pass: θ, u, v. */
  private static final int SENT = 3;

  /**
   * Vectors of the size of all θ of plain models that are fitted together: two points with their
   * gradients, those of conjugate gradients (x, r, z, p, Hp), and the sums of a pass.
   */
  private static final int VECTORS_OF_FIT = 10;

  private static final String PARTITIONS = "data.partitions";

  private RunMemory() {}

  /**
   * Refuses a cleaning run that cannot fit; costs no Spark job.
   *
   * @throws IllegalArgumentException with the figures and what to raise
   */
  public static void require(PreparedData data, CleaningSettings settings) {
    Curvature curvature = settings.nbo().curvature();
    Demand loop = demand(new Loop(settings.problem(), curvature, Curvature.SKETCH_COLUMNS, 0, 1));
    require(data, together(loop, settings.problem().model().size(), settings.mostFits()));
  }

  /**
   * An outer loop.
   *
   * @param sketchColumns columns of the sketch of {@code nystrom-cg}
   * @param pairs pairs of vectors of the size of λ that a quasi-Newton rule remembers at least; 0
   *     for none
   * @param models that are trained side by side, one for each fold; else 1
   */
  public record Loop(
      BilevelProblem problem, Curvature curvature, int sketchColumns, int pairs, int models) {}

  /**
   * Refuses a run that cannot fit; costs no Spark job.
   *
   * @throws IllegalArgumentException with the figures and what to raise
   */
  public static void require(PreparedData data, Loop loop) {
    require(data, demand(loop));
  }

  /** What a loop lacks, with the figures and what to raise; empty where it fits. */
  public static Optional<String> lack(PreparedData data, Loop loop) {
    return limits(data).lack(demand(loop), partitions(data), PARTITIONS);
  }

  private static void require(PreparedData data, Demand demand) {
    limits(data).requireFits(demand, partitions(data), PARTITIONS);
  }

  private static MemoryLimits limits(PreparedData data) {
    return MemoryLimits.of(
        JavaSparkContext.fromSparkContext(data.tables().train().session().sparkContext()));
  }

  private static int partitions(PreparedData data) {
    return data.blocks().rdd().getNumPartitions();
  }

  static Demand demand(Loop loop) {
    BilevelProblem problem = loop.problem;
    Curvature curvature = loop.curvature;
    int sketchColumns = loop.sketchColumns;
    int pairs = loop.pairs;
    long d = (long) loop.models * problem.model().size();
    long vectors = 8 * VECTORS * d;
    long lambda = 8L * problem.sharedSize() * (VECTORS_OF_LAMBDA + 2L * pairs);
    long matrices = loop.models * curvature.driverBytes(problem, sketchColumns);
    long evaluated = loop.models + SENT * d;
    long extra =
        loop.models * curvature.requests().numbers(BlockKernel.of(problem.model(), "auto"));
    boolean sketches = curvature == Curvature.NYSTROM_CG && sketchColumns * d > evaluated;
    long result = 8 * (sketches ? sketchColumns * d : evaluated + extra);
    // The sum so far and the partial that is added to it.
    long sums = 2 * result;
    List<String> parts = new ArrayList<>();
    parts.add(
        "%d vectors of %,d coefficients %s".formatted(VECTORS, d, MemoryLimits.size(vectors)));
    if (lambda > vectors / 10) {
      parts.add(
          "%d of %,d hyperparameters %s"
              .formatted(
                  VECTORS_OF_LAMBDA + 2 * pairs, problem.sharedSize(), MemoryLimits.size(lambda)));
    }
    if (matrices > 0) {
      parts.add("curvature %s %s".formatted(curvature.label(), MemoryLimits.size(matrices)));
    }
    parts.add("sums of a pass " + MemoryLimits.size(sums));
    return new Demand(
        vectors + lambda + matrices + sums,
        String.join(", ", parts),
        8 * SENT * d,
        result,
        sketches ? "the sketch of nystrom-cg" : "an evaluation");
  }

  /**
   * The demand of a run that fits plain models as well, before or after its loop.
   *
   * @param d coefficients of a model
   * @param fits models that are fitted together
   */
  static Demand together(Demand loop, long d, int fits) {
    long vectors = 8 * VECTORS_OF_FIT * fits * d;
    boolean larger = vectors > loop.driver();
    long result = 8L * fits * (1 + d);
    return new Demand(
        larger ? vectors : loop.driver(),
        larger
            ? "%d vectors of %,d coefficients for each of %d models that are fitted together"
                .formatted(VECTORS_OF_FIT, d, fits)
            : loop.driverParts(),
        Math.max(loop.broadcast(), 8 * fits * d),
        Math.max(loop.result(), result),
        result > loop.result() ? "a fit of " + fits + " models" : loop.name());
  }
}
