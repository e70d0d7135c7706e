package io.github.sparkbilevel.settings;

import static io.github.sparkbilevel.settings.ProblemSettings.FAMILY;
import static io.github.sparkbilevel.settings.ProblemSettings.FROZEN;
import static io.github.sparkbilevel.settings.ProblemSettings.LAYERS;
import static io.github.sparkbilevel.settings.ProblemSettings.PRESET;
import static io.github.sparkbilevel.settings.ProblemSettings.WEIGHTS;
import static io.github.sparkbilevel.settings.ProblemSettings.WEIGHT_NAMES;

import io.github.sparkbilevel.model.Layers;

/** What goes with a network as the lower level. */
final class NetworkRules {
  private NetworkRules() {}

  static void check(Given given, Use use) {
    checkWeights(given, use);
    checkMoves(given);
    if (!use.network()) {
      return;
    }
    String family = given.get(FAMILY);
    if (use.tunes()) {
      throw given.refusal(
          FAMILY,
          "is for the jobs clean, arena and hypergradient; expected softmax, logistic or linear in"
              + " the job "
              + use.job());
    }
    if (!given.get(DataSettings.INTERCEPT)) {
      throw given.refusal(
          DataSettings.INTERCEPT,
          "does not go with %s = %s, whose outputs have biases; try true"
              .formatted(given.name(FAMILY), family));
    }
    if (family.equals(Keys.NETWORK)) {
      checkLayers(given);
    }
  }

  private static void checkWeights(Given given, Use use) {
    boolean there = given.get(WEIGHTS).isPresent();
    if (there && !use.network()) {
      throw given.refusal(
          WEIGHTS,
          "is for networks; expected %s = %s or %s"
              .formatted(given.name(FAMILY), Keys.MLP, Keys.NETWORK));
    }
    if (there) {
      return;
    }
    if (given.get(FROZEN) > 0) {
      throw given.refusal(
          FROZEN, "needs the weights of these layers; give %s".formatted(given.name(WEIGHTS)));
    }
    if (!given.get(WEIGHT_NAMES).equals("{}")) {
      throw given.refusal(
          WEIGHT_NAMES, "names tensors of no file; give %s".formatted(given.name(WEIGHTS)));
    }
  }

  /** Only pictures move, and they do so before layers whose outputs are kept. */
  private static void checkMoves(Given given) {
    boolean shifts = given.get(NetworkSettings.SHIFT) > 0;
    if (!shifts && !given.get(NetworkSettings.FLIP)) {
      return;
    }
    Setting<?> key = shifts ? NetworkSettings.SHIFT : NetworkSettings.FLIP;
    if (!given.get(FAMILY).equals(Keys.NETWORK)) {
      throw given.refusal(
          key, "moves pictures; expected %s = %s".formatted(given.name(FAMILY), Keys.NETWORK));
    }
    if (given.get(FROZEN) > 0) {
      throw given.refusal(
          key,
          "does not go with %s, which keeps what the first layers give for pictures that stay"
              .formatted(given.name(FROZEN)));
    }
  }

  private static void checkLayers(Given given) {
    boolean named = !given.get(PRESET).equals(ProblemSettings.NONE);
    boolean listed = !given.get(LAYERS).equals("[]");
    if (named && listed) {
      throw given.refusal(
          LAYERS, "does not go with %s; give one of them".formatted(given.name(PRESET)));
    }
    if (!named && !listed) {
      throw given.refusal(
          LAYERS,
          "is empty; expected layers or %s, try [{dense = 64}, {activation = relu}]"
              .formatted(given.name(PRESET)));
    }
    if (given.get(DataSettings.STANDARDIZE) && takeRawFeatures(given)) {
      throw given.refusal(
          DataSettings.STANDARDIZE,
          "does not go with the layers embedding and mask, which take features as they are; try"
              + " false");
    }
  }

  private static boolean takeRawFeatures(Given given) {
    return Layers.takeRawFeatures(Layers.read(given.get(LAYERS)));
  }
}
