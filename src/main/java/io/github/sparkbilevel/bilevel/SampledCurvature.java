package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.curvature.SampledPreconditioner;
import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.problem.LowerObjective;
import io.github.sparkbilevel.problem.RowSample;
import io.github.sparkbilevel.problem.Snapshot;
import java.util.Arrays;
import java.util.Optional;

/**
 * The preconditioner that comes of a sample of rows on the driver, kept from one draw to the next.
 *
 * <pre>
 *   M = H_S + diag(c) + (3δ + 2 min c) I        H_S: of the sample; c: the penalty's diagonal
 * </pre>
 *
 * <p>The least c is that of the coefficients that have one. Of the directions that the sample tells
 * little of it knows a curvature that is too small or too large by chance; what is added keeps it
 * from being trusted there (measured: docs/decisions.md). A strong penalty is known, and stays as
 * it is.
 */
final class SampledCurvature {
  private static final double MORE = 3;

  private final KroneckerCurvature kronecker;
  private RowSample sample;
  private LowerObjective.Point over;

  /**
   * Holds nothing yet.
   *
   * @param settings how the sample's Kronecker factors are damped
   */
  SampledCurvature(KroneckerSettings settings) {
    this.kronecker = new KroneckerCurvature(false, new KroneckerSettings(0, settings.damping()));
  }

  /** Whether there is a sample. */
  boolean isKnown() {
    return sample != null;
  }

  /**
   * Draws a sample; costs a pass.
   *
   * @param number of the sample: another one has other rows
   */
  void draw(LowerObjective.Point point, long number) {
    forget();
    sample = point.sample(Curvature.SAMPLED_ROWS, number);
  }

  /** Makes the preconditioner; empty when the sample's numbers are not finite. Costs no pass. */
  Optional<SampledPreconditioner> prepare(
      LowerObjective.Point point, double[] penalty, double damping) {
    if (over == null) {
      over = point.over(sample);
    }
    double least = Arrays.stream(penalty).filter(c -> c > 0).min().orElse(0);
    double more = MORE * damping + (MORE - 1) * least;
    return kronecker
        .prepare(over, kronecker.isKnown() ? null : over.factors(), penalty, more)
        .map(
            made ->
                new SampledPreconditioner(
                    plusDiagonal(over.hessian(more), penalty), made.preconditioner()));
  }

  private static LinearOperator plusDiagonal(LinearOperator h, double[] c) {
    return new LinearOperator() {
      @Override
      public int size() {
        return h.size();
      }

      @Override
      public double[][] applyAll(double[][] columns) {
        double[][] products = h.applyAll(columns);
        for (int k = 0; k < columns.length; k++) {
          for (int j = 0; j < c.length; j++) {
            products[k][j] += c[j] * columns[k][j];
          }
        }
        return products;
      }
    };
  }

  /** What is linear of a preconditioner: that of the inner solves, where it has some. */
  static Preconditioner linear(Preconditioner preconditioner) {
    return preconditioner instanceof SampledPreconditioner made ? made.inner() : preconditioner;
  }

  /** Forgets all. */
  void forget() {
    sample = null;
    over = null;
    kronecker.forget();
  }

  void save(Snapshot snapshot) {
    if (sample != null) {
      sample.save(snapshot.in("sample"));
      kronecker.save(snapshot.in("kronecker"));
    }
  }

  void restore(Snapshot snapshot) {
    forget();
    sample = RowSample.restored(snapshot.in("sample"));
    if (sample != null) {
      kronecker.restore(snapshot.in("kronecker"));
    }
  }
}
