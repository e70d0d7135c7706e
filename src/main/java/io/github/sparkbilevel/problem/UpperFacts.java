package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.model.Model;
import java.util.List;

/** What is known of the data and the lower level when an {@link UpperVariable} is made. */
public interface UpperFacts {

  /** The name of what penalises intercepts beside the features. */
  String INTERCEPT = "intercept";

  /** The lower-level model. */
  Model model();

  /** Whether the user has intercepts penalised. */
  boolean penalizeIntercept();

  /** Names of the features, in their order. */
  List<String> features();

  /** Names of the classes by their index; empty for a real target. */
  List<String> classes();

  /** Names of the groups of training rows by their index; empty where rows have no groups. */
  List<String> groups();

  /** Names of the groups that the user put the features into; empty where there are none. */
  List<String> featureGroups();

  /** The index of the group of each feature; empty where there are none. */
  int[] groupOfFeature();

  /** The classes whose rows the trusted rows can judge. */
  default JudgedClasses judged() {
    return JudgedClasses.ALL;
  }

  /** The name of a feature, or of what comes after the last one. */
  default String feature(int j) {
    return j < features().size() ? features().get(j) : INTERCEPT;
  }

  /** The class that an output of the model stands for. */
  default String output(int k) {
    return classes().get(model().outputs() == 1 ? 1 : k);
  }
}
