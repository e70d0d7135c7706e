package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.RowOutputs;
import java.util.ArrayList;
import java.util.List;

/** What is asked of finished models: figures, thresholds, and judgements of rows. */
public final class Comparisons {
  private final BlockKernel kernel;
  private final PassEngine engine;

  /** Sets up; costs no pass. */
  public Comparisons(BlockKernel kernel, PassEngine engine) {
    this.kernel = kernel;
    this.engine = engine;
  }

  /**
   * The figures of several models.
   *
   * @param models in the order asked for
   * @param heldOutProducts for each pair of models the mean of ℓ_a ℓ_b over the held-out rows
   */
  public record Figures(List<ModelFigures> models, double[][] heldOutProducts) {

    /** The standard error of the difference of two models' held-out losses, row by row. */
    public double standardErrorOfDifference(int a, int b) {
      Tally first = models.get(a).heldOut();
      Tally second = models.get(b).heldOut();
      double difference = first.loss() - second.loss();
      double square = heldOutProducts[a][a] - 2 * heldOutProducts[a][b] + heldOutProducts[b][b];
      double variance = Math.max(0, square - difference * difference);
      return Math.sqrt(variance / first.rows());
    }
  }

  /** The figures of several models; costs 1 pass over the trusted and test rows. */
  public Figures figures(List<double[]> models) {
    TallyPass pass = new TallyPass(kernel, models.toArray(double[][]::new));
    double[] sums = engine.run(pass, null, false).sums();
    List<ModelFigures> figures = new ArrayList<>();
    for (int m = 0; m < models.size(); m++) {
      int at = m * TallyPass.PARTS * Tally.SUMS;
      figures.add(
          new ModelFigures(
              Tally.read(sums, at),
              Tally.read(sums, at + Tally.SUMS),
              Tally.read(sums, at + 2 * Tally.SUMS)));
    }
    double[][] products = new double[models.size()][models.size()];
    for (int a = 0; a < models.size(); a++) {
      for (int b = 0; b < models.size(); b++) {
        double rows = figures.get(a).heldOut().rows();
        products[a][b] = sums[pass.products() + a * models.size() + b] / rows;
      }
    }
    return new Figures(figures, products);
  }

  /** The judge of confident learning for models fitted without one fold each; costs 1 pass. */
  public Judge confidentLearning(double[][] withoutFold, Folds folds) {
    Judge plain = new Judge(withoutFold, folds, null);
    double[] sums = engine.run(new ThresholdPass(kernel, plain), null, false).sums();
    double[] thresholds = new double[sums.length / 2];
    for (int k = 0; k < thresholds.length; k++) {
      // A class without rows can be suggested to nobody.
      thresholds[k] = sums[2 * k + 1] > 0 ? sums[2 * k] / sums[2 * k + 1] : 2;
    }
    return new Judge(withoutFold, folds, thresholds);
  }

  /**
   * What a judge says of the rows of a block.
   *
   * @param quality probability that the model gives to the row's own label
   * @param suggested the label that is suggested
   */
  public record Judged(double[] quality, double[] suggested) {}

  /** Judges the rows of one block, where the block is. */
  public static Judged judge(BlockKernel kernel, Block block, Judge judge) {
    RowOutputs outputs = JudgedRows.outputs(kernel, block, judge);
    Loss loss = kernel.model().loss();
    double[] quality = new double[block.rows()];
    double[] suggested = new double[block.rows()];
    for (int i = 0; i < block.rows(); i++) {
      int slot = i * judge.theta().length + judge.modelOf(block.ids()[i]);
      double label = block.labels()[i];
      quality[i] = loss.probability(outputs.predictions(), slot * loss.outputs(), label);
      suggested[i] = judge.suggests(loss, outputs.predictions(), slot * loss.outputs(), label);
    }
    return new Judged(quality, suggested);
  }
}
