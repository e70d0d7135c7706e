package io.github.sparkbilevel.job.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.github.sparkbilevel.settings.DataSettings;
import io.github.sparkbilevel.settings.Given;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.settings.Nearest;
import io.github.sparkbilevel.settings.ProblemSettings;
import io.github.sparkbilevel.settings.Registry;
import io.github.sparkbilevel.settings.RunSettings;
import io.github.sparkbilevel.settings.Setting;
import io.github.sparkbilevel.settings.SourceSettings;
import io.github.sparkbilevel.settings.Stage;
import io.github.sparkbilevel.settings.Use;
import io.github.sparkbilevel.settings.ValueType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The values of a resolved job file, read and checked by the registry of settings. */
final class Values implements Given {
  /** Free names under this key may be used in substitutions. */
  private static final String VARS = "vars";

  private static final Map<String, Setting<?>> KEYS = Registry.keys();

  private final ConfigObject root;
  private final Use use;

  /** Refuses a job file with a key that the registry does not know. */
  Values(Config resolved) {
    root = resolved.root();
    checkNames(root, "");
    Use any = Stage.CLEANER.use();
    Use guided = new Use(read(RunSettings.JOB, any), read(ProblemSettings.FAMILY, any));
    boolean trusted = DataSettings.VALIDATION.ways().stream().anyMatch(this::isGiven);
    use = trusted || !guided.job().equals(Keys.CLEAN) ? guided : guided.unguided();
  }

  /** What a data source of Spark's is told: everything under the options of these rows. */
  Map<String, String> sparkOptions(SourceSettings keys) {
    Map<String, String> options = new TreeMap<>();
    String group = keys.optionsPrefix().replaceFirst("\\.$", "");
    Config all = root.toConfig();
    if (all.hasPath(group)) {
      for (Map.Entry<String, ConfigValue> entry : all.getObject(group).toConfig().entrySet()) {
        options.put(
            String.join(".", ConfigUtil.splitPath(entry.getKey())),
            String.valueOf(entry.getValue().unwrapped()));
      }
    }
    return options;
  }

  /** Whether a key is an option of a data source of Spark's. */
  private boolean isSparkOption(String path) {
    return Stream.of(DataSettings.TRAIN, DataSettings.VALIDATION, DataSettings.TEST)
        .anyMatch(
            keys ->
                path.startsWith(keys.optionsPrefix())
                    && !SourceSettings.isOwn(read(keys.format, Stage.CLEANER.use())));
  }

  /** What the job file is for. */
  Use use() {
    return use;
  }

  private void checkNames(ConfigObject group, String prefix) {
    for (Map.Entry<String, ConfigValue> entry : group.entrySet()) {
      String path = prefix + entry.getKey();
      ConfigValue value = entry.getValue();
      if (KEYS.containsKey(path) || path.equals(VARS) || isSparkOption(path)) {
        continue;
      }
      if (KEYS.keySet().stream().anyMatch(known -> known.startsWith(path + "."))) {
        if (value instanceof ConfigObject inner) {
          checkNames(inner, path + ".");
        } else if (value.valueType() != ConfigValueType.NULL) {
          throw new ConfigException(
              "%s = %s%s is a group of keys, not a value; try %s"
                  .formatted(path, render(value), where(value), firstKeyOf(path) + " = …"));
        }
        continue;
      }
      throw unknown(path, prefix, value);
    }
  }

  private static ConfigException unknown(String path, String prefix, ConfigValue value) {
    Optional<String> nearest = Nearest.of(path, KEYS.keySet());
    if (nearest.isEmpty()) {
      // Perhaps it is the name of a whole group that is mistyped.
      nearest =
          Nearest.of(
              path,
              KEYS.keySet().stream()
                  .filter(known -> known.contains("."))
                  .map(known -> known.substring(0, known.lastIndexOf('.')))
                  .distinct()
                  .toList());
    }
    String advice =
        nearest
            .map(name -> "did you mean " + name + "?")
            .orElseGet(() -> "the keys there are " + namesUnder(prefix));
    return new ConfigException("unknown key %s%s; %s".formatted(path, where(value), advice));
  }

  private static String namesUnder(String prefix) {
    return String.join(
        ", ",
        KEYS.keySet().stream()
            .filter(known -> known.startsWith(prefix))
            .map(known -> known.substring(prefix.length()).replaceFirst("\\..*", ""))
            .distinct()
            .toList());
  }

  private static String firstKeyOf(String group) {
    return KEYS.keySet().stream()
        .filter(known -> known.startsWith(group + "."))
        .findFirst()
        .orElseThrow();
  }

  /** The value that the job file or the command line gives, null being one. */
  private Optional<ConfigValue> given(Setting<?> key) {
    ConfigValue value = root;
    for (String name : ConfigUtil.splitPath(key.path())) {
      if (!(value instanceof ConfigObject group)) {
        return Optional.empty();
      }
      value = group.get(name);
      if (value == null) {
        return Optional.empty();
      }
    }
    return Optional.of(value);
  }

  /** Whether the job file or the command line gives a value other than null. */
  boolean isGiven(Setting<?> key) {
    return given(key).filter(value -> value.valueType() != ConfigValueType.NULL).isPresent();
  }

  /** Whether the value comes from the key it inherits from, a default being one. */
  boolean isInherited(Setting<?> key) {
    return holder(key) != key;
  }

  /** The key whose value is in effect: this one, or the one it inherits from. */
  private Setting<?> holder(Setting<?> key) {
    // Null means none where a key may be null, and nothing where it may not.
    boolean given = key.isNullable() ? given(key).isPresent() : isGiven(key);
    return given || key.inherits() == null ? key : holder(KEYS.get(key.inherits()));
  }

  /** Whether the value in effect is a word that stands for one. */
  boolean isWord(Setting<?> key) {
    return key.isWord(effective(key).unwrapped());
  }

  /** The value in effect: the one given, the one inherited, or the default. */
  private ConfigValue effective(Setting<?> key) {
    Setting<?> holder = holder(key);
    return isGiven(holder) || holder.isNullable() && given(holder).isPresent()
        ? given(holder).filter(v -> v.valueType() != ConfigValueType.NULL).orElse(null)
        : written(holder.defaultText());
  }

  /** A default as a value of a job file; null where there is none or it is null. */
  private static ConfigValue written(String text) {
    return text == null || text.equals("null")
        ? null
        : ConfigFactory.parseString("v = " + text).getValue("v");
  }

  @Override
  public <T> T get(Setting<T> key) {
    return read(key, use);
  }

  private <T> T read(Setting<T> key, Use reading) {
    ConfigValue value = effective(key);
    if (value == null && key.defaultText() == null) {
      throw new ConfigException(
          "key %s is missing; give it a %s: %s"
              .formatted(key.path(), key.type().name(), sentence(key.doc())));
    }
    try {
      return key.read(value == null ? null : value.unwrapped(), reading);
    } catch (ValueType.Mismatch e) {
      throw refusal(key, "is not valid: expected " + e.getMessage() + "; " + advice(key));
    }
  }

  @Override
  public String name(Setting<?> key) {
    return key.path();
  }

  /** Names the key at which the value in effect stands. */
  @Override
  public ConfigException refusal(Setting<?> key, String problem) {
    ConfigValue value = effective(key);
    return new ConfigException(
        "%s = %s%s %s".formatted(holder(key).path(), render(value), where(value), problem));
  }

  /** A description as the end of another sentence. */
  private static String sentence(String doc) {
    return Character.toLowerCase(doc.charAt(0)) + doc.substring(1, doc.length() - 1);
  }

  private static String advice(Setting<?> key) {
    return key.defaultText() == null || key.isNullable()
        ? "leave it out, or correct it"
        : "try the default, " + key.defaultText();
  }

  /**
   * Every key of the job with its value in effect, one on a line; those without one are left out.
   *
   * @param idle keys that have no effect, left out as well
   */
  String text(String job, List<Setting<?>> idle) {
    StringBuilder result = new StringBuilder();
    for (Setting<?> key : KEYS.values()) {
      boolean said = effective(key) != null && !isInherited(key);
      if (said && key.jobs().contains(job) && !idle.contains(key)) {
        result.append(key.path()).append(" = ").append(render(effective(key))).append('\n');
      }
    }
    return result.toString();
  }

  private static String render(ConfigValue value) {
    return value == null ? "null" : value.render(ConfigRenderOptions.concise());
  }

  private static String where(ConfigValue value) {
    if (value == null) {
      return "";
    }
    var origin = value.origin();
    if (origin.filename() != null) {
      return " (%s, line %d)"
          .formatted(Path.of(origin.filename()).getFileName(), origin.lineNumber());
    }
    boolean commandLine = origin.description().startsWith(Overrides.ORIGIN);
    return commandLine ? " (" + Overrides.ORIGIN + ")" : "";
  }

  /** The keys given that the job does not read. */
  List<String> idle(String job) {
    return KEYS.values().stream()
        .filter(key -> !key.jobs().contains(job) && isGiven(key))
        .<String>map(Setting::path)
        .toList();
  }
}
