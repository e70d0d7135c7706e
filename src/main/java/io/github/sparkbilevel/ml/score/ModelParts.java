package io.github.sparkbilevel.ml.score;

import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.MultiLabelLoss;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apiguardian.api.API;

/**
 * What a trained model is made of, and what its files hold.
 *
 * <p>θ is not copied here; models copy it.
 *
 * @param <M> the kind of model
 * @param model loss, features and layers
 * @param theta θ in the layout of the model, for scaled features
 * @param scaling what is done to raw features
 * @param labels the label of each class, or the name of each of several labels, all different;
 *     empty for real labels
 * @param featureNames the name of each feature, or an empty list for features without names
 */
@API(status = API.Status.STABLE)
public record ModelParts<M extends Model>(
    M model, double[] theta, Scaling scaling, List<String> labels, List<String> featureNames) {

  /** Checks that the parts fit together. */
  public ModelParts {
    labels = List.copyOf(labels);
    featureNames = List.copyOf(featureNames);
    expect("parameters", theta.length, model.size());
    if (!featureNames.isEmpty()) {
      expect("feature names", featureNames.size(), model.features());
    }
    if (scaling.mean() != null) {
      expect("means", scaling.mean().length, model.features());
      expect("scales", scaling.scale().length, model.features());
    }
    boolean several = model.loss() instanceof MultiLabelLoss;
    expect("labels", labels.size(), several ? model.outputs() : model.loss().classes());
    Set<String> seen = new HashSet<>();
    for (String label : labels) {
      if (!seen.add(label)) {
        throw new IllegalArgumentException(
            "got the label '" + label + "' for two classes, expected different labels");
      }
    }
  }

  /** What scores raw rows. */
  public Scorer scorer() {
    return new Scorer(model, theta, scaling);
  }

  /** Throws when a model has fewer classes than it needs. */
  public void requireClasses() {
    if (model.loss().classes() < 2) {
      throw new IllegalArgumentException(
          "got a model with the "
              + model.loss().name()
              + " loss, expected one of classes, such as softmax or logistic");
    }
  }

  /** Throws unless there are as many as the model says. */
  private static void expect(String what, int got, int expected) {
    if (got != expected) {
      throw new IllegalArgumentException(
          "got " + got + " " + what + ", expected " + expected + " by the model");
    }
  }
}
