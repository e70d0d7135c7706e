package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.curvature.CurvatureMethod;
import io.github.sparkbilevel.curvature.CurvatureSettings;
import io.github.sparkbilevel.curvature.DiagonalSource;
import io.github.sparkbilevel.curvature.DriverMemory;
import io.github.sparkbilevel.curvature.ExactInverse;
import io.github.sparkbilevel.curvature.FactorInverse;
import io.github.sparkbilevel.curvature.FactorSource;
import io.github.sparkbilevel.curvature.KroneckerSettings;
import io.github.sparkbilevel.curvature.NeumannSeries;
import io.github.sparkbilevel.curvature.NoPreconditioner;
import io.github.sparkbilevel.curvature.PreconditionedCg;
import io.github.sparkbilevel.curvature.RowSampleSource;
import io.github.sparkbilevel.curvature.SketchSource;
import io.github.sparkbilevel.curvature.WorkingSetInverse;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.Extra;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * The words of {@code solver.curvature}: how the Newton system is solved. Each names its method,
 * which knows the rest: what it takes and where it applies.
 */
public enum Curvature {
  /** Conjugate gradients. */
  CG(settings -> new PreconditionedCg(new NoPreconditioner())),
  /** The Hessian is formed in the pass that evaluates, and factored on the driver. */
  EXACT(settings -> new ExactInverse()),
  /** Conjugate gradients preconditioned by the Kronecker factors. */
  KFAC_CG(settings -> new PreconditionedCg(FactorSource.plain(settings))),
  /** Conjugate gradients preconditioned by the diagonal of the Hessian. */
  JACOBI_CG(settings -> new PreconditionedCg(new DiagonalSource(settings))),
  /**
   * The Hessian on the coefficients that are not 0 or are to leave it, formed in a pass and
   * factored on the driver, while there are few; for penalties with kinks.
   */
  WORKING_SET(WorkingSetInverse::new),
  /** Conjugate gradients preconditioned by a sketch of low rank and the diagonal that it leaves. */
  NYSTROM_CG(settings -> new PreconditionedCg(new SketchSource(settings))),
  /** The inverse of the Kronecker factors alone: no product. */
  KFAC(settings -> new FactorInverse(FactorSource.plain(settings))),
  /**
   * Conjugate gradients preconditioned in the eigenbases of the Kronecker factors, with the
   * diagonal that H has there; for networks.
   */
  EKFAC_CG(settings -> new PreconditionedCg(FactorSource.corrected(settings))),
  /**
   * Conjugate gradients preconditioned by the Hessian of a sample of rows on the driver, which is
   * solved there by conjugate gradients with Kronecker factors.
   */
  SAMPLED_CG(settings -> new PreconditionedCg(new RowSampleSource(settings))),
  /** A truncated Neumann series, for comparison. */
  NEUMANN(settings -> NeumannSeries.truncated()),
  /** A multiple of the identity, for comparison. */
  IDENTITY(settings -> NeumannSeries.identity());

  /** Columns of the sketch of {@link #NYSTROM_CG}, unless set otherwise. */
  public static final int SKETCH_COLUMNS = 20;

  /**
   * The largest number of parameters for which {@link #EXACT} is chosen where no estimate tells:
   * for sparse rows, whose entries are not counted, and networks.
   */
  private static final int MOST_CHOSEN_EXACT = 256;

  /** The same where coefficients become 0. */
  private static final int MOST_EXACT_WITH_KINKS = 1024;

  /**
   * Products that {@link #KFAC_CG} takes for an evaluation where systems are solved to accuracy: 7
   * for ijcnn1, 1 for made-up rows, 40 for digits.
   */
  private static final int PRODUCTS_TO_SOLVE = 8;

  @SuppressWarnings("ImmutableEnumChecker") // Constructors hold nothing.
  private final Function<CurvatureSettings, CurvatureMethod> constructor;

  Curvature(Function<CurvatureSettings, CurvatureMethod> constructor) {
    this.constructor = constructor;
  }

  /** The name in job files and summaries. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A new method, which holds nothing yet. */
  public CurvatureMethod method(CurvatureSettings settings) {
    return constructor.apply(settings);
  }

  private CurvatureMethod method(int sketchColumns) {
    return method(new CurvatureSettings(1, sketchColumns, KroneckerSettings.DEFAULT));
  }

  /** See {@link CurvatureMethod#solvesEverySystem()}. */
  public boolean solves() {
    return method(SKETCH_COLUMNS).solvesEverySystem();
  }

  /** See {@link CurvatureMethod#takesProduct()}. */
  boolean takesProduct() {
    return method(SKETCH_COLUMNS).takesProduct();
  }

  /**
   * Throws when this choice cannot work for the problem, with the memory that it would take.
   *
   * @param sketchColumns columns of the sketch of {@link #NYSTROM_CG}
   * @throws IllegalArgumentException naming the choice, the figure and what to use instead
   */
  public void requireFits(BilevelProblem problem, int sketchColumns) {
    objection(problem, sketchColumns)
        .ifPresent(
            why -> {
              throw new IllegalArgumentException("curvature = " + label() + " " + why);
            });
  }

  private Optional<String> objection(BilevelProblem problem, int sketchColumns) {
    return method(sketchColumns).objection(problem);
  }

  /** Whether this choice can work for the problem, with the sketch of the usual size. */
  public boolean fits(BilevelProblem problem) {
    return objection(problem, SKETCH_COLUMNS).isEmpty();
  }

  /** What an evaluation computes for the choice, whenever that is due. */
  public Extra requests() {
    return method(SKETCH_COLUMNS).requests();
  }

  /** Bytes that the choice takes on the driver, in addition to the vectors of every solve. */
  public long driverBytes(BilevelProblem problem, int sketchColumns) {
    return method(sketchColumns).memory(problem);
  }

  /** A choice and its reason. */
  public record Choice(Curvature curvature, String reason) {}

  /**
   * Picks for a few products at each point, as {@link Nbo} makes them. For a linear model of dense
   * rows it is the least of the estimates of {@link CurvatureCost}. Else {@code exact} while d is
   * so small that forming H costs less than a product does in jobs, {@code kfac-cg} for networks
   * whose factors fit the driver, or {@code cg}; but {@code jacobi-cg} where λ tunes penalties,
   * whose sizes come to differ by orders of magnitude.
   *
   * @param products T
   */
  public static Choice choose(BilevelProblem problem, TrainingRows rows, int products) {
    boolean isTuned = problem.penaltySize() > 0 && problem.model().isLinear();
    List<Curvature> among = isTuned ? List.of(EXACT, KFAC_CG) : List.of(EXACT, KFAC_CG, CG);
    return known(problem, rows, products, among)
        .orElseGet(() -> new Choice(isTuned ? JACOBI_CG : CG, tooLarge(problem, rows.sparse())));
  }

  /**
   * Picks for systems that are solved to accuracy, as {@link Tuning} needs them: as {@link
   * #choose}, but in place of {@code cg} {@code nystrom-cg} while the sketch fits the driver, and
   * {@code jacobi-cg} otherwise.
   *
   * @param sketchColumns columns of the sketch of {@link #NYSTROM_CG}
   */
  public static Choice chooseToSolve(BilevelProblem problem, TrainingRows rows, int sketchColumns) {
    return known(problem, rows, PRODUCTS_TO_SOLVE, List.of(EXACT, KFAC_CG))
        .orElseGet(
            () -> {
              boolean fits = NYSTROM_CG.objection(problem, sketchColumns).isEmpty();
              String reason =
                  tooLarge(problem, rows.sparse())
                      + (fits ? ", a sketch of " : ", and a sketch would take ")
                      + DriverMemory.text(NYSTROM_CG.driverBytes(problem, sketchColumns));
              return new Choice(fits ? NYSTROM_CG : JACOBI_CG, reason);
            });
  }

  /**
   * Picks for a cross-validation, whose models share every product: {@code exact} while each H is
   * small.
   */
  public static Choice chooseForFolds(BilevelProblem problem) {
    int d = problem.model().size();
    if (problem.hasKinks()) {
      return forKinks(d);
    }
    return d <= MOST_EXACT_WITH_KINKS
        ? new Choice(EXACT, "folds, and d = %d is at most %d".formatted(d, MOST_EXACT_WITH_KINKS))
        : new Choice(
            JACOBI_CG, "folds, and d = %d is more than %d".formatted(d, MOST_EXACT_WITH_KINKS));
  }

  /** The choice by cost or size; empty where it is by kind alone. */
  private static Optional<Choice> known(
      BilevelProblem problem, TrainingRows rows, int products, List<Curvature> among) {
    if (problem.hasKinks()) {
      return Optional.of(forKinks(problem.model().size()));
    }
    boolean linear = problem.model().isLinear();
    if (linear && !rows.sparse() && KFAC_CG.fits(problem)) {
      List<Curvature> fitting = among.stream().filter(each -> each.fits(problem)).toList();
      return Optional.of(CurvatureCost.of(problem, rows, products).cheapest(fitting));
    }
    int d = problem.model().size();
    if (d <= MOST_CHOSEN_EXACT) {
      return Optional.of(new Choice(EXACT, "d = " + d + " is at most " + MOST_CHOSEN_EXACT));
    }
    return !linear && KFAC_CG.fits(problem)
        ? Optional.of(
            new Choice(
                KFAC_CG, "a network and factors of " + factorMemory(problem) + " for d = " + d))
        : Optional.empty();
  }

  /** With H at hand a step finds its support on the driver; factors and sketches know all of H. */
  private static Choice forKinks(int d) {
    return d <= MOST_EXACT_WITH_KINKS
        ? new Choice(EXACT, "kinks, and d = %d is at most %d".formatted(d, MOST_EXACT_WITH_KINKS))
        : new Choice(
            WORKING_SET, "kinks, and d = %d is more than %d".formatted(d, MOST_EXACT_WITH_KINKS));
  }

  private static String tooLarge(BilevelProblem problem, boolean sparse) {
    int d = problem.model().size();
    return sparse
        ? "sparse features, d = " + d
        : "the factors would take " + factorMemory(problem) + " for d = " + d;
  }

  private static String factorMemory(BilevelProblem problem) {
    return DriverMemory.text(KFAC_CG.driverBytes(problem, SKETCH_COLUMNS));
  }
}
