package io.github.sparkbilevel.ml.score;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.data.GroupIndex;
import io.github.sparkbilevel.data.Labels;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.model.TileColumn;
import io.github.sparkbilevel.problem.Weighing;
import io.github.sparkbilevel.problem.fit.JudgingRule;
import io.github.sparkbilevel.problem.fit.VoteModel;
import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What a cleaned model says of any row: weight, quality, whether it is flagged, and the label that
 * is suggested.
 *
 * @param model shape of the models, with the loss that weights know
 * @param classifier the selected model
 * @param rule how quality and suggestion follow from what the selected model predicts
 * @param weights what the weight of a row is computed from; null where it is its quality
 * @param labels the classes, or real labels
 * @param groups the groups of the training rows
 */
public record RowJudge(
    Model model,
    Scorer classifier,
    JudgingRule rule,
    WeightModels weights,
    Labels labels,
    GroupIndex groups)
    implements Serializable {

  /**
   * What the weights of rows are computed from.
   *
   * @param weighing the variable that weighs rows, and λ
   * @param trusted the model of the trusted rows; null where weights know no log-odds
   * @param current the model that made the last row features; null likewise
   * @param start the model that the outer loop started from; null where weights do not know it
   */
  public record WeightModels(Weighing weighing, Scorer trusted, Scorer current, Scorer start)
      implements Serializable {}

  /** The fields of what is said of a row. */
  public static final StructType SCHEMA =
      new StructType()
          .add("weight", DataTypes.DoubleType, true)
          .add("quality", DataTypes.DoubleType, true)
          .add("flagged", DataTypes.BooleanType, true)
          .add("suggested", DataTypes.StringType, true);

  /**
   * Judges a row. A label that is none of the classes, or no number, has quality 0 and is flagged;
   * of a row without a label only the suggestion is known; a row without features is not judged.
   *
   * @param labelText the label as text, or null
   * @param groupText the group as text, or null
   * @param votes of annotators in the order of {@link #withVotes}, each as text or null; empty for
   *     none
   */
  public Row judge(Vector row, String labelText, String groupText, List<String> votes) {
    if (row == null) {
      return RowFactory.create(null, null, null, null);
    }
    new RawFeatures(model.features(), List.of()).requireFits(row);
    double label = number(labelText);
    int group = groups.index(canonical(groupText));
    OutputTile prediction = prediction(row);
    if (isKnown(label)) {
      Block alone = alone(label, group, votes);
      JudgingRule.Verdict said = rule.judge(model.loss(), prediction, alone, 0);
      return RowFactory.create(
          weight(row, label, group, said.quality()),
          said.quality(),
          said.flagged(),
          labels.spelled(said.suggested()));
    }
    String suggested = labels.spelled(suggested(prediction, group, votes));
    return canonical(labelText) == null
        ? RowFactory.create(null, null, null, suggested)
        : RowFactory.create(weight(row, label, group, 0), 0.0, true, suggested);
  }

  private double suggested(OutputTile prediction, int group, List<String> votes) {
    return labels.size() == 0
        ? model.loss().predict(prediction, 0)
        : rule.withoutLabel()
            .judge(model.loss(), prediction, alone(0, group, votes), 0)
            .suggested();
  }

  /**
   * The same with what annotators say of rows.
   *
   * @param right how often each one's votes are right, from 0 to 1
   */
  public RowJudge withVotes(double[] right) {
    JudgingRule voted =
        new JudgingRule.Voted(rule, VoteModel.oneCoin(model.loss().classes(), right));
    return new RowJudge(model, classifier, voted, weights, labels, groups);
  }

  /** Whether a label is one of the classes, or a number. */
  private boolean isKnown(double label) {
    return labels.size() > 0 ? label >= 0 : !Double.isNaN(label);
  }

  /** The number of a label, −1 or NaN for one that is none. */
  private double number(String text) {
    String label = canonical(text);
    double none = labels.size() > 0 ? -1 : Double.NaN;
    return label == null ? none : labels.encodeOrNone(label);
  }

  private OutputTile prediction(Vector row) {
    OutputTile prediction = OutputTile.ofRow(new double[model.outputs()], 0);
    evaluate(classifier, row, 0, prediction);
    return prediction;
  }

  /** A block of one row of which label, group and votes are known. */
  private Block alone(double label, int group, List<String> votes) {
    return new Block(
            new long[] {0}, DenseFeatures.ofDoubles(1, 0, new double[0]), new double[] {label})
        .withGroups(new int[] {group})
        .withVotes(new int[][] {known(votes)});
  }

  /** The votes as blocks have them; one that is for none of the classes says nothing. */
  private int[] known(List<String> votes) {
    int classes = labels.size();
    return IntStream.range(0, votes.size())
        .filter(j -> classes > 0 && number(votes.get(j)) >= 0)
        .map(j -> j * classes + (int) number(votes.get(j)))
        .toArray();
  }

  /**
   * The probability of each class to be the true one of a row: the posterior, where the selected
   * model knows how labels are confused and the label is one of the classes, or else what the model
   * says of the features, and the votes; null for a row without features.
   */
  public Vector softLabels(Vector row, String labelText, String groupText, List<String> votes) {
    if (row == null) {
      return null;
    }
    new RawFeatures(model.features(), List.of()).requireFits(row);
    double label = number(labelText);
    JudgingRule by = label >= 0 ? rule : rule.withoutLabel();
    Block alone = alone(label, groups.index(canonical(groupText)), votes);
    return new DenseVector(by.softLabels(model.loss(), prediction(row), alone, 0));
  }

  private double weight(Vector row, double label, int group, double quality) {
    if (weights == null) {
      return quality;
    }
    Weighing weighing = weights.weighing();
    if (weighing.variable().logOdds() == 0) {
      return group < 0 ? quality : weighing.weight(label, new double[0], group);
    }
    double[] odds = {
      logOdds(weights.trusted(), row, label),
      logOdds(weights.current(), row, label),
      weights.start() == null ? 0 : logOdds(weights.start(), row, label)
    };
    return weighing.weight(label, odds, group);
  }

  /** The spelling that training rows were compared by; null for a blank. */
  public static String canonical(String text) {
    return text == null || text.isBlank() ? null : Labels.canonical(text);
  }

  /** How surely a label is right; least for one that is no class or no number. */
  private double logOdds(Scorer scorer, Vector row, double label) {
    double loss =
        isKnown(label)
            ? evaluate(scorer, row, label, OutputTile.ofRow(new double[model.outputs()], 0))
            : Double.POSITIVE_INFINITY;
    return model.loss().logOdds(loss);
  }

  private double evaluate(Scorer scorer, Vector row, double label, OutputTile prediction) {
    TileColumn loss = TileColumn.of(new double[1]);
    OutputTile z = OutputTile.ofRow(scorer.outputs(row), 0);
    model.loss().evaluate(z, TileColumn.of(label), prediction, loss);
    return loss.value(0);
  }
}
