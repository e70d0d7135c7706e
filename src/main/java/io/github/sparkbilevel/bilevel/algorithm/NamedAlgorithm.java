package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.model.Services;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * An algorithm by name: one of {@link Algorithm}, or one that a jar offers as a {@link
 * java.util.ServiceLoader service} of this type.
 */
public interface NamedAlgorithm {

  /** The name in job files and tables: small letters, digits and hyphens. */
  String label();

  /** The algorithm itself. */
  BilevelAlgorithm create();

  /** The share of the rows that a draw reads; below 1 for a {@link Stochastic} alone. */
  default double share() {
    return 1;
  }

  /** Whether its draws may read a share of the rows. */
  default boolean isStochastic() {
    return share() < 1;
  }

  /**
   * The settings that it is made for: one step of θ and u for each of λ, which moves by Adam,
   * unless overridden.
   *
   * @param bounds of λ
   * @param seed of the draws
   */
  default AlgorithmSettings defaults(int iterations, AlgorithmSettings.Bounds bounds, long seed) {
    return AlgorithmSettings.oneLoop(iterations, share(), bounds, seed);
  }

  /** All that can be named: those of the library first. */
  static List<NamedAlgorithm> all() {
    List<NamedAlgorithm> all = new ArrayList<>(Arrays.asList(Algorithm.values()));
    all.addAll(Services.all(NamedAlgorithm.class));
    return all;
  }

  /** The names of {@link #all}. */
  static Stream<String> names() {
    return all().stream().map(NamedAlgorithm::label);
  }

  /**
   * The algorithm of a name.
   *
   * @throws IllegalArgumentException naming those that there are
   */
  static NamedAlgorithm of(String name) {
    List<NamedAlgorithm> all = all();
    return Services.named(name, all, NamedAlgorithm::label)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "got the algorithm %s, expected one of %s, or one of a jar given by --jars"
                        .formatted(
                            name,
                            String.join(", ", all.stream().map(NamedAlgorithm::label).toList()))));
  }
}
