package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.settings.Keys;
import java.util.List;

/**
 * The lower-level model.
 *
 * @param family {@code softmax, logistic, linear, multi-label, mlp} or {@code network}
 * @param l2 the penalty is half of this times the squared coefficients
 * @param hidden widths of the hidden layers of {@code mlp}
 * @param activation of these layers
 * @param layers those of {@code network}, in JSON
 * @param loss by name, of {@code linear} and {@code logistic}
 */
public record ModelConfig(
    String family,
    double l2,
    boolean penalizeIntercept,
    List<Integer> hidden,
    String activation,
    String layers,
    String loss) {

  /** Whether it is a network. */
  public boolean isNetwork() {
    return Keys.NETWORKS.contains(family);
  }
}
