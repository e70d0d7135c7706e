package io.github.sparkbilevel.settings;

import io.github.sparkbilevel.data.ColumnKind;
import io.github.sparkbilevel.data.TextOptions;
import io.github.sparkbilevel.model.Layers;
import io.github.sparkbilevel.settings.ValueType.Mismatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The types that settings have. */
final class Types {
  private static final ValueType<String> NAMED_LAYER = name(List.of(), Layers::names);
  private static final Pattern SIZE = Pattern.compile("([0-9.eE+-]+)\\s*([A-Za-z]*)");

  /** Any text that is not blank. */
  static ValueType<String> string() {
    return new ValueType<>(String.class, "string", "", Types::text);
  }

  /** One character; a tab may be spelled too. */
  static ValueType<String> character() {
    return new ValueType<>(
        String.class,
        "character",
        "",
        value -> {
          String text = String.valueOf(value);
          if (text.equals("tab") || text.equals("\\t")) {
            return "\t";
          }
          return text.length() == 1 ? text : null;
        });
  }

  /** The name of a character encoding. */
  static ValueType<String> encoding() {
    return new ValueType<>(
        String.class,
        "encoding such as UTF-8",
        "",
        value -> TextOptions.isEncoding(String.valueOf(value)) ? String.valueOf(value) : null);
  }

  /** Texts, which may be empty and may have commas. */
  static ValueType<List<String>> texts() {
    return new ValueType<>(
        String.class,
        "string or list of strings",
        "",
        value -> {
          List<?> items = value instanceof List<?> list ? list : List.of(value);
          boolean simple = items.stream().noneMatch(i -> i instanceof List || i instanceof Map);
          return simple ? items.stream().map(String::valueOf).toList() : null;
        });
  }

  /** What columns become: {@code auto} for no wishes, or a kind for some. */
  static ValueType<Map<String, ColumnKind>> columns() {
    String words =
        Arrays.stream(ColumnKind.values()).map(ColumnKind::word).collect(Collectors.joining(" | "));
    return new ValueType<>(
        String.class,
        "auto or group",
        "NAME = " + words,
        value -> {
          if (value.equals("auto")) {
            return Map.of();
          }
          if (!(value instanceof Map<?, ?> group)) {
            return null;
          }
          Map<String, ColumnKind> wanted = new TreeMap<>();
          for (Map.Entry<?, ?> entry : group.entrySet()) {
            Optional<ColumnKind> kind = ColumnKind.of(String.valueOf(entry.getValue()));
            if (kind.isEmpty()) {
              return null;
            }
            wanted.put(String.valueOf(entry.getKey()), kind.get());
          }
          return wanted;
        });
  }

  static ValueType<Boolean> bool() {
    return new ValueType<>(
        Boolean.class,
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
    return integer(">= " + min, min, Integer.MAX_VALUE);
  }

  private static ValueType<Integer> integer(String allowed, int min, int max) {
    return new ValueType<>(
        Integer.class,
        "integer",
        allowed,
        value -> {
          Long whole = whole(value);
          return whole == null || whole < min || whole > max
              ? null
              : Integer.valueOf(whole.intValue());
        });
  }

  static ValueType<Long> longInteger() {
    return new ValueType<>(Long.class, "integer", "", Types::whole);
  }

  static ValueType<Long> longInteger(long min) {
    return new ValueType<>(
        Long.class,
        "integer",
        ">= " + min,
        value -> {
          Long whole = whole(value);
          return whole == null || whole < min ? null : whole;
        });
  }

  /** The first index of a file, 0 or 1. */
  static ValueType<Integer> indexBase() {
    return integer("0 or 1", 0, 1);
  }

  static ValueType<Double> number() {
    return new ValueType<>(Double.class, "number", "", Types::finite);
  }

  static ValueType<Double> positive() {
    return number("> 0", number -> number > 0);
  }

  /** A number from {@code min} on. */
  static ValueType<Double> atLeast(double min) {
    return number(">= " + trim(min), number -> number >= min);
  }

  static ValueType<Double> nonNegative() {
    return number(">= 0", number -> number >= 0);
  }

  /** A number from {@code min} to {@code max}, both included. */
  static ValueType<Double> between(double min, double max) {
    return number(
        "from " + trim(min) + " to " + trim(max), number -> number >= min && number <= max);
  }

  /** A number from 0, and below 1. */
  static ValueType<Double> belowOne() {
    return number(">= 0 and < 1", number -> number >= 0 && number < 1);
  }

  /** A number above 0 and below {@code max}. */
  static ValueType<Double> openBelow(double max) {
    return number("> 0 and < " + trim(max), number -> number > 0 && number < max);
  }

  private static ValueType<Double> number(String allowed, Predicate<Double> fits) {
    return new ValueType<>(
        Double.class,
        "number",
        allowed,
        value -> {
          Double number = finite(value);
          return number == null || !fits.test(number) ? null : number;
        });
  }

  /** For each class a number of which at most one is 0, as Spark's models take thresholds. */
  static ValueType<List<Double>> thresholds() {
    return nonNegative()
        .list()
        .where("list of numbers", ">= 0, at most one of them 0", list -> zeros(list) < 2);
  }

  private static long zeros(List<Double> numbers) {
    return numbers.stream().filter(number -> number == 0).count();
  }

  /** An amount of memory: bytes, or a number with a unit such as 8 MiB. */
  static ValueType<Long> bytes(long min) {
    return new ValueType<>(
        Long.class,
        "size such as 8 MiB",
        ">= " + min + " bytes",
        value -> {
          Long bytes = whole(value);
          Matcher size = SIZE.matcher(String.valueOf(value).strip());
          if (bytes == null && size.matches()) {
            Double number = finite(size.group(1));
            double unit = unit(size.group(2));
            bytes = number == null ? null : Long.valueOf((long) (number * unit));
          }
          return bytes == null || bytes < min || bytes > Integer.MAX_VALUE ? null : bytes;
        });
  }

  /** How many bytes a unit has: kB are 1,000, K, Ki and KiB are 1,024; 0 for none of these. */
  private static double unit(String name) {
    if (Set.of("", "b", "B", "byte", "bytes").contains(name)) {
      return 1;
    }
    String short1 = name.replaceFirst("(kilo|mega|giga|kibi|mebi|gibi)bytes?$", "$1");
    int power = "kmg".indexOf(Character.toLowerCase(name.charAt(0))) + 1;
    if (power == 0) {
      return 0;
    }
    boolean decimal = Set.of("kB", "MB", "GB", "kilo", "mega", "giga").contains(short1);
    boolean binary =
        short1.matches("[kKmMgG]|[KMG]i|[KMG]iB")
            || Set.of("kibi", "mebi", "gibi").contains(short1);
    return decimal ? Math.pow(1000, power) : binary ? Math.pow(1024, power) : 0;
  }

  /** Groups of keys, as {@code {…}} in a job file. */
  static ValueType<List<Map<String, Object>>> groups() {
    return new ValueType<>(
        Map.class,
        "list of groups of keys",
        "",
        value -> {
          List<Map<String, Object>> groups = new ArrayList<>();
          for (Object item : ValueType.items(value)) {
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

  /** Layers by name, as a list of groups or in JSON; the value is JSON. */
  static ValueType<String> layers() {
    return new ValueType<>(
        String.class,
        "list of layers",
        "such as [{dense = 64}]",
        value -> {
          List<Map<String, Object>> form;
          try {
            form = value instanceof String text ? Layers.read(text) : Layers.forms(value);
          } catch (IllegalArgumentException e) {
            return null;
          }
          for (Map<String, Object> layer : form) {
            NAMED_LAYER.read(layer.keySet().iterator().next());
          }
          return Layers.write(form);
        });
  }

  /** Names of tensors by layer, as a group of keys or in JSON; the value is JSON. */
  static ValueType<String> tensorNames() {
    return new ValueType<>(
        String.class,
        "group",
        "LAYER = name or list of names",
        value -> {
          Map<String, List<String>> names =
              value instanceof String text ? TensorNames.read(text) : TensorNames.of(value);
          return names == null ? null : TensorNames.write(names);
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
        String.class,
        "name",
        String.join(" | ", documented),
        value -> {
          String text = String.valueOf(value);
          List<String> offered = documented.contains(text) ? documented : known.get();
          String allowed = String.join(" | ", offered);
          if (offered.contains(text)) {
            return text;
          }
          Optional<String> nearest = Nearest.of(text, offered);
          if (nearest.isPresent()) {
            throw new Mismatch("one of " + allowed + " (did you mean " + nearest.get() + "?)");
          }
          return null;
        });
  }

  static ValueType<String> name(Collection<String> words) {
    return name(words.toArray(String[]::new));
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

  private Types() {}
}
