package io.github.sparkbilevel.job.config;

import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The type of a key's value: how it is called, which values are allowed, and how to read one.
 *
 * @param <T> what a value is in Java
 */
public final class ValueType<T> {

  /** A value that is not allowed; the message completes the sentence "expected …". */
  static final class Mismatch extends Exception {
    private static final long serialVersionUID = 1L;

    Mismatch(String expected) {
      super(expected);
    }
  }

  @FunctionalInterface
  private interface Reader<T> {
    /** Null when the value does not fit. */
    T read(Object value) throws Mismatch;
  }

  /**
   * A word of a fixed few, or else a value.
   *
   * @param word the word, or null where a value was given
   * @param value the value, or null where a word was given
   */
  public record Choice<T>(String word, T value) {
    /** Whether this is the given word. */
    public boolean is(String candidate) {
      return candidate.equals(word);
    }

    /** The value, or this one where a word was given. */
    public T orElse(T other) {
      return word == null ? value : other;
    }
  }

  private final String name;
  private final String allowed;

  /** What a value may be besides: a word, or null. */
  private final String besides;

  private final Reader<T> reader;

  private ValueType(String name, String allowed, Reader<T> reader) {
    this(name, allowed, "", reader);
  }

  private ValueType(String name, String allowed, String besides, Reader<T> reader) {
    this.name = name;
    this.allowed = allowed;
    this.besides = besides;
    this.reader = reader;
  }

  /** What the type is called in the table of keys. */
  public String name() {
    return name + besides;
  }

  /** The allowed values in words; empty where every value of the type is. */
  public String allowed() {
    return allowed;
  }

  /** The value, or a mismatch that says what was expected. */
  T read(Object value) throws Mismatch {
    T result = reader.read(value);
    if (result == null) {
      throw new Mismatch(expected());
    }
    return result;
  }

  private String expected() {
    if (name.equals("name")) {
      return "one of " + allowed + besides;
    }
    String article = name.startsWith("integer") ? "an " : "a ";
    return article + name + (allowed.isEmpty() ? "" : " " + allowed) + besides;
  }

  /** Any text that is not blank. */
  static ValueType<String> string() {
    return new ValueType<>("string", "", ValueType::text);
  }

  /** A type of its own; what {@code reader} gives is null for a value that does not fit. */
  static <T> ValueType<T> of(String name, String allowed, Function<Object, T> reader) {
    return new ValueType<>(name, allowed, reader::apply);
  }

  static ValueType<Boolean> bool() {
    return new ValueType<>(
        "boolean",
        "",
        value -> {
          if (value instanceof Boolean flag) {
            return flag;
          }
          return switch (String.valueOf(value).toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on" -> Boolean.TRUE;
            case "false", "no", "off" -> Boolean.FALSE;
            default -> null;
          };
        });
  }

  static ValueType<Integer> integer(int min) {
    return new ValueType<>(
        "integer",
        ">= " + min,
        value -> {
          Long whole = whole(value);
          return whole == null || whole < min || whole > Integer.MAX_VALUE
              ? null
              : Integer.valueOf(whole.intValue());
        });
  }

  static ValueType<Long> longInteger() {
    return new ValueType<>("integer", "", ValueType::whole);
  }

  static ValueType<Long> longInteger(long min) {
    return new ValueType<>(
        "integer",
        ">= " + min,
        value -> {
          Long whole = whole(value);
          return whole == null || whole < min ? null : whole;
        });
  }

  static ValueType<Double> number() {
    return new ValueType<>("number", "", ValueType::finite);
  }

  static ValueType<Double> positive() {
    return new ValueType<>("number", "> 0", value -> finiteAbove(value, Double.MIN_VALUE));
  }

  static ValueType<Double> nonNegative() {
    return new ValueType<>("number", ">= 0", value -> finiteAbove(value, 0));
  }

  /** A number from {@code min} to {@code max}, both included. */
  static ValueType<Double> between(double min, double max) {
    return new ValueType<>(
        "number",
        "from " + trim(min) + " to " + trim(max),
        value -> {
          Double number = finite(value);
          return number == null || number < min || number > max ? null : number;
        });
  }

  /** A number from 0, and below 1. */
  static ValueType<Double> belowOne() {
    return new ValueType<>(
        "number",
        ">= 0 and < 1",
        value -> {
          Double number = finite(value);
          return number == null || number < 0 || number >= 1 ? null : number;
        });
  }

  /** A number above 0 and below {@code max}. */
  static ValueType<Double> openBelow(double max) {
    return new ValueType<>(
        "number",
        "> 0 and < " + trim(max),
        value -> {
          Double number = finite(value);
          return number == null || number <= 0 || number >= max ? null : number;
        });
  }

  /** An amount of memory: bytes, or a number with a unit such as 8 MiB. */
  static ValueType<Long> bytes(long min) {
    return new ValueType<>(
        "size such as 8 MiB",
        ">= " + min + " bytes",
        value -> {
          Long whole = whole(value);
          if (whole == null && value instanceof String text) {
            try {
              whole = ConfigFactory.parseMap(Map.of("v", text)).getBytes("v");
            } catch (com.typesafe.config.ConfigException e) {
              return null;
            }
          }
          return whole == null || whole < min || whole > Integer.MAX_VALUE ? null : whole;
        });
  }

  /** Groups of keys, as {@code {…}} in a job file. */
  static ValueType<List<Map<String, Object>>> groups() {
    return new ValueType<>(
        "list of groups of keys",
        "",
        value -> {
          List<Map<String, Object>> groups = new ArrayList<>();
          for (Object item : items(value)) {
            if (!(item instanceof Map<?, ?> map)) {
              return null;
            }
            Map<String, Object> group = new LinkedHashMap<>();
            map.forEach((name, inner) -> group.put(String.valueOf(name), inner));
            groups.add(group);
          }
          return groups;
        });
  }

  /** One of the given words. */
  static ValueType<String> name(String... words) {
    return name(List.of(words), () -> List.of(words));
  }

  /**
   * One of the words that are known when a value is read.
   *
   * @param documented those that the documentation names
   */
  static ValueType<String> name(List<String> documented, Supplier<List<String>> known) {
    return new ValueType<>(
        "name",
        String.join(" | ", documented),
        value -> {
          String text = String.valueOf(value);
          if (documented.contains(text)) {
            return text;
          }
          List<String> offered = known.get();
          if (offered.contains(text)) {
            return text;
          }
          String allowed = String.join(" | ", offered);
          Optional<String> nearest = Nearest.of(text, offered);
          if (nearest.isPresent()) {
            throw new Mismatch("one of " + allowed + " (did you mean " + nearest.get() + "?)");
          }
          return null;
        });
  }

  /** One of the given words, or a value of this type. */
  ValueType<Choice<T>> orWord(String... words) {
    List<String> known = Arrays.asList(words);
    return new ValueType<>(
        name,
        allowed,
        " or " + String.join(" or ", known),
        value -> {
          if (known.contains(String.valueOf(value))) {
            return new Choice<>(String.valueOf(value), null);
          }
          T read = reader.read(value);
          return read == null ? null : new Choice<>(null, read);
        });
  }

  /** A list of this type; one value, or several in a text with commas, will do. */
  ValueType<List<T>> list() {
    return listOf(0, Integer.MAX_VALUE, "list of " + name + "s");
  }

  /** Like {@link #list()}, with at least one value. */
  ValueType<List<T>> nonEmptyList() {
    return listOf(1, Integer.MAX_VALUE, name + " or list of " + name + "s");
  }

  /** A list of exactly two. */
  ValueType<List<T>> pair() {
    return listOf(2, 2, "list of two " + name + "s");
  }

  private ValueType<List<T>> listOf(int min, int max, String listName) {
    return new ValueType<>(
        listName,
        allowed,
        value -> {
          List<T> result = new ArrayList<>();
          for (Object item : items(value)) {
            T read = item == null ? null : reader.read(item);
            if (read == null || result.contains(read) && name.equals("name")) {
              return null;
            }
            result.add(read);
          }
          return result.size() < min || result.size() > max ? null : List.copyOf(result);
        });
  }

  /** A value of this type, or null for none. */
  ValueType<Optional<T>> orNull() {
    return new ValueType<>(
        name,
        allowed,
        " or null",
        value -> {
          if (value == null) {
            return Optional.empty();
          }
          T read = reader.read(value);
          return read == null ? null : Optional.of(read);
        });
  }

  /** The same values, carried in another Java type. */
  <R> ValueType<R> as(Function<T, R> conversion) {
    return new ValueType<>(
        name,
        allowed,
        besides,
        value -> {
          T read = reader.read(value);
          return read == null ? null : conversion.apply(read);
        });
  }

  private static List<?> items(Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    if (value instanceof String text && text.contains(",")) {
      return Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    }
    return List.of(value);
  }

  private static String text(Object value) {
    boolean scalar = value instanceof String || value instanceof Number || value instanceof Boolean;
    return !scalar || value.toString().isBlank() ? null : value.toString();
  }

  private static Double finite(Object value) {
    Double number = null;
    if (value instanceof Number given) {
      number = given.doubleValue();
    } else if (value instanceof String text) {
      try {
        number = Double.valueOf(text);
      } catch (NumberFormatException e) {
        return null;
      }
    }
    return number == null || !Double.isFinite(number) ? null : number;
  }

  private static Double finiteAbove(Object value, double min) {
    Double number = finite(value);
    return number == null || number < min ? null : number;
  }

  /** A whole number; 1e3 is one, 2.5 is not. */
  private static Long whole(Object value) {
    if (value instanceof Long || value instanceof Integer) {
      return ((Number) value).longValue();
    }
    if (value instanceof String text) {
      try {
        return Long.valueOf(text);
      } catch (NumberFormatException e) {
        // It may still be a whole number in another spelling, such as 1e3.
      }
    }
    Double number = finite(value);
    return number == null || number != Math.rint(number) || Math.abs(number) > 0x1p53
        ? null
        : Long.valueOf(number.longValue());
  }

  private static String trim(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }
}
