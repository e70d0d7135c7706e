package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.FoldRows;
import io.github.sparkbilevel.problem.pass.PassLedger;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** What a tuning run does. It starts from {@link #of}; each {@code with…} gives a copy. */
public final class TuningSettings implements Cloneable {
  private BilevelProblem problem;
  private double[] initialLambda;
  private List<double[]> probes = List.of();
  private double[] low;
  private double[] high;
  private Algorithm algorithm = Algorithm.LBFGS;
  private double tolerance = 1e-5;
  private int sketchColumns = Curvature.SKETCH_COLUMNS;
  private double step = Adam.DRIVER_STEP;
  private NboSettings nbo;
  private CleaningSettings.WarmUp warmUp = CleaningSettings.WarmUp.DEFAULT;
  private String backend = DenseBackends.AUTO;
  private List<FoldRows> folds = List.of();
  private PassLedger.Phase phase = PassLedger.Phase.OUTER;

  private TuningSettings(BilevelProblem problem, NboSettings nbo) {
    this.problem = problem;
    this.nbo = nbo;
    int size = problem.sharedSize();
    initialLambda = new double[size];
    low = new double[size];
    high = new double[size];
    Arrays.fill(low, Double.NEGATIVE_INFINITY);
    Arrays.fill(high, Double.POSITIVE_INFINITY);
  }

  /** Tunes this problem, with the defaults of the rest. */
  public static TuningSettings of(BilevelProblem problem, NboSettings nbo) {
    return new TuningSettings(problem, nbo);
  }

  private TuningSettings with(Consumer<TuningSettings> change) {
    TuningSettings copy;
    try {
      copy = (TuningSettings) clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
    change.accept(copy);
    return copy;
  }

  /** The objectives; λ tunes a penalty at least. */
  public BilevelProblem problem() {
    return problem;
  }

  /** The driver's λ at the start. */
  public double[] initialLambda() {
    return initialLambda;
  }

  /** What L-BFGS is to begin at the best of, in the order of evaluation; empty for one start. */
  public List<double[]> probes() {
    return probes;
  }

  /** The least value of each entry of the driver's λ. */
  public double[] low() {
    return low;
  }

  /** The greatest value of each. */
  public double[] high() {
    return high;
  }

  /** How λ moves. */
  public Algorithm algorithm() {
    return algorithm;
  }

  /**
   * The run ends when Φ has fallen by less than this share of itself over {@code nbo.patience()}
   * iterations.
   */
  public double tolerance() {
    return tolerance;
  }

  /** Columns of the sketch of {@code nystrom-cg}. */
  public int sketchColumns() {
    return sketchColumns;
  }

  /** Length of λ's first steps by NBO. */
  public double step() {
    return step;
  }

  /** Curvature, damping, iterations, patience and what else NBO needs. */
  public NboSettings nbo() {
    return nbo;
  }

  /** How far the lower level is solved before NBO begins. */
  public CleaningSettings.WarmUp warmUp() {
    return warmUp;
  }

  /** Name of the dense backend, or {@code auto}. */
  public String backend() {
    return backend;
  }

  /** The driver's λ at the start, and its bounds entry by entry; 0 and no bounds otherwise. */
  public TuningSettings from(double[] lambda, double[] least, double[] greatest) {
    return with(
        copy -> {
          copy.initialLambda = lambda;
          copy.low = least;
          copy.high = greatest;
        });
  }

  /**
   * Lets L-BFGS begin at the best of several λ instead of the initial one. Each is an evaluation of
   * Φ, started from the one before, unless both have the same model, without coefficients. Once a
   * model has more than 1,000 coefficients that are not 0, they end where a step of L-BFGS would go
   * less far than to the next.
   */
  public TuningSettings fromBestOf(List<double[]> lambdas) {
    return with(copy -> copy.probes = List.copyOf(lambdas));
  }

  /** How λ moves; L-BFGS unless told otherwise. */
  public TuningSettings by(Algorithm way) {
    return with(copy -> copy.algorithm = way);
  }

  /** When the run ends; 1e-5 unless told otherwise. */
  public TuningSettings withTolerance(double share) {
    return with(copy -> copy.tolerance = share);
  }

  /** Columns of the sketch of {@code nystrom-cg}. */
  public TuningSettings withSketchColumns(int number) {
    return with(copy -> copy.sketchColumns = number);
  }

  /** Length of λ's first steps by NBO. */
  public TuningSettings withStep(double length) {
    return with(copy -> copy.step = length);
  }

  /** Curvature, iterations and patience. */
  public TuningSettings with(NboSettings settings) {
    return with(copy -> copy.nbo = settings);
  }

  /** How far the lower level is solved before NBO begins. */
  public TuningSettings warmedUp(CleaningSettings.WarmUp until) {
    return with(copy -> copy.warmUp = until);
  }

  /** Name of the dense backend. */
  public TuningSettings onBackend(String name) {
    return with(copy -> copy.backend = name);
  }

  /** The folds whose mean loss is Φ; empty where it is the loss on validation rows. */
  public List<FoldRows> folds() {
    return folds;
  }

  /** Makes Φ the mean loss of the models that are trained without a fold, each on its fold. */
  public TuningSettings over(List<FoldRows> cut) {
    return with(copy -> copy.folds = List.copyOf(cut));
  }

  /** What the passes of {@link Algorithm#LBFGS} are booked under. */
  public PassLedger.Phase phase() {
    return phase;
  }

  /** Books the passes of {@link Algorithm#LBFGS} as those of another phase. */
  public TuningSettings bookedUnder(PassLedger.Phase other) {
    return with(copy -> copy.phase = other);
  }

  /** How λ moves. */
  public enum Algorithm {
    /** Projected L-BFGS on a hypergradient at the solved lower level. */
    LBFGS,
    /** θ moves along with λ: NBO, or the algorithm of {@link NboSettings#field}. */
    NBO
  }
}
