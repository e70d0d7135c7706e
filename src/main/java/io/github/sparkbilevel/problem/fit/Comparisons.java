package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.ScaledLoss;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.sampling.Folds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What is asked of finished models: figures, thresholds, and judgements of rows. */
public record Comparisons(BlockKernel kernel, PassEngine engine) {
  /** 2^−1 … 2^3 by half steps. */
  static final double[] TEMPERATURES = temperatures();

  /** Where τ = 1 is. */
  private static final int NO_TEMPERATURE = 2;

  private static double[] temperatures() {
    double[] grid = new double[9];
    Arrays.setAll(grid, i -> Math.pow(2, i / 2.0 - 1));
    return grid;
  }

  /** The figures of several models; costs 1 pass over the trusted and test rows. */
  public List<ModelFigures> figures(List<double[]> models) {
    return counted(models).stream().map(Counted::figures).toList();
  }

  /**
   * How a model does, also by class.
   *
   * @param heldOut the recall of each class on the held-out rows: the share of its rows that the
   *     model gives it, by their base weights; NaN of a class without rows
   * @param test the same on the test rows
   */
  public record Counted(ModelFigures figures, double[] heldOut, double[] test) {}

  /** The same with the recall of each class; costs 1 pass likewise. */
  public List<Counted> counted(List<double[]> models) {
    TallyPass pass = new TallyPass(kernel, models.toArray(double[][]::new));
    double[] sums = engine.run(pass, null, false).sums();
    List<Counted> counted = new ArrayList<>();
    for (int m = 0; m < models.size(); m++) {
      counted.add(
          new Counted(
              new ModelFigures(
                  Tally.read(sums, TallyPass.tally(m, 0)),
                  Tally.read(sums, TallyPass.tally(m, 1)),
                  Tally.read(sums, TallyPass.tally(m, 2)),
                  errors(sums, pass.recall(m, 1)),
                  errors(sums, pass.recall(m, 2))),
              recall(sums, pass.recall(m, 1)),
              recall(sums, pass.recall(m, 2))));
    }
    return counted;
  }

  private Errors errors(double[] sums, int at) {
    return kernel.model().loss().hasAccuracy() ? null : Errors.read(sums, at);
  }

  private double[] recall(double[] sums, int at) {
    double[] recall = new double[kernel.model().loss().classes()];
    Arrays.setAll(recall, k -> sums[at + 2 * k] / sums[at + 2 * k + 1]);
    return recall;
  }

  /**
   * Losses of several classifiers on the held-out rows.
   *
   * @param means the mean loss of each, by the rows' base weights
   * @param products for each pair of models the mean of ℓ_a ℓ_b
   * @param rows number of held-out rows, (Σ w)² / Σ w² where their weights differ
   */
  public record HeldOut(double[] means, double[][] products, double rows)
      implements HeldOutFigures {

    @Override
    public double standardErrorOfDifference(int a, int b) {
      double difference = means[a] - means[b];
      double square = products[a][a] - 2 * products[a][b] + products[b][b];
      return Math.sqrt(Math.max(0, square - difference * difference) / rows);
    }

    @Override
    public double effectiveRows(int model) {
      double mean = means[model];
      return mean == 0 ? 0 : rows * mean * mean / products[model][model];
    }
  }

  /**
   * What the held-out rows say of several classifiers.
   *
   * @param plain their losses, or errors of another kind
   * @param calibrated the same, each model at the temperature that suits it best
   */
  public record Calibration(HeldOutFigures plain, HeldOutFigures calibrated) {}

  /**
   * Held-out errors of classifiers by a metric other than the loss; costs 1 pass, of ranks 2.
   *
   * @throws IllegalArgumentException for the loss, which {@link #calibration} tells
   */
  public HeldOutFigures errors(List<double[]> models, SelectionMetric metric) {
    double[][] theta = models.toArray(double[][]::new);
    ScoreRanks ranks =
        metric == SelectionMetric.AUC
            ? ScoreRanks.of(engine.run(new ScoreCellsPass(kernel, theta), null, false).sums())
            : null;
    HeldOutErrorsPass pass = new HeldOutErrorsPass(kernel, theta, ranks);
    return HeldOutErrors.of(pass, engine.run(pass, null, false).sums(), metric);
  }

  /** Held-out losses of classifiers, with and without temperatures; costs 1 pass. */
  public Calibration calibration(List<double[]> models) {
    CalibrationPass pass =
        new CalibrationPass(kernel, models.toArray(double[][]::new), TEMPERATURES);
    double[] sums = engine.run(pass, null, false).sums();
    int[] plain = new int[models.size()];
    int[] best = new int[models.size()];
    for (int m = 0; m < models.size(); m++) {
      plain[m] = pass.loss(m, NO_TEMPERATURE);
      best[m] = pass.loss(m, 0);
      for (int t = 1; t < TEMPERATURES.length; t++) {
        best[m] = sums[pass.loss(m, t)] < sums[best[m]] ? pass.loss(m, t) : best[m];
      }
    }
    return new Calibration(heldOut(pass, sums, plain), heldOut(pass, sums, best));
  }

  /** The losses at these places of the sums, one for each model. */
  private static HeldOut heldOut(CalibrationPass pass, double[] sums, int[] at) {
    double[] means = new double[at.length];
    double[][] products = new double[at.length][at.length];
    double weight = sums[CalibrationPass.WEIGHT];
    for (int a = 0; a < at.length; a++) {
      means[a] = sums[at[a]] / weight;
      for (int b = 0; b < at.length; b++) {
        products[a][b] = sums[pass.product(at[a], at[b])] / weight;
      }
    }
    return new HeldOut(means, products, weight * weight / sums[CalibrationPass.SQUARED_WEIGHT]);
  }

  /** The judge of confident learning for models fitted without one fold each; costs 1 pass. */
  public Judge confidentLearning(double[][] withoutFold, Folds folds) {
    return confidentLearning(new Judge(withoutFold, folds, new JudgingRule.Preferred()));
  }

  /** The same for the probabilities that the training rows bring; costs 1 pass. */
  public Judge confidentLearning() {
    return confidentLearning(Judge.ofGiven(new JudgingRule.Preferred()));
  }

  private Judge confidentLearning(Judge plain) {
    double[] sums = engine.run(new ThresholdPass(kernel, plain), null, false).sums();
    double[] thresholds = new double[sums.length / 2];
    for (int k = 0; k < thresholds.length; k++) {
      // A class without rows can be suggested to nobody.
      thresholds[k] = sums[2 * k + 1] > 0 ? sums[2 * k] / sums[2 * k + 1] : 2;
    }
    return new Judge(plain.theta(), plain.folds(), new JudgingRule.Confident(thresholds));
  }

  /**
   * Judges of real labels that know how large the errors of their model are; others as they are.
   * Costs 1 pass for real labels.
   */
  public List<Judge> scaled(List<Judge> judges) {
    if (!(kernel.model().loss() instanceof ScaledLoss known)) {
      return judges;
    }
    ErrorCounts counts = new ErrorCounts(known.scale());
    double[][] theta = judges.stream().map(judge -> judge.theta()[0]).toArray(double[][]::new);
    double[] sums = errors(theta, counts, ErrorCountsPass.Rows.TRAINING);
    List<Judge> scaled = new ArrayList<>();
    for (int j = 0; j < theta.length; j++) {
      double scale = counts.scale(known.scale(), sums, j * ErrorCounts.CELLS);
      scaled.add(judges.get(j).with(new JudgingRule.Tail(scale)));
    }
    return scaled;
  }

  /**
   * σ of the errors of right labels, from a model of all training rows: see {@link ErrorCounts}.
   * Costs 1 pass, and with models of folds 2.
   *
   * @param unit a number of the size of σ, to a factor of a million
   * @param withoutFold models of the trusted rows without each of their folds, one after the other;
   *     empty for none. What they err by on the fold that they lack bounds σ where most training
   *     rows are wrong
   */
  public double errorScale(double[] theta, double unit, double[] withoutFold) {
    ErrorCounts counts = new ErrorCounts(unit);
    double[][] all = {theta};
    double[] sums = errors(all, counts, ErrorCountsPass.Rows.TRAINING);
    double scale = counts.scale(counts.medianScale(sums, 0), sums, 0);
    int d = kernel.model().size();
    if (withoutFold.length > 0) {
      double[][] folds = new double[withoutFold.length / d][];
      Arrays.setAll(folds, j -> Vectors.slice(withoutFold, j * d, d));
      double[] trusted = errors(folds, counts, ErrorCountsPass.Rows.OTHER_FOLD);
      scale = Math.min(scale, counts.scale(counts.medianScale(trusted, 0), trusted, 0));
    }
    return scale;
  }

  private double[] errors(double[][] theta, ErrorCounts counts, ErrorCountsPass.Rows rows) {
    return engine.run(new ErrorCountsPass(kernel, theta, counts, rows), null, false).sums();
  }

  /**
   * What a judge says of the rows of a block.
   *
   * @param quality probability that the row's own label is right
   * @param suggested the label that is suggested
   * @param flagged whether the label is disputed
   */
  public record Judged(double[] quality, double[] suggested, boolean[] flagged) {}

  /** Judges the rows of one block, where the block is. */
  public static Judged judge(BlockKernel kernel, Block block, Judge judge) {
    Loss loss = kernel.model().loss();
    double[] quality = new double[block.rows()];
    double[] suggested = new double[block.rows()];
    boolean[] flagged = new boolean[block.rows()];
    JudgedRows.forEach(
        kernel,
        block,
        judge,
        (i, p) -> {
          JudgingRule.Verdict verdict = judge.judge(loss, p, block, i);
          quality[i] = verdict.quality();
          suggested[i] = verdict.suggested();
          flagged[i] = verdict.flagged();
        });
    return new Judged(quality, suggested, flagged);
  }

  /** For each row of one block the probabilities of its true class, where the block is. */
  public static double[][] softLabels(BlockKernel kernel, Block block, Judge judge) {
    double[][] soft = new double[block.rows()][];
    JudgedRows.forEach(
        kernel,
        block,
        judge,
        (i, p) -> soft[i] = judge.rule().softLabels(kernel.model().loss(), p, block, i));
    return soft;
  }
}
