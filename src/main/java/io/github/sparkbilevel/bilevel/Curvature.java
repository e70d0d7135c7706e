package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.model.Layer;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.RowSample;
import java.util.Locale;
import java.util.Optional;

/** How the Newton system is solved. */
public enum Curvature {
  /** Conjugate gradients. */
  CG,
  /** The Hessian is formed in the pass that evaluates, and factored on the driver. */
  EXACT,
  /** Conjugate gradients preconditioned by the Kronecker factors. */
  KFAC_CG,
  /** Conjugate gradients preconditioned by the diagonal of the Hessian. */
  JACOBI_CG,
  /** Conjugate gradients preconditioned by a sketch of low rank and the diagonal that it leaves. */
  NYSTROM_CG,
  /** The inverse of the Kronecker factors alone: no product. */
  KFAC,
  /**
   * Conjugate gradients preconditioned in the eigenbases of the Kronecker factors, with the
   * diagonal that H has there; for networks.
   */
  EKFAC_CG,
  /**
   * Conjugate gradients preconditioned by the Hessian of a sample of rows that the driver holds,
   * which is solved there by conjugate gradients with Kronecker factors.
   */
  SAMPLED_CG,
  /** A truncated Neumann series, to compare with. */
  NEUMANN,
  /** A multiple of the identity, to compare with. */
  IDENTITY;

  /** Columns of the sketch of {@link #NYSTROM_CG}, unless told otherwise. */
  public static final int SKETCH_COLUMNS = 20;

  /** Rows of the sample of {@link #SAMPLED_CG}, on average. */
  public static final int SAMPLED_ROWS = 1000;

  /** The largest number of parameters whose Hessian is formed. */
  public static final int LARGEST_EXACT = 4096;

  /** The most bytes that the Kronecker factors and their inverses may take on the driver. */
  public static final long MOST_KRONECKER_BYTES = 512L << 20;

  /** The widest layer of a network, inputs or outputs, whose factors are made. */
  public static final int LARGEST_LAYER = 4096;

  /** The most bytes that the factors of a network and their bases may take on the driver. */
  public static final long MOST_NETWORK_BYTES = 2048L << 20;

  /** The most bytes that the sketch and its products may take on the driver. */
  public static final long MOST_SKETCH_BYTES = 512L << 20;

  /** The name in job files and summaries. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Whether, for every model, products bring it as close to the solution of a system as is asked.
   * The others are for networks, or to compare with.
   */
  public boolean solves() {
    return switch (this) {
      case CG, EXACT, KFAC_CG, SAMPLED_CG, JACOBI_CG, NYSTROM_CG -> true;
      case KFAC, EKFAC_CG, NEUMANN, IDENTITY -> false;
    };
  }

  /** Whether its preconditioner is made in a pass of its own, which counts as a product. */
  boolean takesProduct() {
    return this == NYSTROM_CG || this == SAMPLED_CG;
  }

  /** A choice and its reason. */
  public record Choice(Curvature curvature, String reason) {}

  /**
   * Picks for a few products at each point, as {@link Nbo} makes them: {@code exact} while d is so
   * small that forming H costs less than a product does in jobs, {@code kfac-cg} while the factors
   * fit the driver and are dense anyway, else {@code cg}, or {@code jacobi-cg} where λ tunes
   * penalties, which it takes apart by orders of magnitude.
   *
   * @param sparse whether the features are sparse
   */
  public static Choice choose(BilevelProblem problem, boolean sparse) {
    boolean isTuned = problem.penalty().size() > 0 && problem.model().isLinear();
    return small(problem, sparse)
        .orElseGet(() -> new Choice(isTuned ? JACOBI_CG : CG, tooLarge(problem, sparse)));
  }

  /**
   * Picks for systems that are solved to accuracy, as {@link Tuning} needs them: as {@link
   * #choose}, but in place of {@code cg} {@code nystrom-cg} while the sketch fits the driver, and
   * {@code jacobi-cg} otherwise.
   *
   * @param sparse whether the features are sparse
   * @param sketchColumns columns of the sketch of {@link #NYSTROM_CG}
   */
  public static Choice chooseToSolve(BilevelProblem problem, boolean sparse, int sketchColumns) {
    return small(problem, sparse)
        .orElseGet(
            () -> {
              long bytes = sketchBytes(problem.model().size(), sketchColumns);
              boolean fits = bytes <= MOST_SKETCH_BYTES;
              String reason =
                  tooLarge(problem, sparse)
                      + (fits ? ", a sketch of " : ", and a sketch would take ")
                      + size(bytes);
              return new Choice(fits ? NYSTROM_CG : JACOBI_CG, reason);
            });
  }

  private static Optional<Choice> small(BilevelProblem problem, boolean sparse) {
    int d = problem.model().size();
    if (d <= 256) {
      return Optional.of(new Choice(EXACT, "d = " + d + " is at most 256"));
    }
    long bytes = kroneckerBytes(problem);
    boolean dense = !sparse || !problem.model().isLinear();
    if (dense && KFAC_CG.fits(problem)) {
      String kind = problem.model().isLinear() ? "dense features" : "a network";
      return Optional.of(
          new Choice(KFAC_CG, kind + " and factors of " + size(bytes) + " for d = " + d));
    }
    return Optional.empty();
  }

  private static String tooLarge(BilevelProblem problem, boolean sparse) {
    int d = problem.model().size();
    return sparse
        ? "sparse features, d = " + d
        : "the factors would take " + size(kroneckerBytes(problem)) + " for d = " + d;
  }

  private static String size(long bytes) {
    long mebibytes = bytes >> 20;
    if (mebibytes == 0) {
      return "less than 1 MiB";
    }
    return mebibytes < 10_000
        ? "%,d MiB".formatted(mebibytes)
        : "%,d GB".formatted(bytes / 1_000_000_000);
  }

  /**
   * Throws when this choice cannot work for the problem, with the memory it would take.
   *
   * @param sketchColumns columns of the sketch of {@link #NYSTROM_CG}
   * @throws IllegalArgumentException naming the choice, the figure and what to use instead
   */
  public void requireFits(BilevelProblem problem, int sketchColumns) {
    Model model = problem.model();
    int d = model.size();
    if (this == EXACT && d > LARGEST_EXACT) {
      throw new IllegalArgumentException(
          "curvature = exact would form a %,d x %<,d matrix of %s; expected at most %,d parameters; use curvature = %s"
              .formatted(
                  d,
                  size(8L * d * d),
                  LARGEST_EXACT,
                  model.isLinear() ? "jacobi-cg or cg" : "kfac-cg or cg"));
    }
    if (this == EKFAC_CG && model.isLinear()) {
      throw new IllegalArgumentException(
          "curvature = ekfac-cg is for networks, got a linear model; use curvature = kfac-cg");
    }
    if (usesFactors()) {
      requireFactorsFit(problem);
    }
    if (this == NYSTROM_CG && sketchBytes(d, sketchColumns) > MOST_SKETCH_BYTES) {
      throw new IllegalArgumentException(
          "curvature = nystrom-cg would hold a sketch of %s for %,d parameters and solver.sketch = %d; expected at most %,d MiB; use curvature = jacobi-cg or a smaller sketch"
              .formatted(
                  size(sketchBytes(d, sketchColumns)), d, sketchColumns, MOST_SKETCH_BYTES >> 20));
    }
  }

  /** Whether it is made of Kronecker factors. */
  boolean usesFactors() {
    return this == KFAC_CG || this == KFAC || this == EKFAC_CG || this == SAMPLED_CG;
  }

  private void requireFactorsFit(BilevelProblem problem) {
    Model model = problem.model();
    long bytes = kroneckerBytes(problem);
    if (model.isLinear()) {
      if (bytes > MOST_KRONECKER_BYTES) {
        throw new IllegalArgumentException(
            "curvature = %s would hold factors of %s for %,d features and %,d outputs; expected at most %,d MiB; use curvature = jacobi-cg"
                .formatted(
                    label(),
                    size(bytes),
                    model.last().height(),
                    model.outputs(),
                    MOST_KRONECKER_BYTES >> 20));
      }
      return;
    }
    for (Layer layer : model.layers()) {
      int side = Math.max(layer.inputs(), layer.outputs());
      if (side > LARGEST_LAYER) {
        throw new IllegalArgumentException(
            "curvature = %s would hold factors of %s for a layer of %,d inputs and %,d outputs; expected at most %,d; use curvature = cg or narrower layers"
                .formatted(label(), size(bytes), layer.inputs(), layer.outputs(), LARGEST_LAYER));
      }
    }
    if (bytes > MOST_NETWORK_BYTES) {
      throw new IllegalArgumentException(
          "curvature = %s would hold factors of %s for %,d layers; expected at most %,d MiB; use curvature = cg or narrower layers"
              .formatted(label(), size(bytes), model.layers().size(), MOST_NETWORK_BYTES >> 20));
    }
  }

  /** Whether this choice can work for the problem, with the sketch of the usual size. */
  public boolean fits(BilevelProblem problem) {
    try {
      requireFits(problem, SKETCH_COLUMNS);
      return true;
    } catch (IllegalArgumentException tooLarge) {
      return false;
    }
  }

  /** Bytes that the choice takes on the driver, beside the vectors of every solve. */
  public long driverBytes(BilevelProblem problem, int sketchColumns) {
    long d = problem.model().size();
    return switch (this) {
      case EXACT -> 16 * d * d; // H and its factor
      case KFAC_CG, KFAC, EKFAC_CG -> kroneckerBytes(problem);
      case SAMPLED_CG -> kroneckerBytes(problem) + sampleBytes(problem.model());
      case NYSTROM_CG -> sketchBytes(problem.model().size(), sketchColumns);
      case JACOBI_CG -> 8 * d;
      case CG, NEUMANN, IDENTITY -> 0;
    };
  }

  private static long sampleBytes(Model model) {
    return RowSample.bytes(SAMPLED_ROWS, model.layers().get(0).inputs());
  }

  /** Directions, products and the factor B. */
  private static long sketchBytes(int d, int columns) {
    return 3L * 8 * d * columns;
  }

  /**
   * Of a linear model A and K factored copies; of a network the sums that come back, the factors,
   * their bases, and what decomposing the largest of them takes.
   */
  private static long kroneckerBytes(BilevelProblem problem) {
    Model model = problem.model();
    if (model.isLinear()) {
      long q = model.last().height();
      return 8 * q * q * (model.outputs() + 1);
    }
    long numbers = 0;
    long widest = 0;
    for (Layer layer : model.layers()) {
      long q = layer.height();
      long k = layer.outputs();
      numbers += q * q + k * k;
      widest = Math.max(widest, Math.max(q, k));
    }
    return 24 * (numbers + widest * widest);
  }
}
