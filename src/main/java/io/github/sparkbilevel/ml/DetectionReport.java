package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.spark.score.Ranking;
import java.util.Map;

/**
 * What the scores of the training rows say together.
 *
 * @param figures counts
 * @param rankings AUROC and average precision by score; empty where no label is known to be wrong
 */
public record DetectionReport(ScoreFigures figures, Map<String, Ranking> rankings) {
  /** The ranking by the selected model's quality. */
  public static final String QUALITY = "quality";

  /** The ranking by the learned weight. */
  public static final String WEIGHT = "weight";
}
