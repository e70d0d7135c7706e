package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.OutputTile;
import java.io.Serializable;
import java.util.Arrays;
import org.apache.commons.math3.special.Erf;

/** How a label is judged by what a model predicts: probabilities of classes, or a number. */
public sealed interface JudgingRule extends Serializable {

  /**
   * What is said of a row.
   *
   * @param quality the probability that its label is right; of a real label that of an error as
   *     large
   * @param suggested the label that is suggested
   * @param flagged whether the label is disputed
   */
  record Verdict(double quality, double suggested, boolean flagged) {

    /** Of a class, which is disputed where another one is suggested. */
    static Verdict of(double quality, double label, double suggested) {
      return new Verdict(quality, suggested, suggested != label);
    }
  }

  /**
   * Judges a row of a block.
   *
   * @param p the predictions of all rows of the block
   */
  Verdict judge(Loss loss, OutputTile p, Block block, int row);

  /**
   * The probability of each class to be the true one of a row of a block, as far as the rule knows:
   * they sum to 1, and that of the label is {@link Verdict#quality()}. None for real labels.
   *
   * @param p the predictions of all rows of the block
   */
  default double[] softLabels(Loss loss, OutputTile p, Block block, int row) {
    double[] q = new double[loss.classes()];
    Arrays.setAll(q, k -> loss.probability(p, row, k));
    return q;
  }

  /** The same for classes where nothing is known of the label: what it says does not count. */
  default JudgingRule withoutLabel() {
    return new Preferred();
  }

  /** The most probable class is suggested; quality is the probability of the label. */
  record Preferred() implements JudgingRule {
    @Override
    public Verdict judge(Loss loss, OutputTile p, Block block, int row) {
      double label = block.labels()[row];
      return Verdict.of(loss.probability(p, row, label), label, loss.predict(p, row));
    }
  }

  /**
   * Confident learning (Northcutt, Jiang and Chuang, JAIR 2021): of the classes whose probability
   * reaches the class's threshold the most probable is suggested, the given label where none does.
   *
   * @param thresholds for each class the probability from which it counts as present
   */
  record Confident(double[] thresholds) implements JudgingRule {
    @Override
    public Verdict judge(Loss loss, OutputTile p, Block block, int row) {
      double label = block.labels()[row];
      int present = present(loss, p, row);
      double suggested = present < 0 ? label : present;
      return Verdict.of(loss.probability(p, row, label), label, suggested);
    }

    /** The class that is present, or −1 where none is. */
    int present(Loss loss, OutputTile p, int row) {
      int best = -1;
      double most = -1;
      for (int k = 0; k < thresholds.length; k++) {
        double probability = loss.probability(p, row, k);
        if (probability >= thresholds[k] && probability > most) {
          most = probability;
          best = k;
        }
      }
      return best;
    }
  }

  /**
   * Bayes' rule: the likeliest true class, given the label, is suggested; quality is the posterior
   * of the label.
   */
  record Posterior(Confusion confusion) implements JudgingRule {
    @Override
    public Verdict judge(Loss loss, OutputTile p, Block block, int row) {
      double[] q = softLabels(loss, p, block, row);
      double label = block.labels()[row];
      return Verdict.of(q[(int) label], label, Vectors.argMax(q));
    }

    @Override
    public double[] softLabels(Loss loss, OutputTile p, Block block, int row) {
      double[] q = JudgingRule.super.softLabels(loss, p, block, row);
      confusion.posterior(q, block.group(row), (int) block.labels()[row]);
      return q;
    }
  }

  /**
   * What another rule says of the classes, and then the votes on the row, by Bayes' rule; a row
   * without votes is left to the other rule.
   *
   * @param rule the other one
   * @param votes how reliable annotators are
   */
  record Voted(JudgingRule rule, VoteModel votes) implements JudgingRule {
    @Override
    public Verdict judge(Loss loss, OutputTile p, Block block, int row) {
      if (block.votes(row).length == 0) {
        return rule.judge(loss, p, block, row);
      }
      double[] q = softLabels(loss, p, block, row);
      double label = block.labels()[row];
      return Verdict.of(q[(int) label], label, Vectors.argMax(q));
    }

    @Override
    public double[] softLabels(Loss loss, OutputTile p, Block block, int row) {
      double[] q = rule.softLabels(loss, p, block, row);
      if (block.votes(row).length > 0) {
        Arrays.setAll(q, k -> Math.log(q[k]));
        votes.posterior(block.votes(row), q);
      }
      return q;
    }

    @Override
    public JudgingRule withoutLabel() {
      return new Voted(rule.withoutLabel(), votes);
    }
  }

  /**
   * The prediction is suggested for a real label. Quality is the probability that a normal error of
   * deviation σ is as large, erfc(|p − b| / (σ √2)); beyond {@value #MOST} σ the label is disputed.
   *
   * @param scale σ, in the unit of the labels
   */
  record Tail(double scale) implements JudgingRule {
    /** Of right labels with normal errors .27 % lie beyond. */
    public static final double MOST = 3;

    @Override
    public Verdict judge(Loss loss, OutputTile p, Block block, int row) {
      double prediction = loss.predict(p, row);
      double error = Math.abs(prediction - block.labels()[row]) / scale;
      double quality = Math.max(Double.MIN_NORMAL, Erf.erfc(error / Math.sqrt(2)));
      return new Verdict(quality, prediction, error > MOST);
    }
  }
}
