package io.github.sparkbilevel.problem.fit;

import java.util.Arrays;
import java.util.List;

/** What the choice between models goes by on the held-out rows. */
public enum SelectionMetric {
  /** The mean loss. */
  LOSS("loss"),
  /** The share of the weight of rows whose label the model prefers. */
  ACCURACY("accuracy"),
  /** The mean of these shares over the classes that rows have. */
  BALANCED_ACCURACY("balancedAccuracy"),
  /** How often a row of the second of two classes is given more of it than one of the first. */
  AUC("auc");

  private final String label;

  SelectionMetric(String label) {
    this.label = label;
  }

  /** The metrics by the names that settings have for them. */
  public static List<String> labels() {
    return Arrays.stream(values()).map(SelectionMetric::label).toList();
  }

  /** The metric of a name. */
  public static SelectionMetric named(String label) {
    return Arrays.stream(values())
        .filter(metric -> metric.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "got the metric %s, expected one of %s"
                        .formatted(label, String.join(", ", labels()))));
  }

  /** The name that settings have for it. */
  public String label() {
    return label;
  }
}
