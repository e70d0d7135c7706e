package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.problem.oracle.RowSample;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.util.Arrays;
import java.util.Optional;

/**
 * Preconditioners from the Hessian of a sample of rows on the driver, which is drawn in a pass that
 * counts as a product.
 *
 * <pre>
 *   M = H_S + diag(c) + (3δ + 2 min c) I        H_S: of the sample; c: the penalty's diagonal
 * </pre>
 *
 * <p>min c is over the coefficients that have a penalty. Along directions that the sample hardly
 * sees, its curvature is too small or too large by chance; the added multiple of I keeps M from
 * relying on it (measured: docs/decisions.md). A strong penalty is known exactly and stays as it
 * is.
 */
public final class RowSampleSource extends PreconditionerSource {
  /** Rows of the sample, on average. */
  public static final int ROWS = 1000;

  private static final double MORE = 3;

  private final KeptFactors factors;
  private RowSample sample;
  private LowerObjective.Point over;

  /** Sets up a source without a sample. */
  public RowSampleSource(CurvatureSettings settings) {
    super(settings.refresh());
    this.factors =
        new KeptFactors(
            KeptFactors.Scales.OF_FACTORS, new KroneckerSettings(0, settings.factors().damping()));
  }

  @Override
  Preparation<Preconditioner> make(DampedHessian h, int mostProducts) {
    boolean draws = isDue() && mostProducts > 1;
    if (draws) {
      forget();
      // The number of the sample: another one has other rows.
      sample = h.point().sample(ROWS, solves());
      renewed();
    }
    if (sample == null) {
      return Preparation.ready(Preconditioner.identity());
    }
    Preparation<Preconditioner> made = ofSample(h);
    return draws && made instanceof Preparation.Ready<Preconditioner> ready
        ? new Preparation.Ready<>(ready.value(), 1)
        : made;
  }

  private Preparation<Preconditioner> ofSample(DampedHessian h) {
    if (over == null) {
      over = h.point().over(sample);
    }
    double[] penalty = h.penalty();
    double least = Arrays.stream(penalty).filter(c -> c > 0).min().orElse(0);
    double more = MORE * h.damping() + (MORE - 1) * least;
    return factors
        .prepare(over, factors.isKnown() ? null : over.factors(), penalty, more)
        .map(inner -> new SampledPreconditioner(plusDiagonal(over.hessian(more), penalty), inner));
  }

  private static LinearOperator plusDiagonal(LinearOperator h, double[] c) {
    return LinearOperator.of(
        h.size(),
        columns -> {
          double[][] products = h.applyAll(columns);
          for (int k = 0; k < columns.length; k++) {
            for (int j = 0; j < c.length; j++) {
              products[k][j] += c[j] * columns[k][j];
            }
          }
          return products;
        });
  }

  @Override
  void forget() {
    sample = null;
    over = null;
    factors.forget();
  }

  @Override
  long memory(BilevelProblem problem) {
    int features = problem.model().features();
    return FactorSource.bytes(problem) + RowSample.bytes(ROWS, features);
  }

  @Override
  Optional<String> objection(BilevelProblem problem) {
    return FactorSource.tooLarge(problem);
  }

  @Override
  boolean takesProduct() {
    return true;
  }

  @Override
  void save(Snapshot snapshot) {
    super.save(snapshot);
    if (sample != null) {
      Snapshot own = snapshot.in("sampled");
      sample.save(own.in("sample"));
      factors.save(own.in("kronecker"));
    }
  }

  @Override
  void restore(Snapshot snapshot) {
    super.restore(snapshot);
    forget();
    Snapshot own = snapshot.in("sampled");
    sample = RowSample.restored(own.in("sample"));
    if (sample != null) {
      factors.restore(own.in("kronecker"));
    }
  }
}
