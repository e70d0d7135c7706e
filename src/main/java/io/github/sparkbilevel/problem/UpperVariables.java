package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.model.Services;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The upper variables by name: those of the library, and those of jars on the class path. */
public final class UpperVariables {
  private UpperVariables() {}

  /** All that are registered, those of the library first. */
  public static List<UpperVariableProvider> all() {
    List<UpperVariableProvider> all = new ArrayList<>(Arrays.asList(BuiltInVariable.values()));
    for (UpperVariableProvider provider : Services.all(UpperVariableProvider.class)) {
      if (all.stream().anyMatch(other -> other.label().equals(provider.label()))) {
        throw new IllegalStateException(
            "got two upper variables named '%s', one of them %s; expected one of each name"
                .formatted(provider.label(), provider.getClass().getName()));
      }
      all.add(provider);
    }
    return all;
  }

  /** Names of all that are registered. */
  public static List<String> names() {
    return all().stream().map(UpperVariableProvider::label).toList();
  }

  /** Whether a variable of some names needs the groups of features. */
  public static boolean needFeatureGroups(List<String> names) {
    return names.stream().anyMatch(name -> named(name).needsFeatureGroups());
  }

  /** Whether groups of features make a difference to a variable of some names. */
  public static boolean takeFeatureGroups(List<String> names) {
    return names.stream().anyMatch(name -> named(name).takesFeatureGroups());
  }

  /** The variable of a name, if it is registered. */
  public static Optional<UpperVariableProvider> find(String name) {
    return all().stream().filter(provider -> provider.label().equals(name)).findFirst();
  }

  /**
   * The variable of a name.
   *
   * @throws IllegalArgumentException with the names that are registered, if it is none of them
   */
  public static UpperVariableProvider named(String name) {
    return find(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "got the upper variable '%s', expected one of %s; a variable of your own is"
                            .formatted(name, names())
                        + " registered in META-INF/services/"
                        + UpperVariableProvider.class.getName()));
  }
}
