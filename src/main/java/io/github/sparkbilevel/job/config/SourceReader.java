package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.data.TableSpec;
import io.github.sparkbilevel.data.TextOptions;
import io.github.sparkbilevel.job.config.DataConfig.Answered;
import io.github.sparkbilevel.job.config.DataConfig.Draw;
import io.github.sparkbilevel.job.config.DataConfig.Marked;
import io.github.sparkbilevel.job.config.DataConfig.Rows;
import io.github.sparkbilevel.job.config.DataConfig.Source;
import io.github.sparkbilevel.settings.DataSettings;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.settings.Setting;
import io.github.sparkbilevel.settings.SourceSettings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Where a job file says that rows come from. */
record SourceReader(Values values, Folders folders) {
  /** The training rows. */
  Source train() {
    requireOne(DataSettings.TRAIN);
    return source(DataSettings.TRAIN);
  }

  /** The ways that are given to name some rows: one at most. */
  private List<String> requireOne(SourceSettings keys) {
    List<String> given =
        keys.ways().stream().filter(values::isGiven).<String>map(Setting::path).toList();
    if (given.size() > 1) {
      throw new ConfigException(
          "%s are given together; expected one of them, keep one"
              .formatted(String.join(" and ", given)));
    }
    return given;
  }

  /** Other rows, if there are any. */
  Optional<Rows> rows(SourceSettings keys) {
    if (requireOne(keys).isEmpty()) {
      return Optional.empty();
    }
    if (keys.column != null && values.isGiven(keys.column)) {
      return values.get(keys.column).map(Marked::new);
    }
    if (keys.answers != null && values.isGiven(keys.answers)) {
      return values.get(keys.answers).map(path -> new Answered(folders.input(path)));
    }
    Optional<Double> fraction = values.get(keys.fraction);
    Optional<Long> count = values.get(keys.rows);
    if (fraction.isEmpty() && count.isEmpty()) {
      return Optional.of(source(keys));
    }
    return Optional.of(
        new Draw(
            fraction.map(OptionalDouble::of).orElseGet(OptionalDouble::empty),
            count.map(OptionalLong::of).orElseGet(OptionalLong::empty)));
  }

  private Source source(SourceSettings keys) {
    String format = values.get(keys.query).isPresent() ? TableSpec.QUERY : values.get(keys.format);
    Optional<String> labels = values.get(keys.labels);
    Set<String> inherited = new TreeSet<>();
    for (Setting<?> role : keys.roles()) {
      if (values.isInherited(role)) {
        inherited.add(role.path().substring(role.path().lastIndexOf('.') + 1));
      }
    }
    return new Source(
        path(keys, format),
        labels.map(folders::input),
        format,
        values.get(keys.label),
        values.get(keys.labelColumns),
        values.get(keys.id),
        values.get(keys.features),
        values.get(keys.truth),
        group(keys),
        values.get(keys.weight),
        keys == DataSettings.TEST || !values.use().job().equals(Keys.CLEAN)
            ? List.of()
            : values.get(DataSettings.TRAIN.votes),
        keys == DataSettings.TRAIN && values.use().job().equals(Keys.CLEAN)
            ? values.get(DataSettings.TRAIN.probabilities)
            : List.of(),
        values.get(keys.limit).map(OptionalLong::of).orElseGet(OptionalLong::empty),
        SourceSettings.isOwn(format) || format.equals(TableSpec.QUERY)
            ? options(keys)
            : TextOptions.ofSpark(sparkOptions(keys)),
        Set.copyOf(inherited));
  }

  /** The rows of a fold are a group of training rows. */
  private Optional<String> group(SourceSettings keys) {
    boolean folds = keys == DataSettings.TRAIN && values.use().job().equals(Keys.TUNE);
    return folds
        ? values.get(DataSettings.VALIDATION.foldColumn).or(() -> values.get(keys.group))
        : values.get(keys.group);
  }

  /** The path, or what messages call rows that have none. */
  private String path(SourceSettings keys, String format) {
    Optional<String> query = values.get(keys.query);
    if (query.isPresent()) {
      return query.get();
    }
    Optional<String> path = values.get(keys.path);
    if (path.isPresent()) {
      return format.equals("table") ? path.get() : folders.input(path.get());
    }
    if (SourceSettings.isOwn(format)) {
      throw new ConfigException(
          "key %s is missing; name the file, the folder or the catalog table with the rows"
              .formatted(keys.path.path()));
    }
    Map<String, String> options = values.sparkOptions(keys);
    return options.getOrDefault("dbtable", options.getOrDefault("query", format));
  }

  private Map<String, String> sparkOptions(SourceSettings keys) {
    Map<String, String> options = new TreeMap<>(values.sparkOptions(DataSettings.TRAIN));
    options.putAll(values.sparkOptions(keys));
    values.get(keys.path).map(folders::input).ifPresent(path -> options.put("path", path));
    return options;
  }

  /** The options that are set for these rows or for the training rows. */
  private TextOptions options(SourceSettings keys) {
    Map<String, Object> set = new TreeMap<>();
    Set<String> inherited = new TreeSet<>();
    keys.options()
        .forEach(
            (name, key) -> {
              values.get(key).ifPresent(value -> set.put(name, value));
              if (set.containsKey(name) && values.isInherited(key)) {
                inherited.add(name);
              }
            });
    try {
      return new TextOptions(set, inherited, Map.of());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          keys.path.path().replaceFirst("path$", "options: ") + e.getMessage(), e);
    }
  }
}
