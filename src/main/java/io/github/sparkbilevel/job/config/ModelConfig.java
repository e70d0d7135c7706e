package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.settings.ProblemSettings;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The lower-level model.
 *
 * @param family {@code softmax, logistic, linear, multi-label, mlp} or {@code network}
 * @param l2 the penalty is half of this times the squared coefficients
 * @param hidden widths of the hidden layers of {@code mlp}
 * @param activation of these layers
 * @param layers those of {@code network}, in JSON
 * @param preset layers of {@code network} by name, or {@code none}
 * @param shape extents of a row of {@code network}; empty for a vector
 * @param weights a file of weights that a network starts from
 * @param weightNames what tensors of layers are called there, in JSON
 * @param frozen how many of the first layers stay as they are there
 * @param loss by name, of {@code linear} and {@code logistic}
 */
public record ModelConfig(
    String family,
    double l2,
    boolean penalizeIntercept,
    List<Integer> hidden,
    String activation,
    String layers,
    String preset,
    List<Integer> shape,
    Optional<String> weights,
    String weightNames,
    int frozen,
    String loss) {

  /** All layers of {@code network} but the last one. */
  public List<Map<String, Object>> form() {
    return ProblemSettings.form(shape, preset, layers);
  }

  /** Whether it is a network. */
  public boolean isNetwork() {
    return Keys.NETWORKS.contains(family);
  }
}
