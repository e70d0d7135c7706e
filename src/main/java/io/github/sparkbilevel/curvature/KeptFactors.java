package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Kronecker factors, kept from one computation to the next, and their inverse.
 *
 * <p>One layer is inverted exactly, by {@link KroneckerPreconditioner}, and again when the penalty
 * has moved; several layers are inverted in their eigenbases, where every solve can have its own
 * penalty and damping.
 */
final class KeptFactors {
  /** Between two computations of the Kronecker factors the penalty may change by this factor. */
  private static final double SAME_PENALTY = 2;

  /** The eigenvalues of the inverse. */
  enum Scales {
    /** The products of the factors' eigenvalues. */
    OF_FACTORS,
    /** The diagonal that H has in the factors' eigenbases. */
    OF_HESSIAN
  }

  private final Scales scales;
  private final KroneckerSettings settings;
  private List<KroneckerFactors> factors;
  private KroneckerEigen eigen;
  private Preconditioner single;
  private double[] factoredPenalty;
  private double factoredDamping;

  KeptFactors(Scales scales, KroneckerSettings settings) {
    this.scales = scales;
    this.settings = settings;
  }

  /** Whether there are factors. */
  boolean isKnown() {
    return factors != null;
  }

  /**
   * Makes the inverse for a penalty and a damping; the identity as long as there are no factors.
   *
   * @param point where the factors are from; with scales of H, new factors cost a pass there
   * @param known new factors, or null to go on with the old ones
   */
  Preparation<Preconditioner> prepare(
      LowerObjective.Point point, List<KroneckerFactors> known, double[] penalty, double damping) {
    if (known == null && factors == null) {
      return Preparation.ready(Preconditioner.identity());
    }
    if (known != null) {
      factors = average(known);
    }
    return factors.size() == 1 && scales == Scales.OF_FACTORS
        ? ofOneLayer(known != null, penalty, damping)
        : ofLayers(point, known != null, penalty, damping);
  }

  private List<KroneckerFactors> average(List<KroneckerFactors> known) {
    if (factors == null || settings.decay() == 0) {
      return known;
    }
    List<KroneckerFactors> averaged = new ArrayList<>();
    for (int l = 0; l < known.size(); l++) {
      averaged.add(
          new KroneckerFactors(
              average(factors.get(l).inputs(), known.get(l).inputs()),
              average(factors.get(l).outputs(), known.get(l).outputs()),
              known.get(l).height()));
    }
    return averaged;
  }

  private double[] average(double[] old, double[] known) {
    double[] sum = Vectors.scaled(settings.decay(), old);
    Vectors.addTo(sum, 1 - settings.decay(), known);
    return sum;
  }

  private Preparation<Preconditioner> ofOneLayer(boolean isNew, double[] penalty, double damping) {
    if (isNew || !isNear(penalty, factoredPenalty)) {
      var factored = KroneckerPreconditioner.factor(factors.get(0), penalty, damping);
      if (factored.isEmpty()) {
        return Preparation.failed(Status.NOT_FINITE);
      }
      single = factored.get();
      factoredPenalty = penalty;
      factoredDamping = damping;
    }
    return Preparation.ready(single);
  }

  private Preparation<Preconditioner> ofLayers(
      LowerObjective.Point point, boolean isNew, double[] penalty, double damping) {
    int products = 0;
    if (isNew) {
      Optional<KroneckerEigen> made = KroneckerEigen.of(factors);
      if (made.isEmpty()) {
        return Preparation.failed(Status.NOT_FINITE);
      }
      eigen = made.get();
      if (scales == Scales.OF_HESSIAN) {
        double[] ofHessian = point.eigenScales(eigen.layers());
        if (!Vectors.isFinite(ofHessian)) {
          return Preparation.failed(Status.NOT_FINITE);
        }
        eigen = eigen.withScales(ofHessian);
        products = 1;
      }
    }
    return new Preparation.Ready<>(eigen.inverse(penalty, damping, settings.damping()), products);
  }

  /** Forgets all factors. */
  void forget() {
    factors = null;
    eigen = null;
    single = null;
  }

  /** Saves the factors, and what the inverse depends on besides them. */
  void save(Snapshot snapshot) {
    if (factors == null) {
      return;
    }
    snapshot.put("layers", factors.size());
    for (int l = 0; l < factors.size(); l++) {
      snapshot.put("inputs" + l, factors.get(l).inputs());
      snapshot.put("outputs" + l, factors.get(l).outputs());
      snapshot.put("height" + l, factors.get(l).height());
    }
    if (single != null) {
      snapshot.put("penalty", factoredPenalty);
      snapshot.put("damping", factoredDamping);
    }
    if (eigen != null) {
      snapshot.put("eigen", 1);
      snapshot.put("scales", eigen.scales());
    }
  }

  /** Inverts again what {@link #save} wrote; costs no pass. */
  void restore(Snapshot snapshot) {
    forget();
    if (!snapshot.has("layers")) {
      return;
    }
    factors = new ArrayList<>();
    for (int l = 0; l < snapshot.integer("layers"); l++) {
      factors.add(
          new KroneckerFactors(
              snapshot.numbers("inputs" + l),
              snapshot.numbers("outputs" + l),
              snapshot.integer("height" + l)));
    }
    if (snapshot.has("penalty")) {
      factoredPenalty = snapshot.numbers("penalty");
      factoredDamping = snapshot.number("damping");
      single =
          KroneckerPreconditioner.factor(factors.get(0), factoredPenalty, factoredDamping)
              .orElseThrow();
    }
    if (snapshot.has("eigen")) {
      eigen = KroneckerEigen.of(factors).orElseThrow();
      if (snapshot.has("scales")) {
        eigen = eigen.withScales(snapshot.numbers("scales"));
      }
    }
  }

  private static boolean isNear(double[] penalty, double[] other) {
    for (int j = 0; j < penalty.length; j++) {
      if (penalty[j] > SAME_PENALTY * other[j] || other[j] > SAME_PENALTY * penalty[j]) {
        return false;
      }
    }
    return true;
  }
}
