package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.data.TextOptions;
import io.github.sparkbilevel.job.ConfigException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The keys that say where rows come from and which column is what. */
final class SourceKeys {
  final Key<Optional<String>> path;
  final Key<Optional<String>> labels;
  final Key<Optional<Double>> fraction;
  final Key<Optional<Long>> rows;
  final Key<String> format;
  final Key<String> label;
  final Key<Optional<String>> id;
  final Key<Optional<List<String>>> features;
  final Key<Optional<String>> truth;
  final Key<Optional<String>> group;
  final Key<Optional<String>> weight;
  final Key<Optional<Long>> limit;

  /** How to read the file, by the name of the option. */
  final Map<String, Key<? extends Optional<?>>> options = new LinkedHashMap<>();

  private final List<Key<?>> all = new ArrayList<>();
  private final String prefix;
  private final boolean train;

  SourceKeys(String name, String what) {
    prefix = "data." + name + ".";
    train = name.equals("train");
    ValueType<String> text = ValueType.string();
    ValueType<Optional<String>> column = text.orNull();
    String pathDoc = "The file, the folder or the catalog table with " + what + ".";
    path =
        train
            ? put(
                new Key<>(
                    prefix + "path", text.as(Optional::of), null, null, "", Keys.JOBS, pathDoc))
            : own("path", column, pathDoc);
    if (train) {
      fraction = null;
      rows = null;
    } else {
      fraction =
          own(
              "fraction",
              ValueType.openBelow(1).orNull(),
              "Draw " + what + " from the training rows instead: this share of them.");
      rows =
          own(
              "rows",
              ValueType.longInteger(1).orNull(),
              "Draw " + what + " from the training rows instead: this many.");
    }
    labels =
        own(
            "labels",
            column,
            "The file of the labels, for the format idx; null guesses it from the path.");
    limit = own("limit", ValueType.longInteger(1).orNull(), "Read only the first so many rows.");
    format =
        role(
            "format",
            ValueType.name("auto", "csv", "libsvm", "parquet", "idx", "table"),
            "auto",
            "The format; auto goes by the extension.");
    label = role("label", text, "label", "The column of the labels, integers or strings.");
    id = role("id", column, "null", "The column of the row ids; null numbers the rows from 0.");
    features =
        role(
            "features",
            text.nonEmptyList().orNull(),
            "null",
            "The feature columns, or one vector column; null takes every numeric column that has"
                + " no other role.");
    truth =
        role("truth", column, "null", "The column of the right labels, to measure detection by.");
    group = role("group", column, "null", "The column of the row's source, annotator or batch.");
    weight =
        role(
            "weight",
            column,
            "null",
            "The column of a fixed weight of the row; only the ratios count, and rows of weight 0"
                + " are left out.");
    addOptions();
  }

  private void addOptions() {
    ValueType<Optional<String>> character = OptionTypes.character().orNull();
    option(TextOptions.SEP, character, "The character between the cells of a CSV file.");
    option(
        TextOptions.ENCODING,
        OptionTypes.encoding().orNull(),
        "The character encoding of a text file.");
    option(TextOptions.DECIMAL, character, "The decimal mark of the numbers in a CSV file.");
    option(
        TextOptions.QUOTE,
        character,
        "The character around cells of a CSV file that hold separators; null is the double quote.");
    option(
        TextOptions.ESCAPE,
        character,
        "The character before a quote inside quotes; the quote itself where quotes are doubled.");
    option(
        TextOptions.COMMENT,
        character,
        "Skip every line of a CSV file that begins with this character; null skips comments with #"
            + " in front of the header only.");
    option(
        TextOptions.NULL_VALUE,
        OptionTypes.texts().orNull(),
        "The texts that mean a missing label, truth or group beside blank; null takes NA, N/A, nan,"
            + " NaN, ?, null, NULL, None, <NA> and #N/A.");
    option(
        TextOptions.MAX_LINES,
        ValueType.integer(1).orNull(),
        "The most lines of a quoted cell of a CSV file; null allows 100.");
    option(
        TextOptions.INDEX_BASE,
        OptionTypes.indexBase().orNull(),
        "The first index of a libsvm file.");
    option(
        TextOptions.NUM_FEATURES,
        ValueType.integer(1).orNull(),
        "The number of features of a libsvm file; null takes the greatest index.");
  }

  private void option(String name, ValueType<? extends Optional<?>> type, String doc) {
    options.put(name, role("options." + name, type, "null", found(doc)));
  }

  /** Most options have a value that the reader finds out. */
  private static String found(String doc) {
    return doc.contains("null") ? doc : doc.substring(0, doc.length() - 1) + "; null finds it out.";
  }

  /** The options that are set for this source or for the training rows. */
  TextOptions options(Values values) {
    Map<String, Object> set = new TreeMap<>();
    Set<String> inherited = new TreeSet<>();
    options.forEach(
        (name, key) ->
            values
                .get(key)
                .ifPresent(
                    value -> {
                      set.put(name, value);
                      if (values.isInherited(key)) {
                        inherited.add(name);
                      }
                    }));
    try {
      return new TextOptions(set, inherited);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(prefix + "options: " + e.getMessage(), e);
    }
  }

  private <T> Key<Optional<T>> own(String name, ValueType<Optional<T>> type, String doc) {
    return put(new Key<>(prefix + name, type, "null", null, "", Keys.JOBS, doc));
  }

  private <T> Key<T> role(String name, ValueType<T> type, String defaultText, String doc) {
    String inherits = train ? null : "data.train." + name;
    return put(new Key<>(prefix + name, type, defaultText, inherits, "", Keys.JOBS, doc));
  }

  /** The arena draws its trusted rows. */
  private <T> Key<T> put(Key<T> key) {
    Key<T> read = prefix.equals("data.validation.") ? key.notFor(Keys.ARENA) : key;
    all.add(read);
    return read;
  }

  /** All of them, in the order of the documentation. */
  List<Key<?>> all() {
    return all;
  }
}
