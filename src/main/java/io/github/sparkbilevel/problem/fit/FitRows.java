package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.problem.sampling.Folds;
import java.io.Serializable;
import java.util.List;

/**
 * The rows that one of several plain models is fitted on; where a kind does not say otherwise, the
 * trusted rows of the upper objective and no training rows.
 */
public sealed interface FitRows extends Serializable {

  /** Whether training rows can be among them. */
  default boolean usesTraining() {
    return true;
  }

  /** Whether trusted rows can be among them. */
  default boolean usesTrusted() {
    return true;
  }

  /** Weight of a training row; {@code verdicts} has what each judge says of it. */
  default double ofTraining(Block block, int row, JudgingRule.Verdict[] verdicts) {
    return 0;
  }

  /** Weight of a trusted row; {@code heldOut} says whether it is one of those held out. */
  default double ofTrusted(Block block, int row, boolean heldOut) {
    return heldOut ? 0 : block.weight(row);
  }

  /** All training rows. */
  record Noisy() implements FitRows {
    @Override
    public boolean usesTrusted() {
      return false;
    }

    @Override
    public double ofTraining(Block block, int row, JudgingRule.Verdict[] verdicts) {
      return block.weight(row);
    }
  }

  /** All training rows, and the trusted rows of the upper objective. */
  record Whole() implements FitRows {
    @Override
    public double ofTraining(Block block, int row, JudgingRule.Verdict[] verdicts) {
      return block.weight(row);
    }
  }

  /** All training rows but those of one fold. */
  record WithoutFold(Folds folds, int fold) implements FitRows {
    @Override
    public boolean usesTrusted() {
      return false;
    }

    @Override
    public double ofTraining(Block block, int row, JudgingRule.Verdict[] verdicts) {
      return folds.of(block.ids()[row]) == fold ? 0 : block.weight(row);
    }
  }

  /**
   * The trusted rows of the upper objective without one fold, or all trusted rows.
   *
   * @param without the fold left out together with the rows held out, or null for none
   */
  record Trusted(Integer without) implements FitRows {
    @Override
    public boolean usesTraining() {
      return false;
    }

    @Override
    public double ofTrusted(Block block, int row, boolean heldOut) {
      return without != null && (heldOut || block.group(row) == without) ? 0 : block.weight(row);
    }
  }

  /** The trusted rows of the upper objective. */
  record Upper() implements FitRows {
    @Override
    public boolean usesTraining() {
      return false;
    }
  }

  /**
   * The training rows that a judge keeps, and the trusted rows of the upper objective.
   *
   * @param judge index of the judge
   */
  record Kept(int judge) implements FitRows {
    @Override
    public double ofTraining(Block block, int row, JudgingRule.Verdict[] verdicts) {
      return verdicts[judge].flagged() ? 0 : block.weight(row);
    }
  }

  /**
   * All training rows, each by the probability that its label is right, and the trusted rows of the
   * upper objective. With the mean q of what some judges say the weight is q² / (q² + (1 − q)²):
   * means of probabilities are less sure than they are right.
   *
   * @param judges indices of the judges
   */
  record Believed(List<Integer> judges) implements FitRows {
    private static final double SHARPNESS = 2;

    @Override
    public double ofTraining(Block block, int row, JudgingRule.Verdict[] verdicts) {
      double sum = 0;
      for (int judge : judges) {
        sum += verdicts[judge].quality();
      }
      double right = Math.pow(sum / judges.size(), SHARPNESS);
      double wrong = Math.pow(1 - sum / judges.size(), SHARPNESS);
      return block.weight(row) * right / (right + wrong);
    }
  }

  /**
   * The training rows whose label is known to be right, and the trusted rows of the upper
   * objective.
   */
  record Right() implements FitRows {
    @Override
    public double ofTraining(Block block, int row, JudgingRule.Verdict[] verdicts) {
      boolean right = block.truth() != null && block.truth()[row] == block.labels()[row];
      return right ? block.weight(row) : 0;
    }
  }
}
