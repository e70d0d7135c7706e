package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.ml.score.ModelParts;
import io.github.sparkbilevel.ml.score.Scaling;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.MultiLabelLoss;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.SoftmaxLoss;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Made-up models and rows. */
public final class Models {
  /** Feature 1 of a standardised model is constant. */
  static final int CONSTANT = 1;

  private Models() {}

  static Loss softmax(int classes) {
    return new SoftmaxLoss(classes);
  }

  static Loss logistic() {
    return new LogisticLoss();
  }

  static Sample linear(
      Loss loss, int features, boolean intercept, boolean standardised, double clip, long seed) {
    return sample(new LinearModel(loss, features, intercept), standardised, clip, seed);
  }

  /** A network with three classes. */
  static Sample network(
      int features,
      List<Integer> hidden,
      Activation activation,
      boolean standardised,
      double clip,
      long seed) {
    return sample(
        Network.dense(softmax(3), features, hidden, activation), standardised, clip, seed);
  }

  public static Sample sample(Model model, boolean standardised, double clip, long seed) {
    Random random = new Random(seed);
    double[] theta = random.doubles(model.size(), -2, 2).toArray();
    double[] mean = null;
    double[] scale = null;
    if (standardised) {
      mean = random.doubles(model.features(), -3, 3).toArray();
      scale = random.doubles(model.features(), 0.2, 4).toArray();
      scale[CONSTANT] = 0;
    }
    return new Sample(
        model,
        theta,
        mean,
        scale,
        clip,
        names("label ", model.loss().classes()),
        names("feature ", model.features()));
  }

  /** A linear model of three labels and four features. */
  static ModelParts<LinearModel> threeLabels() {
    LinearModel model = new LinearModel(new MultiLabelLoss(3), 4, true);
    double[] theta = new Random(12).doubles(model.size(), -2, 2).toArray();
    double[] mean = {1, 2, 3, 4};
    double[] scale = {1, 0, 3, 0.5};
    return new ModelParts<>(
        model,
        theta,
        new Scaling(mean, scale, Double.POSITIVE_INFINITY),
        List.of("wet", "cold", "late"),
        List.of());
  }

  /** A linear model of three classes and four features that uses everything but the clip. */
  static Sample threeClasses() {
    return linear(softmax(3), 4, true, true, Double.POSITIVE_INFINITY, 11);
  }

  /** A network likewise. */
  public static Sample threeClassNetwork() {
    return network(4, List.of(5, 3), Activation.TANH, true, Double.POSITIVE_INFINITY, 16);
  }

  /** One of each class of model. */
  static Stream<Sample> ofEachClass() {
    return Stream.of(threeClasses(), threeClassNetwork());
  }

  static List<String> names(String prefix, int n) {
    return IntStream.range(0, n).mapToObj(i -> prefix + i).toList();
  }

  /** Rows of which about half the values are zero. */
  public static List<Vector> rows(int n, int features, long seed) {
    Random random = new Random(seed);
    return IntStream.range(0, n)
        .mapToObj(
            i ->
                Vectors.dense(
                    IntStream.range(0, features)
                        .mapToDouble(j -> random.nextBoolean() ? 0 : 4 * random.nextGaussian())
                        .toArray()))
        .toList();
  }

  /** Columns features and label; the label is the number of the row modulo the classes. */
  static Dataset<Row> table(List<Vector> rows, int classes) {
    StructType schema =
        new StructType()
            .add("features", SQLDataTypes.VectorType())
            .add("label", DataTypes.DoubleType);
    return LocalSpark.session()
        .createDataFrame(
            IntStream.range(0, rows.size())
                .mapToObj(i -> RowFactory.create(rows.get(i), (double) (i % classes)))
                .toList(),
            schema);
  }

  public static int largest(double[] values) {
    int best = 0;
    for (int k = 1; k < values.length; k++) {
      best = values[k] > values[best] ? k : best;
    }
    return best;
  }
}
