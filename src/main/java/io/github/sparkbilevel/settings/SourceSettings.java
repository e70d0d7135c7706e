package io.github.sparkbilevel.settings;

import io.github.sparkbilevel.data.TableSpec;
import io.github.sparkbilevel.data.TextOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Where some rows come from, and which column is what. */
public final class SourceSettings {
  public final Setting<Optional<String>> path;
  public final Setting<Optional<String>> query;
  public final Setting<Optional<Double>> fraction;
  public final Setting<Optional<Long>> rows;

  /** Of the trusted rows alone, else null. */
  public final Setting<Optional<String>> column;

  /** Of the trusted rows alone, else null. */
  public final Setting<Optional<String>> answers;

  /** Of the validation rows alone, else null. */
  public final Setting<Optional<Integer>> folds;

  /** Of the validation rows alone, else null. */
  public final Setting<Optional<String>> foldColumn;

  public final Setting<Optional<String>> labels;
  public final Setting<Optional<Long>> limit;
  public final Setting<String> format;
  public final Setting<String> label;
  public final Setting<List<String>> labelColumns;
  public final Setting<Optional<String>> id;
  public final Setting<Optional<List<String>>> features;
  public final Setting<Optional<String>> truth;
  public final Setting<Optional<String>> group;
  public final Setting<Optional<String>> weight;

  /** Of the training rows alone, else null. */
  public final Setting<List<String>> votes;

  public final Setting<List<String>> probabilities;

  private final Map<String, Setting<? extends Optional<?>>> options = new LinkedHashMap<>();
  private final String prefix;
  private final Group keys;
  private final boolean train;

  SourceSettings(String name, String what) {
    train = name.equals("train");
    String[] jobs =
        Keys.JOBS.stream()
            .filter(job -> !name.equals("validation") || !job.equals(Keys.ARENA))
            .toArray(String[]::new);
    prefix = "data." + name + ".";
    keys = new Group(prefix, jobs);
    ValueType<Optional<String>> column = Types.string().orNull();
    path =
        keys.key("path", column, "null")
            .text("The file, the folder or the catalog table with " + what);
    query =
        keys.key("query", column, "null")
            .text("A query of Spark SQL that gives " + what + ", in place of a path");
    String drawn = "Draw " + what + " from the training rows instead: ";
    fraction =
        train
            ? null
            : keys.key("fraction", Types.openBelow(1).orNull(), "null")
                .text(drawn + "this share of them");
    rows =
        train
            ? null
            : keys.key("rows", Types.longInteger(1).orNull(), "null").text(drawn + "this many");
    boolean trusted = name.equals("validation");
    this.column =
        trusted
            ? keys.key("column", column, "null")
                .text(
                    "Take "
                        + what
                        + " out of the training rows instead: those of which this column, true or"
                        + " false, says that they were checked")
            : null;
    answers =
        trusted
            ? keys.key("answers", column, "null")
                .text(
                    "Take "
                        + what
                        + " out of the training rows instead: a CSV file with the header id,label"
                        + " says which, and what their right labels are; a third column, weight, is"
                        + " optional")
            : null;
    folds =
        trusted
            ? keys.key("folds", Types.integer(2).orNull(), "null")
                .only(Keys.TUNE)
                .param("numFolds", Stage.TUNERS)
                .text(
                    "Tune by cross-validation in place of validation rows: by the mean loss, on each"
                        + " of so many folds of the training rows, of the model of the others")
            : null;
    foldColumn =
        trusted
            ? keys.key("foldColumn", column, "null")
                .only(Keys.TUNE)
                .param("foldCol", Stage.TUNERS)
                .none("{none} makes folds by a hash of the ids")
                .text(
                    "The column whose values make the folds: one value is left out at a time, or with"
                        + " {data.validation.folds} some")
            : null;
    labels =
        keys.key("labels", column, "null")
            .none("null guesses it from the path")
            .text("The file of the labels, for the format idx");
    limit =
        keys.key("limit", Types.longInteger(1).orNull(), "null")
            .text("Read only the first so many rows");
    format =
        role("format", Types.string(), "auto", "")
            .text(
                "The format: csv, libsvm, parquet, idx, table for a table of the catalog, or any data"
                    + " source of Spark's, such as json, orc, avro, delta or jdbc, which is told"
                    + " whatever stands under options; auto goes by the extension");
    label =
        role("label", Types.string(), "label", "labelCol", Stage.OF_ONE_LABEL)
            .text("The column of the labels, integers or strings");
    labelColumns =
        role("labelColumns", Types.string().list(), "[]", "labelCols", Stage.MULTI_LABEL)
            .except(Keys.CLEAN)
            .except(Keys.ARENA)
            .text(
                "The columns of the labels of the family multi-label, each 0 or 1, or false or true,"
                    + " in every row");
    id =
        role("id", column, "null", "idCol", Stage.OF_ROWS)
            .none("{none} numbers the rows from 0")
            .text("The column of the row ids, all different");
    features =
        role("features", Types.string().nonEmptyList().orNull(), "null", "")
            .none("{none} takes every numeric column that has no other role")
            .text("The feature columns, or one vector column");
    truth =
        role("truth", column, "null", "truthCol", Stage.CLEANER)
            .text("The column of the right labels, to measure detection by");
    group =
        role("group", column, "null", "groupCol", Stage.OF_ROWS)
            .text("The column of the row's source, annotator or batch");
    weight =
        role("weight", column, "null", "")
            .text(
                "The column of a fixed weight of the row; only the ratios count, and rows of weight"
                    + " 0 are left out");
    votes =
        train
            ? keys.key("votes", Types.string().list(), "[]")
                .only(Keys.CLEAN)
                .except(Keys.ARENA)
                .param("votesCols", Stage.CLEANER)
                .text(
                    "The columns of annotators or rules, each with a class or nothing in a row. Their"
                        + " votes make the labels, and {data.train.label} is read of trusted and test"
                        + " rows alone")
            : null;
    probabilities =
        train
            ? keys.key("probabilities", Types.string().list(), "[]")
                .only(Keys.CLEAN)
                .except(Keys.ARENA)
                .param("probabilityCols", Stage.CLEANER)
                .text(
                    "The columns of class probabilities that a model of your own gives to training rows"
                        + " that it was not fitted to, one for each class in the order of the classes."
                        + " They judge labels and are no features")
            : null;
    addOptions();
  }

  private void addOptions() {
    ValueType<Optional<String>> character = Types.character().orNull();
    String finds = "{none} finds it out";
    option(TextOptions.SEP, character, finds, "The character between the cells of a CSV file");
    option(
        TextOptions.ENCODING,
        Types.encoding().orNull(),
        finds,
        "The character encoding of a text file");
    option(TextOptions.DECIMAL, character, finds, "The decimal mark of the numbers in a CSV file");
    option(
        TextOptions.QUOTE,
        character,
        "{none} is the double quote",
        "The character around cells of a CSV file that hold separators");
    option(
        TextOptions.ESCAPE,
        character,
        finds,
        "The character before a quote inside quotes; the quote itself where quotes are doubled");
    option(
        TextOptions.COMMENT,
        character,
        "{none} skips comments with # in front of the header only",
        "Skip every line of a CSV file that begins with this character");
    option(
        TextOptions.NULL_VALUE,
        Types.texts().orNull(),
        "{none} takes NA, N/A, nan, NaN, ?, null, NULL, None, <NA> and #N/A",
        "The texts that mean a missing label, truth or group beside blank");
    option(
        TextOptions.MAX_LINES,
        Types.integer(1).orNull(),
        "{none} allows 100",
        "The most lines of a quoted cell of a CSV file");
    option(
        TextOptions.INDEX_BASE,
        Types.indexBase().orNull(),
        finds,
        "The first index of a libsvm file");
    option(
        TextOptions.NUM_FEATURES,
        Types.integer(1).orNull(),
        "{none} takes the greatest index",
        "The number of features of a libsvm file");
  }

  private <T extends Optional<?>> void option(
      String name, ValueType<T> type, String none, String text) {
    options.put(name, role("options." + name, type, "null", "").none(none).text(text));
  }

  /** Begins a setting that other rows take over from the training rows; with a param or "". */
  private <T> SettingBuilder<T> role(
      String name, ValueType<T> type, String defaultText, String param, Stage... stages) {
    SettingBuilder<T> role =
        keys.key(name, type, defaultText).inherits(train ? null : "data.train." + name);
    return train && !param.isEmpty() ? role.param(param, stages) : role;
  }

  /** The roles of columns that are taken over from the training rows where they are not given. */
  public List<Setting<?>> roles() {
    return List.of(label, id, features, truth, group, weight);
  }

  /** The ways to name the rows, of which one is given. */
  public List<Setting<?>> ways() {
    return Stream.<Setting<?>>of(path, query, fraction, rows, column, answers)
        .filter(Objects::nonNull)
        .toList();
  }

  /** How to read the file, by the name of the option. */
  public Map<String, Setting<? extends Optional<?>>> options() {
    return options;
  }

  /** What the options of a data source of Spark's begin with; their names are its own. */
  public String optionsPrefix() {
    return prefix + "options.";
  }

  /** Whether one of our own readers reads the format. */
  public static boolean isOwn(String format) {
    return TableSpec.OWN_FORMATS.contains(format);
  }

  List<Setting<?>> all() {
    return keys.all();
  }
}
