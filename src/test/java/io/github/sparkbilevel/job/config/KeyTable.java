package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.settings.Registry;
import io.github.sparkbilevel.settings.Setting;
import java.util.List;
import java.util.stream.Collectors;

/** The table of keys of the documentation, written from the registry of settings. */
public final class KeyTable {

  private KeyTable() {}

  /** The whole page. */
  public static String markdown() {
    StringBuilder page =
        new StringBuilder(
            """
            # Keys of a job file

            Written from the registry of settings, and checked against it by a test. A job file is
            [HOCON](https://github.com/lightbend/config/blob/main/HOCON.md); every key can be set on the
            command line too, as in `./submit.sh spark-job/clean-digits.conf solver.iterations=10`. Names of
            your own go under `vars` and are used as `${vars.name}`. Where no job is named, all read the key.

            | key | type | default | allowed | unit | what it does |
            |---|---|---|---|---|---|
            """);
    for (Setting<?> key : Registry.keys().values()) {
      if (key.inherits() == null) {
        page.append(row(key));
      }
    }
    page.append(
        """

        `data.validation` and `data.test` take these keys of `data.train` too, and have its values by default: %s.
        A column for `truth`, `group` or `weight` that they have by default may be missing in their rows.
        At most one of `path`, `query`, `fraction`, `rows`, `column` and `answers` is given for `data.validation` and `data.test`; one for `data.validation`, unless the job `clean` is to run without trusted rows.
        """
            .formatted(inherited()));
    return page.toString();
  }

  private static String row(Setting<?> key) {
    List<String> jobs = key.jobs();
    List<String> others = Keys.JOBS.stream().filter(job -> !jobs.contains(job)).toList();
    String only =
        switch (others.size()) {
          case 0 -> "";
          case 1 -> " (not " + others.get(0) + ")";
          default -> " (" + String.join(" and ", jobs) + " only)";
        };
    String defaultText = key.defaultText() == null ? "(required)" : code(key.defaultText());
    return "| %s | %s | %s | %s | %s | %s |%n"
        .formatted(
            code(key.path()),
            key.type().name(),
            defaultText,
            key.type().allowed().replace("|", "\\|"),
            key.unit(),
            key.doc() + only)
        .replace("\r\n", "\n");
  }

  private static String inherited() {
    return Registry.keys().values().stream()
        .filter(key -> key.inherits() != null && key.path().startsWith("data.test."))
        .map(key -> code(key.path().substring("data.test.".length())))
        .collect(Collectors.joining(", "));
  }

  private static String code(String text) {
    return "`" + text + "`";
  }
}
