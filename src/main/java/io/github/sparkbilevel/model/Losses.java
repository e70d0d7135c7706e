package io.github.sparkbilevel.model;

import java.util.ArrayList;
import java.util.List;

/** Losses by name: those of the library, and those of the jars of users. */
public final class Losses {
  private Losses() {}

  /**
   * The loss of real labels of a name or a class name.
   *
   * @throws IllegalArgumentException naming those that there are
   */
  public static Loss of(String name) {
    return of(name, all());
  }

  /**
   * The loss of a name or a class name, of real labels or of so many classes.
   *
   * @throws IllegalArgumentException naming those that there are
   */
  public static Loss of(String name, int classes) {
    List<Loss> all = new ArrayList<>(List.of(new LogisticLoss()));
    if (classes > 1) {
      all.add(new SoftmaxLoss(classes));
    }
    all.addAll(all());
    return of(name, all);
  }

  private static Loss of(String name, List<Loss> all) {
    return Services.named(name, all, Loss::name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "got the loss '%s', expected one of %s; give the jar that has it by --jars"
                        .formatted(
                            name, String.join(", ", all.stream().map(Loss::name).toList()))));
  }

  private static List<Loss> all() {
    List<Loss> all = new ArrayList<>(List.of(new SquaredLoss()));
    all.addAll(Services.all(Loss.class));
    return all;
  }
}
