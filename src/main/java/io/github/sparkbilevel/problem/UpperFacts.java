package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.model.Model;
import java.util.List;
import java.util.function.Supplier;

/**
 * What is known of the data and the lower level when an {@link UpperVariable} is made.
 *
 * @param model the lower-level model
 * @param penalizeIntercept whether the user has intercepts penalised
 * @param judged the classes whose rows the trusted rows can judge
 * @param names names of what the data hold
 * @param features what is known of them
 */
public record UpperFacts(
    Model model, boolean penalizeIntercept, JudgedClasses judged, Names names, Features features) {

  /** The name of what penalises intercepts beside the features. */
  public static final String INTERCEPT = "intercept";

  /**
   * Names by index.
   *
   * @param features of the features
   * @param classes of the classes; empty for a real target
   * @param groups of the groups of training rows; empty where rows have no groups
   */
  public record Names(List<String> features, List<String> classes, List<String> groups) {}

  /**
   * What is known of features.
   *
   * @param groupOf the group of each feature, from 0; empty where the user put them into none
   * @param groups a name for each group
   * @param variances those of the features as they were read, by the training rows; they cost a
   *     Spark job where features are not standardised
   */
  public record Features(int[] groupOf, List<String> groups, Supplier<double[]> variances) {}

  /** The name of a feature, or of what comes after the last one. */
  public String feature(int j) {
    return j < names.features().size() ? names.features().get(j) : INTERCEPT;
  }

  /** The class that an output of the model stands for; null where there are no classes. */
  public String output(int k) {
    return names.classes().isEmpty() ? null : names.classes().get(model.outputs() == 1 ? 1 : k);
  }
}
