package io.github.sparkbilevel.job.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
    weight = role("weight", column, "null", "The column of a fixed weight of the row.");
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
