package io.github.sparkbilevel.job.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueFactory;
import io.github.sparkbilevel.settings.Registry;
import java.util.List;
import java.util.regex.Pattern;

/** The {@code key=value} arguments of the command line, laid over a job file. */
final class Overrides {

  /** The origin of a value that was given on the command line. */
  static final String ORIGIN = "command line";

  /** Of the ways to name the same rows, an override of one takes the place of the others. */
  private static final Pattern WAY =
      Pattern.compile(
          "(data\\.(?:train|validation|test)\\.)(path|query|fraction|rows|column|answers)");

  private static final List<String> WAYS =
      List.of("path", "query", "fraction", "rows", "column", "answers");

  private Overrides() {}

  /** The job file with the arguments laid over it, the last one on top. */
  static Config over(Config file, List<String> arguments) {
    Config result = file;
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals <= 0) {
        throw new ConfigException(
            "argument \"%s\" is not of the form key=value; try solver.iterations=10, or --help"
                .formatted(argument));
      }
      String path = argument.substring(0, equals).strip();
      var way = WAY.matcher(path);
      if (way.matches()) {
        for (String other : WAYS) {
          boolean known = Registry.keys().containsKey(way.group(1) + other);
          if (known && !other.equals(way.group(2))) {
            result = parse(way.group(1) + other, "null").withFallback(result);
          }
        }
      }
      result = parse(path, argument.substring(equals + 1).strip()).withFallback(result);
    }
    return result;
  }

  private static Config parse(String path, String value) {
    try {
      ConfigUtil.splitPath(path);
    } catch (com.typesafe.config.ConfigException e) {
      throw new ConfigException(
          "key \"%s\" of the command line is not a path of names joined by dots; try solver.iterations=10"
              .formatted(path),
          e);
    }
    if (readsAsHocon(value)) {
      try {
        // In braces, so that a value cannot bring keys of its own along.
        Config parsed =
            ConfigFactory.parseString(
                "{" + path + " = " + value + "\n}",
                ConfigParseOptions.defaults().setOriginDescription(ORIGIN));
        if (parsed.root().size() == 1
            && parsed.root().containsKey(ConfigUtil.splitPath(path).get(0))) {
          return parsed;
        }
      } catch (com.typesafe.config.ConfigException e) {
        // Not HOCON, so it is text: a path such as s3a://bucket/rows, for instance.
      }
    }
    return ConfigFactory.empty().withValue(path, ConfigValueFactory.fromAnyRef(value, ORIGIN));
  }

  /** HOCON would take the rest of a text after # or // for a comment, and lose it silently. */
  private static boolean readsAsHocon(String value) {
    if (value.isEmpty()) {
      return false;
    }
    boolean structured = "\"[{".indexOf(value.charAt(0)) >= 0;
    return structured || !(value.contains("#") || value.contains("//") || value.contains(","));
  }
}
