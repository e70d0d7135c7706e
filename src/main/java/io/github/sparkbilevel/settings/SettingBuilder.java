package io.github.sparkbilevel.settings;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Collects what there is to say of a setting; {@link #text} ends it.
 *
 * @param <T> what the value is in Java
 */
final class SettingBuilder<T> {
  final String path;
  final ValueType<T> type;
  final String defaultText;
  final Map<Stage, String> params = new EnumMap<>(Stage.class);
  final Map<Stage, ValueType<T>> narrowed = new EnumMap<>(Stage.class);
  final Map<String, Function<Use, T>> words = new LinkedHashMap<>();
  final List<String> jobs;
  private final Consumer<Setting<?>> registry;
  String inherits;
  String unit = "";
  long scale = 1;
  String text = "";
  String ofAuto = "";
  String ofNone = "";

  SettingBuilder(Group group, String path, ValueType<T> type, String defaultText) {
    this.registry = group::add;
    this.path = path;
    this.type = type;
    this.defaultText = defaultText;
    this.jobs = new ArrayList<>(group.jobs());
  }

  /** What the number counts. */
  SettingBuilder<T> unit(String name) {
    unit = name;
    return this;
  }

  /** Read by these jobs only; what the job clean reads, the arena reads too. */
  SettingBuilder<T> only(String... names) {
    jobs.clear();
    jobs.addAll(List.of(names));
    if (jobs.contains(Keys.CLEAN)) {
      jobs.add(Keys.ARENA);
    }
    return this;
  }

  /** Not read by this job. */
  SettingBuilder<T> except(String name) {
    jobs.remove(name);
    return this;
  }

  /** A param of these stages, or of all estimators. */
  SettingBuilder<T> param(String name, Stage... stages) {
    for (Stage stage : stages.length == 0 ? Stage.ESTIMATORS : stages) {
      params.put(stage, name);
    }
    return this;
  }

  /** These stages take fewer values. */
  SettingBuilder<T> narrow(ValueType<T> fewer, Stage... stages) {
    for (Stage stage : stages) {
      narrowed.put(stage, fewer);
    }
    return this;
  }

  /** The param counts this many of the key's units at once. */
  SettingBuilder<T> scale(long times) {
    scale = times;
    return this;
  }

  /** Takes its default from the key at that path; null for none. */
  SettingBuilder<T> inherits(String other) {
    inherits = other;
    return this;
  }

  /** Takes a word in place of a value. */
  SettingBuilder<T> word(String word, Function<Use, T> meaning) {
    words.put(word, meaning);
    return this;
  }

  /** The word auto, and what the description of the key says of it. */
  SettingBuilder<T> auto(Function<Use, T> meaning, String description) {
    ofAuto = description;
    return word("auto", meaning);
  }

  /** The word auto, which is one thing in the job clean and another in the job tune. */
  SettingBuilder<T> auto(T clean, T tune) {
    return auto(
        use -> use.tunes() ? tune : clean,
        "auto is %s in the job clean and %s in the job tune".formatted(clean, tune));
  }

  /** What null, auto or an empty param means, as {@code "{none} numbers the rows from 0"}. */
  SettingBuilder<T> none(String description) {
    ofNone = description;
    return this;
  }

  /**
   * Ends the setting with what it does, in a sentence without its full stop; {@code {path}} names
   * another setting.
   */
  Setting<T> text(String sentence) {
    text = sentence;
    Setting<T> setting = new Setting<>(this);
    registry.accept(setting);
    return setting;
  }
}
