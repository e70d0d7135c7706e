package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.Standardizer;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Mlp;
import io.github.sparkbilevel.model.Model;
import java.util.List;

/** Trained parameters as Spark ML stages that take the features as they were read. */
final class TrainedModel {
  private TrainedModel() {}

  static ClassifierModel<?> classifier(Model model, double[] theta, PreparedData data) {
    return model instanceof LinearModel linear
        ? classifier(linear, theta, data)
        : new NetworkClassifierModel(
            new NetworkClassifierModel.Parts(
                (Mlp) model,
                theta,
                mean(data),
                scale(data),
                clip(data),
                data.tables().classes().names(),
                names(data)));
  }

  static LinearClassifierModel classifier(LinearModel model, double[] theta, PreparedData data) {
    return new LinearClassifierModel(
        new LinearClassifierModel.Parts(
            model,
            theta,
            mean(data),
            scale(data),
            clip(data),
            data.tables().classes().names(),
            names(data)));
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
    return data.sparse() ? Double.POSITIVE_INFINITY : data.standardizer().clip();
  }

  private static List<String> names(PreparedData data) {
    return data.tables().train().featureNames();
  }
}
