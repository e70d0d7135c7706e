package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.ml.LinearClassifierModel.Parts;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Made-up models and rows, and their outputs by the plainest computation. */
final class Models {
  /** Feature 1 of a standardised model is constant. */
  static final int CONSTANT = 1;

  private Models() {}

  static Loss softmax(int classes) {
    return new SoftmaxLoss(classes);
  }

  static Loss logistic() {
    return new LogisticLoss();
  }

  static Parts parts(
      Loss loss, int features, boolean intercept, boolean standardised, double clip, long seed) {
    LinearModel model = new LinearModel(loss, features, intercept);
    Random random = new Random(seed);
    double[] theta = random.doubles(model.size(), -2, 2).toArray();
    double[] mean = null;
    double[] scale = null;
    if (standardised) {
      mean = random.doubles(features, -3, 3).toArray();
      scale = random.doubles(features, 0.2, 4).toArray();
      scale[CONSTANT] = 0;
    }
    return new Parts(
        model,
        theta,
        mean,
        scale,
        clip,
        names("label ", loss.classes()),
        names("feature ", features));
  }

  /** A dense model of three classes that uses everything but the clip. */
  static Parts threeClasses() {
    return parts(softmax(3), 4, true, true, Double.POSITIVE_INFINITY, 11);
  }

  static List<String> names(String prefix, int n) {
    return IntStream.range(0, n).mapToObj(i -> prefix + i).toList();
  }

  /** Rows of which about half the values are zero. */
  static List<Vector> rows(int n, int features, long seed) {
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

  /** One margin per class. */
  static double[] margins(Parts parts, Vector row) {
    LinearModel model = parts.model();
    double[] z = new double[model.outputs()];
    for (int k = 0; k < z.length; k++) {
      int column = k * model.columnLength();
      for (int j = 0; j < model.features(); j++) {
        double x = row.apply(j);
        if (parts.mean() != null) {
          x = (x - parts.mean()[j]) * parts.scale()[j];
          x = Math.abs(x) > parts.clip() ? Math.signum(x) * parts.clip() : x;
        }
        z[k] += parts.theta()[column + j] * x;
      }
      if (model.intercept()) {
        z[k] += parts.theta()[column + model.features()];
      }
    }
    return model.loss() instanceof LogisticLoss ? new double[] {-z[0], z[0]} : z;
  }

  static double[] probabilities(Parts parts, Vector row) {
    double[] z = margins(parts, row);
    // Two margins −z and z of the logistic family: p = 1 / (1 + e^−z), not a softmax of the two.
    if (parts.model().loss() instanceof LogisticLoss) {
      return new double[] {1 / (1 + Math.exp(z[1])), 1 / (1 + Math.exp(-z[1]))};
    }
    double[] e = IntStream.range(0, z.length).mapToDouble(k -> Math.exp(z[k])).toArray();
    double sum = IntStream.range(0, z.length).mapToDouble(k -> e[k]).sum();
    return IntStream.range(0, z.length).mapToDouble(k -> e[k] / sum).toArray();
  }

  static int largest(double[] values) {
    int best = 0;
    for (int k = 1; k < values.length; k++) {
      best = values[k] > values[best] ? k : best;
    }
    return best;
  }
}
