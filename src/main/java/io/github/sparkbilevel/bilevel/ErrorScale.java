package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.ErrorLoss;
import io.github.sparkbilevel.model.HuberLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.ScaledLoss;
import io.github.sparkbilevel.problem.fit.Comparisons;
import io.github.sparkbilevel.problem.fit.FitRows;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import java.util.List;

/**
 * What a cleaning run of real labels has to know before it begins: σ, how large the errors of right
 * labels are.
 *
 * <p>A robust model of all training rows is fitted, σ is read off its errors, and twice the model
 * is fitted anew with the threshold that σ gives. Models of the trusted rows without a fold bound
 * σ, so that more than half of the training labels may be wrong.
 */
public final class ErrorScale {
  /** δ/σ at which Huber's estimate is 5 % less efficient than the mean of normal errors. */
  private static final double THRESHOLD = 1.345;

  /** Errors of less than this share of the first threshold are rounding. */
  private static final double LEAST = 1e-6;

  private static final int ROUNDS = 3;

  private ErrorScale() {}

  /**
   * Settings whose loss knows σ. Where the loss is that of the first fit, whose threshold comes
   * from the labels, its threshold becomes 1.345 σ. Those of classes are as they were. Costs the
   * passes of four fits, and at most 6 more.
   *
   * @param rows n, the number of training rows
   */
  public static CleaningSettings learn(CleaningSettings settings, PassEngine engine, long rows) {
    HuberLoss first = settings.firstLoss();
    if (first == null) {
      return settings;
    }
    engine.ledger().enter(PassLedger.Phase.WARM_UP);
    BlockKernel kernel = BlockKernel.of(settings.problem().model(), settings.backend());
    PlainModels.How how = PlainModels.How.of(settings, rows);
    double[] folds = folds(kernel.with(first), engine, how, settings);
    HuberLoss robust = first;
    double[] theta = null;
    double scale = first.delta();
    for (int round = 0; round < ROUNDS; round++) {
      BlockKernel of = kernel.with(robust);
      theta = new PlainFitter(of, engine, how).fit(List.of(new FitRows.Noisy()), List.of(), theta);
      double found = new Comparisons(of, engine).errorScale(theta, first.delta(), folds);
      scale = Math.max(LEAST * first.delta(), found);
      robust = new HuberLoss(THRESHOLD * scale, first.start());
    }
    Loss told = settings.problem().model().loss();
    ErrorLoss loss = told.equals(first) ? robust : (ErrorLoss) told;
    return settings.over(
        settings.problem().withModel(settings.problem().model().with(new ScaledLoss(loss, scale))));
  }

  /** Models of the trusted rows without each of their folds; none where there is one fold. */
  private static double[] folds(
      BlockKernel kernel, PassEngine engine, PlainModels.How how, CleaningSettings settings) {
    int folds = settings.trustedFolds();
    if (folds < 2) {
      return new double[0];
    }
    double[] all = PlainModels.fitFolds(kernel, engine, how, folds);
    return Vectors.slice(all, 0, folds * kernel.model().size());
  }
}
