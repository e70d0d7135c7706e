package io.github.sparkbilevel.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The losses of real labels by name: the squared loss, and those of the jars of users. */
public final class Losses {
  private Losses() {}

  /** The loss of a name or a class name; empty where no jar has it. */
  public static Optional<Loss> find(String name) {
    return Services.named(name, all(), Loss::name);
  }

  /**
   * The loss of a name or a class name.
   *
   * @throws IllegalArgumentException naming those that there are
   */
  public static Loss of(String name) {
    return find(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "got the loss '%s', expected one of %s; give the jar that has it by --jars"
                        .formatted(
                            name, String.join(", ", all().stream().map(Loss::name).toList()))));
  }

  private static List<Loss> all() {
    List<Loss> all = new ArrayList<>(List.of(new SquaredLoss()));
    all.addAll(Services.all(Loss.class));
    return all;
  }
}
