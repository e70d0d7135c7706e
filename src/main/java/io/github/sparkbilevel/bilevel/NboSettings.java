package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.curvature.KroneckerSettings;
import io.github.sparkbilevel.problem.training.Training;
import java.util.function.Consumer;

/** How NBO runs. It starts from {@link #of}; each {@code with…} gives a copy. */
public final class NboSettings implements Cloneable {
  private Curvature curvature;
  private int products = 2;
  private int iterations = 40;
  private double damping;
  private int patience = 10;
  private double tolerance;
  private int factorRefresh = 5;
  private double rowStep = 0.5;
  private double rowLow = -10;
  private double rowHigh = 10;
  private Rotation rotation;
  private Training training;
  private KroneckerSettings factors = KroneckerSettings.DEFAULT;
  private FieldSettings field;

  private NboSettings(Curvature curvature) {
    this.curvature = curvature;
  }

  /** Newton steps by this curvature, with the defaults of the rest. */
  public static NboSettings of(Curvature curvature) {
    return new NboSettings(curvature);
  }

  /** A product has to be left beside the one that a preconditioner takes. */
  private void check() {
    if (products < 2 && curvature.takesProduct()) {
      throw new IllegalArgumentException(
          ("curvature = %s takes a product for its preconditioner; got products = %d, expected 2 or"
                  + " more; use more products or curvature = cg")
              .formatted(curvature.label(), products));
    }
  }

  private NboSettings with(Consumer<NboSettings> change) {
    NboSettings copy;
    try {
      copy = (NboSettings) clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
    change.accept(copy);
    copy.check();
    return copy;
  }

  /** How the Newton system is solved. */
  public Curvature curvature() {
    return curvature;
  }

  /** T, the Hessian products of an outer iteration. */
  public int products() {
    return products;
  }

  /** The most outer iterations. */
  public int iterations() {
    return iterations;
  }

  /** δ ≥ 0. */
  public double damping() {
    return damping;
  }

  /**
   * Iterations after which the run ends without a better held-out loss, or, where nothing is held
   * out, with the same F; 0 for never.
   */
  public int patience() {
    return patience;
  }

  /** The share of F by which it may move and be the same. */
  public double tolerance() {
    return tolerance;
  }

  /** Iterations between two computations of the Kronecker factors. */
  public int factorRefresh() {
    return factorRefresh;
  }

  /** Length of the first steps of the λ_i beside the rows. */
  public double rowStep() {
    return rowStep;
  }

  /** The least λ_i beside the rows. */
  public double rowLow() {
    return rowLow;
  }

  /** The greatest λ_i beside the rows. */
  public double rowHigh() {
    return rowHigh;
  }

  /** How the trusted rows rotate between making features and making F, or null. */
  public Rotation rotation() {
    return rotation;
  }

  /** How θ of a network moves in an iteration, or null for Newton steps. */
  public Training training() {
    return training;
  }

  /** How the Kronecker factors of a network are used. */
  public KroneckerSettings factors() {
    return factors;
  }

  /** The algorithm that takes the place of NBO, or null. */
  public FieldSettings field() {
    return field;
  }

  /** T; 2 unless told otherwise. */
  public NboSettings withProducts(int number) {
    return with(copy -> copy.products = number);
  }

  /** The most outer iterations; 40 unless told otherwise. */
  public NboSettings withIterations(int most) {
    return with(copy -> copy.iterations = most);
  }

  /** δ ≥ 0; 0 unless told otherwise. */
  public NboSettings withDamping(double delta) {
    return with(copy -> copy.damping = delta);
  }

  /** Iterations without progress; 10 unless told otherwise, 0 for no end. */
  public NboSettings withPatience(int number) {
    return with(copy -> copy.patience = number);
  }

  /** The share of F by which it may move and be the same; 0 unless told otherwise. */
  public NboSettings within(double share) {
    return with(copy -> copy.tolerance = share);
  }

  /** Iterations between two computations of the Kronecker factors; 5 unless told otherwise. */
  public NboSettings withFactorRefresh(int interval) {
    return with(copy -> copy.factorRefresh = interval);
  }

  /**
   * The first steps and the bounds of the λ_i beside the rows; .5, −10 and 10 unless told
   * otherwise.
   */
  public NboSettings withRows(double step, double low, double high) {
    return with(
        copy -> {
          copy.rowStep = step;
          copy.rowLow = low;
          copy.rowHigh = high;
        });
  }

  /** Rotates the trusted rows between making features and making F; null for not at all. */
  public NboSettings rotating(Rotation folds) {
    return with(copy -> copy.rotation = folds);
  }

  /** An algorithm of the field in place of NBO; null for NBO. */
  public NboSettings by(FieldSettings algorithm) {
    return with(copy -> copy.field = algorithm);
  }

  /** Moves θ of a network by stochastic training in every iteration. */
  public NboSettings with(Training eachIteration, KroneckerSettings use) {
    return with(
        copy -> {
          copy.training = eachIteration;
          copy.factors = use;
        });
  }

  /**
   * Cross-fitting of the weight function. A model fitted on trusted rows has no loss on those rows;
   * a feature made with it would let λ lower F by trusting that model, whatever it says of other
   * rows. So the trusted rows are cut into folds: at each refresh the next fold makes F, and the
   * feature comes from the model fitted without that fold.
   *
   * @param folds number of folds of the trusted rows, 2 or more; trusted model j is fitted without
   *     fold j
   * @param refresh iterations between two refreshes of the features
   */
  public record Rotation(int folds, int refresh) {}
}
