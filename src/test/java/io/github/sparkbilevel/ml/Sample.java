package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.ml.score.ModelParts;
import io.github.sparkbilevel.ml.score.Scaling;
import io.github.sparkbilevel.ml.score.Scorer;
import io.github.sparkbilevel.model.ActivationLayer;
import io.github.sparkbilevel.model.Layer;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.ParameterBlock;
import io.github.sparkbilevel.model.Stack;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.apache.spark.ml.linalg.Vector;

/**
 * The parts of a made-up classifier, linear or a network, and its outputs by the plainest
 * computation.
 */
public record Sample(
    Model model,
    double[] theta,
    double[] mean,
    double[] scale,
    double clip,
    List<String> labels,
    List<String> featureNames) {

  /** The stage that these parts make. */
  public ClassifierModel<?> classifier() {
    return model instanceof LinearModel
        ? new LinearClassifierModel(linear())
        : new NetworkClassifierModel(network());
  }

  ModelParts<LinearModel> linear() {
    return parts((LinearModel) model);
  }

  ModelParts<Network> network() {
    return parts((Network) model);
  }

  private <M extends Model> ModelParts<M> parts(M of) {
    return new ModelParts<>(of, theta, new Scaling(mean, scale, clip), labels, featureNames);
  }

  public Scorer scorer() {
    return new Scorer(model, theta, new Scaling(mean, scale, clip));
  }

  /** The row as the first layer takes it. */
  double[] standardised(Vector row) {
    double[] x = row.toArray().clone();
    if (mean != null) {
      for (int j = 0; j < x.length; j++) {
        x[j] = (x[j] - mean[j]) * scale[j];
        x[j] = Math.abs(x[j]) > clip ? Math.signum(x[j]) * clip : x[j];
      }
    }
    return x;
  }

  /** One margin per class. */
  double[] margins(Vector row) {
    double[] a = standardised(row);
    for (ParameterBlock layer : model.parameters()) {
      double[] z = new double[layer.outputs()];
      for (int k = 0; k < z.length; k++) {
        int column = layer.at() + k * layer.height();
        for (int j = 0; j < layer.inputs(); j++) {
          z[k] += theta[column + j] * a[j];
        }
        if (layer.bias()) {
          z[k] += theta[column + layer.inputs()];
        }
        if (!layer.equals(model.last())) {
          z[k] = activation().applyAsDouble(z[k]);
        }
      }
      a = z;
    }
    return model.loss() instanceof LogisticLoss ? new double[] {-a[0], a[0]} : a;
  }

  private DoubleUnaryOperator activation() {
    Layer second = ((Stack) model.layer()).layers().get(1);
    return switch (((ActivationLayer) second).function()) {
      case RELU -> z -> z > 0 ? z : 0;
      case TANH -> z -> 1 - 2 / (Math.exp(2 * z) + 1);
      case GELU ->
          z -> z / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (z + 0.044715 * Math.pow(z, 3))));
      case IDENTITY -> z -> z;
    };
  }

  public double[] probabilities(Vector row) {
    double[] z = margins(row);
    // Two margins −z and z of the logistic family: p = 1 / (1 + e^−z), not a softmax of the two.
    if (model.loss() instanceof LogisticLoss) {
      return new double[] {1 / (1 + Math.exp(z[1])), 1 / (1 + Math.exp(-z[1]))};
    }
    double most = IntStream.range(0, z.length).mapToDouble(k -> z[k]).max().getAsDouble();
    double[] e = IntStream.range(0, z.length).mapToDouble(k -> Math.exp(z[k] - most)).toArray();
    double sum = IntStream.range(0, z.length).mapToDouble(k -> e[k]).sum();
    return IntStream.range(0, z.length).mapToDouble(k -> e[k] / sum).toArray();
  }

  /** The same parts but for these. */
  public Sample with(
      double[] otherTheta, double[] otherMean, double[] otherScale, double otherClip) {
    return new Sample(model, otherTheta, otherMean, otherScale, otherClip, labels, featureNames);
  }

  /** The same parts under other names. */
  Sample named(List<String> otherLabels, List<String> otherNames) {
    return new Sample(model, theta, mean, scale, clip, otherLabels, otherNames);
  }

  @Override
  public String toString() {
    return model + (mean == null ? "" : ", standardised") + (clip < 100 ? ", clip " + clip : "");
  }
}
