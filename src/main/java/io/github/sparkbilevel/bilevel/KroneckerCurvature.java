package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.curvature.KroneckerEigen;
import io.github.sparkbilevel.curvature.KroneckerPreconditioner;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.LowerObjective;
import io.github.sparkbilevel.problem.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The preconditioner that comes of Kronecker factors, kept from one computation of them to the
 * next.
 *
 * <p>One layer is inverted exactly, by {@link KroneckerPreconditioner}, and again when the penalty
 * has moved; several layers in their eigenbases, where every solve can have its own penalty and
 * damping.
 */
final class KroneckerCurvature {
  /** Between two computations of the Kronecker factors the penalty may change by this factor. */
  private static final double SAME_PENALTY = 2;

  private final boolean withScales;
  private final KroneckerSettings settings;
  private List<KroneckerFactors> factors;
  private KroneckerEigen eigen;
  private Preconditioner single;
  private double[] factoredPenalty;
  private double factoredDamping;

  KroneckerCurvature(boolean withScales, KroneckerSettings settings) {
    this.withScales = withScales;
    this.settings = settings;
  }

  /**
   * A preconditioner and what it took.
   *
   * @param preconditioner M
   * @param products passes that were spent on it
   */
  record Made(Preconditioner preconditioner, int products) {}

  /** Whether factors have been seen. */
  boolean isKnown() {
    return factors != null;
  }

  /**
   * Makes the preconditioner for a penalty and a damping; empty when the factors are not finite.
   *
   * @param point has the factors, where they were due; with scales costs a pass then
   */
  Optional<Made> prepare(LowerObjective.Point point, double[] penalty, double damping) {
    return prepare(point, point.factors(), penalty, damping);
  }

  /**
   * The same with factors that are told apart from the point.
   *
   * @param known null to go on with those that there are
   */
  Optional<Made> prepare(
      LowerObjective.Point point, List<KroneckerFactors> known, double[] penalty, double damping) {
    if (known == null && factors == null) {
      return Optional.of(new Made(Preconditioner.identity(), 0));
    }
    if (known != null) {
      factors = average(known);
    }
    return factors.size() == 1 && !withScales
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
              average(factors.get(l).outputs(), known.get(l).outputs())));
    }
    return averaged;
  }

  private double[] average(double[] old, double[] known) {
    double[] sum = Vectors.scaled(settings.decay(), old);
    Vectors.addTo(sum, 1 - settings.decay(), known);
    return sum;
  }

  private Optional<Made> ofOneLayer(boolean isNew, double[] penalty, double damping) {
    if (isNew || !isNear(penalty, factoredPenalty)) {
      var factored = KroneckerPreconditioner.factor(factors.get(0), penalty, damping);
      if (factored.isEmpty()) {
        return Optional.empty();
      }
      single = factored.get();
      factoredPenalty = penalty;
      factoredDamping = damping;
    }
    return Optional.of(new Made(single, 0));
  }

  private Optional<Made> ofLayers(
      LowerObjective.Point point, boolean isNew, double[] penalty, double damping) {
    int products = 0;
    if (isNew) {
      Optional<KroneckerEigen> made = KroneckerEigen.of(factors);
      if (made.isEmpty()) {
        return Optional.empty();
      }
      eigen = made.get();
      if (withScales) {
        double[] scales = point.eigenScales(eigen.layers());
        if (!Vectors.isFinite(scales)) {
          return Optional.empty();
        }
        eigen = eigen.withScales(scales);
        products = 1;
      }
    }
    return Optional.of(new Made(eigen.inverse(penalty, damping, settings.damping()), products));
  }

  /** Forgets all: what no preconditioner could be made of is not to be tried again. */
  void forget() {
    factors = null;
    eigen = null;
    single = null;
  }

  /** Writes down the factors, and what was made of them that is not made again. */
  void save(Snapshot snapshot) {
    if (factors == null) {
      return;
    }
    snapshot.put("layers", factors.size());
    for (int l = 0; l < factors.size(); l++) {
      snapshot.put("inputs" + l, factors.get(l).inputs());
      snapshot.put("outputs" + l, factors.get(l).outputs());
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

  /** Factors and decomposes what {@link #save} wrote; costs no pass. */
  void restore(Snapshot snapshot) {
    forget();
    if (!snapshot.has("layers")) {
      return;
    }
    factors = new ArrayList<>();
    for (int l = 0; l < snapshot.integer("layers"); l++) {
      factors.add(
          new KroneckerFactors(snapshot.numbers("inputs" + l), snapshot.numbers("outputs" + l)));
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
