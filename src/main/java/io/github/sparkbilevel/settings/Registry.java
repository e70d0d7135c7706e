package io.github.sparkbilevel.settings;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The registry: every setting, once, with its type, range, default, unit, uses and text. Job files,
 * params, their documentation and the Python wrapper come from here.
 */
public final class Registry {
  private static final List<Setting<?>> ALL =
      Stream.of(
              RunSettings.FIRST.all(),
              DataSettings.all(),
              ProblemSettings.BASE.all(),
              ProblemSettings.TOP.all(),
              SolverSettings.KEYS.all(),
              NetworkSettings.all(),
              RunSettings.LAST.all(),
              ComparisonSettings.all(),
              StageSettings.COLS.all())
          .flatMap(List::stream)
          .toList();

  private static final Map<String, Setting<?>> BY_PATH = byPath();

  private Registry() {}

  private static Map<String, Setting<?>> byPath() {
    Map<String, Setting<?>> result = new LinkedHashMap<>();
    ALL.stream().filter(s -> s.path() != null).forEach(s -> result.put(s.path(), s));
    return result;
  }

  /** The keys of a job file by their paths, in the order of the documentation. */
  public static Map<String, Setting<?>> keys() {
    return BY_PATH;
  }

  /** The settings that a stage has as params, by the name of the param. */
  public static Map<String, Setting<?>> params(Stage stage) {
    Map<String, Setting<?>> result = new LinkedHashMap<>();
    ALL.forEach(setting -> setting.param(stage).ifPresent(name -> result.put(name, setting)));
    return result;
  }

  /** What a stage calls the setting with that path; the path where it has no such param. */
  static String name(String path, Stage stage) {
    Setting<?> setting = BY_PATH.get(path);
    return setting == null ? path : setting.param(stage).orElse(path);
  }
}
