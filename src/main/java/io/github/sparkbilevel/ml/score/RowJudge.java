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
import java.io.Serializable;
import java.util.List;
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
   */
  public Row judge(Vector row, String labelText, String groupText) {
    if (row == null) {
      return RowFactory.create(null, null, null, null);
    }
    new RawFeatures(model.features(), List.of()).requireFits(row);
    double label = number(labelText);
    int group = groups.index(canonical(groupText));
    OutputTile prediction = prediction(row);
    if (isKnown(label)) {
      JudgingRule.Verdict said = rule.judge(model.loss(), prediction, alone(label, group), 0);
      return RowFactory.create(
          weight(row, label, group, said.quality()),
          said.quality(),
          said.flagged(),
          labels.spelled(said.suggested()));
    }
    String suggested = labels.spelled(model.loss().predict(prediction, 0));
    return canonical(labelText) == null
        ? RowFactory.create(null, null, null, suggested)
        : RowFactory.create(weight(row, label, group, 0), 0.0, true, suggested);
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

  /** A block of one row of which label and group are known. */
  private static Block alone(double label, int group) {
    return new Block(
            new long[] {0}, DenseFeatures.ofDoubles(1, 0, new double[0]), new double[] {label})
        .withGroups(new int[] {group});
  }

  /**
   * The probability of each class to be the true one of a row: the posterior, where the selected
   * model knows how labels are confused and the label is one of the classes, or else what the model
   * says of the features; null for a row without features.
   */
  public Vector softLabels(Vector row, String labelText, String groupText) {
    if (row == null) {
      return null;
    }
    new RawFeatures(model.features(), List.of()).requireFits(row);
    double label = number(labelText);
    JudgingRule by = label >= 0 ? rule : new JudgingRule.Preferred();
    Block alone = alone(label, groups.index(canonical(groupText)));
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
