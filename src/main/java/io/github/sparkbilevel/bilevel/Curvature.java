package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.BilevelProblem;
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
  NYSTROM_CG;

  /** Columns of the sketch of {@link #NYSTROM_CG}, unless told otherwise. */
  public static final int SKETCH_COLUMNS = 20;

  /** The largest number of parameters whose Hessian is formed. */
  public static final int LARGEST_EXACT = 4096;

  /** The most bytes that the Kronecker factors and their inverses may take on the driver. */
  public static final long MOST_KRONECKER_BYTES = 512L << 20;

  /** The most bytes that the sketch and its products may take on the driver. */
  public static final long MOST_SKETCH_BYTES = 512L << 20;

  /** The name in job files and summaries. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A choice and its reason. */
  public record Choice(Curvature curvature, String reason) {}

  /**
   * Picks for a few products at each point, as {@link Nbo} makes them: {@code exact} while d is so
   * small that forming H costs less than a product does in jobs, {@code kfac-cg} while the factors
   * fit the driver and are dense anyway, {@code cg} otherwise.
   *
   * @param sparse whether the features are sparse
   */
  public static Choice choose(BilevelProblem problem, boolean sparse) {
    return small(problem, sparse).orElseGet(() -> new Choice(CG, tooLarge(problem, sparse)));
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
    if (!sparse && bytes <= MOST_KRONECKER_BYTES) {
      return Optional.of(
          new Choice(KFAC_CG, "dense features and factors of " + size(bytes) + " for d = " + d));
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
    int d = problem.model().size();
    int q = problem.model().columnLength();
    int k = problem.model().outputs();
    if (this == EXACT && d > LARGEST_EXACT) {
      throw new IllegalArgumentException(
          "curvature = exact would form a %,d x %<,d matrix of %s; expected at most %,d parameters; use curvature = jacobi-cg or cg"
              .formatted(d, size(8L * d * d), LARGEST_EXACT));
    }
    if (this == KFAC_CG && kroneckerBytes(problem) > MOST_KRONECKER_BYTES) {
      throw new IllegalArgumentException(
          "curvature = kfac-cg would hold factors of %s for %,d features and %,d outputs; expected at most %,d MiB; use curvature = jacobi-cg"
              .formatted(size(kroneckerBytes(problem)), q, k, MOST_KRONECKER_BYTES >> 20));
    }
    if (this == NYSTROM_CG && sketchBytes(d, sketchColumns) > MOST_SKETCH_BYTES) {
      throw new IllegalArgumentException(
          "curvature = nystrom-cg would hold a sketch of %s for %,d parameters and solver.sketch = %d; expected at most %,d MiB; use curvature = jacobi-cg"
              .formatted(
                  size(sketchBytes(d, sketchColumns)), d, sketchColumns, MOST_SKETCH_BYTES >> 20));
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

  /** Directions, products and the factor B. */
  private static long sketchBytes(int d, int columns) {
    return 3L * 8 * d * columns;
  }

  private static long kroneckerBytes(BilevelProblem problem) {
    long q = problem.model().columnLength();
    return 8 * q * q * (problem.model().outputs() + 1);
  }
}
