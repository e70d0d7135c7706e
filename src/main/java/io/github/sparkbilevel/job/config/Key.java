package io.github.sparkbilevel.job.config;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;

/**
 * One key of a job file: everything that is known about it.
 *
 * @param <T> what its value is in Java
 * @param path where it stands, such as {@code solver.products}
 * @param type its type and its allowed values
 * @param defaultText its default as it would be written in a job file; null where there is none
 * @param inherits the path of the key that gives the default instead, or null
 * @param unit what its number counts; empty where it counts nothing
 * @param jobs the jobs that read it
 * @param doc one sentence that says what it does
 */
public record Key<T>(
    String path,
    ValueType<T> type,
    String defaultText,
    String inherits,
    String unit,
    List<String> jobs,
    String doc) {

  /** The default as a value of a job file; null where there is none or it is null. */
  ConfigValue defaultValue() {
    if (defaultText == null || defaultText.equals("null")) {
      return null;
    }
    return ConfigFactory.parseString("v = " + defaultText).getValue("v");
  }

  /** The same key with a unit. */
  Key<T> in(String newUnit) {
    return new Key<>(path, type, defaultText, inherits, newUnit, jobs, doc);
  }

  /** The same key, read by these jobs only; what the job clean reads, the arena reads too. */
  Key<T> onlyFor(String... names) {
    List<String> only = new ArrayList<>(List.of(names));
    if (only.contains(Keys.CLEAN)) {
      only.add(Keys.ARENA);
    }
    return new Key<>(path, type, defaultText, inherits, unit, List.copyOf(only), doc);
  }

  /** The same key, not read by this job. */
  Key<T> notFor(String name) {
    List<String> others = jobs.stream().filter(job -> !job.equals(name)).toList();
    return new Key<>(path, type, defaultText, inherits, unit, others, doc);
  }
}
