package io.github.sparkbilevel.ml.score;

import io.github.sparkbilevel.data.ClassIndex;
import io.github.sparkbilevel.data.GroupIndex;
import io.github.sparkbilevel.data.Labels;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.model.TileColumn;
import io.github.sparkbilevel.problem.Weighing;
import java.io.Serializable;
import java.util.Arrays;
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
 * @param model shape of the classifiers
 * @param classifier the selected model
 * @param confusion how labels are confused, where the selected model knows it, or null: then
 *     quality and suggestion follow from the posterior of the true class
 * @param weights what the weight of a row is computed from; null where it is its quality
 * @param classes the classes
 * @param groups the groups of the training rows
 */
public record RowJudge(
    Model model,
    Scorer classifier,
    Confusion confusion,
    WeightModels weights,
    ClassIndex classes,
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
   * Judges a row. A label that is none of the classes has quality 0 and is flagged; of a row
   * without a label only the suggestion is known; a row without features is not judged.
   *
   * @param labelText the label as text, or null
   * @param groupText the group as text, or null
   */
  public Row judge(Vector row, String labelText, String groupText) {
    if (row == null) {
      return RowFactory.create(null, null, null, null);
    }
    new RawFeatures(model.features(), List.of()).requireFits(row);
    String label = canonical(labelText);
    String group = canonical(groupText);
    int k = model.outputs();
    double[] p = new double[k];
    int known = label == null ? -1 : classes.indexOrNone(label);
    OutputTile prediction = OutputTile.ofRow(p, 0);
    evaluate(classifier, row, Math.max(0, known), prediction);
    if (known >= 0 && confusion != null) {
      return byPosterior(row, prediction, known, group);
    }
    int preferred = (int) model.loss().predict(prediction, 0);
    String suggested = classes.labelOf(preferred);
    if (label == null) {
      return RowFactory.create(null, null, null, suggested);
    }
    double quality = known < 0 ? 0 : model.loss().probability(prediction, 0, known);
    return RowFactory.create(
        weight(row, known, group, quality), quality, known != preferred, suggested);
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
    String label = canonical(labelText);
    int known = label == null ? -1 : classes.indexOrNone(label);
    OutputTile prediction = OutputTile.ofRow(new double[model.outputs()], 0);
    evaluate(classifier, row, Math.max(0, known), prediction);
    return new DenseVector(probabilities(prediction, known, canonical(groupText)));
  }

  private double[] probabilities(OutputTile prediction, int label, String group) {
    double[] q = new double[model.loss().classes()];
    Arrays.setAll(q, k -> model.loss().probability(prediction, 0, k));
    if (label >= 0 && confusion != null) {
      confusion.posterior(q, groups.index(group), label);
    }
    return q;
  }

  private Row byPosterior(Vector row, OutputTile prediction, int label, String group) {
    double[] q = probabilities(prediction, label, group);
    int likeliest = Vectors.argMax(q);
    return RowFactory.create(
        weight(row, label, group, q[label]),
        q[label],
        label != likeliest,
        classes.labelOf(likeliest));
  }

  private double weight(Vector row, int label, String group, double quality) {
    if (weights == null) {
      return quality;
    }
    Weighing weighing = weights.weighing();
    int index = groups.index(group);
    if (weighing.variable().logOdds() == 0) {
      return index < 0 ? quality : weighing.weight(label, new double[0], index);
    }
    double[] losses = {
      loss(weights.trusted(), row, label),
      loss(weights.current(), row, label),
      weights.start() == null ? 0 : loss(weights.start(), row, label)
    };
    return weighing.weight(label, losses, index);
  }

  /** The spelling that training rows were compared by; null for a blank. */
  public static String canonical(String text) {
    return text == null || text.isBlank() ? null : Labels.canonical(text);
  }

  /** The loss of a label; infinite for one that is no class. */
  private double loss(Scorer scorer, Vector row, int label) {
    return label < 0
        ? Double.POSITIVE_INFINITY
        : evaluate(scorer, row, label, OutputTile.ofRow(new double[model.outputs()], 0));
  }

  private double evaluate(Scorer scorer, Vector row, int label, OutputTile prediction) {
    TileColumn loss = TileColumn.of(new double[1]);
    OutputTile z = OutputTile.ofRow(scorer.outputs(row), 0);
    model.loss().evaluate(z, TileColumn.of(label), prediction, loss);
    return loss.value(0);
  }
}
