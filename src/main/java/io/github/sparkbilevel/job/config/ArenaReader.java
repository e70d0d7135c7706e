package io.github.sparkbilevel.job.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.github.sparkbilevel.job.config.ArenaConfig.DataSet;
import io.github.sparkbilevel.job.config.DataConfig.Corruption;
import io.github.sparkbilevel.settings.ComparisonSettings;
import io.github.sparkbilevel.settings.DataSettings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Reads the data sets and the cells of the arena, and refuses what cannot be run.
 *
 * @param dataOf reads the rows of a job file that has one data set
 */
record ArenaReader(Config resolved, Values values, Function<Config, DataConfig> dataOf) {
  private static final String NAME = "name";

  ArenaConfig read() {
    List<Long> trusted = values.get(ComparisonSettings.TRUSTED);
    if (new HashSet<>(trusted).size() < trusted.size()) {
      throw values.refusal(
          ComparisonSettings.TRUSTED, "has a number twice; expected different ones");
    }
    List<Corruption> corruptions =
        values.get(ComparisonSettings.CORRUPTIONS).stream().map(this::corruption).toList();
    List<DataSet> sets = sets();
    for (DataSet set : sets) {
      requireTest(set);
      requireNoGroups(set, corruptions);
    }
    return new ArenaConfig(
        sets, corruptions, trusted, values.get(ComparisonSettings.CELL_REPETITIONS));
  }

  private Corruption corruption(String kind) {
    double fraction =
        ComparisonSettings.FRACTIONS.containsKey(kind)
            ? values.get(ComparisonSettings.FRACTIONS.get(kind))
            : 0;
    return new Corruption(
        kind,
        fraction,
        0,
        values.get(DataSettings.CORRUPT_TARGET),
        values.get(DataSettings.CORRUPT_FACTOR));
  }

  private List<DataSet> sets() {
    List<Map<String, Object>> groups = values.get(ComparisonSettings.DATA);
    List<DataSet> sets = new ArrayList<>();
    if (groups.isEmpty()) {
      DataConfig data = dataOf.apply(resolved);
      sets.add(new DataSet(file(data.train().path()), data));
    }
    for (int i = 0; i < groups.size(); i++) {
      try {
        sets.add(set(groups.get(i)));
      } catch (ConfigException e) {
        throw new ConfigException("arena.data[%d]: %s".formatted(i, e.getMessage()), e);
      }
    }
    Set<String> names = new HashSet<>();
    for (DataSet set : sets) {
      if (!names.add(set.name())) {
        throw new ConfigException(
            "arena.data has two data sets called \"%s\"; give each a name of its own"
                .formatted(set.name()));
      }
    }
    return List.copyOf(sets);
  }

  private DataSet set(Map<String, Object> group) {
    ConfigObject given = ConfigValueFactory.fromMap(group);
    ConfigValue name = given.get(NAME);
    Config own =
        ConfigFactory.empty()
            .withValue("data", given.withoutKey(NAME))
            .withFallback(resolved.withoutPath(ComparisonSettings.DATA.path()));
    DataConfig data = dataOf.apply(own);
    return new DataSet(
        name == null ? file(data.train().path()) : String.valueOf(name.unwrapped()), data);
  }

  /** The last part of a path. */
  private static String file(String path) {
    return Stream.of(path.split("/"))
        .filter(part -> !part.isEmpty())
        .reduce((a, b) -> b)
        .orElse("");
  }

  private static void requireTest(DataSet set) {
    if (set.data().test().isEmpty()) {
      throw new ConfigException(
          "the test rows of %s are missing, and the job arena measures accuracy on them; give"
                  .formatted(set.name())
              + " data.test.path, data.test.fraction or data.test.rows");
    }
  }

  private void requireNoGroups(DataSet set, List<Corruption> corruptions) {
    if (set.data().train().group().isPresent() && corruptions.stream().anyMatch(c -> c.byGroup())) {
      throw values.refusal(
          ComparisonSettings.CORRUPTIONS,
          "has by-group, which makes up its own groups, but %s has the column %s; leave one of"
                  .formatted(set.name(), set.data().train().group().get())
              + " them out");
    }
  }
}
