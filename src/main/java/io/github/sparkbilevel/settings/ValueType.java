package io.github.sparkbilevel.settings;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The type of a setting: what it is called, which values are allowed, and how to read one. {@link
 * Types} makes them.
 *
 * @param <T> what a value is in Java
 */
public final class ValueType<T> {
  /** A value that is not allowed; the message completes the sentence "expected …". */
  public static final class Mismatch extends Exception {
    private static final long serialVersionUID = 1L;

    Mismatch(String expected) {
      super(expected);
    }
  }

  @FunctionalInterface
  interface Reader<T> {
    /** Null when the value does not fit. */
    T read(Object value) throws Mismatch;
  }

  /** What a type is beside its name and its reader. */
  private enum Shape {
    ONE,
    OPTIONAL,
    LIST,
    NON_EMPTY_LIST,
    OPTIONAL_LIST
  }

  private final Class<?> element;
  private final Shape shape;
  private final Words words;
  private final Reader<T> reader;

  /**
   * How messages and pages put a type.
   *
   * @param besides what a value may be as well: a word, or null
   */
  private record Words(String name, String allowed, String besides) {}

  ValueType(Class<?> element, String name, String allowed, Reader<T> reader) {
    this(element, Shape.ONE, new Words(name, allowed, ""), reader);
  }

  private ValueType(Class<?> element, Shape shape, Words words, Reader<T> reader) {
    this.element = element;
    this.shape = shape;
    this.words = words;
    this.reader = reader;
  }

  private <R> ValueType<R> like(Shape other, String listName, String more, Reader<R> newReader) {
    return new ValueType<>(
        element, other, new Words(listName, words.allowed, words.besides + more), newReader);
  }

  /** What the type is called in the table of keys. */
  public String name() {
    return words.name + words.besides;
  }

  /** The allowed values in words; empty where every value of the type is. */
  public String allowed() {
    return words.allowed;
  }

  /** The class of a value, or of each in a list. */
  public Class<?> element() {
    return element;
  }

  /** Whether a value is a list. */
  public boolean isList() {
    return shape == Shape.LIST || shape == Shape.NON_EMPTY_LIST || shape == Shape.OPTIONAL_LIST;
  }

  /** Whether there may be no value. */
  boolean isOptional() {
    return shape == Shape.OPTIONAL || shape == Shape.OPTIONAL_LIST;
  }

  /** Whether an empty list is a value. */
  boolean takesEmpty() {
    return shape == Shape.LIST;
  }

  /** What a param has for none. */
  Object none() {
    return Map.<Class<?>, Object>of(Double.class, 0.0, Integer.class, 0).getOrDefault(element, "");
  }

  /** What an array of values is made of. */
  Class<?> primitive() {
    return Map.<Class<?>, Class<?>>of(Double.class, double.class, Integer.class, int.class)
        .getOrDefault(element, element);
  }

  /** The value, or a mismatch that says what was expected. */
  T read(Object value) throws Mismatch {
    T result = value == null && !isOptional() ? null : reader.read(value);
    if (result == null) {
      throw new Mismatch(expected());
    }
    return result;
  }

  private String expected() {
    if (words.name.equals("name")) {
      return "one of " + words.allowed + words.besides;
    }
    String article = "aeiou".indexOf(words.name.charAt(0)) < 0 ? "a " : "an ";
    String range = words.allowed.isEmpty() ? "" : " " + words.allowed;
    return article + words.name + range + words.besides;
  }

  /** A default as it is written, as a value to be read. */
  static Object parse(String text) {
    if (text.equals("null")) {
      return null;
    }
    if (!text.startsWith("[")) {
      return text;
    }
    String inner = text.substring(1, text.length() - 1);
    return inner.isEmpty() ? List.of() : Arrays.asList(inner.split(", "));
  }

  /** The same type, beside which there are words. */
  ValueType<T> orWords(Collection<String> others) {
    return like(shape, words.name, " or " + String.join(" or ", others), reader);
  }

  /** A list of this type; one value, or several in a text with commas, will do. */
  ValueType<List<T>> list() {
    return like(Shape.LIST, "list of " + words.name + "s", "", this::readList);
  }

  /** Like {@link #list()}, with at least one value. */
  ValueType<List<T>> nonEmptyList() {
    return like(
        Shape.NON_EMPTY_LIST,
        words.name + " or list of " + words.name + "s",
        "",
        value -> {
          List<T> list = readList(value);
          return list == null || list.isEmpty() ? null : list;
        });
  }

  /** A list of exactly two. */
  ValueType<List<T>> pair() {
    return like(
        Shape.NON_EMPTY_LIST,
        "list of two " + words.name + "s",
        "",
        value -> {
          List<T> list = readList(value);
          return list == null || list.size() != 2 ? null : list;
        });
  }

  private List<T> readList(Object value) throws Mismatch {
    List<T> result = new ArrayList<>();
    for (Object item : items(value)) {
      T read = item == null ? null : reader.read(item);
      if (read == null || result.contains(read) && words.name.equals("name")) {
        return null;
      }
      result.add(read);
    }
    return List.copyOf(result);
  }

  /** Fewer values of this type. */
  ValueType<T> where(String newName, String newAllowed, Predicate<T> fits) {
    return new ValueType<>(
        element,
        shape,
        new Words(newName, newAllowed, words.besides),
        value -> {
          T read = reader.read(value);
          return read == null || !fits.test(read) ? null : read;
        });
  }

  /** A value of this type, or null for none. */
  ValueType<Optional<T>> orNull() {
    return like(
        isList() ? Shape.OPTIONAL_LIST : Shape.OPTIONAL, words.name, " or null", optional());
  }

  /** A value of this type; none stands behind a word. */
  ValueType<Optional<T>> orNone() {
    return like(Shape.OPTIONAL, words.name, "", optional());
  }

  private Reader<Optional<T>> optional() {
    return value -> {
      if (value == null) {
        return Optional.empty();
      }
      T read = reader.read(value);
      return read == null ? null : Optional.of(read);
    };
  }

  static List<?> items(Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    if (value instanceof String text && text.contains(",")) {
      return Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    }
    return List.of(value);
  }
}
