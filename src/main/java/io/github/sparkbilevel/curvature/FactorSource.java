package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.ParameterBlock;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.util.Optional;

/** Preconditioners from the Kronecker factors of H, which evaluations sum at no further pass. */
public final class FactorSource extends PreconditionerSource {
  /** The most bytes that the factors of a linear model and their inverses may take. */
  private static final long MOST_LINEAR_BYTES = 512L << 20;

  /** The widest layer of a network, inputs or outputs, whose factors are made. */
  private static final int WIDEST_LAYER = 4096;

  /** The most bytes that the factors of a network and their bases may take. */
  private static final long MOST_NETWORK_BYTES = 2048L << 20;

  private final KeptFactors factors;
  private final KeptFactors.Scales scales;

  private FactorSource(CurvatureSettings settings, KeptFactors.Scales scales) {
    super(settings.refresh());
    this.factors = new KeptFactors(scales, settings.factors());
    this.scales = scales;
  }

  /** The inverse of the factors themselves. */
  public static FactorSource plain(CurvatureSettings settings) {
    return new FactorSource(settings, KeptFactors.Scales.OF_FACTORS);
  }

  /**
   * The inverse in the eigenbases of the factors, with the diagonal that H has there; costs a pass
   * whenever there are new factors. For networks.
   */
  public static FactorSource corrected(CurvatureSettings settings) {
    return new FactorSource(settings, KeptFactors.Scales.OF_HESSIAN);
  }

  @Override
  Extra requests() {
    return isDue() ? Extra.KRONECKER : Extra.NONE;
  }

  @Override
  Preparation<Preconditioner> make(DampedHessian h, int mostProducts) {
    if (h.point().factors() != null) {
      renewed();
    }
    return factors.prepare(h.point(), h.point().factors(), h.penalty(), h.damping());
  }

  @Override
  void forget() {
    factors.forget();
  }

  @Override
  boolean suitsEveryModel() {
    return scales == KeptFactors.Scales.OF_FACTORS;
  }

  @Override
  long memory(BilevelProblem problem) {
    return bytes(problem);
  }

  @Override
  Optional<String> objection(BilevelProblem problem) {
    return !suitsEveryModel() && problem.model().isLinear()
        ? Optional.of("is for networks, got a linear model; use curvature = kfac-cg")
        : tooLarge(problem);
  }

  /**
   * Of a linear model A and K factored copies; of a network the sums that come back, the factors,
   * their bases, and what decomposing the largest of them takes.
   */
  static long bytes(BilevelProblem problem) {
    Model model = problem.model();
    if (model.isLinear()) {
      long q = model.last().height();
      return 8 * q * q * (model.outputs() + 1);
    }
    long numbers = 0;
    long widest = 0;
    for (ParameterBlock layer : model.parameters()) {
      long k = layer.outputs();
      numbers += layer.factorSize() + k * k;
      boolean diagonal = layer.kind() == ParameterBlock.Inputs.ONE_HOT;
      widest = Math.max(widest, diagonal ? k : Math.max(layer.height(), k));
    }
    return 24 * (numbers + widest * widest);
  }

  /** The side of the larger factor that is not diagonal. */
  private static int widest(ParameterBlock layer) {
    return layer.kind() == ParameterBlock.Inputs.ONE_HOT
        ? layer.outputs()
        : Math.max(layer.inputs(), layer.outputs());
  }

  /** Why the factors do not fit the driver; empty when they do. */
  static Optional<String> tooLarge(BilevelProblem problem) {
    Model model = problem.model();
    long bytes = bytes(problem);
    String size = DriverMemory.text(bytes);
    if (model.isLinear()) {
      return bytes <= MOST_LINEAR_BYTES
          ? Optional.empty()
          : Optional.of(
              "would hold factors of %s for %,d features and %,d outputs; expected at most %,d MiB; use curvature = jacobi-cg"
                  .formatted(
                      size, model.last().height(), model.outputs(), MOST_LINEAR_BYTES >> 20));
    }
    for (ParameterBlock layer : model.parameters()) {
      if (widest(layer) > WIDEST_LAYER) {
        return Optional.of(
            "would hold factors of %s for a layer of %,d inputs and %,d outputs; expected at most %,d; use curvature = cg or narrower layers"
                .formatted(size, layer.inputs(), layer.outputs(), WIDEST_LAYER));
      }
    }
    return bytes <= MOST_NETWORK_BYTES
        ? Optional.empty()
        : Optional.of(
            "would hold factors of %s for %,d layers; expected at most %,d MiB; use curvature = cg or narrower layers"
                .formatted(size, model.parameters().size(), MOST_NETWORK_BYTES >> 20));
  }

  @Override
  void save(Snapshot snapshot) {
    super.save(snapshot);
    factors.save(snapshot.in("kronecker"));
  }

  @Override
  void restore(Snapshot snapshot) {
    super.restore(snapshot);
    factors.restore(snapshot.in("kronecker"));
  }
}
