package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.BilevelProblem;
import java.util.Locale;

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
  public static final long MOST_SKETCH_BYTES = 1L << 30;

  /** The name in job files and summaries. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A choice and its reason. */
  public record Choice(Curvature curvature, String reason) {}

  /**
   * Picks by size: {@code exact} while d is so small that forming H costs less than a product does
   * in jobs, {@code kfac-cg} while the factors fit the driver and are dense anyway, {@code cg}
   * otherwise.
   *
   * @param sparse whether the features are sparse
   */
  public static Choice choose(BilevelProblem problem, boolean sparse) {
    int d = problem.model().size();
    int q = problem.model().columnLength();
    int k = problem.model().outputs();
    if (d <= 256) {
      return new Choice(EXACT, "d = " + d + " is at most 256");
    }
    long bytes = kroneckerBytes(q, k);
    if (!sparse && bytes <= MOST_KRONECKER_BYTES) {
      return new Choice(
          KFAC_CG, "dense features and factors of " + mebibytes(bytes) + " for d = " + d);
    }
    return new Choice(
        CG,
        sparse
            ? "sparse features, d = " + d
            : "the factors would take " + mebibytes(bytes) + " for d = " + d);
  }

  private static String mebibytes(long bytes) {
    long mebibytes = bytes >> 20;
    return mebibytes == 0 ? "less than 1 MiB" : mebibytes + " MiB";
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
          "curvature = exact would form a %,d x %<,d Hessian of %,d MiB; expected at most %,d parameters; use curvature = cg"
              .formatted(d, 8L * d * d >> 20, LARGEST_EXACT));
    }
    if (this == KFAC_CG && kroneckerBytes(q, k) > MOST_KRONECKER_BYTES) {
      throw new IllegalArgumentException(
          "curvature = kfac-cg would hold factors of %,d MiB for %,d features and %,d outputs; expected at most %,d MiB; use curvature = jacobi-cg"
              .formatted(kroneckerBytes(q, k) >> 20, q, k, MOST_KRONECKER_BYTES >> 20));
    }
    if (this == NYSTROM_CG && sketchBytes(d, sketchColumns) > MOST_SKETCH_BYTES) {
      throw new IllegalArgumentException(
          "curvature = nystrom-cg would hold a sketch of %,d MiB for %,d parameters and solver.sketch = %d; expected at most %,d MiB; use curvature = jacobi-cg"
              .formatted(
                  sketchBytes(d, sketchColumns) >> 20, d, sketchColumns, MOST_SKETCH_BYTES >> 20));
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

  private static long kroneckerBytes(int q, int k) {
    return 8L * q * q * (k + 1);
  }
}
