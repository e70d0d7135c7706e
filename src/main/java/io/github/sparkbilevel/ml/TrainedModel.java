package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.ClassIndex;
import io.github.sparkbilevel.data.Standardizer;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Mlp;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.ParameterBlock;
import io.github.sparkbilevel.model.SoftmaxLoss;
import java.util.Arrays;
import java.util.List;

/**
 * Trained parameters as Spark ML stages that take the features as they were read.
 *
 * <p>A classifier has a class for each level that the label column names, as Spark's evaluators
 * expect. One that no row has was no part of the problem: its margin is −∞, its probability 0.
 */
final class TrainedModel {
  private TrainedModel() {}

  static ClassifierModel<?> classifier(Model model, double[] theta, PreparedData data) {
    if (model instanceof LinearModel linear) {
      return classifier(linear, theta, data);
    }
    Mlp network = (Mlp) model;
    ClassIndex classes = data.tables().classes();
    boolean complete = classes.unused().isEmpty();
    return new NetworkClassifierModel(
        new NetworkClassifierModel.Parts(
            complete
                ? network
                : Mlp.of(
                    new SoftmaxLoss(classes.levels().size()),
                    network.features(),
                    network.hidden(),
                    network.activation()),
            complete ? theta : withAllLevels(network, theta, classes),
            mean(data),
            scale(data),
            clip(data),
            classes.levels(),
            names(data)));
  }

  static LinearClassifierModel classifier(LinearModel model, double[] theta, PreparedData data) {
    ClassIndex classes = data.tables().classes();
    boolean complete = classes.unused().isEmpty();
    return new LinearClassifierModel(
        new LinearClassifierModel.Parts(
            complete
                ? model
                : new LinearModel(new SoftmaxLoss(classes.levels().size()), model.features(), true),
            complete ? theta : withAllLevels(model, theta, classes),
            mean(data),
            scale(data),
            clip(data),
            classes.levels(),
            names(data)));
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
    return new LinearRegressorModel(
        new LinearRegressorModel.Parts(
            model, theta, mean(data), scale(data), clip(data), names(data)));
  }

  private static double[] mean(PreparedData data) {
    Standardizer standardizer = data.standardizer();
    return standardizer.isIdentity() ? null : standardizer.mean();
  }

  private static double[] scale(PreparedData data) {
    Standardizer standardizer = data.standardizer();
    return standardizer.isIdentity() ? null : standardizer.scale();
  }

  private static double clip(PreparedData data) {
    return data.standardizer().clip();
  }

  private static List<String> names(PreparedData data) {
    return data.tables().train().featureNames();
  }
}
