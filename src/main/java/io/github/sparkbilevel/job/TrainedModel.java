package io.github.sparkbilevel.job;

import io.github.sparkbilevel.job.data.Standardizer;
import io.github.sparkbilevel.ml.LinearClassifierModel;
import io.github.sparkbilevel.ml.LinearRegressorModel;
import io.github.sparkbilevel.model.LinearModel;
import java.util.List;
import org.apache.spark.ml.util.MLWritable;

/** A trained model as a Spark ML stage that takes the features as they were read. */
final class TrainedModel {
  private TrainedModel() {}

  static MLWritable of(LinearModel model, double[] theta, DataSet data) {
    Standardizer standardizer = data.standardizer();
    boolean identity = standardizer.isIdentity();
    double[] mean = identity ? null : standardizer.mean();
    double[] scale = identity ? null : standardizer.scale();
    double clip = data.sparse() ? Double.POSITIVE_INFINITY : standardizer.clip();
    List<String> names = data.tables().train().featureNames();
    if (model.loss().classes() == 0) {
      return new LinearRegressorModel(
          new LinearRegressorModel.Parts(model, theta, mean, scale, clip, names));
    }
    return new LinearClassifierModel(
        new LinearClassifierModel.Parts(
            model, theta, mean, scale, clip, data.tables().classes().names(), names));
  }
}
