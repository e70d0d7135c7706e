package io.github.sparkbilevel.settings;

import io.github.sparkbilevel.settings.ValueType.Mismatch;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * One setting: everything that is known of it. Job files, the params of stages, their validation
 * and their documentation all come from here.
 *
 * @param <T> what its value is in Java
 */
public final class Setting<T> {
  private static final Pattern REFERENCE = Pattern.compile("\\{([\\w.-]+)}");

  private final SettingBuilder<T> is;
  private final ValueType<T> type;

  /** Takes what a builder has collected, which changes no more. */
  Setting(SettingBuilder<T> collected) {
    is = collected;
    type = is.words.isEmpty() ? is.type : is.type.orWords(is.words.keySet());
  }

  /** Where it stands in a job file, such as {@code solver.products}; null where it does not. */
  public String path() {
    return is.path;
  }

  /** Its type, with the allowed values. */
  public ValueType<T> type() {
    return type;
  }

  /** Its default as a job file would have it; null where there is none. */
  public String defaultText() {
    return is.defaultText;
  }

  /** The path of the key that gives the default instead, or null. */
  public String inherits() {
    return is.inherits;
  }

  /** What its number counts; empty where it counts nothing. */
  public String unit() {
    return is.unit;
  }

  /** Whether its param counts in another unit than its key. */
  public boolean isScaled() {
    return is.scale != 1;
  }

  /** What its param in that stage takes. */
  public ValueType<T> type(Stage stage) {
    return is.narrowed.getOrDefault(stage, type);
  }

  /** The jobs that read it. */
  public List<String> jobs() {
    return is.jobs;
  }

  /** The name of its param, if that stage has it. */
  public Optional<String> param(Stage stage) {
    return Optional.ofNullable(is.params.get(stage));
  }

  /** Whether null stands for none. */
  public boolean isNullable() {
    return "null".equals(is.defaultText);
  }

  /**
   * The value that a job file gives; a word such as auto stands for what it means in that use.
   *
   * @throws Mismatch for a value that is not allowed
   */
  public T read(Object given, Use use) throws Mismatch {
    Function<Use, T> word = is.words.get(String.valueOf(given));
    return word == null ? type.read(given) : word.apply(use);
  }

  /** Whether a value of a job file is a word that stands for one. */
  public boolean isWord(Object given) {
    return is.words.containsKey(String.valueOf(given));
  }

  /** The default in that use; null where there is none. */
  public T defaultIn(Use use) {
    if (is.defaultText == null) {
      return null;
    }
    try {
      return read(ValueType.parse(is.defaultText), use);
    } catch (Mismatch e) {
      throw new IllegalStateException("the default of " + this + " is not allowed", e);
    }
  }

  /**
   * The value as a param has it: an array for a list; 0, an empty text or an empty array for none.
   */
  public Object toParam(T value) {
    if (isScaled()) {
      return ((Number) value).doubleValue() / is.scale;
    }
    Object plain = value instanceof Optional<?> optional ? optional.orElse(null) : value;
    if (plain == null) {
      return type.isList() ? Array.newInstance(type.primitive(), 0) : type.none();
    }
    if (!(plain instanceof List<?> list)) {
      return plain;
    }
    Object array = Array.newInstance(type.primitive(), list.size());
    for (int i = 0; i < list.size(); i++) {
      Array.set(array, i, list.get(i));
    }
    return array;
  }

  /**
   * The value of a param.
   *
   * @throws Mismatch for a value that is not allowed
   */
  public T fromParam(Object value, Stage stage) throws Mismatch {
    if (isScaled()) {
      double bytes = ((Number) value).doubleValue() * is.scale;
      return type.read(bytes > 0 ? Math.max(1, Math.round(bytes)) : null);
    }
    ValueType<T> taken = type(stage);
    Object plain = taken.isOptional() && value.equals(type.none()) ? null : value;
    if (value.getClass().isArray()) {
      List<Object> list = new ArrayList<>();
      for (int i = 0; i < Array.getLength(value); i++) {
        list.add(Array.get(value, i));
      }
      plain = list.isEmpty() && !taken.takesEmpty() ? null : list;
    }
    Use use = stage.use();
    Function<Use, T> word =
        is.words.get(plain == null && !taken.isOptional() ? "auto" : String.valueOf(plain));
    boolean meant = word != null && (plain == null || plain.equals(word.apply(use)));
    return meant ? word.apply(use) : taken.read(plain);
  }

  /** What its key does, as one sentence. */
  public String doc() {
    String aside = is.ofNone.replace("{none}", is.words.isEmpty() ? "null" : "auto");
    return REFERENCE.matcher(sentence(is.text, aside, is.ofAuto)).replaceAll("$1") + ".";
  }

  /** What its param does in that stage. */
  public String doc(Stage stage) {
    boolean texts = type.isList() || type.none() instanceof String;
    String none = texts ? "empty" : "0";
    String aside = is.ofNone;
    if (aside.isEmpty() && type.isOptional()) {
      aside = "{none} for none";
    }
    String doc =
        sentence(
            is.text,
            aside.replace("{none}", none),
            unset(stage, Keys.NETWORK, "a network"),
            unset(stage, Keys.LINEAR, "real labels"));
    String allowed = isScaled() ? "> 0, in MiB" : type(stage).allowed();
    return REFERENCE.matcher(doc).replaceAll(match -> Registry.name(match.group(1), stage))
        + (allowed.isEmpty() ? "" : " (" + allowed + ")");
  }

  /** What the cleaner takes for a family in place of the usual default. */
  private String unset(Stage stage, String family, String what) {
    if (stage != Stage.CLEANER) {
      return "";
    }
    T ofFamily = defaultIn(stage.use(family));
    return Objects.equals(defaultIn(stage.use()), ofFamily)
        ? ""
        : ofFamily + " with " + what + " unless it is set";
  }

  private static String sentence(String... parts) {
    return String.join("; ", Arrays.stream(parts).filter(part -> !part.isEmpty()).toList());
  }

  /** By its path, or by its param. */
  @Override
  public String toString() {
    return is.path == null ? is.params.values().iterator().next() : is.path;
  }
}
