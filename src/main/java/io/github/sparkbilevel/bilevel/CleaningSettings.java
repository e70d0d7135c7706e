package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.model.HuberLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.fit.Ridge;
import io.github.sparkbilevel.problem.fit.SelectionMetric;
import io.github.sparkbilevel.problem.training.Training;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** What a cleaning run does. It starts from {@link #of}; each {@code with…} gives a copy. */
public final class CleaningSettings implements Cloneable {
  private BilevelProblem problem;
  private double l2 = 0.01;
  private double[] initialLambda;
  private NboSettings nbo;
  private double step = Adam.DRIVER_STEP;
  private double low = -10;
  private double high = 10;
  private WarmUp warmUp = WarmUp.DEFAULT;
  private Set<Baseline> baselines = EnumSet.noneOf(Baseline.class);
  private String backend = DenseBackends.AUTO;
  private boolean sparse;
  private boolean guided = true;
  private long seed = 42;
  private SelectionMetric metric = SelectionMetric.LOSS;
  private int groups = 1;
  private int annotators;
  private boolean given;
  private int trustedFolds = 1;
  private Map<String, Finished> fitted = Map.of();
  private Networks networks;
  private HuberLoss firstLoss;

  private CleaningSettings(BilevelProblem problem, NboSettings nbo) {
    this.problem = problem;
    this.nbo = nbo;
    initialLambda = new double[problem.sharedSize()];
  }

  /** Cleans by this problem and outer loop, with the defaults of the rest. */
  public static CleaningSettings of(BilevelProblem problem, NboSettings nbo) {
    return new CleaningSettings(problem, nbo);
  }

  private CleaningSettings with(Consumer<CleaningSettings> change) {
    CleaningSettings copy;
    try {
      copy = (CleaningSettings) clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
    change.accept(copy);
    return copy;
  }

  /** The objectives. */
  public BilevelProblem problem() {
    return problem;
  }

  /** The penalty of the plain models that the result is compared with. */
  public double l2() {
    return l2;
  }

  /** The driver's part of λ at the start. */
  public double[] initialLambda() {
    return initialLambda;
  }

  /** The outer loop. */
  public NboSettings nbo() {
    return nbo;
  }

  /** Length of the first steps of the driver's λ. */
  public double step() {
    return step;
  }

  /** The least entry of the driver's λ. */
  public double low() {
    return low;
  }

  /** The greatest entry of the driver's λ. */
  public double high() {
    return high;
  }

  /** How the lower level is fitted before λ moves. */
  public WarmUp warmUp() {
    return warmUp;
  }

  /** Which plain models to fit. */
  public Set<Baseline> baselines() {
    return baselines;
  }

  /** Name of the dense backend, or {@code auto}. */
  public String backend() {
    return backend;
  }

  /** Whether the features are sparse. */
  public boolean sparse() {
    return sparse;
  }

  /** Whether there are trusted rows to learn λ from. */
  public boolean isGuided() {
    return guided;
  }

  /** What the choice between the finished models goes by. */
  public SelectionMetric metric() {
    return metric;
  }

  /** Of the folds, and of the first weights of networks. */
  public long seed() {
    return seed;
  }

  /** Number of groups of training rows whose labels may be confused differently. */
  public int groups() {
    return groups;
  }

  /** Number of annotators whose votes become the labels; 0 where rows have labels. */
  public int annotators() {
    return annotators;
  }

  /** Whether the training rows bring the probabilities of their classes by another model. */
  public boolean haveProbabilities() {
    return given;
  }

  /** Number of folds of the trusted rows that are not held out. */
  public int trustedFolds() {
    return trustedFolds;
  }

  /** Models that join the comparison, by their names. */
  public Map<String, Finished> fitted() {
    return fitted;
  }

  /** How networks are trained; null for linear models. */
  public Networks networks() {
    return networks;
  }

  /** The loss of the first fit to real labels; null for classes. */
  public HuberLoss firstLoss() {
    return firstLoss;
  }

  /** The same over a problem of the same variables. */
  CleaningSettings over(BilevelProblem other) {
    return with(copy -> copy.problem = other);
  }

  /** Labels are real: a first fit by this loss tells how large the errors of right ones are. */
  public CleaningSettings ofRealLabels(HuberLoss first) {
    return with(copy -> copy.firstLoss = first);
  }

  /** The penalty of the plain models; .01 unless told otherwise. */
  public CleaningSettings withPenalty(double l2OfPlainModels) {
    return with(copy -> copy.l2 = l2OfPlainModels);
  }

  /** The driver's λ at the start, and its bounds; 0, −10 and 10 unless told otherwise. */
  public CleaningSettings from(double[] lambda, double least, double greatest) {
    return with(
        copy -> {
          copy.initialLambda = lambda;
          copy.low = least;
          copy.high = greatest;
        });
  }

  /** Length of the first steps of the driver's λ. */
  public CleaningSettings withStep(double length) {
    return with(copy -> copy.step = length);
  }

  /** How the lower level is fitted before λ moves. */
  public CleaningSettings warmedUp(WarmUp until) {
    return with(copy -> copy.warmUp = until);
  }

  /** Which plain models to fit; none unless told otherwise. */
  public CleaningSettings comparedWith(Set<Baseline> models) {
    return with(copy -> copy.baselines = models);
  }

  /** Name of the dense backend. */
  public CleaningSettings onBackend(String name) {
    return with(copy -> copy.backend = name);
  }

  /** The features are sparse. */
  public CleaningSettings ofSparseRows() {
    return with(copy -> copy.sparse = true);
  }

  /** There are no trusted rows: the noise model of the problem is learned by EM alone. */
  public CleaningSettings unguided() {
    return with(copy -> copy.guided = false);
  }

  /** What the choice between the finished models goes by; the loss unless told otherwise. */
  public CleaningSettings selectedBy(SelectionMetric what) {
    return with(copy -> copy.metric = what);
  }

  /** Where folds and first weights come from. */
  public CleaningSettings withSeed(long start) {
    return with(copy -> copy.seed = start);
  }

  /** Number of groups of training rows; 1 unless told otherwise. */
  public CleaningSettings ofGroups(int number) {
    return with(copy -> copy.groups = number);
  }

  /**
   * Number of annotators; 0 unless told otherwise.
   *
   * @param folds of the trusted rows that are not held out
   */
  public CleaningSettings ofAnnotators(int number, int folds) {
    return with(
        copy -> {
          copy.annotators = number;
          copy.trustedFolds = folds;
        });
  }

  /** Training rows bring the probabilities of their classes: confident learning goes by them. */
  public CleaningSettings ofRowsWithProbabilities() {
    return with(copy -> copy.given = true);
  }

  /** Models that were fitted before; none unless told otherwise. */
  public CleaningSettings joinedBy(Map<String, Finished> models) {
    return with(copy -> copy.fitted = Map.copyOf(models));
  }

  /** How networks are trained. */
  public CleaningSettings with(Networks training) {
    return with(copy -> copy.networks = training);
  }

  /** The most plain models that are fitted together. */
  public int mostFits() {
    int ofFeatures = nbo.rotation() == null ? 0 : nbo.rotation().folds() + 1;
    int ofNoise = problem.shapesLoss() ? Candidates.mostFits(Set.of(Baseline.NOISE_MODEL)) : 0;
    return Math.max(Math.max(ofFeatures, ofNoise), Candidates.mostFits(baselines));
  }

  /**
   * Stochastic training of networks, where linear models are solved for.
   *
   * @param warmUp before λ moves
   * @param plain of the models of trusted rows, of baselines and of refits
   */
  public record Networks(Training warmUp, Training plain) {

    /**
     * In each of the three rounds of the polish: half the passes of a plain model. Rows are drawn
     * by their weights, so that a pass takes about half the steps that it takes in a plain model.
     */
    Training polish() {
      return plain.passes((plain.passes() + 1) / 2);
    }
  }

  /**
   * The warm-up.
   *
   * @param tolerance done when ‖∇G‖∞ has fallen by this factor
   * @param maxPasses the most passes
   */
  public record WarmUp(double tolerance, int maxPasses) {
    static final WarmUp DEFAULT = new WarmUp(1e-2, 60);
  }

  /** A plain model. */
  public enum Baseline {
    /** Fitted on all training rows. */
    NOISY,
    /** Fitted on all training rows by the squared loss; left out for classes. */
    LEAST_SQUARES,
    /** Fitted on the trusted rows alone. */
    TRUSTED,
    /**
     * A linear model fitted on the trusted rows alone, to which the outputs of the model of all
     * training rows are features too: see {@link Ridge}.
     */
    TRANSFER,
    /** Out-of-sample probabilities of the training rows; no trusted rows. */
    CONFIDENT_LEARNING,
    /** Learned together with how labels are confused: see {@link NoiseFit}. */
    NOISE_MODEL,
    /**
     * Learned together with a labeller whose labels follow from the features: see {@link
     * LabellerFit}. It starts where λ led.
     */
    LABELLER_MODEL,
    /**
     * Fitted to labels confused as the trusted rows say (Hendrycks, Mazeika, Wilson and Gimpel,
     * NeurIPS 2018).
     */
    GOLD_LOSS_CORRECTION,
    /**
     * Fitted to labels confused as the confident joint says (Patrini, Rozza, Menon, Nock and Qu,
     * CVPR 2017, with the estimate of Northcutt, Jiang and Chuang); no trusted rows for it.
     */
    FORWARD_CORRECTION,
    /** Fitted to labels that EM makes of votes; where there are none, nothing. */
    DAWID_SKENE,
    /**
     * Fitted on the trusted rows and on all training rows, each weighted by the probability that
     * its label is right, as the bilevel model and the one of {@link #LABELLER_MODEL} see it
     * together.
     */
    CLEANED,
    /**
     * Fitted on the rows whose label is known to be right, and the trusted rows: what the best of
     * judges would reach. It is never selected.
     */
    ORACLE
  }
}
