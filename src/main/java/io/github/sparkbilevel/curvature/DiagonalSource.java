package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.snapshot.Snapshot;

/** Preconditioners from the diagonal of H, which evaluations sum at no further pass. */
public class DiagonalSource extends PreconditionerSource {
  private double[] diagonal;

  /** Sets up a source that knows nothing yet. */
  public DiagonalSource(CurvatureSettings settings) {
    super(settings.refresh());
  }

  /** The diagonal of the data's part of H that was summed last; null before the first. */
  final double[] diagonal() {
    return diagonal;
  }

  @Override
  final Extra requests() {
    // The diagonal is cheap, and changes fast in the first solves.
    return isDueEarly() ? Extra.DIAGONAL : Extra.NONE;
  }

  @Override
  Preparation<Preconditioner> make(DampedHessian h, int mostProducts) {
    double[] summed = h.point().dataDiagonal();
    if (summed != null) {
      diagonal = summed;
      renewed();
    }
    if (diagonal == null) {
      return Preparation.ready(Preconditioner.identity());
    }
    return Vectors.isFinite(diagonal)
        ? Preparation.ready(JacobiPreconditioner.of(diagonal, h.penalty(), h.damping()))
        : notFinite();
  }

  @Override
  void forget() {
    diagonal = null;
  }

  @Override
  long memory(BilevelProblem problem) {
    return 8L * problem.model().size();
  }

  @Override
  void save(Snapshot snapshot) {
    super.save(snapshot);
    snapshot.put("diagonal", diagonal);
  }

  @Override
  void restore(Snapshot snapshot) {
    super.restore(snapshot);
    diagonal = snapshot.numbersOrNull("diagonal");
  }
}
