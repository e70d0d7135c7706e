package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings;
import io.github.sparkbilevel.bilevel.algorithm.BilevelAlgorithm;
import io.github.sparkbilevel.bilevel.algorithm.NamedAlgorithm;

/**
 * The algorithm of the field that takes the place of {@link Nbo}.
 *
 * @param contender its name and options
 * @param seed of its draws
 */
public record FieldSettings(Contender contender, long seed) {

  BilevelAlgorithm algorithm() {
    return NamedAlgorithm.of(contender.algorithm()).create();
  }

  AlgorithmSettings settings(int iterations, AlgorithmSettings.Bounds bounds) {
    return contender.settings(iterations, bounds, seed);
  }
}
