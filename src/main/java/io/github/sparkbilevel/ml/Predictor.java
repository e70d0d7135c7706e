package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.ml.score.ModelFiles;
import io.github.sparkbilevel.ml.score.Scorer;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Model;
import java.io.IOException;
import java.util.List;
import org.apache.spark.ml.PredictionModel;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.sql.SparkSession;

/**
 * A trained model as a stage: a classifier, or a regressor for real labels.
 *
 * @param stage a {@link ClassifierModel} or a {@link LinearRegressorModel}
 */
record Predictor(PredictionModel<Vector, ?> stage) {

  /** The stage of parameters that were learned from these rows. */
  static Predictor of(Model model, double[] theta, PreparedData data) {
    return new Predictor(
        isOfRealLabels(model)
            ? TrainedModel.regressor((LinearModel) model, theta, data)
            : TrainedModel.classifier(model, theta, data));
  }

  private static boolean isOfRealLabels(Model model) {
    return model.loss().classes() == 0;
  }

  /** The stage that was saved at a path. */
  static Predictor load(String path) {
    String name = ModelFiles.className(path, SparkSession.active());
    return new Predictor(
        name.equals(LinearRegressorModel.class.getName())
            ? LinearRegressorModel.load(path)
            : ClassifierModel.load(path));
  }

  /** The classifier; an error for real labels. */
  ClassifierModel<?> classifier() {
    if (stage instanceof ClassifierModel<?> classifier) {
      return classifier;
    }
    throw new IllegalStateException(
        "labels are real numbers, so there is no classifier but a regressor; call regressor()");
  }

  /** The regressor; an error for classes. */
  LinearRegressorModel regressor() {
    if (stage instanceof LinearRegressorModel regressor) {
      return regressor;
    }
    throw new IllegalStateException(
        "labels are classes, so there is no regressor but a classifier; call classifier()");
  }

  /** The stage, as it is written for others. */
  PortableModel portable() {
    return isRegressor() ? regressor() : classifier();
  }

  private boolean isRegressor() {
    return stage instanceof LinearRegressorModel;
  }

  Model model() {
    return isRegressor() ? regressor().model() : classifier().model();
  }

  Scorer scorer() {
    return isRegressor() ? regressor().scorer() : classifier().scorer();
  }

  List<String> featureNames() {
    return isRegressor() ? regressor().featureNames() : classifier().featureNames();
  }

  /** The same stage with other parameters. */
  Predictor with(String uid, Scorer scorer) {
    return new Predictor(
        isRegressor() ? regressor().with(uid, scorer) : classifier().with(uid, scorer));
  }

  /** Saves the stage, as one of its own. */
  void save(String path) throws IOException {
    ((MLWritable) stage).save(path);
  }
}
