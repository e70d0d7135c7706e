package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.ClassIndex;
import io.github.sparkbilevel.data.Standardizer;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.score.ModelParts;
import io.github.sparkbilevel.ml.score.Scaling;
import io.github.sparkbilevel.model.Dense;
import io.github.sparkbilevel.model.Layer;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.ParameterBlock;
import io.github.sparkbilevel.model.ScaledLoss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.Stack;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Trained parameters as Spark ML stages that take the features as they were read.
 *
 * <p>A classifier has a class for each level that the label column names, as Spark's evaluators
 * expect. One that no row has was no part of the problem: its margin is −∞, its probability 0.
 */
final class TrainedModel {
  private TrainedModel() {}

  static ClassifierModel<?> classifier(Model model, double[] theta, PreparedData data) {
    return model instanceof LinearModel linear
        ? classifier(linear, theta, data)
        : network((Network) model, theta, data);
  }

  /** With the layers that were frozen. */
  private static NetworkClassifierModel network(Network model, double[] theta, PreparedData data) {
    Network whole = data.frozen().map(layers -> layers.with(model)).orElse(model);
    double[] all = data.frozen().map(layers -> layers.with(theta)).orElse(theta);
    return new NetworkClassifierModel(parts(whole, TrainedModel::wide, all, data));
  }

  static LinearClassifierModel classifier(LinearModel model, double[] theta, PreparedData data) {
    return new LinearClassifierModel(
        parts(
            model, (narrow, loss) -> new LinearModel(loss, narrow.features(), true), theta, data));
  }

  /** The same network with the outputs of another loss. */
  private static Network wide(Network network, SoftmaxLoss loss) {
    List<Layer> layers = new ArrayList<>(((Stack) network.layer()).layers());
    Layer last = layers.remove(layers.size() - 1);
    layers.add(Dense.of(last.in().size(), loss.outputs()));
    return Network.of(loss, new Stack(layers));
  }

  /**
   * The parts of a classifier.
   *
   * @param widened the model with an output for each level
   */
  private static <M extends Model> ModelParts<M> parts(
      M model, BiFunction<M, SoftmaxLoss, M> widened, double[] theta, PreparedData data) {
    ClassIndex classes = data.tables().classes();
    boolean complete = classes.unused().isEmpty();
    return new ModelParts<>(
        complete ? model : widened.apply(model, new SoftmaxLoss(classes.levels().size())),
        complete ? theta : withAllLevels(model, theta, classes),
        scaling(data),
        classes.levels(),
        data.tables().train().featureNames());
  }

  /** θ of a softmax model with intercepts and an output for each level. */
  private static double[] withAllLevels(Model model, double[] theta, ClassIndex classes) {
    ParameterBlock last = model.last();
    int levels = classes.levels().size();
    ParameterBlock wide = new ParameterBlock(last.at(), last.inputs(), true, levels);
    double[] all = Arrays.copyOf(theta, wide.end());
    Arrays.fill(all, wide.at(), wide.end(), 0);
    for (int level = 0; level < levels; level++) {
      all[wide.at() + level * wide.height() + wide.inputs()] = Double.NEGATIVE_INFINITY;
    }
    // One output for two classes is the log-odds of the second: (0, z) for softmax.
    int first = model.loss().classes() - model.outputs();
    for (int k = 0; k < classes.size(); k++) {
      int to = wide.at() + classes.level(k) * wide.height();
      all[to + wide.inputs()] = 0;
      if (k >= first) {
        System.arraycopy(theta, last.at() + (k - first) * last.height(), all, to, last.height());
      }
    }
    return all;
  }

  static LinearRegressorModel regressor(LinearModel model, double[] theta, PreparedData data) {
    LinearModel plain = model.loss() instanceof ScaledLoss known ? model.with(known.loss()) : model;
    return new LinearRegressorModel(
        new ModelParts<>(
            plain, theta, scaling(data), List.of(), data.tables().train().featureNames()));
  }

  static MultiLabelModel multiLabel(LinearModel model, double[] theta, PreparedData data) {
    return new MultiLabelModel(
        new ModelParts<>(
            model,
            theta,
            scaling(data),
            data.tables().labelColumns(),
            data.tables().train().featureNames()));
  }

  private static Scaling scaling(PreparedData data) {
    Standardizer standardizer = data.standardizer();
    return standardizer.isIdentity()
        ? new Scaling(null, null, standardizer.clip())
        : new Scaling(standardizer.mean(), standardizer.scale(), standardizer.clip());
  }
}
